"""The client of Speech-to-Text, signed in by Application Default Credentials."""

import asyncio

import google.auth
from google.api_core.client_options import ClientOptions
from google.auth.credentials import Credentials
from google.auth.exceptions import GoogleAuthError
from google.cloud.speech_v2 import SpeechAsyncClient

from app.services.speech import ModelNotReady

_SCOPE = "https://www.googleapis.com/auth/cloud-platform"


async def connect(location: str) -> SpeechAsyncClient:
    """Return a client for `location`, such as global or europe-west4.

    Raises ModelNotReady when this machine has no credentials.
    """
    try:
        credentials = await asyncio.to_thread(_credentials)  # may read a file or ask the machine's host
    except GoogleAuthError as missing:
        raise ModelNotReady(f"Google Speech cannot sign in: {missing}") from missing
    host = "speech.googleapis.com" if location == "global" else f"{location}-speech.googleapis.com"
    return SpeechAsyncClient(credentials=credentials, client_options=ClientOptions(api_endpoint=host))


def _credentials() -> Credentials:
    found: tuple[Credentials, str | None] = google.auth.default(scopes=[_SCOPE])
    return found[0]
