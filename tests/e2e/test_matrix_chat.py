"""The proof: a real server, real clients, a nudge on one screen, and nothing of it anywhere else.

`tests/e2e/matrix/play.py` plays it in a network namespace with only loopback; here stands what has
to come of it. Synapse and the client get an environment of their own each, from PyPI. Linux only,
as root or where users may have namespaces; where that is not so, this fails.

``NUDGE_E2E_VENVS=FOLDER`` keeps the two environments for the next time; ``NUDGE_PICTURES=FOLDER``
keeps the screenshots, which is how those in ``docs/images`` were made.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import pytest

from examples.matrix_chat import local_server

MINUTES: Final = 30  # at most, for a slow line or a busy machine
BACKGROUND: Final = ("/keys/upload", "/keys/query")
PLAYS: Final = Path("tests", "e2e", "matrix", "play.py")
PICTURES: Final = ("chat_sam.svg", "chat_kai.svg", "chat_help.svg", "chat_group.svg")


def run(*command: str, **options: Any) -> None:
    """Run a command; when it fails, show the end of what it said."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(  # noqa: S603  what is started is our own
        command,
        env=clean,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        encoding="utf-8",
        timeout=60 * MINUTES,
        **options,
    )
    assert done.returncode == 0, f"{command[0]} ... ended with\n{done.stdout[-6000:]}"


def client_environment(folder: Path, root: Path) -> Path:
    """The SDK's and the harness's wheels with what the client needs; gives its Python."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
    needs = str(root / "examples" / "matrix_chat" / "requirements.txt")
    pip = (str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    run(*pip, str(root), str(root / "harness"), "-r", needs)
    return python


def alone() -> tuple[str, ...]:
    """The command before a command that gives it a network of its own."""
    if os.geteuid() == 0:
        return ("unshare", "--net")
    return ("unshare", "--net", "--map-root-user")


@pytest.fixture(scope="module")
def out(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the play left behind."""
    assert sys.platform == "linux", "network namespaces are Linux's"
    kept = os.environ.get("NUDGE_E2E_VENVS")
    venvs = Path(kept) if kept else tmp_path_factory.mktemp("venvs")
    with ThreadPoolExecutor() as pool:
        server = pool.submit(local_server.install, venvs / "synapse")
        client = pool.submit(client_environment, venvs / "client", root)
        synapse, python = server.result(), client.result()
    folder = tmp_path_factory.mktemp("play")
    play = (str(python), str(root / PLAYS), "--synapse", str(synapse), "--out", str(folder))
    run(*alone(), *play, cwd=folder)
    pictures = os.environ.get("NUDGE_PICTURES")
    for name in PICTURES if pictures else ():
        shutil.copy(folder / "pictures" / name, str(pictures))
    return folder


@pytest.fixture(scope="module")
def found(out: Path) -> dict[str, Any]:
    """What the play saw."""
    answer: dict[str, Any] = json.loads((out / "found.json").read_text("utf-8"))
    return answer


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Prints a figure whether or not pytest captures: figures in the documents come from here."""

    def print_it(line: str) -> None:
        with capsys.disabled():
            sys.stdout.write(f"\n{line}\n")

    return print_it


def test_there_was_no_way_out(found: dict[str, Any]) -> None:
    assert found["way_out"] == "ENETUNREACH"
    assert found["connections"]
    assert all("'127.0.0.1'" in address for address in found["connections"])


def test_the_nudge_is_on_the_recipients_screen_in_time(found: dict[str, Any]) -> None:
    talk = found["talk"]
    assert talk["sam"], "the recipient was nudged"
    assert talk["sam"][0]["line"] <= talk["last_risky"]
    assert all(row["sender"] == "@kai:localhost" for row in talk["sam"])


def test_the_nudge_is_on_no_other_screen(found: dict[str, Any]) -> None:
    talk = found["talk"]
    assert talk["kai_has_sdk"]  # it reads what Sam writes, and has nothing to say about it
    assert talk["kai"] == [] and talk["cards_on_kais_screen"] == 0


def test_the_actions_work(found: dict[str, Any]) -> None:
    actions = found["talk"]["actions"]
    assert "Childline" in actions["help"]
    assert actions["share"] and actions["share"] != actions["help"]
    assert actions["muted"]


def test_replies_edits_and_deletions_arrive(found: dict[str, Any]) -> None:
    assert found["talk"]["changes"] == {
        "answers": True, "edited": True, "still_one_bubble": True, "words_left": ""
    }  # fmt: skip


def test_a_restart_keeps_the_chat_and_never_nudges_twice(found: dict[str, Any]) -> None:
    restart = found["restart"]
    assert "are you there" in restart["first"]["texts"]
    assert restart["first"]["texts"] == restart["texts"]  # history shows it, once
    assert "friday" not in " ".join(restart["texts"])  # edited, then deleted
    assert restart["first"]["nudges"] == restart["nudges"] == []
    assert restart["switch"] == "gentle"


def test_what_cannot_be_decrypted_is_never_read(found: dict[str, Any]) -> None:
    second = found["second_device"]
    assert second["unreadable"] > 0
    assert second["with_words"] == second["senders_in_the_sdk"] == 0
    assert second["nudges"] == []


def test_in_a_group_a_nudge_is_about_who_wrote(found: dict[str, Any]) -> None:
    group = found["group"]
    assert group["in_group"] is True
    assert group["sam"] and group["about"] == ["@kai:localhost"]
    assert group["kai"] == []


def test_the_operator_sees_ciphertext_only(found: dict[str, Any]) -> None:
    seen = found["operator"]
    assert seen["control"] == {"m.room.message": 1}
    assert seen["room"].get("m.room.encrypted", 0) >= found["talk"]["lines"]
    assert set(seen["room"]) <= {"m.room.encrypted", "m.room.redaction"}


@pytest.mark.parametrize("where", ["database", "logs", "files", "memory", "wire", "sams_disk"])
def test_no_word_of_it_is_anywhere_but_on_the_screens(found: dict[str, Any], where: str) -> None:
    scans = found["scans"]
    assert scans["words"] >= 5
    hits = {word: n for word, n in scans[where].items() if n and word != scans["marker"]}
    assert hits == {}


@pytest.mark.parametrize("where", ["database", "files", "memory", "wire_control"])
def test_the_plaintext_control_is_found(found: dict[str, Any], where: str) -> None:
    scans = found["scans"]
    assert scans[where][scans["marker"]] > 0


def test_the_requests_are_the_same_with_and_without_the_sdk(found: dict[str, Any]) -> None:
    with_sdk, *without = (found["traffic"][run] for run in ("with", "without_1", "without_2"))
    assert with_sdk["nudges"] > 0 and all(run["nudges"] == 0 for run in without)
    assert differences(with_sdk["requests"], *(run["requests"] for run in without)) == {}


def test_a_client_that_told_its_server_would_be_found(found: dict[str, Any]) -> None:
    """The comparison's own control: one more request, or a body that is one byte longer."""
    without = [found["traffic"][run]["requests"] for run in ("without_1", "without_2")]
    sends = next(name for name in without[0] if "/send/m.room.encrypted/" in name)
    told = {**without[0], "POST /_matrix/client/v3/rooms/ROOM/report 40": 1}
    assert differences(told, *without)
    keys = next(name for name in without[0] if "/keys/upload" in name)
    for name in (sends, keys):
        longer = dict(without[0])
        longer[name] -= 1
        longer[f"{name}1"] = 1
        assert differences(longer, *without)


def differences(run: dict[str, int], *pair: dict[str, int]) -> dict[str, int]:
    """Requests of a run that a pair of others does not explain, with how many too many.

    What both of the pair agree on has to be the same; where they differ from each other, a run may
    lie between them. How often keys are topped up is a matter of which sync tells that one was
    used, so for `BACKGROUND` it only counts whether there is such a request of such a size.
    """
    found = {}
    for name in {*run, *pair[0], *pair[1]}:
        often = [other.get(name, 0) for other in (*pair, run)]
        if any(path in name for path in BACKGROUND):
            often = [min(times, 1) for times in often]
        *both, here = often
        low, high = min(both), max(both)
        if not low <= here <= high:
            found[name] = here - (high if here > high else low)
    return found


def test_the_pictures_are_whole_and_ask_nobody(out: Path) -> None:
    for name in PICTURES:
        svg = (out / "pictures" / name).read_text("utf-8")
        assert "http" not in svg.replace("http://www.w3.org/", "").replace(
            "https://www.textualize.io", ""
        )
    sams = (out / "pictures" / "chat_sam.svg").read_text("utf-8").replace("&#160;", " ")
    kais = (out / "pictures" / "chat_kai.svg").read_text("utf-8").replace("&#160;", " ")
    assert "a tip for you" in sams and "a tip for you" not in kais


def test_the_time_from_decryption_to_nudge_is_measured(
    found: dict[str, Any], say: Callable[[str], None]
) -> None:
    """A figure, not a limit: this machine may be busy."""
    timing = found["talk"]["timing"]
    assert timing["messages"] > 0 and timing["noop_ms"] > 0
    assert 0 < timing["decrypted_to_shown_ms"] < timing["decrypted_to_drawn_ms"]
    say(
        f"decrypted to nudge: {timing['decrypted_to_shown_ms']:.2f} ms,"
        f" {timing['noops']:.0f} no-op calls of {1000 * timing['noop_ms']:.1f} us;"
        f" to drawn: {timing['decrypted_to_drawn_ms']:.1f} ms (medians of"
        f" {timing['messages']} messages)"
    )
