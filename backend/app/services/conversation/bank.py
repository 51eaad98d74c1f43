"""Loading the question bank."""

from functools import cache
from importlib.resources import files

import msgspec

from app.services.conversation.bank_items import QuestionBank
from app.services.conversation.bank_rules import problems_of


class BankInvalid(ValueError):
    """The question bank breaks its schema or its writing rules; `problems` names each place."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("The question bank is invalid:\n" + "\n".join(problems))
        self.problems = problems


def parse_bank(data: bytes | str) -> QuestionBank:
    """Decode and check a bank. Raises BankInvalid with every problem found."""
    try:
        bank = msgspec.json.decode(data, type=QuestionBank)
    except msgspec.MsgspecError as error:
        raise BankInvalid([str(error)]) from error
    if problems := problems_of(bank):
        raise BankInvalid(problems)
    return bank


@cache
def bundled_bank() -> QuestionBank:
    """Return the bank that ships with the product."""
    return parse_bank(files(__package__).joinpath("data", "question_bank.json").read_bytes())
