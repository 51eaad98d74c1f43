"""What the OpenAPI document says of every operation alike: answers that come before a route is reached."""

from collections.abc import Callable, Iterator
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

Document = dict[str, Any]

_RATE_LIMIT_FIELDS: Document = {
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}},
    "RateLimit": {"description": "What is left of the quota.", "schema": {"type": "string"}},
    "RateLimit-Policy": {"description": "The quotas that hold here.", "schema": {"type": "string"}},
}


def describe_problems(
    app: FastAPI, model: type[BaseModel], documented: Callable[..., dict[int | str, Any]]
) -> None:
    """Add the problem's schema to the document, and to each operation the problems that all have in common.

    `documented` describes the answers of given statuses, by number. FastAPI's own way, a response `model`,
    would declare them as application/json.
    """
    generate = app.openapi
    _, described = models_json_schema([(model, "serialization")], ref_template="#/components/schemas/{model}")
    with_body = _by_text(documented(400, 413, 415))
    everywhere = _by_text(documented(429))
    everywhere["429"]["headers"] = _RATE_LIMIT_FIELDS

    def openapi() -> Document:
        document = generate()
        document.setdefault("components", {}).setdefault("schemas", {}).update(described["$defs"])
        for operation in _operations(document):
            common = everywhere | (with_body if "requestBody" in operation else {})
            operation["responses"] = common | operation["responses"]
        return document

    # The place FastAPI gives for changing the document.
    app.openapi = openapi  # type: ignore[method-assign]


def _operations(document: Document) -> Iterator[Document]:
    """Yield the operations that have limits: those of the API."""
    for path, operations in document["paths"].items():
        if path.startswith("/api/"):
            yield from operations.values()


def _by_text(responses: dict[int | str, Any]) -> Document:
    return {str(int(status)): dict(response) for status, response in responses.items()}
