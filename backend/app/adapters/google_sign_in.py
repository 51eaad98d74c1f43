"""Signing in to Google by Application Default Credentials."""

import asyncio

import google.auth
from google.auth.credentials import Credentials
from google.auth.exceptions import GoogleAuthError

from app.services.speech import ModelNotReady

_SCOPE = "https://www.googleapis.com/auth/cloud-platform"


async def sign_in() -> Credentials:
    """Return this machine's credentials. Raises ModelNotReady when it has none."""
    try:
        return await asyncio.to_thread(_credentials)  # may read a file or ask the machine's host
    except GoogleAuthError as missing:
        raise ModelNotReady(f"Google's speech services cannot be signed in to: {missing}") from missing


def _credentials() -> Credentials:
    found: tuple[Credentials, str | None] = google.auth.default(scopes=[_SCOPE])
    return found[0]
