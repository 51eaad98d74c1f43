"""Why a mode does not start, in words for the person who typed the command."""


class CannotStart(Exception):
    """The message says what is wrong and what to do; a traceback would add nothing."""
