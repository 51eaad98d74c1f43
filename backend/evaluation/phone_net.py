"""The recurrent net over phones, in PyTorch for fitting; the product runs it in numpy (learned/scorer.py)."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from app.services.pronunciation_engine.learned.types import Floats, Ints

EPOCHS, BATCH, RATE, DECAY, DROP, NOISE = 8, 48, 2e-3, 0.02, 0.3, 0.1
LOW_RATING, LOW_WEIGHT = 6.0, 0.5
"""Utterances rated this low or lower are over-represented in the training split, so they count half."""


@dataclass(frozen=True, slots=True)
class Example:
    """`rows` (n, width), `context` (m,), `ratings` (4,); phone and word ratings are NaN where unknown."""

    rows: Floats
    ids: Ints
    word: Ints
    context: Floats
    ratings: Floats
    phone_ratings: Floats
    word_ratings: Floats


@dataclass(frozen=True, slots=True)
class Batch:
    """Examples padded to one length."""

    rows: torch.Tensor
    ids: torch.Tensor
    mask: torch.Tensor
    word: torch.Tensor
    context: torch.Tensor
    ratings: torch.Tensor
    phone_ratings: torch.Tensor
    word_ratings: torch.Tensor


class PhoneNet(nn.Module):  # type: ignore[misc]  # PyTorch is not in the product's environment
    """Phones -> phone, word and utterance scores, all standardised."""

    def __init__(self, row_width: int, context_width: int, width: int = 48, hidden: int = 32) -> None:
        super().__init__()
        joint = width + 2 * hidden
        self.emb = nn.Embedding(40, 16)
        self.inp = nn.Linear(row_width + 16, width)
        self.drop = nn.Dropout(DROP)
        self.gru = nn.GRU(width, hidden, batch_first=True, bidirectional=True)
        self.ph = nn.Linear(joint, 1)
        self.wd = nn.Linear(joint + 2, 1)
        self.att = nn.Linear(joint, 4)
        self.g = nn.Linear(context_width, 32)
        self.ut = nn.Linear(2 * joint + 32, 32)
        self.out = nn.Linear(32, 4)
        self.lin = nn.Linear(context_width, 4)
        self.context_drop = nn.Dropout(0.4)

    def forward(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Phone scores (b, n), word scores (b, w) and utterance scores (b, 4)."""
        mask = batch.mask[..., None].float()
        entry = functional.gelu(self.inp(self.drop(torch.cat([batch.rows, self.emb(batch.ids)], -1))))
        packed = pack_padded_sequence(
            self.drop(entry), batch.mask.sum(1).cpu(), batch_first=True, enforce_sorted=False
        )
        context, _ = pad_packed_sequence(self.gru(packed)[0], batch_first=True, total_length=entry.shape[1])
        hidden = self.drop(torch.cat([entry, context], -1))
        phone = self.ph(hidden)[..., 0]
        words = int(batch.word_ratings.shape[1])
        member = functional.one_hot(batch.word, words).float() * mask
        count = member.sum(1).clamp(min=1)
        mean = torch.einsum("bnw,bnc->bwc", member, hidden) / count[..., None]
        average = torch.einsum("bnw,bn->bw", member, phone) / count
        worst = torch.full((len(phone), words), 1e4).scatter_reduce(
            1, batch.word, phone.masked_fill(~batch.mask, 1e4), "amin"
        )
        worst = torch.where(member.sum(1) > 0, worst, torch.zeros_like(worst))
        word = self.wd(torch.cat([mean, average[..., None], worst[..., None]], -1))[..., 0]
        attention = torch.softmax(self.att(hidden).masked_fill(mask == 0, -1e4), 1)
        attended = torch.einsum("bna,bnc->bac", attention, hidden).mean(1)
        overall = (hidden * mask).sum(1) / mask.sum(1)
        given = self.context_drop(batch.context)
        joint = self.drop(torch.cat([overall, attended, functional.gelu(self.g(given))], -1))
        return phone, word, self.out(functional.gelu(self.ut(joint))) + self.lin(given)


def fit(examples: list[Example], mean: Floats, scale: Floats, seed: int) -> list[tuple[str, Floats]]:
    """Fit a net and return its arrays by name; `mean` and `scale` (4,) standardise the ratings."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    rng = np.random.default_rng(seed)
    net = PhoneNet(examples[0].rows.shape[1], len(examples[0].context))
    steps = EPOCHS * -(-len(examples) // BATCH)
    optimiser = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps, pct_start=0.15)
    centre, spread = torch.from_numpy(mean), torch.from_numpy(scale)
    for _ in range(EPOCHS):
        order = rng.permutation(len(examples))
        for start in range(0, len(order), BATCH):
            batch = collate([examples[index] for index in order[start : start + BATCH]])
            batch.rows.add_(NOISE * torch.randn_like(batch.rows))
            loss = _loss(net(batch), batch, centre, spread)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 2.0)
            optimiser.step()
            schedule.step()
    return [(name, value.numpy()) for name, value in net.state_dict().items()]


def _loss(
    found: tuple[torch.Tensor, torch.Tensor, torch.Tensor],
    batch: Batch,
    centre: torch.Tensor,
    spread: torch.Tensor,
) -> torch.Tensor:
    """Huber and correlation losses for the utterance, squared error for rated phones and words."""
    phone, word, utterance = found
    target = (batch.ratings - centre) / spread
    weight = torch.where(batch.ratings[:, :1] <= LOW_RATING, LOW_WEIGHT, 1.0)
    huber = (
        (functional.smooth_l1_loss(utterance, target, beta=0.7, reduction="none") * weight).sum()
        / weight.sum()
        / 4
    )
    left = (utterance - (weight * utterance).sum(0) / weight.sum()) * weight.sqrt()
    right = (target - (weight * target).sum(0) / weight.sum()) * weight.sqrt()
    correlation = ((left * right).sum(0) / (left.norm(dim=0) * right.norm(dim=0) + 1e-6)).mean()
    loss = 2 * huber + 0.5 * (1 - correlation)
    rated = ~torch.isnan(batch.phone_ratings)
    if rated.any():
        loss = loss + functional.mse_loss(phone[rated], (batch.phone_ratings[rated] - 1.8) / 0.45)
    rated = ~torch.isnan(batch.word_ratings)
    if rated.any():
        loss = loss + 0.3 * functional.mse_loss(word[rated], (batch.word_ratings[rated] - 9.4) / 1.6)
    return loss


def collate(examples: list[Example]) -> Batch:
    """Pad examples to one batch; padding of ratings is NaN."""
    size, length = len(examples), max(len(item.ids) for item in examples)
    words = max(len(item.word_ratings) for item in examples)
    rows = torch.zeros(size, length, examples[0].rows.shape[1])
    ids, word = (torch.zeros(size, length, dtype=torch.long) for _ in range(2))
    mask = torch.zeros(size, length, dtype=torch.bool)
    phone_ratings, word_ratings = torch.full((size, length), torch.nan), torch.full((size, words), torch.nan)
    for index, item in enumerate(examples):
        n = len(item.ids)
        rows[index, :n], ids[index, :n] = torch.from_numpy(item.rows), torch.from_numpy(item.ids)
        word[index, :n], mask[index, :n] = torch.from_numpy(item.word), True
        phone_ratings[index, :n] = torch.from_numpy(item.phone_ratings)
        word_ratings[index, : len(item.word_ratings)] = torch.from_numpy(item.word_ratings)
    context, ratings = (
        np.stack([getattr(item, name) for item in examples]) for name in ("context", "ratings")
    )
    return Batch(
        rows,
        ids,
        mask,
        word,
        torch.from_numpy(context),
        torch.from_numpy(ratings),
        phone_ratings,
        word_ratings,
    )
