"""Prompts as versioned files: read and checked at start, rendered strictly, every call on record.

Whoever wants something of a model declares a Contract (name, variables, reply) beside its own types, puts
`prompts/NAME.v1.prompt` there, and calls PromptedModel.ask. The contracts are gathered in app/contracts.py.
"""

from app.services.prompt_manager.asking import PromptedModel, Reply, ReplyMalformed, generation
from app.services.prompt_manager.book import (
    PromptBook,
    Shares,
    SharesInvalid,
    read_folder,
    read_shares,
)
from app.services.prompt_manager.calls import (
    Budget,
    CallEnd,
    CallLog,
    CallMeter,
    NewCall,
    OnBehalfOf,
    Outcome,
)
from app.services.prompt_manager.contract import AnyContract, Contract, read_as
from app.services.prompt_manager.prompt import Prompt, PromptInvalid, VariablesInvalid, read_prompt
from app.services.prompt_manager.released import Released, changed, read_released, with_new, write_released

__all__ = [
    "AnyContract",
    "Budget",
    "CallEnd",
    "CallLog",
    "CallMeter",
    "Contract",
    "NewCall",
    "OnBehalfOf",
    "Outcome",
    "Prompt",
    "PromptBook",
    "PromptInvalid",
    "PromptedModel",
    "Released",
    "Reply",
    "ReplyMalformed",
    "Shares",
    "SharesInvalid",
    "VariablesInvalid",
    "changed",
    "generation",
    "read_as",
    "read_folder",
    "read_prompt",
    "read_released",
    "read_shares",
    "with_new",
    "write_released",
]
