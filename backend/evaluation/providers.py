"""`--mode evaluate providers`: whether the services that the settings name work from here, with their real
keys and the network: Google's voice, Google's recogniser, and every language model.

The voice says a sentence, the recogniser hears one that the local voice says, in real time, and each model is
asked the example of one prompt. It costs a few cents at most. What fails is told with what to do about it.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Any

import numpy as np
import soxr

from app.adapters.local_speech.tts import SAMPLE_RATE as VOICE_RATE
from app.adapters.local_speech.tts import HibariModel
from app.config import PROMPTS, ConfigurationError, Provider, Settings
from app.contracts import CONTRACTS
from app.language_models import text_model
from app.middleware.monitoring import PrometheusMeter
from app.services.prompt_manager import PromptBook, read_folder
from app.services.speech import BYTES_PER_MS, SAMPLE_RATE, SpeechError, SpeechToText, Synthesise
from app.speech_providers import google_ears, google_voice
from evaluation.prompts import asked

SENTENCE = "I live in a small town near the river, and I go to work by bus."
FRAME_MS = 100
_SIGN_IN = "run `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS"
_RIGHTS = "enable the API in GOOGLE_CLOUD_PROJECT and give the account a role that may use it"
ADVICE = (
    ("redentials", _SIGN_IN),
    ("Unauth", _SIGN_IN),
    ("PermissionDenied", _RIGHTS),
    ("Forbidden", _RIGHTS),
    ("InvalidArgument", "look at GOOGLE_VOICE and at GOOGLE_SPEECH_MODEL, _LANGUAGE and _LOCATION"),
    ("NotFound", "look at GOOGLE_VOICE and at GOOGLE_SPEECH_LOCATION"),
    ("not accept the request", "look at the key and at the model's name"),
    ("ConnectError", "look at the network, and at the address that is set"),
    ("in time", "look at the network: a proxy or firewall may keep us from getting out"),
)
"""By a word of what went wrong, what to do about it."""

Check = Callable[[], Awaitable[dict[str, Any]]]


def spoken() -> bytes:
    """Return the sentence as 16 kHz PCM16, a second of silence around it."""
    said = np.frombuffer(HibariModel().speak(SENTENCE), "<i2")
    heard = np.asarray(soxr.resample(said, VOICE_RATE, SAMPLE_RATE), "<i2")
    silence = bytes(1_000 * BYTES_PER_MS)
    return silence + heard.tobytes() + silence


async def evaluate(
    settings: Settings, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> list[dict[str, Any]]:
    """Return what came of every service that is set up. Raises ConfigurationError where none is."""
    checks: list[tuple[str, Check]] = []
    if settings.voice() == "google":
        checks.append(("google_voice", lambda: _voice(settings)))
    if settings.recogniser() == "google":
        checks.append(("google_speech", lambda: _ears(settings, sleep)))
    checks += [(provider, _model(settings, provider)) for provider in settings.language_model_providers()]
    if not checks:
        raise ConfigurationError(
            "No service is set up: set GOOGLE_CLOUD_PROJECT, GOOGLE_API_KEY, or OPENAI_BASE_URL and "
            "OPENAI_MODEL."
        )
    return [{"provider": name, **await _checked(check)} for name, check in checks]


async def _checked(check: Check) -> dict[str, Any]:
    try:
        found = await check()
    except SpeechError as failure:
        found = {"outcome": "failed", "message": str(failure)}
    message = found.get("message", "")
    for sign, advice in ADVICE:
        if sign in message:
            return {**found, "advice": advice}
    return found


async def _voice(settings: Settings) -> dict[str, Any]:
    async with _open(google_voice(settings, lambda characters: None)) as say:
        return await _said(say, settings)


async def _said(say: Synthesise, settings: Settings) -> dict[str, Any]:
    began, first_ms, size, pieces = time.monotonic(), 0, 0, 0
    async with aclosing(say(SENTENCE, VOICE_RATE)) as sound:
        async for piece in sound:
            first_ms = first_ms or max(1, round((time.monotonic() - began) * 1000))
            size, pieces = size + len(piece), pieces + 1
    return {
        "outcome": "said",
        "voice": settings.google_voice,
        "first_sound_ms": first_ms,
        "sound_ms": size * 1000 // (2 * VOICE_RATE),
        "pieces": pieces,
    }


async def _ears(settings: Settings, sleep: Callable[[float], Awaitable[None]]) -> dict[str, Any]:
    pcm = await asyncio.to_thread(spoken)
    async with _open(google_ears(settings, lambda seconds: None)) as ears:
        return await _heard(ears, pcm, sleep)


async def _heard(ears: SpeechToText, pcm: bytes, sleep: Callable[[float], Awaitable[None]]) -> dict[str, Any]:
    partials: list[object] = []
    turn = ears.open(start_ms=0, on_partial=partials.append, on_utterance=lambda _: None)
    try:
        turn.resume(0)
        for at in range(0, len(pcm), FRAME_MS * BYTES_PER_MS):
            turn.feed(pcm[at : at + FRAME_MS * BYTES_PER_MS])
            await sleep(FRAME_MS / 1000)
        began = time.monotonic()
        utterances = await turn.finish()
    finally:
        await turn.aclose()
    text = " ".join(utterance.text for utterance in utterances)
    return {
        "outcome": "heard" if text else "failed",
        "said": SENTENCE,
        "text": text,
        "words_with_times": sum(len(utterance.words) for utterance in utterances),
        "partials": len(partials),
        "final_ms": round((time.monotonic() - began) * 1000),
        **({} if text else {"message": "It heard nothing where a sentence was said."}),
    }


def _model(settings: Settings, provider: Provider) -> Check:
    async def ask() -> dict[str, Any]:
        alone = settings.model_copy(update={"llm_providers": provider})
        [prompt, *_] = PromptBook(read_folder(PROMPTS), CONTRACTS).prompts
        async with text_model(alone, PrometheusMeter()) as model:
            assert model is not None
            return {"prompt": prompt.label, **await asked(model, prompt)}

    return ask


@asynccontextmanager
async def _open(opening: Awaitable[tuple[Any, Any]]) -> AsyncIterator[Any]:
    client, service = await opening
    try:
        yield service
    finally:
        await client.transport.close()


def main(argv: Sequence[str]) -> int:
    """Run the evaluation; 0 if every service works, 1 if one does not, 2 if none is set up."""
    parser = argparse.ArgumentParser(
        prog="run.py --mode evaluate providers", description=__doc__, allow_abbrev=False
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object on one line")
    given = parser.parse_args(argv)
    try:
        found = asyncio.run(evaluate(Settings()))
    except ConfigurationError as wrong:
        sys.stderr.write(f"evaluate providers: {wrong}\n")
        return 2
    for row in found:
        if "message" in row:
            advice = f" ({row['advice']})" if "advice" in row else ""
            sys.stderr.write(f"evaluate providers: {row['provider']}: {row['message']}{advice}\n")
    shown = {"providers": found}
    sys.stdout.write(json.dumps(shown, indent=None if given.json else 2, ensure_ascii=False) + "\n")
    return 0 if all(row["outcome"] in ("said", "heard", "replied") for row in found) else 1
