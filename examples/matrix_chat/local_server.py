"""A Matrix server for trying things out: Synapse from PyPI, on loopback only, with a few accounts.

``python -m examples.matrix_chat.local_server FOLDER sam kai mia`` makes FOLDER, installs Synapse in
an environment of its own there, registers the people (password: their own name) and serves until it
is interrupted. It talks to no other server. Synapse is AGPL: a tool here, never a dependency.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

SYNAPSE: Final = "matrix-synapse==1.163.2"
_SECRET: Final = "for-trying-out-only"  # noqa: S105  the server listens on loopback only
_READY_S: Final = 300.0
_FREE: Final = "{per_second: 1000, burst_count: 1000}"

CONFIG: Final = f"""\
server_name: "localhost"
pid_file: "@/synapse.pid"
listeners:
  - bind_addresses: ["127.0.0.1"]
    port: %PORT%
    type: http
    tls: false
    resources: [{{names: [client], compress: false}}]
database: {{name: sqlite3, args: {{database: "@/homeserver.db"}}}}
log_config: "@/log.yaml"
media_store_path: "@/media"
signing_key_path: "@/signing.key"
registration_shared_secret: "{_SECRET}"
macaroon_secret_key: "{_SECRET}"
form_secret: "{_SECRET}"
report_stats: false
trusted_key_servers: []
suppress_key_server_warning: true
presence: {{enabled: false}}
federation_domain_whitelist: []
bcrypt_rounds: 4
rc_login: {{address: {_FREE}, account: {_FREE}, failed_attempts: {_FREE}}}
rc_message: {_FREE}
rc_registration: {_FREE}
rc_invites: {{per_room: {_FREE}, per_user: {_FREE}, per_issuer: {_FREE}}}
rc_joins: {{local: {_FREE}}}
"""

LOG: Final = """\
version: 1
formatters: {plain: {format: "%(asctime)s %(name)s %(levelname)s %(message)s"}}
handlers: {file: {class: logging.FileHandler, filename: "@/synapse.log", formatter: plain}}
root: {level: DEBUG, handlers: [file]}
loggers: {synapse.storage: {level: INFO}, aiosqlite: {level: INFO}}
disable_existing_loggers: false
"""


def install(folder: Path) -> Path:
    """Synapse in an environment of its own; gives its Python."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, SYNAPSE], check=True)  # noqa: S603  what is started is our own
    return python


@dataclass(kw_only=True, slots=True)
class Server:
    """One Synapse.

    Attributes:
        python: of the environment where Synapse is.
        folder: for its data: database, log, media, key.
        port: on 127.0.0.1.
    """

    python: Path
    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Configure it on the first start, and wait until it answers.

        Raises:
            RuntimeError: it ended, or did not answer in time.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        config = self.folder / "homeserver.yaml"
        for name, text in (("homeserver.yaml", CONFIG), ("log.yaml", LOG)):
            filled = text.replace("@", str(self.folder)).replace("%PORT%", str(self.port))
            (self.folder / name).write_text(filled, "utf-8")
        run = [str(self.python), "-m", "synapse.app.homeserver", "--config-path", str(config)]
        out = (self.folder / "out.log").open("wb")
        with out:
            # Its own folder as the working directory: it leaves nothing elsewhere.
            options: dict[str, Any] = {"cwd": self.folder, "stdout": out, "stderr": out}
            subprocess.run([*run, "--generate-keys"], check=True, **options)  # noqa: S603
            self.process = subprocess.Popen(run, **options)  # noqa: S603
        end = time.monotonic() + _READY_S
        while not self._healthy():
            if self.process.poll() is not None or time.monotonic() > end:
                said = (self.folder / "out.log").read_text("utf-8", "replace")
                raise RuntimeError(f"Synapse did not start: {said[-2000:]}")
            time.sleep(0.1)

    def stop(self) -> None:
        """End it, and wait until it has ended."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(30)

    def register(self, name: str, *, admin: bool = False) -> str:
        """Make an account whose password is its name; gives its access token."""
        path = "/_synapse/admin/v1/register"
        nonce = self.ask(path)["nonce"]
        words = [nonce, name, name, "admin" if admin else "notadmin"]
        mac = hmac.new(_SECRET.encode(), "\0".join(words).encode(), hashlib.sha1).hexdigest()
        body = {"nonce": nonce, "username": name, "password": name, "admin": admin, "mac": mac}
        return str(self.ask(path, body=body)["access_token"])

    def ask(self, path: str, *, token: str | None = None, body: Any = None) -> Any:
        """GET, or POST a body; gives the JSON answer."""
        headers = {"Content-Type": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers)  # noqa: S310  loopback
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  loopback
            return json.load(answer)

    def _healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/health", timeout=5):  # noqa: S310  loopback
                return True
        except (urllib.error.URLError, OSError):
            return False


def main() -> int:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(
        prog="python -m examples.matrix_chat.local_server", description=__doc__
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("people", nargs="*")
    parser.add_argument("--port", type=int, default=8008)
    given = parser.parse_args()
    folder = given.folder.resolve()
    print("Installing Synapse, about a minute on the first start ...")
    data = folder / "data"
    fresh = not data.exists()
    server = Server(python=install(folder / "venv"), folder=data, port=given.port)
    server.start()
    try:
        for name in given.people if fresh else ():
            server.register(name)
            print(f"@{name}:localhost  password: {name}")
        print(f"Serving on {server.url}. Ctrl+C ends it.")
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
