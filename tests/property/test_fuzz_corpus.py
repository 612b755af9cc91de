"""The fuzzers' targets without the fuzzer: over the corpus, and over what Hypothesis thinks up.

``tests/fuzz/run.py`` is the coverage-guided search; its finds become files of the corpus.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz import run
from tests.fuzz.graph_target import graph, runs_of
from tests.fuzz.reader import Taken
from tests.fuzz.targets import PARSERS, Finding, hold

TARGETS: dict[str, Callable[[bytes], None]] = {**PARSERS, "graph": graph}
CORPUS = Path(run.__file__).with_name("corpus")


def test_every_target_has_a_corpus_and_is_run() -> None:
    assert set(run.NAMES) == set(TARGETS) == {folder.name for folder in CORPUS.iterdir()}


@pytest.mark.parametrize("name", TARGETS)
def test_the_corpus_holds(name: str) -> None:
    files = [path for path in (CORPUS / name).iterdir() if path.is_file()]
    assert files
    for path in files:
        TARGETS[name](path.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_any_bytes_hold(name: str) -> None:
    target = TARGETS[name]

    @given(st.binary(max_size=400))
    @settings(max_examples=60, deadline=None)
    def law(raw: bytes) -> None:
        target(raw)

    law()


def test_the_corpus_reaches_the_graph() -> None:
    assert sum(runs_of(path.read_bytes()) for path in (CORPUS / "graph").iterdir()) >= 5


def test_a_broken_promise_is_a_finding() -> None:
    """Positive control."""
    with pytest.raises(Finding, match="never"):
        hold(False, "never")


@given(st.binary(max_size=100))
def test_the_reader_takes_every_byte_once_and_never_fails(raw: bytes) -> None:
    taken = Taken(raw)
    assert taken.take(3) + taken.rest() == raw
    assert not taken
    assert (taken.whole(), taken.number(), taken.text(), taken.rest()) == (0, 0.0, "", b"")


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=80))
def test_every_text_can_be_found_by_the_fuzzer(text: str) -> None:
    raw = b"\x02" + bytes([len(text)]) + b"".join(ord(c).to_bytes(3, "big") for c in text)
    assert Taken(raw).text() == text
