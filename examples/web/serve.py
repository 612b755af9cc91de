"""Serve the page, its data and a relay: ``python examples/web/serve.py``.

It binds to this machine only. With ``--lan`` it binds to all addresses, over HTTPS with a
certificate made on the spot, so that two phones on one network can try it: browsers have no
WebCrypto without HTTPS, and ask once whether to trust the certificate.

The page gets the Python package's own data files and the bundle as it is installed. The headers say
what the page may do: run its own scripts, and talk to this server and to nobody else.
"""

from __future__ import annotations

import argparse
import json
import re
import ssl
import sys
import tempfile
from collections.abc import Sequence
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parent))

from certificate import address, certificate
from relay import MOST, Relay

from nudge_sdk.bundle import RELEASE_KEYS, shipped_directory

HERE: Final = Path(__file__).parent
PAGES: Final = (
    "index.html",
    "chat.css",
    "chat.js",
    "view.js",
    "hood.js",
    "e2ee.js",
    "nudge.js",
    "icon.svg",
)
ORT: Final = ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")
TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
}
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval';"
    " style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",  # these two: timers that can tell microseconds
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}
ROOM: Final = re.compile(r"/relay/([0-9a-f]{32})")


def table_of_files(ort: Path, bundle: Path, keys: Sequence[str]) -> dict[str, Path | bytes]:
    """What there is to fetch, by path: files, and two small tables made here."""
    package = resources.files("nudge_sdk")
    catalogs = sorted(path.name for path in package.joinpath("nudge_copy").iterdir())
    data = ["policy.json", "help_contacts.json", *(f"nudge_copy/{name}" for name in catalogs)]
    stories = sorted(path.name for path in package.joinpath("demo_chats").iterdir())
    host = {
        "keys": list(keys),
        "catalogs": [name.removesuffix(".json") for name in catalogs if name != "layout.json"],
        "stories": [f"data/demo_chats/{name}" for name in stories],
    }
    files: dict[str, Path | bytes] = {f"/{name}": HERE / name for name in PAGES}
    files["/"] = HERE / "index.html"
    files["/host.json"] = json.dumps(host).encode()
    files |= {f"/ort/{name}": ort / name for name in ORT}
    files |= {f"/bundle/{path.name}": path for path in bundle.iterdir() if path.is_file()}
    for name in (*data, *(f"demo_chats/{story}" for story in stories)):
        files[f"/data/{name}"] = package.joinpath(name).read_bytes()
    return files


class Handler(BaseHTTPRequestHandler):
    """One request. Only what stands in the table of files is ever read."""

    protocol_version = "HTTP/1.1"
    files: dict[str, Path | bytes]
    relay: Relay

    def do_GET(self) -> None:
        """A file, or the events of a room."""
        path = urlsplit(self.path).path
        room = ROOM.fullmatch(path)
        if room:
            self._listen(room.group(1))
            return
        found = self.files.get(path)
        if found is None:
            self._answer(HTTPStatus.NOT_FOUND, b"", "text/plain")
            return
        body = found if isinstance(found, bytes) else found.read_bytes()
        kind = TYPES.get(Path(path).suffix, "application/octet-stream")
        self._answer(HTTPStatus.OK, body, TYPES[".html"] if path == "/" else kind)

    def do_POST(self) -> None:
        """An envelope for a room."""
        room = ROOM.fullmatch(self.path)
        length = self.headers.get("Content-Length", "")
        if not room or not length.isdigit() or int(length) > MOST:
            self.close_connection = True  # the body is left unread
            self._answer(HTTPStatus.BAD_REQUEST, b"", "text/plain")
            return
        envelope = self.rfile.read(int(length)).decode("utf-8", "replace")
        if len(envelope.splitlines()) != 1:
            self._answer(HTTPStatus.BAD_REQUEST, b"", "text/plain")
            return
        self.relay.post(room.group(1), envelope)
        self._answer(HTTPStatus.NO_CONTENT, b"", "text/plain")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class's name
        """Nothing is logged."""

    def _listen(self, room: str) -> None:
        after = self.headers.get("Last-Event-ID", "")
        self.send_response(HTTPStatus.OK)
        self._headers({"Content-Type": "text/event-stream", "Connection": "close"})
        self.close_connection = True
        try:
            for event in self.relay.events(room, int(after) if after.isdigit() else None):
                self.wfile.write(event.encode())
                self.wfile.flush()
        except OSError:
            return  # the page is gone

    def _answer(self, status: HTTPStatus, body: bytes, kind: str) -> None:
        self.send_response(status)
        self._headers({"Content-Type": kind, "Content-Length": str(len(body))})
        self.wfile.write(body)

    def _headers(self, more: dict[str, str]) -> None:
        for name, value in {**HEADERS, **more}.items():
            self.send_header(name, value)
        self.end_headers()


def main(arguments: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000, help="0: any free one (default 8000)")
    parser.add_argument("--lan", action="store_true", help="all addresses, over HTTPS")
    parser.add_argument("--ort", type=Path, default=HERE / "node_modules/onnxruntime-web/dist")
    parser.add_argument(
        "--bundle", type=Path, default=shipped_directory(), help="a bundle's folder"
    )
    parser.add_argument(
        "--key", action="append", help="64 hexadecimal digits (default: release key)"
    )
    options = parser.parse_args(arguments)
    if not (options.ort / ORT[0]).is_file():
        parser.error("onnxruntime-web is not there; run: npm ci --prefix examples/web")
    keys = options.key or [key.hex() for key in RELEASE_KEYS]
    Handler.files = table_of_files(options.ort, options.bundle, keys)
    Handler.relay = Relay()
    where = "0.0.0.0" if options.lan else "127.0.0.1"  # noqa: S104  only when asked for
    server = ThreadingHTTPServer((where, options.port), Handler)
    server.daemon_threads = True
    host, scheme = "127.0.0.1", "http"
    if options.lan:
        host, scheme = address(), "https"
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.NamedTemporaryFile(suffix=".pem") as file:
            file.write(certificate(host))
            file.flush()
            context.load_cert_chain(file.name)
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    print(f"{scheme}://{host}:{server.server_address[1]}/", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
