"""Which material trains what: folds by family, by phrase and by corpus of real conversations.

The fold of a family or phrase is given by a hash of its name, so it does not move when material is
added elsewhere. A corpus lies in one fold as a whole: what an encoder makes of chats that were
collected elsewhere, which is what it will meet, shows on a corpus that it has not seen, and hardly
on other chats of one that it has. (Task dialogues at risk 0.8: 1 of 233 when the fold was given by
the conversation, 25 of 937 when by the corpus.)

The conversation level is fitted on conversations made of one fold's material and read by an encoder
that was fitted on the others (cross-fitting, `material`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final

from nudge_harness.formats import Conversation

FOLDS: Final = 4


def fold_of(name: str) -> int:
    """0..3 for a family's name or a phrase's text."""
    return int(hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest(), 16) % FOLDS


def fold_of_family(name: str) -> int:
    """As `fold_of`; families whose names share their first two words lie in the same fold.

    Minimal pairs share whole turns, so they are named alike.
    """
    return fold_of("_".join(name.split("_")[:2]))


def folds_of_corpora(corpora: Mapping[str, Sequence[Conversation]]) -> dict[str, int]:
    """0..3 for each corpus: the one with most messages first, each to the fold with fewest."""
    sizes = {name: sum(len(c.messages) for c in chats) for name, chats in corpora.items()}
    held, found = [0] * FOLDS, {}
    for name in sorted(sizes, key=lambda name: (-sizes[name], name)):
        found[name] = held.index(min(held))
        held[found[name]] += sizes[name]
    return found
