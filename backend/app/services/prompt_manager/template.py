"""The template of a prompt: a small, strict part of Dotprompt's Handlebars.

    {{role "system"}} {{role "user"}}   what follows is that message; nothing may stand before the first
    {{variable}}                        a number, a boolean or one of an enum
    {{fenced one two}}                  these variables as one JSON object between two lines with the boundary
    {{boundary}}                        the word those lines hold, to name it in the instructions
    {{#if variable}} {{else}} {{/if}}   whether the variable is there and not false, zero or empty

Free text comes only fenced, and only into the user's message: whatever a learner says is data there, never
part of the instructions. The boundary is a word that does not occur in the data.
"""

import hashlib
import json
import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, assert_never

_TAG = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_ALONE = re.compile(r"^[ \t]*(\{\{(?:role [^}]*|#if [^}]*|else|/if)\}\})[ \t]*\n", re.MULTILINE)
_NAME = r"[a-z][a-z0-9_]*"
_ROLE = re.compile(r'role "(system|user)"')
_IF = re.compile(rf"#if ({_NAME})")
_FENCED = re.compile(rf"fenced((?: {_NAME})+)")
_VALUE = re.compile(_NAME)

_TEXTUAL = frozenset({"string", "array", "object"})


class TemplateInvalid(ValueError):
    """The template cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Text:
    """Words of the prompt itself."""

    text: str


@dataclass(frozen=True, slots=True)
class Value:
    """A variable that is not free text."""

    name: str


@dataclass(frozen=True, slots=True)
class Fenced:
    """Variables as data."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Boundary:
    """The word around the data."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of two ways to go on."""

    name: str
    then: tuple["Node", ...]
    otherwise: tuple["Node", ...]


Node = Text | Value | Fenced | Boundary | Choice


@dataclass(frozen=True, slots=True)
class Messages:
    """A rendered prompt: instructions and the matter at hand."""

    system: str
    user: str


class Template:
    """A template that was read once and is rendered often."""

    def __init__(self, system: Sequence[Node], user: Sequence[Node]) -> None:
        self._system = tuple(system)
        self._user = tuple(user)

    def check(self, variables: Mapping[str, Mapping[str, Any]]) -> None:
        """Hold the template against its variables' JSON schemas by name. Raises TemplateInvalid."""
        used = {name for node in _walk((*self._system, *self._user)) for name in _names(node)}
        if unknown := sorted(used - set(variables)):
            raise TemplateInvalid(f"{', '.join(unknown)} is not in the input schema.")
        if idle := sorted(set(variables) - used):
            raise TemplateInvalid(f"{', '.join(idle)} is in the input schema and not used.")
        for node in _walk((*self._system, *self._user)):
            if isinstance(node, Value) and not _harmless(variables[node.name]):
                raise TemplateInvalid(
                    f"{node.name} is free text or a list: write {{{{fenced {node.name}}}}}."
                )
        if any(isinstance(node, Fenced) for node in _walk(self._system)):
            raise TemplateInvalid("Data belongs into the user's message, not into the instructions.")

    def render(self, values: Mapping[str, Any]) -> Messages:
        """Return the messages. `values` are plain JSON values, one for every variable, None where absent."""
        fenced = [node for node in _walk(self._user) if isinstance(node, Fenced)]
        blocks = {node: _json({name: values[name] for name in node.names}) for node in fenced}
        boundary = _boundary("\n".join(blocks.values()))

        def written(nodes: Sequence[Node]) -> str:
            return "".join(map(one, nodes))

        def one(node: Node) -> str:
            match node:
                case Text(text):
                    return text
                case Value(name):
                    value = values[name]
                    return value if isinstance(value, str) else _json(value)
                case Fenced():
                    return f"<<<{boundary}\n{blocks[node]}\n{boundary}>>>"
                case Boundary():
                    return boundary
                case Choice(name, then, otherwise):
                    return written(then if values[name] else otherwise)
                case _:
                    assert_never(node)

        return Messages(written(self._system).strip(), written(self._user).strip())


def read_template(text: str) -> Template:
    """Read a template. Raises TemplateInvalid."""
    return _Reader(_ALONE.sub(r"\1", text)).template()


class _Reader:
    """Reads a template from its first character to its last."""

    def __init__(self, text: str) -> None:
        pieces = _TAG.split(text)
        self._tokens = deque[tuple[bool, str]]()
        for number, piece in enumerate(pieces):
            is_tag = number % 2 == 1
            if is_tag or piece:
                self._tokens.append((is_tag, piece.strip() if is_tag else piece))

    def template(self) -> Template:
        messages: dict[str, tuple[Node, ...]] = {}
        before, end = self._nodes()
        if any(not isinstance(node, Text) or node.text.strip() for node in before):
            raise TemplateInvalid('The template begins with {{role "system"}}.')
        while end:
            role = _ROLE.fullmatch(end)
            if role is None:
                raise TemplateInvalid(f"{{{{{end}}}}} does not belong here.")
            if role[1] in messages:
                raise TemplateInvalid(f"There are two {role[1]} messages.")
            messages[role[1]], end = self._nodes()
        if set(messages) != {"system", "user"}:
            raise TemplateInvalid("A template has a system and a user message.")
        return Template(messages["system"], messages["user"])

    def _nodes(self) -> tuple[tuple[Node, ...], str]:
        """Read up to a tag that ends a block or a message; return that tag, "" at the end of the text."""
        nodes: list[Node] = []
        while self._tokens:
            is_tag, piece = self._tokens.popleft()
            if not is_tag:
                nodes.append(Text(piece))
            elif piece in ("else", "/if") or _ROLE.fullmatch(piece):
                return tuple(nodes), piece
            else:
                nodes.append(self._node(piece))
        return tuple(nodes), ""

    def _node(self, tag: str) -> Node:
        if tag == "boundary":
            return Boundary()
        if fenced := _FENCED.fullmatch(tag):
            return Fenced(tuple(fenced[1].split()))
        if condition := _IF.fullmatch(tag):
            return self._choice(condition[1])
        if _VALUE.fullmatch(tag):
            return Value(tag)
        raise TemplateInvalid(f"{{{{{tag}}}}} is not known.")

    def _choice(self, name: str) -> Choice:
        then, end = self._nodes()
        otherwise: tuple[Node, ...] = ()
        if end == "else":
            otherwise, end = self._nodes()
        if end != "/if":
            raise TemplateInvalid(f"{{{{#if {name}}}}} is not closed.")
        return Choice(name, then, otherwise)


def _walk(nodes: Sequence[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        if isinstance(node, Choice):
            yield from _walk((*node.then, *node.otherwise))


def _names(node: Node) -> tuple[str, ...]:
    match node:
        case Value(name) | Choice(name):
            return (name,)
        case Fenced(names):
            return names
        case Text() | Boundary():
            return ()
        case _:
            assert_never(node)


def _harmless(schema: Mapping[str, Any]) -> bool:
    """Whether a value of the schema can hold no free text."""
    options = schema.get("anyOf", (schema,))
    return all("enum" in option or not _TEXTUAL & set(_types(option)) for option in options)


def _types(schema: Mapping[str, Any]) -> Sequence[str]:
    kind = schema["type"]
    return kind if isinstance(kind, list) else (kind,)


def _json(value: object) -> str:
    """Return `value` as JSON; half characters, which no provider takes, become question marks."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode()


def _boundary(data: str) -> str:
    """Return a word that does not occur in `data`, the same one for the same data."""
    attempt = 0
    while (mark := "DATA-" + hashlib.sha256(f"{attempt}{data}".encode()).hexdigest()[:16]) in data:
        attempt += 1
    return mark
