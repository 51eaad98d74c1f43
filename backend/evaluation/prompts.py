"""`--mode evaluate prompts`: every version of every prompt, rendered with its example, held against the lock.

`valid` is whether a prompt reads, fits our types, renders, and is word for word what was released under its
version. `--release` writes new versions into the lock; what is in it never changes. `--live` also asks the
language model that the settings name, once for each prompt, and reads its reply.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Sequence
from typing import Any

import msgspec

from app.config import PROMPTS, RELEASED_PROMPTS, ConfigurationError, Settings
from app.contracts import CONTRACTS
from app.language_models import text_model
from app.middleware.monitoring import PrometheusMeter
from app.services.language_model import LanguageModelUnavailable, TextModel
from app.services.prompt_manager import (
    Prompt,
    PromptBook,
    PromptInvalid,
    Released,
    changed,
    generation,
    read_folder,
    read_released,
    with_new,
    write_released,
)

LIVE_TIMEOUT_S = 60.0
_BY_NAME = {contract.name: contract for contract in CONTRACTS}


def report(book: PromptBook, released: Released) -> dict[str, Any]:
    """Return name, version, hash and validity of every prompt; the book has rendered them all."""
    return {
        "prompts": [
            {
                "name": prompt.name,
                "version": prompt.version,
                "sha256": prompt.sha256,
                "valid": not changed([prompt], released),
            }
            for prompt in book.prompts
        ]
    }


async def all_asked(prompts: Sequence[Prompt], settings: Settings) -> list[dict[str, Any]]:
    """Return what came of asking each prompt's example. Raises ConfigurationError without a model."""
    async with text_model(settings, PrometheusMeter()) as model:
        if model is None:
            raise ConfigurationError(
                "No language model is set up: set GOOGLE_API_KEY, or OPENAI_BASE_URL and OPENAI_MODEL."
            )
        return [await asked(model, prompt) for prompt in prompts]


async def asked(model: TextModel, prompt: Prompt) -> dict[str, Any]:
    """Return what came of asking a prompt's example."""
    contract = _BY_NAME[prompt.name]
    messages = prompt.render(msgspec.to_builtins(contract.example))
    began = time.monotonic()
    try:
        generated = await model.generate(generation(prompt, messages, LIVE_TIMEOUT_S))
    except LanguageModelUnavailable as unavailable:
        return {"outcome": unavailable.why, "message": str(unavailable)}
    live = {
        "outcome": "replied",
        "provider": generated.provider,
        "model": generated.model,
        "latency_ms": round((time.monotonic() - began) * 1000),
        "input_tokens": generated.usage.input_tokens,
        "output_tokens": generated.usage.output_tokens,
        "reply": generated.text,
    }
    try:
        contract.read(generated.text)
    except ValueError as wrong:
        return {**live, "outcome": "malformed", "message": str(wrong)}
    return live


def main(argv: Sequence[str]) -> int:
    """Run the evaluation; 0 if every prompt is valid, 1 if not, 2 if it could not be made."""
    parser = argparse.ArgumentParser(
        prog="run.py --mode evaluate prompts", description=__doc__, allow_abbrev=False
    )
    parser.add_argument("--release", action="store_true", help="write new versions into the lock")
    parser.add_argument("--live", action="store_true", help="also ask the language model that is set up")
    parser.add_argument("--json", action="store_true", help="print one JSON object on one line")
    given = parser.parse_args(argv)
    try:
        book = PromptBook(read_folder(PROMPTS), CONTRACTS)
        released = read_released(RELEASED_PROMPTS)
        if given.release:
            released = with_new(book.prompts, released)
            write_released(RELEASED_PROMPTS, released)
        shown = report(book, released)
        if given.live:
            lives = asyncio.run(all_asked(book.prompts, Settings()))
            for prompt, live in zip(shown["prompts"], lives, strict=True):
                prompt["live"] = live
    except (PromptInvalid, ConfigurationError, ValueError) as wrong:
        sys.stderr.write(f"evaluate prompts: {wrong}\n")
        return 2
    for problem in changed(book.prompts, released):
        sys.stderr.write(f"evaluate prompts: {problem}\n")
    sys.stdout.write(json.dumps(shown, indent=None if given.json else 2, ensure_ascii=False) + "\n")
    fine = all(
        p["valid"] and p.get("live", {}).get("outcome", "replied") == "replied" for p in shown["prompts"]
    )
    return 0 if fine else 1
