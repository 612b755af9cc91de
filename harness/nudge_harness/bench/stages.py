"""The receive path in its parts: where each microsecond, and each instruction, goes.

What a host calls is `Client.receive`. It is run whole, and each of its parts by itself over what
the part before it would have handed on: so the parts need not add up to the whole, and the
difference is shown as what it is, the calls between them. ``no-op`` is the floor: the identity
graph of `noop` through onnxruntime's Python class, as any program would call it.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from time import perf_counter_ns
from typing import Final

from nudge_harness.bench.loops import CHAT, CONTACT, WARM_UP, noop_call
from nudge_harness.bench.noop import noop_graph
from nudge_harness.model import BundleChoice
from nudge_sdk import Client, Message, Profile, _context
from nudge_sdk._onnx import SingleModel
from nudge_sdk._turns import Turns
from nudge_sdk.bundle import MODEL
from nudge_sdk.engine import Engine, Request
from nudge_sdk.policy import shipped_policy
from nudge_sdk.state import UserLedger
from nudge_sdk.store import MemoryStore

PARTS: Final = ("message", "row names", "prepare", "graph", "conclude", "store")
"""In the order in which a message meets them."""

ABOUT: Final[Mapping[str, str]] = {
    "no-op": "an identity graph with the same inputs",
    "receive": "Client.receive as a host calls it, memory in the process",
    "message": "a Message is made of the text and checked",
    "row names": "conversation and sender hashed under the store's salt",
    "prepare": "code points, context, repeated ids (Engine.prepare)",
    "graph": "the graph, its call and its three outputs",
    "conclude": "outputs checked, policy, next state (Engine.conclude)",
    "store": "a snapshot read, the next memory swapped in",
    "between": "the client's own calls: the whole, less its parts",
}


def turns_of(choice: BundleChoice) -> Turns:
    """What a client is wired from, as `Client.open` does, with a clock that stands still."""
    bundle = choice.verified(MODEL)
    return Turns(
        engine=Engine(bundle.spec, shipped_policy()),
        model=SingleModel(bundle.files[MODEL], bundle.spec),
        store=MemoryStore(),
        band="13_15",
        clock=lambda: 1.8e9,
        switch="full",
    )


def stages(choice: BundleChoice, texts: Sequence[str]) -> dict[str, Callable[[int], object]]:
    """``no-op``, ``receive``, and each of `PARTS`, ready to be called with a number.

    Args:
        choice: the bundle.
        texts: another one is taken at each call.
    """
    turns = turns_of(choice)
    engine, model, store = turns.engine, turns.model, turns.store
    client = Client(Profile(age=13), choice.verified().without_files(), turns)
    size = engine.spec.state_size
    messages = [Message(text) for text in texts]
    state, ledger = engine.fresh_state(), UserLedger()

    def prepare(number: int) -> Request:
        made = engine.prepare(
            messages[number % len(messages)],
            contact=CONTACT,
            state=state,
            ledger=ledger,
            now=1.8e9,
            band="13_15",
            salt=store.salt,
        )
        if not isinstance(made, Request):
            raise TypeError("a message without an id is never a repeat")
        return made

    requests = [prepare(number) for number in range(len(messages))]
    outputs = [model.run(request) for request in requests]
    row = turns.slot("a chat of its own", CONTACT.id)

    def remember(_: int) -> bool:
        before = store.read([row])
        return store.swap(before, [state], before.ledger, heard=True)

    count = len(texts)
    return {
        "no-op": noop_call(noop_graph(_context.SIZE, size), size),
        "receive": lambda i: client.receive(f"chat {i // CHAT}", texts[i % count], CONTACT),
        "message": lambda i: Message(texts[i % count]),
        "row names": lambda i: turns.slot(f"chat {i // CHAT}", CONTACT.id),
        "prepare": prepare,
        "graph": lambda i: model.run(requests[i % count]),
        "conclude": lambda i: engine.conclude(requests[i % count], outputs[i % count]),
        "store": remember,
    }


def longest(texts: Sequence[str], cap: int) -> list[str]:
    """Texts of exactly ``cap`` code points, made of the given ones."""
    whole = " ".join(texts)
    whole *= 1 + 2 * cap // len(whole)
    steps = range(min(len(texts), len(whole) - cap))
    return [whole[start : start + cap] for start in steps]


def staged(choice: BundleChoice, texts: Sequence[str], calls: int) -> dict[str, float]:
    """Median microseconds of each stage, called in turn."""
    made = stages(choice, texts)
    times: dict[str, list[int]] = {name: [] for name in made}
    warm = min(WARM_UP, calls)
    for i in range(warm + calls):
        for name, call in made.items():
            begin = perf_counter_ns()
            call(i)
            taken = perf_counter_ns() - begin
            if i >= warm:
                times[name].append(taken)
    return {name: round(statistics.median(own) / 1_000, 2) for name, own in times.items()}
