"""``nudge-harness screens``: look at every nudge."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

from nudge_harness import console
from nudge_harness.screens.page import page_of
from nudge_harness.screens.shots import WHO, wordings
from nudge_harness.screens.terminal import drawn
from nudge_sdk._copy import FRAMINGS, languages
from nudge_sdk._terminal import screen_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("-o", metavar="FILE", help="write one HTML page instead of drawing here")
    parser.add_argument("--locale", choices=languages(), help="one language (default: English;"
                        " with -o all)")  # fmt: skip
    parser.add_argument("--framing", choices=FRAMINGS, default=FRAMINGS[0], help="of the terminal")
    parser.add_argument("--who", choices=WHO, default=WHO[0], help="the contact, of the terminal")


def main(args: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    if args.o is not None:
        path = Path(args.o)
        path.write_text(page_of(list(wordings(args.locale))), encoding="utf-8")
        console.note(f"wrote {path}")
        return 0
    screen = screen_of(sys.stdout, os.environ, shutil.get_terminal_size().columns, plain=False)
    for wording in wordings(args.locale or languages()[0]):
        if (wording.framing, wording.who) == (args.framing, args.who):
            for line in drawn(wording, screen.depth):
                console.result(line)
    return 0
