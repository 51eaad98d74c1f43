"""A process that never reads what it is sent."""

import signal

if __name__ == "__main__":
    signal.pause()
