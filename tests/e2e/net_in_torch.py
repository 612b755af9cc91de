"""A script, run where torch is: random nets read a conversation, and all that went in and came out
is written to a file, for `test_training_line.py` to compare the graph with."""

from __future__ import annotations

import sys
from dataclasses import fields
from typing import Any

import numpy as np
import torch

from models.train.lexicon import LexiconSizes, build_lexicon
from models.train.net import ConversationNet, MessageNet
from models.train.reader import WordReader, pad
from models.train.shape import CONTEXT, CUES, EVIDENCE, GIST, STATE, NetSizes

WORDS = [
    "can", "you", "keep", "a", "secret", "hello", "hey", "mum", "dont", "tell", "photo", "okay",
    "see", "i", "am", "so", "?", "!", "😂", "13", "room",
]  # fmt: skip
KNOWN = [
    "hello hey?",
    "can you keep a secret",
    "",
    "okay 😂 so i am",
    "s3cret room 13!",
    "dont tell",
]
STRANGE = ["heloo ther", "cann u kep a secrett", "wierd wurd", "tell ur mumm", "qzx", "hey"]
SIZES = NetSizes(width=12, filters=20, message=16, cue_hidden=14, risk_hidden=10)
SEED = 3


@torch.no_grad()
def converse(texts: list[str], reader: WordReader, nets: tuple[MessageNet, ConversationNet]) -> Any:
    """Contexts ``(m, 32)``, cues ``(m, 18)``, risk ``(m, 4)`` and next states ``(m, 57)``."""
    rng = np.random.default_rng(SEED)
    context = rng.uniform(-1, 1, (len(texts), CONTEXT)).astype(np.float32)
    context[:, 0] = [1, 1, -1, 1, 1, -1]
    rows = reader.read(texts)
    table = torch.from_numpy(reader.table())
    state = torch.zeros(1, STATE)
    found: list[list[Any]] = [[], [], []]
    for i in range(len(texts)):
        ids, mask = pad(rows[i : i + 1])
        around = torch.from_numpy(context[i : i + 1])
        logits, projected = nets[0](table[torch.from_numpy(ids)], torch.from_numpy(mask), around)
        cues, evidence = torch.sigmoid(logits[:, : CUES + 1]), logits[:, CUES + 1 :]
        risk, state = nets[1].step(
            projected[:, :GIST], cues[:, :CUES], cues[:, CUES:], evidence, around, state
        )
        for column, value in zip(found, (cues, torch.sigmoid(risk), state), strict=True):
            column.append(value[0].numpy())
    return context, *(np.stack(column) for column in found)


@torch.no_grad()
def unrolled(net: ConversationNet) -> dict[str, Any]:
    """Risk of random conversations, message by message and all at once: ``(b, t, 4)`` each."""
    b, t = 5, 7
    gist, context = torch.randn(b, t, GIST), torch.randn(b, t, CONTEXT)
    cues, other = torch.rand(b, t, CUES), torch.rand(b, t, 1)
    evidence = 6 * torch.randn(b, t, EVIDENCE)
    state, rows = torch.zeros(b, STATE), []
    for at in range(t):
        risk, state = net.step(
            gist[:, at], cues[:, at], other[:, at], evidence[:, at], context[:, at], state
        )
        rows.append(risk)
    at_once = net.unroll(gist, cues, other, evidence, context)
    return {"unroll.steps": torch.stack(rows, dim=1).numpy(), "unroll.at_once": at_once.numpy()}


@torch.no_grad()
def halved(net: MessageNet) -> None:
    """Round the matrices that the graph stores in half precision."""
    for name, value in net.named_parameters():
        if name.endswith("weight"):
            value.copy_(value.half().float())


def main(path: str) -> None:
    """Write the file."""
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    vectors = np.random.default_rng(SEED).normal(size=(len(WORDS), 40)).astype(np.float32)
    sizes = LexiconSizes(words=len(WORDS), slots=29, buckets=97, width=SIZES.width)
    lexicon = build_lexicon(WORDS, vectors, np.zeros(len(WORDS), dtype=bool), sizes, SEED)
    nets = MessageNet(SIZES, 32).eval(), ConversationNet(SIZES).eval()
    for each in (nets[1].gain, nets[1].drift):
        torch.nn.init.normal_(each, std=0.3)  # they start at 0, which would hide a mistake
    halved(nets[0])
    reader = WordReader(lexicon)
    made = {f"lexicon.{item.name}": getattr(lexicon, item.name) for item in fields(lexicon)}
    for net in nets:
        made |= {f"net.{name}": value.numpy() for name, value in net.state_dict().items()}
    for name, texts in (("known", KNOWN), ("strange", STRANGE)):
        made[f"{name}.texts"] = np.asarray(texts)
        columns = zip(
            ("context", "cues", "risk", "state"), converse(texts, reader, nets), strict=True
        )
        made |= {f"{name}.{column}": value for column, value in columns}
    np.savez(path, **made, **unrolled(nets[1]))


if __name__ == "__main__":
    main(sys.argv[1])
