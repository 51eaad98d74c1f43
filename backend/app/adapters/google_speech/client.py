"""The client of Speech-to-Text."""

from google.api_core.client_options import ClientOptions
from google.cloud.speech_v2 import SpeechAsyncClient

from app.adapters.google_sign_in import sign_in


async def connect(location: str) -> SpeechAsyncClient:
    """Return a client for `location`, such as global or europe-west4.

    Raises ModelNotReady when this machine has no credentials.
    """
    host = "speech.googleapis.com" if location == "global" else f"{location}-speech.googleapis.com"
    return SpeechAsyncClient(credentials=await sign_in(), client_options=ClientOptions(api_endpoint=host))
