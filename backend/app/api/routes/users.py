"""The signed-in learner: /api/v1/users/me."""

from fastapi import APIRouter, status

from app.api.deps import CurrentUser, Parts, TokenBearer
from app.api.errors import documented
from app.api.models import ProfileChanges, UserProfile
from app.services.accounts import erase_account

router = APIRouter(prefix="/users/me", tags=["users"], responses=documented(400, 401, 422, 503))


@router.get("")
async def read_profile(user: CurrentUser, parts: Parts) -> UserProfile:
    """Return the learner's profile; it is made on first use."""
    return UserProfile.of(await parts.accounts.profile(user.user_id))


@router.patch("")
async def change_profile(changes: ProfileChanges, user: CurrentUser, parts: Parts) -> UserProfile:
    """Change the fields named in the body and return the profile as it is then."""
    named = changes.named()
    profile = await parts.accounts.update(user.user_id, named)
    if "scheduler" in named:
        await parts.training.scheduler_changed(user.user_id)
    return UserProfile.of(profile)


@router.delete("", status_code=status.HTTP_204_NO_CONTENT)
async def erase_me(user: TokenBearer, parts: Parts) -> None:
    """Erase the learner: account, sessions, analyses and recordings. It cannot be undone; repeating it is
    harmless."""
    await erase_account(user.user_id, parts.accounts, parts.blobs, parts.erased)
