"""One version of a prompt, read from its .prompt file."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec

from app.services.prompt_manager.contract import AnyContract
from app.services.prompt_manager.fitting import misfits
from app.services.prompt_manager.picoschema import SchemaInvalid, json_schema
from app.services.prompt_manager.template import Messages, Template, TemplateInvalid, read_template

_FENCE = "---\n"


class PromptInvalid(ValueError):
    """A .prompt file cannot be used; the message names the file and says why."""


class VariablesInvalid(ValueError):
    """The variables given to a prompt are not those of its input schema."""


class _Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    temperature: Annotated[float, msgspec.Meta(ge=0, le=2)]
    max_output_tokens: Annotated[int, msgspec.Meta(ge=1, le=65_536)]


class _Input(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    schema: dict[str, Any]


class _Output(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: Literal["json"]
    schema: dict[str, Any]


class _Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The front matter: the Dotprompt fields that mean something here."""

    name: Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]*$")]
    version: Annotated[int, msgspec.Meta(ge=1)]
    config: _Config
    input: _Input
    output: _Output


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt with what it takes and gives, as JSON schemas.

    `sha256` is of the file's whole text: head and template.
    """

    name: str
    version: int
    sha256: str
    temperature: float
    max_output_tokens: int
    input_schema: Mapping[str, Any]
    reply_schema: Mapping[str, Any]
    template: Template

    @property
    def label(self) -> str:
        """Name and version, such as review@2."""
        return f"{self.name}@{self.version}"

    def render(self, variables: Mapping[str, Any]) -> Messages:
        """Return the messages for `variables`, plain JSON values. Raises VariablesInvalid."""
        known, required = self.input_schema["properties"], self.input_schema["required"]
        if unknown := sorted(set(variables) - set(known)):
            raise VariablesInvalid(f"{self.label} has no variable {', '.join(unknown)}.")
        if missing := sorted(name for name in required if variables.get(name) is None):
            raise VariablesInvalid(f"{self.label} needs {', '.join(missing)}.")
        return self.template.render({name: variables.get(name) for name in known})

    def check(self, contract: AnyContract) -> None:
        """Hold the prompt against what the product expects of it. Raises PromptInvalid."""
        sides = (
            ("input", msgspec.json.schema(contract.variables), self.input_schema),
            ("output", self.reply_schema, msgspec.json.schema(contract.reply)),
        )
        for side, promised, expected in sides:
            if wrong := misfits(promised, expected):
                raise PromptInvalid(f"{self.label}: {side} does not fit {contract.name}: {' '.join(wrong)}")
        self.render(msgspec.to_builtins(contract.example))


def read_prompt(text: str, where: str) -> Prompt:
    """Read the text of a .prompt file; `where` names it in errors. Raises PromptInvalid."""
    text = text.replace("\r\n", "\n")
    opening, front, body = (*text.split(_FENCE, 2), "", "")[:3]
    if opening or not front or not body:
        raise PromptInvalid(f"{where}: the file is a head between two lines of ---, then the template.")
    try:
        head = msgspec.yaml.decode(front, type=_Head)
        input_schema = json_schema(head.input.schema, "input.schema")
        reply_schema = json_schema(head.output.schema, "output.schema")
        template = read_template(body)
        template.check(input_schema["properties"])
    except (msgspec.DecodeError, SchemaInvalid, TemplateInvalid) as wrong:
        raise PromptInvalid(f"{where}: {wrong}") from wrong
    return Prompt(
        name=head.name,
        version=head.version,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        temperature=head.config.temperature,
        max_output_tokens=head.config.max_output_tokens,
        input_schema=input_schema,
        reply_schema=reply_schema,
        template=template,
    )
