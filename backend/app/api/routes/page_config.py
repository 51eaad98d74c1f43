"""What the page must know before anybody has signed in: /api/v1/config."""

from fastapi import APIRouter

from app.api.page_models import PageConfig


def config_router(config: PageConfig) -> APIRouter:
    """Return the route that tells it to everyone."""
    router = APIRouter(tags=["page"])

    @router.get("/config")
    async def page_config() -> PageConfig:
        """Return how people sign in here. There is no secret in it."""
        return config

    return router
