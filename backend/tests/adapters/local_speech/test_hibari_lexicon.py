"""The dictionary that the voice, the aligner and the lexicon share."""

import subprocess
import sys

from app.config import BACKEND

DICTIONARIES = """
import gc, threading
from concurrent.futures import ThreadPoolExecutor

import hibari
import pocketsphinx
from hibari.g2p import G2P
from app.adapters.local_speech.aligner import SphinxAligner
from app.adapters.local_speech.hibari_lexicon import HibariLexicon
from app.adapters.local_speech.tts import HibariModel

users = [SphinxAligner, HibariLexicon, HibariModel]
together = threading.Barrier(len(users))

def load(user):
    together.wait()
    return user()

with ThreadPoolExecutor(len(users)) as threads:
    loaded = list(threads.map(load, users))
print(sum(isinstance(thing, G2P) for thing in gc.get_objects()))
"""


def test_all_who_load_at_once_share_one_dictionary() -> None:
    command = [sys.executable, "-c", DICTIONARIES]
    ran = subprocess.run(command, cwd=BACKEND, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["1"]
