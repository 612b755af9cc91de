"""Message level: fit the encoder and the cue heads, with the teacher's help.

Loss: weighted binary cross entropy of the cues and of "another language", plus the squared distance
between the student's projection and the teacher's vector of the clean text. The variant's spelling
differs from the teacher's text, so the student learns that spelling is not meaning.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from models.train.net import MessageNet
from models.train.reader import Rows, pad
from models.train.shape import EVIDENCE, GIST, NetSizes

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageData:
    """Examples, all in the same order.

    Attributes:
        rows: int32 ``(w,)`` each, rows of the reader's table.
        context: float32 ``(n, 32)``.
        targets: float32 ``(n, 18)``, the cues, then "another language"; NaN where doubtful.
        evidence: float32 ``(n, 5)``, NaN where it cannot be said.
        clean: ``(n,)``, row of the clean text in ``teacher``, or -1.
        teacher: float16 ``(m, axes)``.
    """

    rows: Sequence[Rows]
    context: npt.NDArray[np.float32]
    targets: npt.NDArray[np.float32]
    evidence: npt.NDArray[np.float32]
    clean: npt.NDArray[np.int64]
    teacher: npt.NDArray[np.float16]


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageRecipe:
    """How to train.

    ``positive``: weight of a positive label of a frequent cue; a rare cue's weighs up to five times
    as much. ``teacher``: weight of the teacher's part. ``word_drop``: share of words left out.
    """

    epochs: int = 5
    batch: int = 256
    rate: float = 2e-3
    positive: float = 2.0
    teacher: float = 1.0
    word_drop: float = 0.1


def batches(
    rows: Sequence[Rows], size: int, rng: np.random.Generator
) -> list[npt.NDArray[np.int64]]:
    """Shuffled batches of examples alike in length."""
    lengths = np.asarray([len(item) for item in rows])
    order = np.lexsort((rng.random(len(rows)), lengths + rng.integers(0, 4, len(rows))))
    cut = [order[i : i + size] for i in range(0, len(order), size)]
    rng.shuffle(cut)  # type: ignore[arg-type]
    return cut


def fit_messages(
    data: MessageData,
    table: npt.NDArray[np.float32],
    sizes: NetSizes,
    recipe: MessageRecipe,
    seed: int,
) -> MessageNet:
    """Train; ``table`` is the reader's embedding table, which stays as it is."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    net = MessageNet(sizes, data.teacher.shape[1])
    vectors = torch.from_numpy(table)
    optimiser = torch.optim.AdamW(net.parameters(), lr=recipe.rate, weight_decay=1e-3)
    steps = recipe.epochs * (-(-len(data.rows) // recipe.batch))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.rate, total_steps=steps + 1)
    weight = torch.from_numpy(recipe.positive * _rarity(data.targets))
    for epoch in range(recipe.epochs):
        sums = np.zeros(2)
        for picked in batches(data.rows, recipe.batch, rng):
            cue_loss, teacher_loss = _losses(net, data, vectors, picked, weight, recipe.word_drop)
            loss = cue_loss + recipe.teacher * teacher_loss
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            sums += len(picked) * np.array([cue_loss.item(), teacher_loss.item()])
        mean = sums / len(data.rows)
        log.info("messages, epoch %d: cues %.4f, teacher %.4f", epoch + 1, *mean)
    return net.eval()


def _rarity(targets: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """1..5 for each cue: the square root of how much rarer than 3 in 100 it is."""
    share = np.nan_to_num(targets).mean(axis=0).clip(1e-6)
    return np.clip(np.sqrt(0.03 / share), 1.0, 5.0).astype(np.float32)


def _losses(
    net: MessageNet,
    data: MessageData,
    vectors: Tensor,
    picked: npt.NDArray[np.int64],
    positive: Tensor,
    word_drop: float,
) -> tuple[Tensor, Tensor]:
    rows, mask = pad([data.rows[i] for i in picked])
    context = torch.from_numpy(data.context[picked])
    targets = torch.from_numpy(data.targets[picked])
    words = vectors[torch.from_numpy(rows)]
    kept = torch.rand(mask.shape) >= word_drop
    logits, projected = net(words * kept[:, :, None], torch.from_numpy(mask), context)
    marked = (~targets.isnan()).float()
    targets = targets.nan_to_num()
    weight = (1.0 + (positive - 1.0) * targets) * marked
    cue_loss = (
        torch.nn.functional.binary_cross_entropy_with_logits(
            logits[:, :-EVIDENCE], targets, weight=weight, reduction="none"
        )
        .sum(dim=1)
        .mean()
    )
    evidence = torch.from_numpy(data.evidence[picked])
    said = (~evidence.isnan()).float()
    cue_loss = (
        cue_loss
        + torch.nn.functional.binary_cross_entropy_with_logits(
            logits[:, -EVIDENCE:], evidence.nan_to_num(), weight=said, reduction="none"
        )
        .sum(dim=1)
        .mean()
    )
    clean = data.clean[picked]
    wanted = torch.from_numpy(data.teacher[np.maximum(clean, 0)].astype(np.float32))
    distance = (projected - wanted).square().mean(dim=1)
    has = torch.from_numpy((clean >= 0).astype(np.float32))
    return cue_loss, (distance * has).sum() / has.sum().clamp(min=1.0)


@torch.no_grad()
def encode(
    net: MessageNet,
    rows: Sequence[Rows],
    context: npt.NDArray[np.float32],
    table: npt.NDArray[np.float32],
    batch: int = 1024,
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Gists ``(n, 24)``; cue probabilities, then the evidence as log odds, ``(n, 23)``."""
    vectors = torch.from_numpy(table)
    order = np.argsort([len(item) for item in rows], kind="stable")
    gists: list[npt.NDArray[np.float32]] = []
    cues: list[npt.NDArray[np.float32]] = []
    for start in range(0, len(order), batch):
        picked = order[start : start + batch]
        ids, mask = pad([rows[i] for i in picked])
        logits, projected = net(
            vectors[torch.from_numpy(ids)],
            torch.from_numpy(mask),
            torch.from_numpy(context[picked]),
        )
        gists.append(projected[:, :GIST].numpy())
        shown = torch.sigmoid(logits[:, :-EVIDENCE])
        cues.append(torch.cat([shown, logits[:, -EVIDENCE:]], dim=1).numpy())
    back = np.argsort(order, kind="stable")
    return np.concatenate(gists)[back], np.concatenate(cues)[back]


def teacher_axes(vectors: npt.NDArray[np.float32], width: int) -> npt.NDArray[np.float16]:
    """The teacher's vectors on their main axes: float16 ``(n, width)``.

    Axes fall off with the square root of their spread and the first has unit variance, so that the
    squared distance looks first at what tells messages apart most.
    """
    centred = vectors - vectors.mean(axis=0)
    _, spread, axes = np.linalg.svd(centred[:: max(1, len(centred) // 20_000)], full_matrices=False)
    turned = centred @ axes[:width].T / np.sqrt(spread[:width] / spread[0])
    return np.asarray(turned / turned[:, 0].std(), dtype=np.float16)
