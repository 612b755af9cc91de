"""Timed loops: the receive path, the batched graph and the no-op call, in turn in one process."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from time import perf_counter_ns
from typing import Final

import numpy as np
import onnxruntime

from nudge_harness.generate.split import shipped
from nudge_harness.model import BundleChoice, Opened
from nudge_sdk import Client, Contact, Message, Profile, _context
from nudge_sdk.bundle import RELEASE_KEYS
from nudge_sdk.engine import Engine, Request, Step
from nudge_sdk.sealed.layout import sealed_size
from nudge_sdk.state import UserLedger

LENGTH: Final = 60  # code points of a message
WARM_UP: Final = 200  # calls before anything counts
CHAT: Final = 50  # messages of a conversation in the timed loop
LATE: Final = 10_000  # the message whose cost is compared
EARLY: Final = 10  # with this one's
ROUNDS: Final = 200  # of that comparison
BATCH: Final = 512  # messages in one call of the batched graph
CONTACT: Final = Contact(id="contact", relationship="stranger", days_known=0)

Call = Callable[[int], object]
"""Does call number ``i``."""


def texts_of(count: int) -> list[str]:
    """Different texts of exactly 60 code points, from the ordinary phrases of the test side."""
    side = shipped("test")
    phrases = [x.text for x in side.phrases if x.heading == "ordinary" and "{" not in x.text]
    words = " ".join(phrases).split(" ")
    rng = np.random.default_rng(0)
    starts = rng.integers(0, len(words), count)
    return [" ".join((words[i:] + words)[:LENGTH])[:LENGTH].ljust(LENGTH, ".") for i in starts]


def client_of(choice: BundleChoice) -> Client:
    """A host's client, with memory in this process."""
    keys = RELEASE_KEYS if choice.key is None else (choice.key,)
    return Client.open(Profile(age=13), bundle=choice.folder, pinned_keys=keys)


def receiver(client: Client, texts: Sequence[str]) -> Call:
    """The receive path over other texts, a new chat every 50 messages."""
    return lambda i: client.receive(f"chat {i // CHAT}", texts[i % len(texts)], CONTACT)


def noop_call(graph: bytes, state: int) -> Call:
    """A call of the no-op graph with 60 code points. ``state``: floats in the state."""
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = settings.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(graph, settings, providers=["CPUExecutionProvider"])
    feeds = {
        "codepoints": np.zeros(LENGTH, dtype=np.int32),
        "context": np.zeros(_context.SIZE, dtype=np.float32),
        "state": np.zeros(state, dtype=np.float32),
    }
    return lambda _: session.run(None, feeds)


def in_turn(one: Call, other: Call, calls: int) -> tuple[list[int], list[int]]:
    """Nanoseconds of each call of two functions, called in turn."""
    for i in range(min(WARM_UP, calls)):
        one(i)
        other(i)
    first, second = [], []
    for i in range(calls):
        begin = perf_counter_ns()
        one(i)
        middle = perf_counter_ns()
        other(i)
        second.append(perf_counter_ns() - middle)
        first.append(middle - begin)
    return first, second


def batched(ready: Opened, texts: Sequence[str]) -> Call:
    """One call of the batched graph with other texts each time; requests are made beforehand."""
    made = (_request(ready.engine, text) for text in texts)
    requests = [request for request in made if isinstance(request, Request)]
    batches = [
        [requests[(at + i) % len(requests)] for i in range(BATCH)]
        for at in range(0, len(requests), BATCH)
    ]
    return lambda i: ready.model.run(batches[i % len(batches)])


def _request(engine: Engine, text: str) -> Request | Step:
    return engine.prepare(
        Message(text),
        contact=CONTACT,
        state=engine.fresh_state(),
        ledger=UserLedger(),
        now=0.0,
        band="13_15",
    )


def growth(choice: BundleChoice, texts: Sequence[str]) -> float:
    """Cost of message 10,000 of a conversation over message 10, taken in turn."""
    client = client_of(choice)
    hear = receiver(client, texts)
    for i in range(LATE):
        client.receive("long", texts[i % len(texts)], CONTACT)
    early, late = [], []
    for i in range(ROUNDS):
        for j in range(EARLY - 1):
            hear(CHAT * (i + 1) + j)
        text = texts[i % len(texts)]
        begin = perf_counter_ns()
        client.receive(f"chat {i + 1}", text, CONTACT)
        middle = perf_counter_ns()
        client.receive("long", text, CONTACT)
        late.append(perf_counter_ns() - middle)
        early.append(middle - begin)
    return ratio(late, early)


def state_bytes(ready: Opened, texts: Sequence[str]) -> int:
    """Bytes of one conversation's state with a full ring of message ids, sealed."""
    state, ledger = ready.engine.fresh_state(), UserLedger()
    for i, text in enumerate(texts[:CHAT]):
        request = ready.engine.prepare(
            Message(text, id=str(i)),
            contact=CONTACT,
            state=state,
            ledger=ledger,
            now=60.0 * i,
            band="13_15",
        )
        if isinstance(request, Request):
            (outputs,) = ready.model.run([request])
            step = ready.engine.conclude(request, outputs)
            state, ledger = step.state, step.ledger
    return sealed_size(state)


def spread(calls: Sequence[int]) -> float:
    """The 99th percentile over the median."""
    return float(np.percentile(calls, 99) / np.median(calls))


def ratio(one: Sequence[int], other: Sequence[int]) -> float:
    """Ratio of medians."""
    return round(statistics.median(one) / statistics.median(other), 3)
