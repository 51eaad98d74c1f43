"""--mode demo: a whole exam through the real socket."""

from app.modes.arguments import Command
from demo.cli import main


def run(command: Command) -> int:
    """Run the demonstration with its own command line."""
    return main(command.forwarded())
