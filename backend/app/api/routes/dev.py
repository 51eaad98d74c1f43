"""Sign-in for development; mounted only there."""

from collections.abc import Callable

from fastapi import APIRouter

from app.api.dev_tokens import DevelopmentSignIn
from app.api.errors import documented
from app.api.models import AccessToken, DevelopmentUser


def dev_router(sign_in: Callable[[], DevelopmentSignIn]) -> APIRouter:
    """Return the routes of /dev; `sign_in` is called once per request."""
    router = APIRouter(prefix="/dev", tags=["development"], responses=documented(400, 422, 503))

    @router.post("/token")
    async def development_token(who: DevelopmentUser) -> AccessToken:
        """Sign in under a name, without a password. The same name is the same user."""
        token = await sign_in().sign_in(who.user)
        return AccessToken(access_token=token.access_token, expires_in=token.expires_in)

    return router
