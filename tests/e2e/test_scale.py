"""Scale for real: processes, a Dask cluster, a kill, and memory that does not grow.

``NUDGE_SCALE_MESSAGES`` sets how many messages the memory test scores (default: 20,000 and twice
that); 1000000 takes a while.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from nudge_harness.cli import main
from nudge_harness.formats import write_conversations
from nudge_harness.generate import generate

pytestmark = pytest.mark.slow

CHATS = 1_600  # four chunks


@pytest.fixture(scope="module")
def chats(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scale") / "chats.jsonl.gz"
    write_conversations(path, generate("test", 5, n=CHATS))
    return path


@pytest.fixture(scope="module")
def alone(chats: Path) -> bytes:
    """Scores of one process."""
    target = chats.with_name("alone.jsonl")
    assert main(["score", str(chats), "-o", str(target), "--workers", "1"]) == 0
    return target.read_bytes()


def test_two_workers_give_the_same_bytes(chats: Path, alone: bytes) -> None:
    target = chats.with_name("two.jsonl")
    assert main(["score", str(chats), "-o", str(target), "--workers", "2"]) == 0
    assert target.read_bytes() == alone


@pytest.mark.filterwarnings("default")  # Dask's own
def test_a_cluster_gives_the_same_bytes(chats: Path, alone: bytes) -> None:
    from distributed import LocalCluster

    target = chats.with_name("cluster.jsonl")
    with LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0"
    ) as cluster:
        words = ["score", str(chats), "-o", str(target), "--scheduler", cluster.scheduler_address]
        assert main(words) == 0
    assert target.read_bytes() == alone


def test_without_a_scheduler_the_command_says_so(
    chats: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["score", str(chats), "-o", str(chats.with_name("x.jsonl"))]
    assert main([*words, "--scheduler", "tcp://127.0.0.1:9"]) == 2
    assert "no Dask scheduler answers" in capsys.readouterr().err


def test_a_killed_process_is_gone_on_with(chats: Path, alone: bytes) -> None:
    target = chats.with_name("killed.jsonl")
    journal = chats.with_name("killed.jsonl.journal")
    words = [sys.executable, "-m", "nudge_harness", "score", str(chats), "-o", str(target)]
    command = [*words, "--workers", "1", "--resume"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:  # noqa: S603  our own
        until = time.monotonic() + 300
        while not (journal.exists() and b"sizes" in journal.read_bytes()):
            assert process.poll() is None and time.monotonic() < until
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert not target.exists()
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)  # noqa: S603  our own
    assert target.read_bytes() == alone


PEAK = """
import json, resource, sys
from nudge_harness.scoring import score_file
done = score_file(sys.argv[1], sys.argv[2])
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"messages": done.messages, "peak_mb": peak}))
"""


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    most = int(os.environ.get("NUDGE_SCALE_MESSAGES", "40000"))
    found = []
    for messages in (most // 2, most):
        source = tmp_path / f"{messages}.jsonl.gz"
        write_conversations(source, generate("test", 6, n=messages // 22))
        words = [sys.executable, "-c", PEAK, str(source), str(tmp_path / "out.jsonl")]
        done = subprocess.run(words, check=True, capture_output=True, text=True)  # noqa: S603  our own
        found.append(json.loads(done.stdout))
    half, whole = found
    assert whole["messages"] > 1.8 * half["messages"]
    # Ids of conversations are kept, to refuse one that stands twice: some 100 bytes each.
    assert whole["peak_mb"] < 1.15 * half["peak_mb"]
