"""What is counted in valgrind: each stage by itself, then message 10 and message 10,000 of a chat.

Run by `children` as ``valgrind --tool=callgrind --instr-atstart=no python counted.py OPTIONS``;
what was counted stands in callgrind's files, each under its name (`marks`). Every stage is called
as often as an empty function, whose count is taken off.

In valgrind a call of the graph takes a hundredth of a second, and 10,000 of them some minutes. The
graph has no memory but the state that goes in, so the messages that only lengthen the long chat are
heard with outputs that the graph gave for the same texts before; the counted ones run it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from nudge_harness.bench.loops import CHAT, CONTACT, EARLY, LATE, client_of
from nudge_harness.bench.marks import Marks
from nudge_harness.bench.stages import longest, stages, turns_of
from nudge_harness.model import BundleChoice
from nudge_sdk import Client, Profile
from nudge_sdk._turns import Model
from nudge_sdk.engine import Output, Request

EMPTY = "empty"
EARLY_NAME, LATE_NAME, CAP_NAME = "early", "late", "at the cap"
TIMES = 50  # calls of each stage that are counted
WARM = 10  # before them, uncounted


def main(arguments: list[str]) -> None:
    """Count; ``arguments``: a JSON object with ``bundle``, ``key`` and the file ``texts``."""
    options = json.loads(arguments[0])
    choice = BundleChoice(
        folder=Path(options["bundle"]) if options["bundle"] else None,
        key=bytes.fromhex(options["key"]) if options["key"] else None,
    )
    texts = json.loads(Path(options["texts"]).read_text(encoding="utf-8"))
    marks = Marks()
    calls = stages(choice, texts)
    long = longest(texts, choice.verified().spec.cap)
    client = client_of(choice)
    calls[CAP_NAME] = lambda i: client.receive(f"c {i // CHAT}", long[i % len(long)], CONTACT)
    for name, call in ({EMPTY: lambda _: None} | calls).items():
        for i in range(WARM):
            call(i)
        marks.start()
        for i in range(WARM, WARM + TIMES):
            call(i)
        marks.stop(name)
    _growth(choice, texts, marks)


class Replayed:
    """Gives what the graph gave the first time that it read the same words."""

    def __init__(self, graph: Model) -> None:
        self._graph = graph
        self._known: dict[bytes, list[Output]] = {}

    def run(self, request: Request) -> list[Output]:
        """See `Model`."""
        words = b"\0".join(window.tobytes() for window in request.windows)
        if words not in self._known:
            self._known[words] = self._graph.run(request)
        return self._known[words]


def _growth(choice: BundleChoice, texts: list[str], marks: Marks) -> None:
    """The same words as message 10 of short chats, and as message 10,000 and on of a long one."""
    turns = turns_of(choice)
    client = Client(Profile(age=13), choice.verified().without_files(), turns)
    graph, turns.model = turns.model, Replayed(turns.model)
    for i in range(LATE):
        client.receive("long", texts[i % len(texts)], CONTACT)
    for chat in range(TIMES):
        for i in range(EARLY - 1):
            client.receive(f"short {chat}", texts[i], CONTACT)
    turns.model = graph
    for name, where in ((EARLY_NAME, "short {}"), (LATE_NAME, "long")):
        marks.start()
        for i in range(TIMES):
            client.receive(where.format(i), texts[i % len(texts)], CONTACT)
        marks.stop(name)


if __name__ == "__main__":
    main(sys.argv[1:])
