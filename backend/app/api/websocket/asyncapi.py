"""The socket's AsyncAPI 3.0 document, made from the protocol's own types.

`python -m app.api.websocket.asyncapi` prints it; docs/asyncapi.json is a copy, and a test holds the two
together.
"""

import json
import sys
from collections.abc import Iterable
from typing import Any, get_args

import msgspec

from app.api.websocket.protocol import (
    DURABLE,
    MAX_BINARY_BYTES,
    MAX_TEXT_BYTES,
    ClientMessage,
    CloseCode,
    Id,
    ServerMessage,
)

VERSION = "1.0.0"
REF = "#/components/schemas/{name}"


def document() -> dict[str, Any]:
    """Return the document: one channel, what goes each way, and the binary audio."""
    sent, received = get_args(ClientMessage), get_args(ServerMessage)
    _, schemas = msgspec.json.schema_components([*sent, *received], ref_template=REF)
    messages = {kind.__name__: _message(kind) for kind in (*sent, *received)}
    messages |= {
        "MicrophoneFrame": _binary("MicrophoneFrame", "16 kHz mono PCM16 in whole milliseconds."),
        "VoiceFrame": _binary("VoiceFrame", "Mono PCM16 at the sample rate that tts.audio announced."),
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "SpeakMate AI: the exam's socket",
            "version": VERSION,
            "description": (
                "One WebSocket carries an exam. Text messages are JSON events told apart by `type`, of at "
                f"most {MAX_TEXT_BYTES} bytes; binary messages are audio of at most {MAX_BINARY_BYTES}. "
                "docs/protocol.md explains what follows what."
            ),
        },
        "defaultContentType": "application/json",
        "servers": {"local": {"host": "127.0.0.1:8000", "protocol": "ws"}},
        "channels": {
            "session": {
                "address": "/ws/{session_id}",
                "description": _close_codes(),
                "parameters": {"session_id": {"description": "From POST /api/v1/sessions."}},
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
                "bindings": {"ws": {"method": "GET", "query": _query(), "headers": _headers()}},
            }
        },
        "operations": {
            "clientSends": _operation("receive", [*_names(sent), "MicrophoneFrame"]),
            "serverSends": _operation("send", [*_names(received), "VoiceFrame"]),
        },
        "components": {"messages": messages, "schemas": schemas},
    }


def rendered() -> str:
    """Return the document as the text of docs/asyncapi.json."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def _names(kinds: Iterable[type]) -> list[str]:
    return [kind.__name__ for kind in kinds]


def _message(kind: type) -> dict[str, Any]:
    durable = " Durable: it has a `seq` and is sent again on resume." if issubclass(kind, DURABLE) else ""
    return {
        "name": str(kind.__struct_config__.tag),  # type: ignore[attr-defined]
        "title": kind.__name__,
        "summary": " ".join((kind.__doc__ or "").split()) + durable,
        "payload": {"$ref": REF.format(name=kind.__name__)},
    }


def _binary(title: str, payload: str) -> dict[str, Any]:
    return {
        "name": title,
        "title": title,
        "summary": f"Header !BBHIIQ: kind, flags, stream, seq, offset_ms, ts_ms. Then {payload}",
        "contentType": "application/octet-stream",
        "payload": {"type": "string", "format": "binary", "maxLength": MAX_BINARY_BYTES},
    }


def _operation(action: str, names: Iterable[str]) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": "#/channels/session"},
        "messages": [{"$ref": f"#/channels/session/messages/{name}"} for name in names],
    }


def _query() -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "client": msgspec.json.schema(Id)
            | {"description": "A name of the client's own making, the same for all its connections."},
            "ticket": {
                "type": "string",
                "description": "Instead of a token: POST /api/v1/sessions/{id}/ticket gives it, for 60 s.",
            },
        },
    }


def _headers() -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "Authorization": {
                "type": "string",
                "description": "Bearer TOKEN; or the subprotocols `bearer, TOKEN`; or an `auth` event first.",
            }
        },
    }


def _close_codes() -> str:
    codes = ", ".join(f"{code.value} {code.name.lower()}" for code in sorted(CloseCode))
    return f"Close codes: {codes}."


if __name__ == "__main__":
    sys.stdout.write(rendered())
