"""The REST routes: everything under /api/v1, and the health checks."""

from fastapi import APIRouter

from app.api.routes import (
    analysis,
    feedback,
    health,
    sessions,
    topics,
    training,
    training_transfer,
    users,
)

API_PREFIX = "/api/v1"


def rest_router() -> APIRouter:
    """Return the learner's routes and the health checks."""
    api = APIRouter(prefix=API_PREFIX)
    for part in (users, topics, sessions, analysis, feedback, training, training_transfer):
        api.include_router(part.router)
    router = APIRouter()
    router.include_router(api)
    router.include_router(health.router)
    return router
