"""The lexicon: which words the graph knows, where they lie, and the vector of each.

Words are the most frequent of English (`wordfreq`, CC BY-SA data), those of the training banks, and
those of a licensed list of explicit ones (`models.train.explicit`), which carry a flag. Vectors are
MiniLM's of each word alone, reduced by PCA and stored in four bits a number (`models.train.codes`).
Pieces (hashed 3- and 4-grams) are
fitted so that the mean of a word's pieces is close to the word's vector, for the word as it stands
and misspelt.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.train.fold import DIGITS, EMOJI, LETTERS, WORD_OF_EMOJI, fold, fold_tables
from models.train.perturb_words import misspell
from models.train.tables import Lexicon, lexicon_of
from models.train.words import POSITIONS, grams_of, hash_table, place

Array = npt.NDArray[np.float32]


FLAG = 3.0  # of an explicit word; other numbers of a vector have a mean square of 1


@dataclass(frozen=True, kw_only=True, slots=True)
class LexiconSizes:
    """Sizes of the tables.

    Attributes:
        words: in the vocabulary, at most.
        slots: where they lie; about a tenth of them stay empty.
        buckets: of pieces.
        width: floats in a vector, an even number.
    """

    words: int = 29_500
    slots: int = 33_023
    buckets: int = 24_001
    width: int = 96


def frequent_words(texts: Iterable[str], least: int = 3) -> list[str]:
    """Words that stand in at least ``least`` of the texts, most frequent first, in lower case."""
    counts: dict[str, int] = {}
    for text in texts:
        for raw in set(text.lower().split()):
            word = raw.strip(".,;:!?\"'()")
            counts[word] = counts.get(word, 0) + 1
    frequent = [word for word, count in counts.items() if count >= least and word]
    return sorted(frequent, key=lambda word: (-counts[word], word))


def candidate_words(extra: Iterable[str], most: int) -> list[str]:
    """Words with distinct foldings: tokens, numbers to 120, ``extra``, then frequent English ones.

    Args:
        extra: words of the training banks, most frequent first.
        most: words to return, at most.
    """
    import wordfreq

    chosen: list[str] = []
    seen: set[tuple[int, ...]] = set()
    numbers = [str(i) for i in range(121)]
    tokens = ["?", "!", "£", *(group[0] for group in EMOJI.values())]
    for word in [*tokens, *numbers, *extra, *wordfreq.top_n_list("en", 60_000)]:
        classes = tuple(fold(word))
        plain = all(c in LETTERS or c in DIGITS for c in classes)
        if not classes or classes in seen or len(classes) > POSITIONS - 1:
            continue
        if word not in tokens and not plain:
            continue
        if word not in numbers and all(c in DIGITS for c in classes):
            continue
        seen.add(classes)
        chosen.append(word)
        if len(chosen) == most:
            break
    return chosen


def spoken(word: str) -> str:
    """The word as the teacher should read it: an emoji by its meaning."""
    for name, group in EMOJI.items():
        if word in group:
            return WORD_OF_EMOJI[name]
    return word


def reduce(vectors: Array, width: int) -> Array:
    """PCA, each axis divided by the square root of its spread; mean square 1 over all.

    Args:
        vectors: float32 ``(n, d)``; where n is over 20,000, every few only are asked for the axes.
        width: axes to keep, at most d.

    Returns:
        float32 ``(n, width)``.
    """
    centred = vectors - vectors.mean(axis=0)
    _, spread, axes = np.linalg.svd(centred[:: max(1, len(centred) // 20_000)], full_matrices=False)
    reduced = centred @ axes[:width].T / np.sqrt(spread[:width] / spread[0])
    return np.asarray(reduced / np.sqrt(np.square(reduced).mean()), dtype=np.float32)


def fit_pieces(
    words: Sequence[str], vectors: Array, buckets: int, *, seed: int, epochs: int = 12
) -> Array:
    """Fit the pieces, so that the mean of a word's is near the word's vector.

    Args:
        words: ``n`` words, as they stand.
        vectors: float32 ``(n, width)``, what the mean should be near.
        buckets: pieces' hashes fall into 1..buckets.
        seed: of the draws.
        epochs: passes over the words, half of them misspelt.

    Returns:
        float32 ``(buckets + 1, width)``, row 0 zero.
    """
    import torch

    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    leet = fold_tables().leet
    bag = torch.nn.EmbeddingBag(buckets + 1, vectors.shape[1], mode="mean", padding_idx=0)
    torch.nn.init.normal_(bag.weight, std=0.1)
    optimiser = torch.optim.Adam(bag.parameters(), lr=0.02)
    target = torch.from_numpy(vectors)
    usable = [i for i, word in enumerate(words) if word.isalnum()]
    for epoch in range(epochs):
        for group in optimiser.param_groups:
            group["lr"] = 0.02 * (1 - epoch / epochs)
        order = rng.permutation(usable)
        for start in range(0, len(order), 1024):
            rows = order[start : start + 1024]
            texts = [words[i] if rng.random() < 0.5 else misspell(words[i], rng) for i in rows]
            grams = [grams_of([int(leet[c]) for c in fold(t)], buckets) for t in texts]
            offsets = np.cumsum([0, *(len(item) for item in grams[:-1])])
            flat = torch.from_numpy(np.concatenate([np.asarray(g) for g in grams]))
            made = bag(flat, torch.from_numpy(offsets))
            wanted = target[torch.from_numpy(np.asarray(rows))]
            loss = torch.nn.functional.mse_loss(made, wanted) + 0.5 * (
                1 - torch.nn.functional.cosine_similarity(made, wanted).mean()
            )
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
    pieces = bag.weight.detach().numpy().copy()
    pieces[0] = 0.0
    return np.asarray(pieces, dtype=np.float32)


def build_lexicon(
    words: Sequence[str],
    teacher_vectors: Array,
    explicit: npt.NDArray[np.bool_],
    sizes: LexiconSizes,
    seed: int,
) -> Lexicon:
    """Place the words, reduce and store their vectors, fit the pieces.

    The last number of a vector is no axis of the teacher's but `FLAG` for an explicit word, else 0.

    Args:
        words: of `candidate_words`, n of them.
        teacher_vectors: float32 ``(n, 384)``, of each word alone, in the same order.
        explicit: ``(n,)``, words of a licensed list of explicit ones.
        sizes: of the tables.
        seed: of the hash table, of the placement and of the pieces.
    """
    table = hash_table(seed)
    placed = place(words, sizes.slots, table, seed)
    reduced = reduce(teacher_vectors, sizes.width - 1)
    reduced = np.concatenate([reduced, FLAG * explicit[:, None].astype(np.float32)], axis=1)
    pieces = fit_pieces(words, reduced, sizes.buckets, seed=seed)
    by_slot = np.zeros((sizes.slots + 1, sizes.width), dtype=np.float32)
    for i, word in enumerate(words):
        if word in placed.row_of:
            by_slot[placed.row_of[word] + 1] = reduced[i]
    return lexicon_of(table, placed.fingerprints, by_slot, pieces)
