"""What is said once the server answers."""

import ipaddress
import json
import sys
from dataclasses import dataclass

from app.config import Settings


@dataclass(frozen=True, slots=True)
class Notice:
    """Address, data folder and how to stop."""

    settings: Settings
    url: str
    as_json: bool

    def give(self) -> None:
        """Say it: to people on standard error, with --json also as one object on standard output."""
        if self.as_json:
            sys.stdout.write(json.dumps(self.summary()) + "\n")
            sys.stdout.flush()
        sys.stderr.write("\n".join(self.lines()))
        sys.stderr.flush()

    def summary(self) -> dict[str, str]:
        """Return it for programs."""
        return {
            "mode": self.settings.environment,
            "url": self.url,
            "data_dir": str(self.settings.data_dir),
        }

    def lines(self) -> list[str]:
        """Return it for people."""
        lines = [
            "",
            "  SpeakMate AI is ready",
            "",
            f"    open   {self.url}/",
            f"    API    {self.url}/docs",
            f"    data   {self.settings.data_dir}",
            "    stop   Ctrl-C",
        ]
        if self.settings.uses_development_key and not _is_loopback(self.settings.host):
            lines += ["", "  A development server lets whoever reaches it sign in as anyone."]
        return [*lines, "", ""]


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
