"""Every word of the vocabulary is found by the graph that ships: its tables are taken out of
``model.onnx``, the words come from where training takes them."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import numpy as np
import onnx
import pytest
from nudge_harness.generate.dice import Dice
from nudge_harness.generate.split import shipped

from models.train.examples import bank_sources, script_sources
from models.train.fold import CONFUSABLE, EMOJI, class_of, fold, fold_tables
from models.train.lexicon import LexiconSizes, candidate_words, frequent_words
from models.train.tables import Lexicon
from models.train.words import FINGERPRINT, POSITIONS, hash_table, slots_of, word_hash
from nudge_sdk.bundle import load_bundle, shipped_directory
from tests.unit.train.little import FrontEnd

EXPLICIT = 1_200  # places, at most, that explicit words and those beside them in carriers take


@pytest.fixture(scope="module")
def record() -> dict[str, Any]:
    """What the bundle says of its training."""
    config = json.loads((shipped_directory() / "config.json").read_bytes())
    found: dict[str, Any] = config["training"]
    return found


@pytest.fixture(scope="module")
def tables() -> list[np.ndarray[Any, Any]]:
    """The graph's constants."""
    model = onnx.load_from_string(load_bundle(shipped_directory()).files["model.onnx"])
    return [onnx.numpy_helper.to_array(item) for item in model.graph.initializer]


@pytest.fixture(scope="module")
def lexicon(tables: list[np.ndarray[Any, Any]]) -> Lexicon:
    """The lexicon, told apart by types and shapes."""
    (columns,) = (t for t in tables if t.dtype == np.int64 and t.shape == (2_048, 4, 1))
    blocks = fold_tables().blocks
    (prints,) = (t for t in tables if t.dtype == np.int32 and t.ndim and t.size > blocks.size)
    (codes,) = (t for t in tables if t.dtype == np.uint8 and t.ndim == 2)
    (step,) = (t for t in tables if t.dtype == np.float32 and t.shape == (2 * codes.shape[1],))
    return Lexicon(
        # Entries of separators are no part of any word, so the graph has zeros there.
        hash_table=columns[:, 0, 0],
        fingerprints=np.concatenate([np.full(1, -1, dtype=np.int32), prints]),
        codes=codes,
        step=np.delete(step, [codes.shape[1] - 1, -1]),
    )


@pytest.fixture(scope="module")
def words(record: dict[str, Any]) -> list[str]:
    """The words that training chose, but for the rarest: explicit ones, which are loaded and not
    kept here, take the place of some."""
    side = shipped("train")
    dice = Dice(np.random.default_rng((record["seed"], 1)))
    sources = [*bank_sources(side, dice), *script_sources(side, side.scripts, dice)]
    most = record["words"] - EXPLICIT
    return candidate_words(frequent_words(source.text for source in sources), most)


def test_its_tables_have_the_sizes_of_the_plan(lexicon: Lexicon, record: dict[str, Any]) -> None:
    sizes = LexiconSizes()
    assert {item.name for item in fields(sizes)} == {"words", "slots", "buckets", "width"}
    assert (record["words"], lexicon.slots) == (sizes.words, sizes.slots)
    assert (lexicon.buckets, lexicon.width) == (sizes.buckets, sizes.width)
    parts = np.tile(fold_tables().kind > 0, POSITIONS)
    assert np.array_equal(lexicon.hash_table, hash_table(record["seed"]) * parts)


def test_no_word_was_lost(lexicon: Lexicon, record: dict[str, Any]) -> None:
    assert int((lexicon.fingerprints >= 0).sum()) == record["words"]
    assert not lexicon.word_vectors()[lexicon.fingerprints < 0].any()


def test_every_word_of_the_vocabulary_is_found(lexicon: Lexicon, words: list[str]) -> None:
    """A word that is not means that the banks have changed since: train the bundle again."""
    front_end = FrontEnd(lexicon)
    rows: dict[str, int] = {}
    for start in range(0, len(words), 2_000):
        part = words[start : start + 2_000]
        for word, found in zip(part, front_end.read(part), strict=True):
            assert len(found.rows) == 1, word
            rows[word] = int(found.rows[0])
    assert [word for word, row in rows.items() if not row] == []
    assert len(set(rows.values())) == len(words)
    for word, row in rows.items():
        hash_ = word_hash(fold(word), lexicon.hash_table)
        assert row - 1 in slots_of(hash_, lexicon.slots), word
        assert lexicon.fingerprints[row] == hash_ % FINGERPRINT, word


def test_it_folds_as_this_checkout_does(tables: list[np.ndarray[Any, Any]]) -> None:
    """Where the Unicode version of the Python that trained it makes no difference."""
    own = fold_tables()
    (moved,) = (t for t in tables if t.dtype == np.int32 and t.shape == own.blocks.shape)
    (classes,) = (t for t in tables if t.dtype == np.uint8 and t.ndim == 1 and t.size >= 256)
    for codepoint in (*range(0x250), *map(ord, CONFUSABLE), *map(ord, "".join(EMOJI.values()))):
        found = classes[codepoint + moved[codepoint // 256]]
        assert found == class_of(codepoint), hex(codepoint)
    features = np.concatenate([t[0] for t in tables if t.ndim == 3 and t.shape[2] == 64]).tolist()
    assert (own.kind == 1).tolist() in features and (own.kind == 2).tolist() in features
    assert (own.leet * (own.kind == 1)).tolist() in features
