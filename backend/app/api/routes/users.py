"""The signed-in learner: /api/v1/users/me."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from app.api.audit_models import AuditLog
from app.api.deps import CurrentUser, Parts, TokenBearer
from app.api.erasure_models import ErasureReceipt
from app.api.errors import documented
from app.api.profile_models import ProfileChanges, UserProfile
from app.api.wav import WavFile
from app.services.export import Export

router = APIRouter(prefix="/users/me", tags=["users"], responses=documented(400, 401, 422, 503))


@router.get("")
async def read_profile(bearer: TokenBearer, parts: Parts) -> UserProfile:
    """Return the learner's profile; it is made on first use."""
    # To read the profile is to check that there is an account: CurrentUser would read it twice.
    return UserProfile.of(await parts.accounts.profile(bearer.user_id))


@router.patch("")
async def change_profile(changes: ProfileChanges, user: CurrentUser, parts: Parts) -> UserProfile:
    """Change the fields named in the body and return the profile as it is then."""
    named = changes.named()
    profile = await parts.accounts.update(user.user_id, named)
    if "scheduler" in named:
        await parts.training.scheduler_changed(user.user_id)
    return UserProfile.of(profile)


@router.delete("")
async def erase_me(bearer: TokenBearer, parts: Parts) -> ErasureReceipt:
    """Erase the learner: account, sessions, analyses and recordings. It cannot be undone; repeating it is
    harmless and gives the same receipt."""
    return ErasureReceipt.of(await parts.erasure.erase(bearer.user_id))


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/zip": {}}, "description": "An archive to keep."}},
)
async def export_me(user: CurrentUser, parts: Parts) -> StreamingResponse:
    """Return everything there is of the learner as a zip: JSON, recordings and reports, nothing masked."""
    await parts.audit.note_read(user.user_id, "data.exported", f"account/{user.user_id}")
    export = Export(parts.own_rows, parts.blobs, wav_header=lambda ms: WavFile(0, ms).header)
    return StreamingResponse(
        export.archive(user.user_id, now=datetime.now(UTC)),
        media_type="application/zip",
        headers={
            "Content-Disposition": 'attachment; filename="speakmate.zip"',
            "Cache-Control": "private, no-store",
        },
    )


@router.get("/audit")
async def read_audit(
    user: CurrentUser,
    parts: Parts,
    limit: Annotated[int, Query(ge=1, le=100, description="How many at most.")] = 50,
    cursor: Annotated[
        str | None, Query(pattern=r"^[1-9][0-9]{0,17}$", description="`next_cursor` of the part before.")
    ] = None,
) -> AuditLog:
    """Return what was done to the learner's records, by whom, when and from which network, newest first."""
    before = None if cursor is None else int(cursor)
    return AuditLog.of(await parts.audit.page(user.user_id, limit=limit + 1, before=before), limit=limit)
