"""Whether what one JSON schema promises is what another one expects."""

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]


def misfits(promised: Schema, expected: Schema) -> list[str]:
    """Return, one sentence each, why a value of `promised` may not be one of `expected`; [] if it always is.

    Types, fields and enums are compared; bounds, formats and descriptions are not. Both may use `$ref` into
    their own `$defs`, but no recursion.
    """
    return list(_misfits(_Side(promised), _Side(expected), ""))


class _Side:
    """A schema with null told apart and references followed."""

    def __init__(self, schema: Schema, root: Schema | None = None) -> None:
        self._root = root = schema if root is None else root
        schema = _followed(schema, root)
        options = [_followed(option, root) for option in schema.get("anyOf", (schema,))]
        types = {t for option in options for t in _types(option)}
        self.nullable = "null" in types
        self.types = types - {"null"}
        enums = [set(option["enum"]) for option in options if "enum" in option]
        self.values: set[object] | None = set().union(*enums) - {None} if enums else None
        whole = next((o for o in options if "null" not in _types(o) or len(_types(o)) > 1), schema)
        self.required = frozenset(whole.get("required", ()))
        self._properties: Schema = whole.get("properties", {})
        self._items: Schema | None = whole.get("items")

    @property
    def fields(self) -> dict[str, "_Side"]:
        return {name: _Side(schema, self._root) for name, schema in self._properties.items()}

    @property
    def items(self) -> "_Side | None":
        return None if self._items is None else _Side(self._items, self._root)


def _followed(schema: Schema, root: Schema) -> Schema:
    while "$ref" in schema:
        schema = root["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    return schema


def _types(schema: Schema) -> tuple[str, ...]:
    kind = schema.get("type")
    if kind is None:
        return ("string",) if "enum" in schema else ()
    return tuple(kind) if isinstance(kind, list) else (kind,)


def _misfits(promised: _Side, expected: _Side, where: str) -> Iterator[str]:
    name = where or "the whole"
    accepted = expected.types | ({"integer"} if "number" in expected.types else set())
    if unknown := promised.types - accepted:
        yield f"{name} is {', '.join(sorted(unknown))}, not {' or '.join(sorted(expected.types))}."
        return
    if promised.nullable and not expected.nullable:
        yield f"{name} may be null."
    if expected.values is not None:
        if promised.values is None:
            yield f"{name} may be any text, not only one of {sorted(map(str, expected.values))}."
        elif extra := promised.values - expected.values:
            yield f"{name} may be {', '.join(sorted(map(str, extra)))}."
    fields, wanted = promised.fields, expected.fields
    for field, side in fields.items():
        path = f"{where}.{field}" if where else field
        if field not in wanted:
            yield f"{path} is not known."
        else:
            yield from _misfits(side, wanted[field], path)
    for field in sorted(expected.required):
        if field not in promised.required:
            yield f"{f'{where}.{field}' if where else field} may be missing."
    if promised.items is not None and expected.items is not None:
        yield from _misfits(promised.items, expected.items, f"{where}[]")
