"""The reference client: everything a program needs to sit an exam over REST and the socket.

It knows the server only through the public API; of the server's code it shares the protocol's definitions.
"""

from app.services.speech import Span, Speech
from client.clock import Clock, SystemClock
from client.errors import ClientError, ConnectionLost, ServerUnreachable, SessionRefused, TimedOut
from client.exam import LiveExam
from client.microphone import FRAME_MS, Microphone, MicrophoneFull, Spoken
from client.playback import Mark, VirtualPlayer
from client.reconnect import Reconnect
from client.rest import RestApi
from client.session import ExamClient
from client.timings import Percentiles, Timings, TimingsReport, percentile
from client.tokens import Refresh, Tokens

__all__ = [
    "FRAME_MS",
    "ClientError",
    "Clock",
    "ConnectionLost",
    "ExamClient",
    "LiveExam",
    "Mark",
    "Microphone",
    "MicrophoneFull",
    "Percentiles",
    "Reconnect",
    "Refresh",
    "RestApi",
    "ServerUnreachable",
    "SessionRefused",
    "Span",
    "Speech",
    "Spoken",
    "SystemClock",
    "TimedOut",
    "Timings",
    "TimingsReport",
    "Tokens",
    "VirtualPlayer",
    "percentile",
]
