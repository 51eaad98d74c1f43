"""The product's server process with silent speech and the real analyzer; called as silent_server is."""

import sys
from dataclasses import replace

from app.analysis_models import load_turn_analyzer
from app.modes.server_worker import main
from bench.parts.silent_engines import silent_engines

if __name__ == "__main__":
    main(sys.argv[1:], replace(silent_engines(), analyzer=lambda _: load_turn_analyzer()))
