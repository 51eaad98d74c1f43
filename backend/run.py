"""The only entry point: `python backend/run.py`, from any folder, with nothing installed but Python.

Kept in words that every Python understands, so that an old one can be told so.
"""

import os
import sys

if sys.version_info < (3, 11):  # noqa: UP036 - whoever starts this may have an older one
    sys.exit("SpeakMate AI needs Python 3.11 or newer; this is %d.%d." % sys.version_info[:2])  # noqa: UP031
if sys.platform == "win32":
    sys.exit("SpeakMate AI runs on Linux and macOS; on Windows start it inside WSL 2.")

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from app.modes.launch import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
