"""What can go wrong with speech engines."""


class SpeechError(Exception):
    """A speech engine could not do its work."""


class RecognitionFailed(SpeechError):
    """The recogniser could not decode the audio."""


class SynthesisFailed(SpeechError):
    """The voice could not speak the text."""


class ModelNotReady(SpeechError):
    """The model is still loading; try again shortly."""


class EngineBusy(SpeechError):
    """More speech work is waiting than the engines can hold; try again in a moment."""
