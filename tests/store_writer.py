"""Writes to a sealed store until it is killed. Run by tests/e2e/test_store_kills.py.

    python store_writer.py STORE COUNT SEED TURN

One process imports everything once and then forks a writer per kill, so that a thousand kills take
about a minute. Each swap of a writer puts the same number into two conversations and the ledger; it
is acknowledged through a pipe once `swap` has returned. After one swap in TURN it rotates the key,
forgets a third conversation or expires, so that kills hit these, too. After each kill a store that
was opened anew has to show the acknowledged number or the next one, everywhere.

Prints one JSON object; every violation is in it, and nothing is asserted here.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

import numpy as np

from nudge_sdk.errors import StoreKeyError
from nudge_sdk.sealed import SealedStore
from nudge_sdk.state import ConversationState, UserLedger
from nudge_sdk.store import slot

CHATS = ("one", "two")
START = 1_800_000_000
LONGEST = 0.02  # seconds from a writer's first acknowledgement to its end


class FileKeys:
    """Keys as files in a folder: a key store that outlives a process that is killed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(exist_ok=True)

    def new(self) -> bytes:
        key_id = os.urandom(16)
        part = self._folder / f"{key_id.hex()}.part"
        part.write_bytes(os.urandom(32))
        part.rename(self._folder / key_id.hex())
        return key_id

    def key(self, key_id: bytes) -> bytes:
        try:
            return (self._folder / key_id.hex()).read_bytes()
        except FileNotFoundError:
            raise StoreKeyError("no such key") from None

    def destroy(self, key_id: bytes) -> None:
        (self._folder / key_id.hex()).unlink(missing_ok=True)


def opened(path: Path) -> SealedStore:
    """A store opened anew. The clock moves by a day a second, so that sweeps are hit, too."""
    keys = FileKeys(path.parent / "keys")
    return SealedStore(path, keys, clock=lambda: START + 86_400 * (time.monotonic() % 5))


def state(number: int) -> ConversationState:
    """A state that shows a number."""
    graph = np.full(64, number, dtype=np.float32)
    return ConversationState(model_id=bytes(8), graph=graph, messages=number)


def numbers(store: SealedStore) -> list[int]:
    """What the two conversations and the ledger say; 0 where there is nothing."""
    found = store.read([slot(store.salt, chat, "kai") for chat in CHATS])
    rows = [0 if row is None else row.messages for row in found.states]
    return [*rows, *(time - START for time in found.ledger.times or (START,))]


def write(path: Path, begin: int, pipe: int, turn: int, seed: int) -> None:
    """A writer: swaps for ever, acknowledging each."""
    rng = random.Random(seed)  # noqa: S311  picks what to do, no secret
    store = opened(path)
    slots = [slot(store.salt, chat, "kai") for chat in CHATS]
    third = slot(store.salt, "three", "kai")
    number = begin
    while True:
        number += 1
        before = store.read(slots)
        ledger = UserLedger(times=(START + number,))
        if not store.swap(before, [state(number)] * 2, ledger, heard=True):
            os._exit(3)
        os.write(pipe, number.to_bytes(4, "big"))
        if rng.randrange(turn) == 0:
            at = store.read([third])
            store.swap(at, [state(1)], at.ledger, heard=True)
            what = rng.randrange(3)
            if what == 0:
                store.rotate()
            elif what == 1:
                store.expire()
            else:
                store.forget(third.conversation)


def killed(path: Path, begin: int, turn: int, rng: random.Random) -> tuple[int, int]:
    """Let a writer write and kill it; the last number it acknowledged, and its exit status."""
    reading, writing = os.pipe()
    seed, delay = rng.getrandbits(32), rng.uniform(0, LONGEST)
    writer = os.fork()
    if writer == 0:
        os.close(reading)
        try:
            write(path, begin, writing, turn, seed)
        finally:
            os._exit(4)  # a writer ends by being killed, or this is seen
    os.close(writing)
    first = os.read(reading, 4) if rng.randrange(10) else b""  # now and then while it still opens
    time.sleep(delay)
    os.kill(writer, signal.SIGKILL)
    acknowledged = first + b"".join(iter(lambda: os.read(reading, 65536), b""))
    os.close(reading)
    _, status = os.waitpid(writer, 0)
    last = int.from_bytes(acknowledged[-4:], "big") if acknowledged else begin
    return last, status


def main() -> None:
    """Kill so many writers."""
    path, count, seed, turn = Path(sys.argv[1]), *map(int, sys.argv[2:5])
    rng = random.Random(seed)  # noqa: S311  moments to kill at, no secret
    known, wrong, swaps, ahead = 0, [], 0, 0
    for kill in range(count):
        last, status = killed(path, known, turn, rng)
        store = opened(path)
        found = numbers(store)
        store.close()
        if len(set(found)) != 1 or found[0] - last not in {0, 1} or status != signal.SIGKILL:
            wrong.append({"kill": kill, "acknowledged": last, "found": found, "status": status})
        swaps += found[0] - known
        ahead += found[0] - last
        known = found[0]
    keys = len(list((path.parent / "keys").iterdir()))
    result = {"kills": count, "swaps": swaps, "unheard": ahead, "keys": keys, "wrong": wrong}
    sys.stdout.write(json.dumps(result))


if __name__ == "__main__":
    main()
