"""What the bench runs in processes of their own; this file imports nothing of the harness.

Each mode prints one JSON object: seconds from the first import to the first result (the engine's is
the first nudge), the peak of resident memory in bytes, and whether a nudge came.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def main(arguments: list[str]) -> None:
    """Run one mode; ``arguments``: mode, then a JSON object of its options."""
    mode, options = arguments[0], json.loads(arguments[1])
    if mode == "noop":
        report(*noop(options), nudged=False)
    else:
        report(*engine(options))


def engine(options: dict[str, Any]) -> tuple[float, int, bool]:
    """Open a client, hear risky chats to the first nudge, then ordinary messages; return the
    seconds to that nudge (or to the chats' end), the peak, and whether there was one."""
    chats = {path: risky(Path(path)) for path in options["chats"]}
    begin = time.perf_counter()
    from nudge_sdk import Client, Contact, Profile

    keys = [bytes.fromhex(options["key"])] if options["key"] else None
    client = Client.open(Profile(age=13), bundle=options["bundle"] or None, pinned_keys=keys)
    contact = Contact(id="contact", relationship="stranger", days_known=0)
    nudge = next(filter(None, heard(client, contact, chats)), None)
    seconds = time.perf_counter() - begin
    import sqlite3  # noqa: F401  (part of the reference; the sealed store needs it)

    for text in json.loads(Path(options["texts"]).read_text(encoding="utf-8")):
        client.receive("chat", text, contact)
    return seconds, peak(), nudge is not None


def heard(client: Any, contact: Any, chats: dict[str, list[tuple[str, str]]]) -> Iterator[Any]:
    """What comes of each message of some chats."""
    for name, chat in chats.items():
        for sender, text in chat:
            if sender == "user":
                yield client.sent(name, text)
            else:
                yield client.receive(name, text, contact)


def risky(path: Path) -> list[tuple[str, str]]:
    """Senders and texts of the first conversation of a file."""
    with path.open(encoding="utf-8") as file:
        return [(turn["from"], turn["text"]) for turn in json.loads(file.readline())["messages"]]


def noop(options: dict[str, Any]) -> tuple[float, int]:
    """Open the no-op session and call it; return the seconds to the first result, and the peak."""
    begin = time.perf_counter()
    import numpy as np
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = settings.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        Path(options["noop"]).read_bytes(), settings, providers=["CPUExecutionProvider"]
    )
    sizes = {port.name: port.shape[0] for port in session.get_inputs()}
    feeds = {
        "codepoints": np.zeros(60, dtype=np.int32),
        "context": np.zeros(sizes["context"], dtype=np.float32),
        "state": np.zeros(sizes["state"], dtype=np.float32),
    }
    session.run(None, feeds)
    seconds = time.perf_counter() - begin
    import sqlite3  # noqa: F401

    import cryptography.hazmat.primitives.asymmetric.ed25519
    import cryptography.hazmat.primitives.ciphers.aead  # noqa: F401

    for _ in range(int(options["calls"])):
        session.run(None, feeds)
    return seconds, peak()


def peak() -> int:
    """Peak resident memory of this process in bytes.

    ``VmHWM``, not ``getrusage``: the latter counts the parent's memory across exec on Linux.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS


def report(seconds: float, resident: int, nudged: bool) -> None:
    """Print the result as one JSON object."""
    found = {"seconds": seconds, "resident": resident, "nudged": nudged}
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
