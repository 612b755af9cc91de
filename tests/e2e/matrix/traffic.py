"""The recipient's requests, with the SDK and without: the same play three times, by new people."""

from __future__ import annotations

from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from examples.matrix_chat.local_server import Server
from examples.matrix_chat.start import Options
from tests.e2e.matrix import acts
from tests.e2e.matrix.player import playing, talking
from tests.e2e.matrix.relay import Recorder, Request

RUNS: Final = {"without_1": False, "with": True, "without_2": False}


async def three_runs(server: Server, out: Path) -> dict[str, Any]:
    """Requests of each run: ``METHOD endpoint size`` -> how often; ``/sync`` is left out."""
    found: dict[str, Any] = {}
    for number, (run, nudges) in enumerate(RUNS.items()):
        names = (f"sam{number}", f"kai{number}")  # the same length, so that bodies can be the same
        for name in names:
            server.register(name)
        port = server.port + 2 + number
        found[run] = await one_run(server, out / "traffic" / run, port, names, nudges=nudges)
    return found


async def one_run(
    server: Server, folder: Path, port: int, names: tuple[str, str], *, nudges: bool
) -> dict[str, Any]:
    """One play of the conversation; the recipient's requests go through a recorder."""
    recorder = Recorder(server=server.url, port=port)
    await recorder.start()

    def of(name: str) -> Options:
        url = recorder.url if name == names[0] else server.url
        user = f"@{name}:localhost"
        return Options(homeserver=url, user=user, folder=folder / name, age=13, region="GB")

    async with AsyncExitStack() as stack:
        stack.push_async_callback(recorder.stop)
        sam = await stack.enter_async_context(
            playing(names[0], replace(of(names[0]), nudges=nudges))
        )
        kai = await stack.enter_async_context(talking(names[1], of(names[1])))
        room = await kai.invite(sam)
        for writer, text in acts.LINES:
            said, heard = (kai, sam) if writer == "contact" else (sam, kai)
            await said.say(room, text)
            await heard.sees(room, text)
        return {"requests": counted(recorder.requests), "nudges": len(sam.nudges(room))}


def counted(requests: list[Request]) -> dict[str, int]:
    """How often each request was made, the waiting ``/sync`` aside."""
    kept = [item for item in requests if not item.endpoint.endswith("/sync")]
    return dict(Counter(f"{item.method} {item.endpoint} {item.size}" for item in kept))
