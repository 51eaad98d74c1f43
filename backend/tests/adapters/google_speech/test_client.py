"""Signing in, as far as it goes without a network."""

import google.auth
import pytest
from google.auth.credentials import AnonymousCredentials

from app.adapters.google_speech import connect


@pytest.mark.parametrize(
    ("location", "host"),
    [("global", "speech.googleapis.com:443"), ("europe-west4", "europe-west4-speech.googleapis.com:443")],
)
async def test_the_client_speaks_to_the_location(
    location: str, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(google.auth, "default", lambda **options: (AnonymousCredentials(), None))
    client = await connect(location)
    assert client.transport.host == host
    await client.transport.close()
