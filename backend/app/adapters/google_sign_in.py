"""Signing in to Google by Application Default Credentials."""

import asyncio

import google.auth
from google.auth.credentials import Credentials
from google.auth.exceptions import GoogleAuthError

from app.services.speech import ModelNotReady

_SCOPE = "https://www.googleapis.com/auth/cloud-platform"


PATIENCE_S = 20.0
"""Outside of Google's cloud the library looks in vain for a host that gives credentials, for some seconds."""


async def sign_in() -> Credentials:
    """Return this machine's credentials. Raises ModelNotReady when it has none."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await asyncio.to_thread(_credentials)  # may read a file or ask the machine's host
    except TimeoutError as late:
        raise ModelNotReady(f"Google's credentials were not there within {PATIENCE_S:g} s.") from late
    except GoogleAuthError as missing:
        raise ModelNotReady(f"Google's speech services cannot be signed in to: {missing}") from missing


def _credentials() -> Credentials:
    found: tuple[Credentials, str | None] = google.auth.default(scopes=[_SCOPE])
    return found[0]
