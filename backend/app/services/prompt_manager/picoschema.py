"""Picoschema, the short form of JSON schema that Dotprompt files use (google.github.io/dotprompt).

    name: string, what it is          a required field; string, integer, number or boolean
    name?: string                     may be left out or null
    name(array, what it is): string   also of an object, written as a mapping
    name(object): {...}
    name(enum, what it is): [a, b]

The root is a mapping. Wildcards and `any` are not supported.
"""

import re
from collections.abc import Mapping
from typing import Any

_SCALARS = frozenset({"string", "integer", "number", "boolean"})
_KEY = re.compile(r"(?P<name>[a-z][a-z0-9_]*)(?P<optional>\?)?(?:\((?P<kind>\w+)(?:,\s*(?P<about>.+))?\))?")


class SchemaInvalid(ValueError):
    """The text is not Picoschema; the message says where."""


def json_schema(pico: object, where: str = "schema") -> dict[str, Any]:
    """Return the JSON schema of a Picoschema object. Raises SchemaInvalid."""
    if not isinstance(pico, Mapping) or not pico:
        raise SchemaInvalid(f"{where}: a mapping of fields is expected.")
    properties: dict[str, Any] = {}
    required: list[str] = []
    for key, value in pico.items():
        parts = _KEY.fullmatch(str(key))
        if parts is None:
            raise SchemaInvalid(f"{where}: {key!r} is not a field: name, name? or name(array, what it is).")
        name = parts["name"]
        schema = _field(parts["kind"], value, f"{where}.{name}")
        if parts["about"]:
            schema["description"] = parts["about"]
        if parts["optional"]:
            properties[name] = _nullable(schema)
        else:
            properties[name] = schema
            required.append(name)
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _field(kind: str | None, value: object, where: str) -> dict[str, Any]:
    match kind:
        case None if isinstance(value, str):
            return _scalar(value, where)
        case None | "object":
            return json_schema(value, where)
        case "array":
            items = _scalar(value, where) if isinstance(value, str) else json_schema(value, where)
            return {"type": "array", "items": items}
        case "enum":
            if not isinstance(value, list) or not value or not all(isinstance(v, str) for v in value):
                raise SchemaInvalid(f"{where}: an enum is a list of strings.")
            return {"type": "string", "enum": value}
        case _:
            raise SchemaInvalid(f"{where}: {kind} is not array, object or enum.")


def _scalar(text: str, where: str) -> dict[str, Any]:
    kind, _, about = (part.strip() for part in text.partition(","))
    if kind not in _SCALARS:
        raise SchemaInvalid(f"{where}: {kind!r} is not {', '.join(sorted(_SCALARS))}.")
    return {"type": kind, "description": about} if about else {"type": kind}


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    if "enum" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    return {**schema, "type": [schema["type"], "null"]}
