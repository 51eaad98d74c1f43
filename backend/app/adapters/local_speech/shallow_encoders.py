"""Whisper's encoder cut off after its first layers.

CTranslate2 returns the states of the last layer only, but a model file without the later layers is a whole
model to it, and its last layer is then an early one of the published weights.
"""

import json
import re
import struct
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from app.adapters.local_speech.whisper_weights import MODEL

FORMAT = 6
"""The version of CTranslate2's model.bin that `truncated` reads."""


EMBEDDINGS = "decoder/embeddings/weight"
TOKENS = 64
"""How much of the vocabulary is kept: nothing decodes, and the embeddings are most of the model."""


class UnknownModelFormat(Exception):
    """The model file is not of the version this can cut; the message says which it is."""


def truncated(binary: bytes, layers: int) -> bytes:
    """Return the model file with the first `layers` encoder layers, and one decoder layer of TOKENS tokens.

    The loader insists on a decoder, which nothing runs. Layout (ctranslate2 4.8, model.cc): version, name of
    the specification, its revision, the variables with their names and shapes, the aliases. Raises
    UnknownModelFormat for another version, struct.error for a damaged file.
    """
    version = struct.unpack_from("<I", binary)[0]
    if version != FORMAT:
        raise UnknownModelFormat(f"The model file has format {version}; only format {FORMAT} can be cut.")
    at = 4
    at += 2 + struct.unpack_from("<H", binary, at)[0] + 4
    head, kept = binary[:at], []
    count = struct.unpack_from("<I", binary, at)[0]
    at += 4
    for _ in range(count):
        start = at
        length = struct.unpack_from("<H", binary, at)[0]
        name = binary[at + 2 : at + 1 + length].decode()
        at += 2 + length
        shape = at
        at += 1 + 4 * binary[at] + 1
        size = struct.unpack_from("<I", binary, at)[0]
        data = at + 4
        at = data + size
        side, _, rest = name.partition("/")
        depth = re.match(r"layer_(\d+)/", rest)
        if name == EMBEDDINGS:
            rows = struct.unpack_from("<I", binary, shape + 1)[0]
            few = size // rows * TOKENS
            kept.append(
                binary[start : shape + 1]
                + struct.pack("<I", TOKENS)
                + binary[shape + 5 : data - 4]
                + struct.pack("<I", few)
                + binary[data : data + few]
            )
        elif depth is None or int(depth[1]) < (layers if side == "encoder" else 1):
            kept.append(binary[start:at])
    return head + struct.pack("<I", len(kept)) + b"".join(kept) + binary[at:]


def load_shallow(folder: Path, depths: tuple[int, ...]) -> dict[int, Any]:
    """Load the model in `folder` once per depth; its `encode` then returns that depth's states. Blocks.

    40 MB are written beside the model for the moment: of a model that is loaded from memory CTranslate2 keeps
    the file for good, which is twice what the model takes. Raises UnknownModelFormat, OSError, and what
    CTranslate2 raises.
    """
    import ctranslate2  # noqa: PLC0415 - heavy, off the event loop

    binary = (folder / MODEL).read_bytes()
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config["alignment_heads"] = [[0, 0]]  # those of the published model lie in layers that are gone
    vocabulary = (folder / "vocabulary.txt").read_bytes().splitlines(keepends=True)
    loaded = {}
    for depth in depths:
        with TemporaryDirectory(dir=folder, prefix=".encoder-") as name:
            shallow = Path(name)
            (shallow / MODEL).write_bytes(truncated(binary, depth))
            (shallow / "config.json").write_text(json.dumps(config), encoding="utf-8")
            (shallow / "vocabulary.txt").write_bytes(b"".join(vocabulary[:TOKENS]))
            loaded[depth] = ctranslate2.models.Whisper(
                name, device="cpu", compute_type="int8", intra_threads=1
            )
    return loaded
