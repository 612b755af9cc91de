"""A recorder between one client and its server: what was asked for, how much was sent, which bytes.

It stands outside the client, so it sees what really goes out, whatever the client says of itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from aiohttp import ClientSession, web

_IDS: Final = (
    (r"/rooms/[^/]+", "/rooms/ROOM"),
    (r"/join/[^/]+", "/join/ROOM"),
    (r"/(send|redact)/(m\.[a-z_.]+|[^/]+)/[^/]+$", r"/\1/\2/ID"),
    (r"/sendToDevice/([^/]+)/[^/]+$", r"/sendToDevice/\1/ID"),
    (r"/user/[^/]+", "/user/USER"),
)
_HOP: Final = {"connection", "content-length", "host", "transfer-encoding", "content-encoding"}


@dataclass(frozen=True, slots=True)
class Request:
    """One request: method, path with ids taken out, bytes of the body."""

    method: str
    endpoint: str
    size: int


@dataclass(kw_only=True, slots=True)
class Recorder:
    """A proxy on loopback in front of ``server``; `url` is what the client is given."""

    server: str
    port: int
    requests: list[Request] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list, repr=False)
    runner: web.AppRunner | None = None
    outward: ClientSession | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listen."""
        self.outward = ClientSession(auto_decompress=True)
        app = web.Application(client_max_size=2**26)
        app.router.add_route("*", "/{path:.*}", self._pass)
        self.runner = web.AppRunner(app, access_log=None)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", self.port, shutdown_timeout=0.1).start()

    async def stop(self) -> None:
        """Stop to listen."""
        if self.outward is not None and self.runner is not None:
            await self.outward.close()
            await self.runner.cleanup()

    async def _pass(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.requests.append(Request(request.method, endpoint(request.raw_path), len(body)))
        self.bodies.append(body)
        if self.outward is None:
            raise web.HTTPServiceUnavailable
        headers = {k: v for k, v in request.headers.items() if k.lower() not in _HOP}
        target = self.server + request.raw_path
        async with self.outward.request(
            request.method, target, data=body or None, headers=headers
        ) as answer:
            kept = {k: v for k, v in answer.headers.items() if k.lower() not in _HOP}
            return web.Response(body=await answer.read(), status=answer.status, headers=kept)


def endpoint(raw_path: str) -> str:
    """A path without its query and ids."""
    path = raw_path.partition("?")[0]
    for pattern, name in _IDS:
        path = re.sub(pattern, name, path)
    return path
