"""The play: one server, three people, everything in a network namespace with only loopback.

Run by ``tests/e2e/test_matrix_chat.py`` in an environment of its own; writes what it saw to a JSON
file, which the test judges, and the screenshots beside it.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import json
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

# `examples` and `tests` are the checkout's own, as in tests/conftest.py; the SDK and the harness
# are the installed ones, so the checkout itself is not on the path.
ROOT = Path(__file__).resolve().parents[3]
for _name in ("examples", "tests"):
    _spec = ModuleSpec(_name, None, is_package=True)
    _spec.submodule_search_locations = [str(ROOT / _name)]
    sys.modules[_name] = importlib.util.module_from_spec(_spec)

from examples.matrix_chat.local_server import Server  # noqa: E402
from tests.e2e.matrix import acts, namespace  # noqa: E402

SERVER_PORT = 18008


def watch_connections(seen: set[str]) -> None:
    """Note every address that this process connects to or sends to, from now on."""

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event in {"socket.connect", "socket.sendto"}:
            seen.add(str(args[1]))

    sys.addaudithook(hook)


def main() -> None:
    """Play."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--synapse", type=Path, required=True, help="Python that has Synapse")
    parser.add_argument("--out", type=Path, required=True, help="folder for all that it leaves")
    given = parser.parse_args()
    namespace.raise_loopback()
    found: dict[str, Any] = {"way_out": namespace.way_out()}
    connections: set[str] = set()
    watch_connections(connections)
    server = Server(python=given.synapse, folder=given.out / "server", port=SERVER_PORT)
    server.start()
    try:
        found |= asyncio.run(acts.play(server, given.out))
    finally:
        server.stop()
    found["connections"] = sorted(connections)
    (given.out / "found.json").write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
