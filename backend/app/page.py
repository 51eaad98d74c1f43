"""Puts the practice page into the application: its files, and what it is told of this server."""

from fastapi import FastAPI

from app.adapters.sample_learners import SynthesisedLearners
from app.api.page import page_router
from app.api.page_models import (
    DevelopmentSignInOffer,
    NoSignInOffer,
    PageConfig,
    SignInOffer,
    SupabaseSignInOffer,
)
from app.api.routes import API_PREFIX
from app.api.routes.page_config import config_router
from app.api.routes.samples import samples_router
from app.config import WEB, Settings


def install_page(app: FastAPI, settings: Settings) -> None:
    """Serve the page at `/`, and what it needs besides the learner's own routes."""
    app.include_router(samples_router(SynthesisedLearners()), prefix=API_PREFIX)
    app.include_router(config_router(PageConfig(sign_in=_sign_in(settings))), prefix=API_PREFIX)
    app.include_router(page_router(WEB))


def _sign_in(settings: Settings) -> SignInOffer:
    if settings.uses_development_key:
        return DevelopmentSignInOffer()
    if settings.supabase_url and settings.supabase_publishable_key:
        return SupabaseSignInOffer(url=settings.supabase_url, key=settings.supabase_publishable_key)
    return NoSignInOffer()
