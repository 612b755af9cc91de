"""`tox -e bare`: in an environment with the SDK's wheel and nothing else, does all of it work?

Run as a script, because not even pytest is installed there. Each check prints one line; the first
that fails ends it with a traceback and exit code 1.
"""

from __future__ import annotations

import importlib
import pkgutil
import shutil
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement  # onnxruntime depends on it
from packaging.utils import canonicalize_name

import nudge_sdk
from nudge_sdk import sealed
from nudge_sdk.store import slot

DIRECT = {"cryptography", "numpy", "onnxruntime"}
INSTALLERS = {"pip", "setuptools", "wheel"}


def require(holds: bool, what: str) -> None:
    """Print that it holds, or stop."""
    if not holds:
        raise SystemExit(f"FAILED  {what}")
    sys.stdout.write(f"ok  {what}\n")


def needed(name: str) -> set[str]:
    """Names of what a distribution needs here, without extras."""
    requirements = map(Requirement, metadata.requires(name) or [])
    return {
        canonicalize_name(item.name)
        for item in requirements
        if item.marker is None or item.marker.evaluate({"extra": ""})
    }


def closure(name: str) -> set[str]:
    """A distribution and all that it needs, directly or not."""
    found: set[str] = set()
    waiting = {name}
    while waiting:
        found |= waiting
        waiting = {need for item in waiting for need in needed(item)} - found
    return found


def run(*command: str) -> str:
    """Output of a console script of this environment."""
    program = shutil.which(command[0], path=str(Path(sys.executable).parent))
    require(program is not None, f"the command {command[0]} is installed")
    done = subprocess.run(  # noqa: S603  what is started is our own
        [str(program), *command[1:]], capture_output=True, text=True, check=False, timeout=300
    )
    require(done.returncode == 0, f"{' '.join(command)} ends well")
    return done.stdout


def main() -> None:
    """All checks."""
    home = Path(nudge_sdk.__file__).parent
    require("site-packages" in home.parts, "nudge_sdk is the installed one")
    require(needed("nudge-sdk") == DIRECT, f"its dependencies are {', '.join(sorted(DIRECT))}")
    installed = {canonicalize_name(item.metadata["Name"]) for item in metadata.distributions()}
    require(installed - INSTALLERS == closure("nudge-sdk"), "nothing else is installed")
    require((home / "py.typed").is_file(), "it is typed")

    for module in pkgutil.walk_packages([str(home)], "nudge_sdk."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    require("rich" not in sys.modules, "every module imports")

    client = nudge_sdk.Client.open(nudge_sdk.Profile(age=13, region="GB"))
    kai = nudge_sdk.Contact(id="kai", relationship="stranger", days_known=0)
    quiet = client.receive("chat 1", "good game! rematch tomorrow?", kai)
    require(quiet is None, "an ordinary message stays quiet")
    for text in ("how old are you", "are you home alone", "dont tell your mum"):
        nudge = client.receive("chat 1", text, kai)
    require(nudge is not None and nudge.risk == "grooming", "a pattern of questions nudges")

    with tempfile.TemporaryDirectory() as folder:
        for count in (1, 2):  # opened anew for each message
            store = sealed.SealedStore(Path(folder, "store"), sealed.HostKey(bytes(range(32))))
            nudge_sdk.Client.open(nudge_sdk.Profile(age=13), store=store).receive("c", "hi", kai)
            (state,) = store.read([slot(store.salt, "c", "kai")]).states
            require(state is not None and state.messages == count, "the sealed store remembers")
            store.close()

    require("agree" in run("nudge", "check"), "the golden vectors agree")
    require("Nothing left this device" in run("nudge", "demo", "--fast"), "the demo plays")
    require(run("nudge", "copy", "--json").startswith("["), "the copy is listed")


if __name__ == "__main__":
    main()
