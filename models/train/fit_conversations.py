"""Conversation level: fit memory and risk on whole conversations, rewarding being right early.

Each conversation is a sequence of gists, cue probabilities and contexts of the frozen
message level. The loss has three parts:

* each contact message: cross entropy against "has the onset been reached" for the label's kind
  (other kinds of a risky chat count little: a coercive chat may well be a lure too);
* the highest risk of an ordinary chat is pushed down, and, more gently, that of a risky chat before
  its onset (where the onset lies is a matter of judgement);
* the highest risk from onset to two messages later, and from onset to harm, is pulled up: the same
  windows in which the metrics `early_recall` and `recall_before_harm` look.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from models.train.net import ConversationNet
from models.train.shape import CUES, EVIDENCE, RISKS, STATE, NetSizes

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """One conversation: ``start`` and ``length`` in the message arrays, ``risk`` index or -1,
    ``onset`` and ``harm`` message indices or -1."""

    start: int
    length: int
    risk: int
    onset: int
    harm: int
    weight: float = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class ConversationData:
    """``gist`` ``(n, 24)``, ``cues`` ``(n, 23)`` (the evidence last) and ``context`` ``(n, 32)`` of
    all messages, and the conversations that they make up."""

    gist: npt.NDArray[np.float32]
    cues: npt.NDArray[np.float32]
    context: npt.NDArray[np.float32]
    items: Sequence[Span]


@dataclass(frozen=True, kw_only=True, slots=True)
class ConversationRecipe:
    """How to train.

    ``longest``: messages of a conversation that one step sees. ``quiet``, ``early``: weights of the
    parts of the loss. ``drop``: dropout before the risk head. ``gist_drop``: share of conversations
    whose gists are hidden. ``decay``: weight decay. ``before``: how much a risky chat's time before
    the onset counts against an ordinary chat. ``average``: memory of the running mean of the
    weights, which is what comes out (Polyak and Juditsky 1992).
    """

    epochs: int = 14
    batch: int = 96
    rate: float = 5e-3
    longest: int = 64
    quiet: float = 1.0
    early: float = 1.0
    drop: float = 0.5
    gist_drop: float = 0.0
    decay: float = 1e-3
    before: float = 0.2
    average: float = 0.998


def fit_conversations(
    data: ConversationData, sizes: NetSizes, recipe: ConversationRecipe, seed: int
) -> ConversationNet:
    """Train the conversation level on frozen message-level outputs."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    net = ConversationNet(sizes)
    net.drop.p = recipe.drop
    optimiser = torch.optim.AdamW(net.parameters(), lr=recipe.rate, weight_decay=recipe.decay)
    count = -(-len(data.items) // recipe.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, recipe.rate, total_steps=recipe.epochs * count + 1
    )
    running = get_ema_multi_avg_fn(recipe.average)  # type: ignore[no-untyped-call]
    mean = AveragedModel(net, multi_avg_fn=running)
    lengths = np.asarray([item.length for item in data.items])
    for epoch in range(recipe.epochs):
        order = np.lexsort((rng.random(len(lengths)), lengths + rng.integers(0, 6, len(lengths))))
        cut = [order[i : i + recipe.batch] for i in range(0, len(order), recipe.batch)]
        rng.shuffle(cut)  # type: ignore[arg-type]
        total = 0.0
        for picked in cut:
            batch = _gather(data, picked, recipe.longest, rng)
            batch.gist.mul_((torch.rand(len(picked), 1, 1) >= recipe.gist_drop).float())
            loss = _loss(_unroll(net, batch), batch, recipe)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            mean.update_parameters(net)
            total += loss.item() * len(picked)
        if epoch % 5 == 4 or epoch == 0:
            log.info("conversations, epoch %d: loss %.4f", epoch + 1, total / len(lengths))
    averaged: ConversationNet = mean.module.eval()  # type: ignore[assignment]
    return averaged


@dataclass(frozen=True, kw_only=True, slots=True)
class _Batch:
    """Tensors ``(b, t, ...)``; ``phase`` 0 before onset or benign, 1 onset to harm, 2 after."""

    gist: Tensor
    cues: Tensor
    context: Tensor
    valid: Tensor  # (b, t): a contact message that exists
    phase: Tensor  # (b, t)
    early: Tensor  # (b, t): onset to two messages later, up to the harm
    risk: Tensor  # (b,), -1 benign
    weight: Tensor  # (b,)


def _gather(
    data: ConversationData, picked: npt.NDArray[np.int64], longest: int, rng: np.random.Generator
) -> _Batch:
    items = [data.items[i] for i in picked]
    steps = min(longest, max(item.length for item in items))
    index = np.zeros((len(items), steps), dtype=np.int64)
    exists = np.zeros((len(items), steps), dtype=bool)
    phase = np.zeros((len(items), steps), dtype=np.int64)
    early = np.zeros((len(items), steps), dtype=bool)
    for row, item in enumerate(items):
        offset = _offset(item, steps, rng)
        size = min(item.length - offset, steps)
        index[row, :size] = item.start + offset + np.arange(size)
        exists[row, :size] = True
        if item.risk >= 0:
            at = offset + np.arange(size)
            phase[row, :size] = (at >= item.onset).astype(int) + (at > item.harm)
            early[row, :size] = (at >= item.onset) & (at <= min(item.onset + 2, item.harm))
    context = data.context[index]
    return _Batch(
        gist=torch.from_numpy(data.gist[index]),
        cues=torch.from_numpy(data.cues[index]),
        context=torch.from_numpy(context),
        valid=torch.from_numpy(exists & (context[:, :, 0] > 0)),
        phase=torch.from_numpy(phase),
        early=torch.from_numpy(early),
        risk=torch.tensor([item.risk for item in items]),
        weight=torch.tensor([item.weight for item in items]),
    )


def _offset(item: Span, steps: int, rng: np.random.Generator) -> int:
    """Where a long conversation's stretch starts: anywhere, but early enough to hold the harm."""
    room = item.length - steps
    if room <= 0:
        return 0
    low, high = 0, room
    if item.risk >= 0:
        low = min(max(0, item.harm + 4 - steps), room)
        high = min(room, item.onset)
    return int(rng.integers(min(low, high), max(low, high) + 1))


def _unroll(net: ConversationNet, batch: _Batch) -> Tensor:
    """Risk logits (b, t, 4)."""
    cues, other, evidence = torch.split(batch.cues, [CUES, 1, EVIDENCE], dim=2)
    return net.unroll(batch.gist, cues, other, evidence, batch.context)


def _loss(logits: Tensor, batch: _Batch, recipe: ConversationRecipe) -> Tensor:
    kind = torch.nn.functional.one_hot(batch.risk.clamp(min=0), RISKS).float()
    kind = kind * (batch.risk >= 0)[:, None]
    reached = (batch.phase > 0).float()[:, :, None]
    target = kind[:, None, :] * reached
    weight = batch.valid.float()[:, :, None] * torch.ones_like(logits)
    weight = weight * (1 - 0.8 * reached * (1 - kind[:, None, :]))
    weight = weight * torch.where(batch.phase > 1, 0.3, 1.0)[:, :, None]
    risky = (batch.risk >= 0).float()
    unclear = risky[:, None] * (batch.phase == 0).float()
    weight = weight * (1 - (1 - recipe.before) * unclear)[:, :, None]
    plain = torch.nn.functional.binary_cross_entropy_with_logits(
        logits, target, weight=weight, reduction="none"
    ).sum(dim=(1, 2)) / weight.sum(dim=(1, 2)).clamp(min=1.0)
    low = torch.full_like(logits, -30.0)
    before = (batch.valid & (batch.phase == 0))[:, :, None]
    highest = torch.where(before, logits, low).amax(dim=1)
    quiet = torch.nn.functional.softplus(highest).sum(dim=1)
    quiet = quiet * (1 - (1 - recipe.before) * risky)
    own = (logits * kind[:, None, :]).sum(dim=2)
    floor = torch.full_like(own, -30.0)
    in_time = torch.where(batch.valid & (batch.phase == 1), own, floor).amax(dim=1)
    soon = torch.where(batch.valid & batch.early, own, floor).amax(dim=1)
    wake = torch.nn.functional.softplus(-in_time) + torch.nn.functional.softplus(-soon)
    each = 4.0 * plain + recipe.quiet * quiet + recipe.early * risky * wake
    return (each * batch.weight).mean()


@torch.no_grad()
def score(net: ConversationNet, data: ConversationData) -> npt.NDArray[np.float32]:
    """Risk logits of every message, ``(n, 4)``, each conversation from a fresh state."""
    out = np.full((len(data.gist), RISKS), -30.0, dtype=np.float32)
    order = sorted(range(len(data.items)), key=lambda i: data.items[i].length)
    for start in range(0, len(order), 256):
        items = [data.items[i] for i in order[start : start + 256]]
        state = torch.zeros(len(items), STATE)
        for t in range(max(item.length for item in items)):
            live = [i for i, item in enumerate(items) if item.length > t]
            at = np.asarray([items[i].start + t for i in live])
            cues = torch.from_numpy(data.cues[at])
            logits, state[live] = net.step(
                torch.from_numpy(data.gist[at]),
                cues[:, :CUES],
                cues[:, CUES : CUES + 1],
                cues[:, CUES + 1 :],
                torch.from_numpy(data.context[at]),
                state[live],
            )
            out[at] = logits.numpy()
    return out
