"""``nudge-harness``: argument parsing and exit codes, nothing else.

Exit codes: 0 done, 1 a check or gate failed, 2 bad input or bad arguments (one line says what and
where, never a traceback).
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import warnings
from collections.abc import Sequence
from importlib import metadata
from typing import Final

import nudge_sdk
from nudge_harness import console
from nudge_harness.errors import HarnessError, UnknownFieldWarning
from nudge_sdk.errors import NudgeError

COMMANDS: Final = {
    "run": ("nudge_harness.run_command", "generate, score, evaluate and report, all in one"),
    "generate": ("nudge_harness.generate.command", "write synthetic conversations"),
    "convert": ("nudge_harness.adapters.command", "other formats as conversations"),
    "score": ("nudge_harness.score", "score a file of conversations"),
    "evaluate": ("nudge_harness.evaluate", "measure scores against the truth"),
    "weeks": ("nudge_harness.weeks.command", "simulate ordinary weeks, and attacks on the budget"),
    "screens": ("nudge_harness.screens.command", "look at every nudge, as a phone shows it"),
    "peers": ("nudge_harness.peers.command", "other detectors on the same file"),
    "evidence": ("nudge_harness.evidence.command", "a dated folder for a DPIA"),
    "study": ("nudge_harness.studies.command", "what safety costs in privacy, cell by cell"),
    "bench": ("nudge_harness.bench", "time and size of the engine"),
    "derive": ("nudge_harness.derive", "the policy's numbers that depend on the model"),
}
"""Command to module; the module offers ``add_arguments(parser)`` and ``main(args)``."""


def parser_for(command: str | None) -> argparse.ArgumentParser:
    """The parser, with the options of one command; the others stay unimported and start fast."""
    parser = argparse.ArgumentParser(
        prog="nudge-harness",
        description="Measure on-device safety nudges: for QA on synthetic conversations, "
        "for researchers on the price of safety in privacy.",
        epilog="nudge-harness COMMAND --help shows a command's options.",
    )
    parser.add_argument("--version", action="version", version=version())
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, (module, summary) in COMMANDS.items():
        sub = subparsers.add_parser(name, help=summary, description=summary.capitalize() + ".")
        if name == command:
            importlib.import_module(module).add_arguments(sub)
    return parser


def version() -> str:
    """Of the harness and of the SDK that it measures."""
    try:
        own = metadata.version("nudge-harness")
    except metadata.PackageNotFoundError:  # a source checkout that is not installed
        own = "0+unknown"
    return f"nudge-harness {own}, nudge-sdk {nudge_sdk.__version__}"


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    command = arguments[0] if arguments and arguments[0] in COMMANDS else None
    try:
        args = parser_for(command).parse_args(arguments)
        module = importlib.import_module(COMMANDS[args.command][0])
        with warnings.catch_warnings():
            _show_warnings_plainly()
            return int(module.main(args) or 0)
    except BrokenPipeError:  # the reader of a pipe has gone; nothing is left to say
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (HarnessError, NudgeError) as error:
        console.note(f"nudge-harness: {error}")
        return 2
    except OSError as error:  # a full disk, a folder that is no folder
        console.note(f"nudge-harness: {error.filename or 'output'}: {error.strerror}")
        return 2
    except KeyboardInterrupt:
        console.note("nudge-harness: stopped")
        return 130


def _show_warnings_plainly() -> None:
    def show(message: Warning | str, *_: object, **__: object) -> None:
        console.note(f"nudge-harness: warning: {message}")

    warnings.simplefilter("always", UnknownFieldWarning)
    warnings.showwarning = show
