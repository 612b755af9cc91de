"""What remains of a message in the memory of the live process: a report, no gate.

::

    python tests/e2e/memory_report.py          # prints one JSON object

Python frees memory without clearing it, and so does onnxruntime. So after `forget` copies of a text
may lie about until something else is written over them; a core dump, a swap file or whoever may
read the process finds them. This counts them, in the process and in a core dump of it: while the
host still holds the message, after the host has let go of it and `forget` was called, and after a
hundred further messages.
"""

from __future__ import annotations

import gc
import hashlib
import json
import os
import runpy
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

LETTERS: Final = 24
STAGES: Final = ("held", "forgotten", "later")
_CHUNK: Final = 1 << 24  # bytes


def marker(number: int) -> str:
    """Letters that stand nowhere, in no file and on no command line, until they are made."""
    digest = hashlib.sha256(b"nudge %d" % number).digest()[:LETTERS]
    return "".join(chr(97 + byte % 26) for byte in digest)


def forms(text: str) -> dict[str, bytes]:
    """What is counted: as Python keeps it, and as the graph gets it."""
    return {"text": text.encode(), "code points": text.encode("utf-32-le")}


def child(folder: str) -> None:
    """Hear a chat; wait after each stage until the parent has looked."""
    from nudge_sdk import Client, Contact, Profile
    from nudge_sdk.sealed import HostKey, SealedStore

    client = Client.open(
        Profile(age=13), store=SealedStore(f"{folder}/store", HostKey(bytes(range(32))))
    )
    kai = Contact(id=marker(1), relationship="stranger")
    chat = marker(2)
    text = f"how old are you {marker(0)}"
    client.receive(chat, text, kai)
    _pause(STAGES[0])
    client.forget(chat)
    del text, kai, chat
    gc.collect()
    _pause(STAGES[1])
    for number in range(100):
        client.receive("other", f"an ordinary message, number {number}", Contact(id="mia"))
    gc.collect()
    _pause(STAGES[2])


def _pause(stage: str) -> None:
    sys.stdout.write(stage + "\n")
    sys.stdout.flush()
    sys.stdin.readline()


def count_in(path: Path, wanted: dict[str, bytes], ranges: list[tuple[int, int]]) -> dict[str, int]:
    """How often each form stands in some ranges of a file."""
    counts = dict.fromkeys(wanted, 0)
    overlap = max(map(len, wanted.values())) - 1
    with path.open("rb", buffering=0) as file:
        for start, end in ranges:
            tail = b""
            for at in range(start, end, _CHUNK):
                try:
                    file.seek(at)
                    raw = file.read(min(_CHUNK, end - at))
                except (OSError, ValueError, OverflowError):  # pages that nobody may read
                    break
                for name, form in wanted.items():
                    joined = tail[len(tail) - len(form) + 1 :] + raw if tail else raw
                    counts[name] += joined.count(form)
                tail = raw[-overlap:]
    return counts


def in_process(pid: int, wanted: dict[str, bytes]) -> dict[str, int]:
    """Counts in the memory of a process that may be written."""
    ranges = []
    for line in Path(f"/proc/{pid}/maps").read_text("ascii", "replace").splitlines():
        span, rights, *_ = line.split()
        if rights.startswith("rw"):
            low, high = span.split("-")
            ranges.append((int(low, 16), int(high, 16)))
    return count_in(Path(f"/proc/{pid}/mem"), wanted, ranges)


def in_core(gcore: str, pid: int, folder: Path, wanted: dict[str, bytes]) -> dict[str, int]:
    """Counts in a core dump of a process."""
    command = [gcore, "-o", str(folder / "core"), str(pid)]
    subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL)  # noqa: S603
    dump = folder / f"core.{pid}"
    counts = count_in(dump, wanted, [(0, dump.stat().st_size)])
    dump.unlink()
    return counts


def report(gcore: str) -> dict[str, dict[str, int]]:
    """Run the child and look at each stage."""
    names = {"message": marker(0), "contact": marker(1), "conversation": marker(2)}
    wanted = {
        f"{what} as {form}": raw
        for what, text in names.items()
        for form, raw in forms(text).items()
        if what == "message" or form == "text"
    }
    found: dict[str, dict[str, int]] = {}
    with tempfile.TemporaryDirectory() as name:
        command = [sys.executable, __file__, "--child", name]
        environ = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        with subprocess.Popen(  # noqa: S603  what is started is this file
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environ
        ) as running:
            assert running.stdin is not None
            assert running.stdout is not None
            for stage in STAGES:
                if running.stdout.readline().strip() != stage:
                    raise RuntimeError(f"the child did not get to: {stage}")
                found[stage] = in_process(running.pid, wanted)
                found[f"{stage}, core dump"] = in_core(gcore, running.pid, Path(name), wanted)
                running.stdin.write("\n")
                running.stdin.flush()
    return found


def main() -> int:
    """Print the report."""
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2])
        return 0
    runpy.run_path(str(Path(__file__).resolve().parents[1] / "conftest.py"))  # makes the path
    from tests.programs import program

    sys.stdout.write(json.dumps(report(program("gcore")), indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
