"""An encoder with two heads, fitted to sentences with mistakes, and written as the product runs it.

Needs PyTorch, transformers and onnx (`backend/requirements-train.in`); the product needs none of them.
"""

import random
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from onnxruntime import quantization
from torch import Tensor, nn
from torch.nn import functional
from transformers import BertModel

from app.adapters.edit_tagger import FOLDER, LABELS, NETWORK, VOCABULARY, Labels, Pieces
from app.services.hybrid_analyzer import Parser
from evaluation.edit_tagging.learner_errors import Example, examples

BATCH = 48
_IGNORED = -100
_WARM_UP_STEPS = 150
_HEAD_RATE, _ENCODER_RATE = 1e-3, 2e-4
_BUCKETS = 20
"""Batches among which sentences are sorted by length, so that little of a batch is padding."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """Piece numbers of a sentence, and at the first piece of each word the number of its edit and of the word
    that should come before it; elsewhere _IGNORED."""

    ids: list[int]
    edits: list[int]
    before: list[int]


def encode(example: Example, pieces: Pieces, labels: Labels) -> Encoded:
    """Return a sentence as the network reads it; what has no label is not learned from."""
    edit_numbers = {name: n for n, name in enumerate(labels.edits)}
    before_numbers = {name: n for n, name in enumerate(labels.before)}
    ids, edits, before = [pieces.begin], [_IGNORED], [_IGNORED]
    for word, edit, missing in zip(example.words, example.edits, example.before, strict=False):
        found = pieces.of(word)
        inner = [_IGNORED] * (len(found) - 1)
        ids += found
        edits += [edit_numbers.get(edit, _IGNORED), *inner]
        before += [_before(missing, before_numbers), *inner]
    ids.append(pieces.end)
    edits.append(_IGNORED)
    before.append(_before(example.before[-1], before_numbers))
    return Encoded(ids, edits, before)


def _before(missing: str | None, numbers: dict[str, int]) -> int:
    return 0 if missing is None else numbers.get(f"+{missing}", _IGNORED)


class TaggerNet(nn.Module):  # type: ignore[misc]  # PyTorch is not there for the type checker
    """The encoder; each word's two answers are read from its first piece and the piece before it."""

    def __init__(self, encoder: BertModel, labels: Labels) -> None:
        super().__init__()
        self.encoder = encoder
        width: int = encoder.config.hidden_size
        self.edits = len(labels.edits)
        self.hidden = nn.Linear(2 * width, width)
        self.out = nn.Linear(width, len(labels.edits) + len(labels.before))

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits (batch, pieces, labels) of the edits and of the words before."""
        states = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        previous = functional.pad(states[:, :-1], (0, 0, 1, 0))
        logits = self.out(functional.gelu(self.hidden(torch.cat([states, previous], -1))))
        return logits[..., : self.edits], logits[..., self.edits :]


def load_net(folder: Path, labels: Labels) -> TaggerNet:
    """Return an unfitted net over the encoder in `folder`, without dropout, its word vectors frozen."""
    encoder = BertModel.from_pretrained(
        folder, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, add_pooling_layer=False
    )
    encoder.embeddings.word_embeddings.weight.requires_grad = False
    return TaggerNet(encoder, labels)


def batches(rows: Sequence[Encoded], rng: random.Random) -> Iterator[list[Encoded]]:
    """Yield all rows in batches of about one length, in random order."""
    rows = rng.sample(rows, len(rows))
    groups = [
        sorted(rows[at : at + BATCH * _BUCKETS], key=lambda r: len(r.ids))
        for at in range(0, len(rows), BATCH * _BUCKETS)
    ]
    cut = [group[at : at + BATCH] for group in groups for at in range(0, len(group), BATCH)]
    yield from rng.sample(cut, len(cut))


def loss_of(net: TaggerNet, rows: Sequence[Encoded]) -> Tensor:
    """Return the mean cross-entropy (nats a word) of both answers on one batch."""
    length = max(len(row.ids) for row in rows)

    def padded(values: Sequence[list[int]], fill: int) -> Tensor:
        return torch.tensor([v + [fill] * (length - len(v)) for v in values])

    ids = padded([r.ids for r in rows], 0)
    edits, before = net(ids, (ids != 0).long())
    wanted = padded([r.edits for r in rows], _IGNORED), padded([r.before for r in rows], _IGNORED)
    return functional.cross_entropy(edits.flatten(0, 1), wanted[0].flatten()) + functional.cross_entropy(
        before.flatten(0, 1), wanted[1].flatten()
    )


def fit(net: TaggerNet, rows: Sequence[Encoded], *, minutes: float, seed: int = 0) -> float:
    """Fit the net for so many minutes of computing; return the smoothed loss at the end."""
    rng = random.Random(seed)  # noqa: S311 - nothing secret
    encoder = [p for p in net.encoder.parameters() if p.requires_grad]
    heads = [*net.hidden.parameters(), *net.out.parameters()]
    groups = [{"params": heads, "lr": _HEAD_RATE}, {"params": encoder, "lr": _ENCODER_RATE}]
    highest = [_HEAD_RATE, _ENCODER_RATE]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
    start, step, smooth = time.process_time(), 0, 0.0
    while True:
        for batch in batches(rows, rng):
            done = (time.process_time() - start) / (60 * minutes)
            if done >= 1:
                return smooth
            step += 1
            for group, rate in zip(optimiser.param_groups, highest, strict=True):
                group["lr"] = rate * min(1.0, step / _WARM_UP_STEPS) * max(0.02, 1 - done)
            loss = loss_of(net, batch)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            smooth = loss.item() if step == 1 else 0.99 * smooth + 0.01 * loss.item()


class _Probabilities(nn.Module):  # type: ignore[misc]
    def __init__(self, net: TaggerNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        edits, before = self.net(ids, torch.ones_like(ids))
        return edits.softmax(-1), before.softmax(-1)


def write(net: TaggerNet, target: Path) -> None:
    """Write the net with weights of eight bits as `target`, an ONNX file."""
    whole = target.with_suffix(".whole.onnx")
    torch.onnx.export(
        _Probabilities(net.eval()),
        (torch.tensor([[101, 2003, 2023, 1037, 102]]),),
        str(whole),
        input_names=["ids"],
        output_names=["edits", "before"],
        dynamic_axes={"ids": {1: "pieces"}, "edits": {1: "pieces"}, "before": {1: "pieces"}},
        opset_version=17,
        dynamo=False,
    )
    quantization.quantize_dynamic(whole, target, weight_type=quantization.QuantType.QInt8, per_channel=True)
    whole.unlink()


def train(
    parser: Parser, sentences: Sequence[str], encoder: Path, out: Path, *, minutes: float
) -> dict[str, Any]:
    """Put mistakes into correct sentences, fit a net to them and write what the product loads into `out`.

    The labels stay those in use, so that the rules which read them keep their meaning.
    """
    labels, pieces = Labels.read(FOLDER / LABELS), Pieces(FOLDER / VOCABULARY)
    made = list(examples(parser, sentences, random.Random(0)))  # noqa: S311
    rows = [encode(example, pieces, labels) for example in made]
    net = load_net(encoder, labels)
    loss = fit(net, rows, minutes=minutes)
    out.mkdir(parents=True, exist_ok=True)
    write(net, out / NETWORK)
    labels.write(out / LABELS)
    shutil.copyfile(FOLDER / VOCABULARY, out / VOCABULARY)
    return {
        "sentences": len(made),
        "words": sum(len(example.words) for example in made),
        "loss": round(loss, 4),
        "bytes": (out / NETWORK).stat().st_size,
    }
