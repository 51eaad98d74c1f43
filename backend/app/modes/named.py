"""--mode bench NAME and --mode evaluate NAME: one module each, with a command line of its own."""

import importlib
import os
from dataclasses import replace

from app.log import configure_logging
from app.modes.arguments import Command
from app.modes.names import package


def run(command: Command) -> int:
    """Call `main(argv) -> int` of the module that `command` names, which is known to exist."""
    os.environ.setdefault("LOG_LEVEL", "warning")  # of the servers that it starts
    configure_logging("warning", json_lines=False)  # standard output is for figures
    name, *more = command.more
    module = importlib.import_module(f"{package(command)}.{name}")
    return int(module.main(replace(command, more=tuple(more)).forwarded()))
