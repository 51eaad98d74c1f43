"""Signing in, as far as it goes without a network."""

import asyncio
import threading

import google.auth
import pytest
from google.auth.credentials import AnonymousCredentials

from app.adapters import google_sign_in
from app.adapters.google_speech import connect
from app.services.speech import ModelNotReady


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


async def test_looking_for_credentials_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    found = threading.Event()

    def slow(**options: object) -> tuple[AnonymousCredentials, None]:
        assert found.wait(20)  # which only a loop that goes on can set
        return AnonymousCredentials(), None

    monkeypatch.setattr(google.auth, "default", slow)
    signing_in = asyncio.create_task(google_sign_in.sign_in())
    await asyncio.sleep(0)
    found.set()
    assert await signing_in


async def test_credentials_that_do_not_come_are_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    late = threading.Event()
    monkeypatch.setattr(google.auth, "default", lambda **options: late.wait(20))
    monkeypatch.setattr(google_sign_in, "PATIENCE_S", 0.05)
    with pytest.raises(ModelNotReady, match=r"within 0\.05 s"):
        await google_sign_in.sign_in()
    late.set()
