"""``python -m examples.matrix_chat``: chat on a Matrix server, with nudges on this device."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import sys
from pathlib import Path

from examples.matrix_chat.app import NudgeChat
from examples.matrix_chat.listener import MatrixError
from examples.matrix_chat.start import Options, start


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(prog="python -m examples.matrix_chat", description=__doc__)
    made.add_argument("user", help="for example @sam:localhost")
    made.add_argument("--homeserver", default="http://127.0.0.1:8008", metavar="URL")
    made.add_argument("--folder", type=Path, help="this device's; by default beside your others")
    made.add_argument("--age", type=int, help="of whoever this device belongs to; asked once")
    made.add_argument("--region", help="two-letter country, for help lines; asked once")
    made.add_argument("--password-stdin", action="store_true", help="read it, do not ask for it")
    return made


def main() -> int:
    """Log in, or be the device from last time, and chat."""
    given = parser().parse_args()
    name = given.user.removeprefix("@").replace(":", "_")
    folder = given.folder or Path.home() / ".local" / "share" / "nudge-chat" / name

    def password() -> str:
        return sys.stdin.readline().rstrip("\n") if given.password_stdin else getpass.getpass()

    async def chat() -> None:
        options = Options(
            homeserver=given.homeserver,
            user=given.user,
            folder=folder,
            age=given.age,
            region=given.region,
        )
        messenger = await start(options, password)
        try:
            await NudgeChat(messenger).run_async()
        finally:
            await messenger.session.close()

    try:
        asyncio.run(chat())
    except MatrixError as error:
        print(f"nudge chat: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
