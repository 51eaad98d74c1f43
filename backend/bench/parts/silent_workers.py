"""`--mode prod --workers N` with silent models, on a free port: python -m bench.parts.silent_workers N"""

import sys

from app.config import Settings
from app.log import configure_logging
from app.modes.listener import address, listening
from app.modes.notice import Notice
from app.modes.parent import end_with_parent
from app.modes.workers import serve_in_workers

if __name__ == "__main__":
    end_with_parent()
    settings = Settings()
    configure_logging(settings.log_level, json_lines=False)
    with listening("127.0.0.1", 0) as listener:
        notice = Notice(settings, address(listener), as_json=True)
        serve_in_workers(settings, int(sys.argv[1]), listener, notice, module="bench.parts.silent_server")
