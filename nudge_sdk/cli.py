"""The command ``nudge``: argument parsing, and printing what the library found.

Exit codes: 0 well, 1 a check failed, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import json
import os
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nudge_sdk import __version__, demo, golden, policy_page
from nudge_sdk._onnx import SingleModel
from nudge_sdk.bundle import (
    CHECKS,
    MODEL,
    RELEASE_KEYS,
    VerifiedBundle,
    load_bundle,
    shipped_directory,
)
from nudge_sdk.catalogue import catalogue
from nudge_sdk.errors import BundleError, NudgeError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

_SAYS: Final = {
    "length": "manifest and signature are within their length",
    "signature": "a pinned Ed25519 key signed the manifest",
    "manifest": "the manifest is strict JSON, no unknown key, plain file names",
    "version": "the release is not older than the last one accepted",
    "files": "every file of the manifest is there",
    "size": "every file has the manifest's size",
    "hash": "every file has the manifest's SHA-256",
    "schema": "this SDK reads the format",
    "config": "every number of the configuration is in its range",
    "graph": "the graph's inputs and outputs are the configuration's",
}
_DER_KEY: Final = bytes.fromhex("302a300506032b6570032100")  # RFC 8410: what precedes the 32 bytes


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command with its arguments; gives the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == ["demo"]:
        return demo.main(arguments[1:])
    options = _parser().parse_args(arguments)
    try:
        code = int(options.run(options))
        sys.stdout.flush()
    except BrokenPipeError:  # "| head" has seen enough; Python's documentation, signal module
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except UsageError as error:
        print(f"nudge: {error}", file=sys.stderr)
        return 2
    except NudgeError as error:
        print(f"nudge: {error}", file=sys.stderr)
        return 1
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nudge", description="Gentle safety nudges, worked out on this device."
    )
    parser.add_argument("--version", action="version", version=f"nudge-sdk {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    commands.add_parser("demo", help="play a few conversations, as a phone would show them")
    check = commands.add_parser("check", help="check the bundle that ships with the SDK")
    check.set_defaults(run=_check)
    verify = commands.add_parser("verify", help="check a bundle's folder and say what was checked")
    verify.add_argument("directory", metavar="DIR", help="the bundle's folder")
    verify.add_argument(
        "--key",
        metavar="FILE",
        action="append",
        help="an Ed25519 public key (PEM) to trust instead of the release key; may be repeated",
    )
    verify.add_argument(
        "--last", metavar="N", type=int, help="refuse a release number lower than this"
    )
    verify.set_defaults(run=_verify)
    copy = commands.add_parser("copy", help="list every text that a young person may be shown")
    copy.add_argument("--locale", help="BCP 47 tag of one language (default: all of them)")
    copy.add_argument("--region", metavar="CC", help="country whose help lines are filled in")
    copy.add_argument("--json", action="store_true", help="print JSON")
    copy.set_defaults(run=_copy)
    policy = commands.add_parser("policy", help="print the policy as a page, from its table")
    policy.set_defaults(run=_policy)
    return parser


def _policy(_: argparse.Namespace) -> int:
    print(policy_page.page(), end="")
    return 0


def _check(_: argparse.Namespace) -> int:
    bundle = load_bundle(shipped_directory())
    _describe(bundle)
    count = golden.check(SingleModel(bundle.files[MODEL], bundle.spec), bundle.config)
    if not count:
        print("golden vectors: none in this bundle, so this runtime was not checked")
        return 1
    print(f"golden vectors: {count} agree to {golden.TOLERANCE:g}")
    return 0


def _verify(options: argparse.Namespace) -> int:
    keys = RELEASE_KEYS if options.key is None else tuple(map(_public_key, options.key))
    try:
        bundle = load_bundle(options.directory, pinned_keys=keys, last_version=options.last)
        SingleModel(bundle.files[MODEL], bundle.spec)
    except BundleError as error:
        print(f"  FAILED  {error}")
        print("This bundle is refused; nothing of it was used.")
        return 1
    for check in CHECKS:
        if check != "version" or options.last is not None:
            print(f"  ok  {check:<10} {_SAYS[check]}")
    _describe(bundle)
    return 0


def _describe(bundle: VerifiedBundle) -> None:
    manifest = bundle.manifest
    version = manifest.version
    print(f"{manifest.name} {version.text} (release {version.release}), made {manifest.created}")
    print(f"signed by {bundle.signer}")
    for name, entry in manifest.files.items():
        print(f"  {entry.sha256}  {entry.size:>9,} bytes  {name}")


def _public_key(path: str) -> bytes:
    """Raw bytes of an Ed25519 public key in a PEM file (RFC 8410)."""
    try:
        lines = Path(path).read_text(encoding="ascii").split("\n")
        der = base64.b64decode("".join(line for line in lines if "-" not in line), validate=True)
    except (OSError, ValueError, binascii.Error) as error:
        raise UsageError("--key: cannot read a PEM public key from this file") from error
    if not der.startswith(_DER_KEY):
        raise UsageError("--key: this is no Ed25519 public key")
    return der[len(_DER_KEY) :]


def _copy(options: argparse.Namespace) -> int:
    rows = catalogue(locale=options.locale, region=options.region)
    if options.json:
        print(json.dumps(rows, ensure_ascii=False, indent=2))
        return 0
    for row in rows:
        state = "reviewed" if row["reviewed"] else f"{row['drafted_by']} draft, not reviewed"
        print(f"{row['id']}  [{row['locale']}, {row['framing']}, {state}]")
        print(textwrap.indent(row["title"], "    "))
        print(textwrap.indent(textwrap.fill(row["body"], 76), "    "))
        labels = " | ".join(action["label"] for action in row["actions"])
        print(textwrap.indent(textwrap.fill(labels, 76), "    "), end="\n\n" if labels else "\n")
    return 0
