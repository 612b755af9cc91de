"""No network, no child process, no file written: by an audit hook in a process of its own.

The same script with something to find is the positive control: a broken hook would pass the first
test and fail the second.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.simulator import PINNED

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT = """
import json, sys

seen = []
def hook(event, args):
    outside = ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto",
               "socket.gethostbyname", "urllib.Request", "subprocess.Popen", "os.system",
               "os.exec", "os.posix_spawn", "os.fork", "ftplib.connect", "smtplib.connect")
    if event in outside:
        seen.append(event)
    if event == "open" and isinstance(args[2], int) and args[2] & 0o3:
        seen.append("write")
sys.dont_write_bytecode = True
sys.addaudithook(hook)

folder, key, extra = sys.argv[1:]
from nudge_sdk import Client, Contact, Message, Profile
client = Client.open(Profile(age=13), bundle=folder, pinned_keys=[bytes.fromhex(key)])
contact = Contact(id="kai", relationship="stranger", days_known=0)
nudges = [client.receive("c", text, contact) for text in ("hello", "T", "S P", "x" * 100_000)]
client.sent("c", "no")
client.answer("c", "coercion", contact, "help")
client.about()
client.switch = "off"
exec(extra)
print(json.dumps({"nudges": sum(map(bool, nudges)), "seen": seen}))
"""


def run(toy_bundle: Path, extra: str = "") -> dict[str, object]:
    command = [sys.executable, "-c", SCRIPT, str(toy_bundle), PINNED[0].hex(), extra]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(  # noqa: S603
        command, check=True, capture_output=True, text=True, env=environment
    )
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_the_sdk_touches_neither_network_nor_processes_nor_files(toy_bundle: Path) -> None:
    assert run(toy_bundle) == {"nudges": 2, "seen": []}


@pytest.mark.parametrize(
    ("extra", "event"),
    [
        ("import socket; socket.socket().connect_ex(('127.0.0.1', 9))", "socket.connect"),
        ("import socket; socket.getaddrinfo('localhost', 9)", "socket.getaddrinfo"),
        ("import subprocess, sys; subprocess.run([sys.executable, '-c', ''])", "subprocess.Popen"),
        ("open('/dev/null', 'w').close()", "write"),
    ],
)
def test_the_hook_finds_what_is_there(toy_bundle: Path, extra: str, event: str) -> None:
    assert event in str(run(toy_bundle, extra)["seen"])
