"""The published description of the socket is the protocol's own."""

import json
from pathlib import Path
from typing import Any

from app.api.websocket import asyncapi

PUBLISHED = Path(__file__).parents[4] / "docs" / "asyncapi.json"


def test_the_published_document_has_not_drifted() -> None:
    assert PUBLISHED.read_text("utf-8") == asyncapi.rendered(), (
        "Run: python -m app.api.websocket.asyncapi > ../docs/asyncapi.json, in backend/."
    )


def test_every_reference_leads_somewhere() -> None:
    document = asyncapi.document()

    def references(node: Any) -> list[str]:
        if isinstance(node, dict):
            own = [node["$ref"]] if "$ref" in node else []
            return own + [ref for value in node.values() for ref in references(value)]
        return [ref for value in node for ref in references(value)] if isinstance(node, list) else []

    for reference in references(document):
        target: Any = document
        for step in reference.removeprefix("#/").split("/"):
            target = target[step]
        assert target


def test_it_tells_both_sides_apart_and_names_what_is_durable() -> None:
    document = asyncapi.document()
    sent = json.dumps(document["operations"]["clientSends"])
    received = json.dumps(document["operations"]["serverSends"])
    assert 'messages/SessionResume"' in sent
    assert 'messages/SessionResumed"' in received
    assert "SessionResumed" not in sent
    messages = document["components"]["messages"]
    assert messages["SttFinal"]["name"] == "stt.final"
    assert "Durable" in messages["SttFinal"]["summary"]
    assert "Durable" not in messages["SttPartial"]["summary"]
    assert document["channels"]["session"]["description"].count("4012 drain") == 1
