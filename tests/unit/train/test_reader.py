"""The reader gives training the rows that the graph itself reads."""

from __future__ import annotations

import numpy as np

from models.train.reader import MOST_WORDS, WordReader, pad
from tests.unit.train.little import WIDTH, little, little_front_end


def test_known_words_have_the_lexicons_rows_and_strangers_rows_of_their_own() -> None:
    reader = WordReader(little().lexicon)
    texts = ["hello qzx", "", "qzx blorp hello", "SECRET"]
    rows = reader.read(texts)
    first = little().lexicon.slots + 1
    hello, secret = little().row("hello"), little().row("secret")
    assert [item.tolist() for item in rows] == [
        [hello, first],
        [],
        [first, first + 1, hello],
        [secret],
    ]
    assert all(item.dtype == np.int32 for item in rows)


def test_the_table_holds_what_the_graph_computes() -> None:
    reader = WordReader(little().lexicon)
    texts = ["hello qzx 😂", "blorp k33p"]
    rows = reader.read(texts)
    table = reader.table()
    assert table.shape == (little().lexicon.slots + 1 + 2, WIDTH + 1)
    for text, item in zip(texts, rows, strict=True):
        (found,) = little_front_end().read([text])
        assert np.allclose(table[item, :-1], found.vectors, atol=1e-3)  # strangers: half precision
        assert np.array_equal(table[item, -1], (found.rows > 0).astype(np.float32))
    assert not table[0].any()


def test_batches_change_nothing_and_long_texts_are_cut() -> None:
    texts = [f"hello qzx{i} secret" for i in range(30)] + ["you " * 200, ""]
    one = WordReader(little().lexicon).read(texts)
    two = WordReader(little().lexicon).read(texts, batch=7)
    assert [item.tolist() for item in one] == [item.tolist() for item in two]
    assert len(one[30]) == MOST_WORDS
    assert WordReader(little().lexicon).read([]) == []


def test_rows_are_filled_up_to_the_longest() -> None:
    rows, mask = pad([np.array([3, 4], dtype=np.int32), np.array([], dtype=np.int32)])
    assert rows.tolist() == [[3, 4], [0, 0]] and rows.dtype == np.int32
    assert mask.tolist() == [[1.0, 1.0], [0.0, 0.0]] and mask.dtype == np.float32
    empty = np.array([], dtype=np.int32)
    assert pad([empty])[0].shape == (1, 1)
