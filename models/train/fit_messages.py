"""Message level: fit the encoder and the cue heads, with the teacher's help.

Loss: weighted binary cross entropy of the cues and of "another language", plus the cosine distance
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

from models.train.net import MessageNet, NetSizes
from models.train.reader import Rows, pad

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageData:
    """Examples: ``rows`` a list of int32 ``(w,)``, ``context`` ``(n, 32)``, ``targets`` ``(n, 18)``,
    ``clean`` ``(n,)`` index into ``teacher`` ``(m, 384)`` or -1, all in the same order."""

    rows: Sequence[Rows]
    context: npt.NDArray[np.float32]
    targets: npt.NDArray[np.float32]
    clean: npt.NDArray[np.int64]
    teacher: npt.NDArray[np.float16]


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageRecipe:
    """Epochs, batch size, peak learning rate, weight of a positive label and of the teacher."""

    epochs: int = 8
    batch: int = 256
    rate: float = 2e-3
    positive: float = 2.0
    teacher: float = 2.0


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
    for epoch in range(recipe.epochs):
        sums = np.zeros(2)
        for picked in batches(data.rows, recipe.batch, rng):
            cue_loss, teacher_loss = _losses(net, data, vectors, picked, recipe)
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


def _losses(
    net: MessageNet,
    data: MessageData,
    vectors: Tensor,
    picked: npt.NDArray[np.int64],
    recipe: MessageRecipe,
) -> tuple[Tensor, Tensor]:
    rows, mask = pad([data.rows[i] for i in picked])
    context = torch.from_numpy(data.context[picked])
    targets = torch.from_numpy(data.targets[picked])
    logits, projected = net(vectors[torch.from_numpy(rows)], torch.from_numpy(mask), context)
    weight = 1.0 + (recipe.positive - 1.0) * targets
    cue_loss = torch.nn.functional.binary_cross_entropy_with_logits(
        logits, targets, weight=weight, reduction="none"
    ).sum(dim=1).mean()
    clean = data.clean[picked]
    wanted = torch.from_numpy(data.teacher[np.maximum(clean, 0)].astype(np.float32))
    distance = 1.0 - torch.nn.functional.cosine_similarity(projected, wanted)
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
    """Message vectors ``(n, message)`` and cue probabilities ``(n, 18)``."""
    vectors = torch.from_numpy(table)
    order = np.argsort([len(item) for item in rows], kind="stable")
    messages: list[npt.NDArray[np.float32]] = []
    cues: list[npt.NDArray[np.float32]] = []
    for start in range(0, len(order), batch):
        picked = order[start : start + batch]
        ids, mask = pad([rows[i] for i in picked])
        message = net.encoder(vectors[torch.from_numpy(ids)], torch.from_numpy(mask))
        logits = net.cues(message, torch.from_numpy(context[picked]))
        messages.append(message.numpy())
        cues.append(torch.sigmoid(logits).numpy())
    back = np.argsort(order, kind="stable")
    return np.concatenate(messages)[back], np.concatenate(cues)[back]
