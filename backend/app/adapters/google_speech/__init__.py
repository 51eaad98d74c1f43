"""Google Speech-to-Text v2 as a recogniser. Importing this package takes a second and 40 MB."""

from app.adapters.google_speech.client import connect
from app.adapters.google_speech.pacing import Pacing
from app.adapters.google_speech.recognition import GoogleRecogniser
from app.adapters.google_speech.requests import Hearing

__all__ = ["GoogleRecogniser", "Hearing", "Pacing", "connect"]
