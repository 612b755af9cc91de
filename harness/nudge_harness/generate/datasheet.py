"""A datasheet for generated conversations, as Gebru et al. 2021, "Datasheets for Datasets", ask.

Every number in it is counted on the spot, from the material of one side and from a stream of it;
the words around them say what no count can.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from nudge_harness.formats import Conversation
from nudge_harness.generate.leaks import find_leaks, wordings
from nudge_harness.generate.split import SplitName, shipped
from nudge_harness.generate.stream import generate
from nudge_sdk.values import CUES

_TEXT = """# Datasheet: generated {split} conversations

Written by `{command}`.
The questions are those of Gebru et al. 2021, "Datasheets for Datasets".

## Motivation

Made to measure on-device safety nudges for young people: how many risky chats are noticed in time,
and how many ordinary ones are disturbed. Real predatory chats must not be passed around; these can
be.

## Composition

Each instance is a conversation between a young person and one contact, in the harness's format
(`nudge_harness/formats/conversation.schema.json`): messages with times and senders, what is known
of the contact, a label, the scenario family, and in risky ones the index of the first sign
(`onset`) and of the concrete ask or threat (`harm`).

{composition}

There is no limit to how many can be made: conversation i depends on the seed and on i alone. They
are not a sample of real chats. Labels are the writers' intention. Recommended splits: `train` and
`test`, whose families and phrases were written apart; {leaks} phrases or 5-word sequences of risky
phrases are shared between the two (`nudge-harness generate --check-split`).

**Nobody is in it.** No real person, chat log, account, address, number or link was used. Names
come from short lists. Texts stay at the level of an awareness leaflet for parents: no sexual
description, no explicit word, nothing sexual that involves a young person, no instruction.

## Collection and preprocessing

Scripts and phrase banks were written by hand for this project ({families} scenario families,
{phrases} phrases on this side). A generator draws family, wording, names, times and interludes by
seed, and rewrites some messages (typing errors, chat spelling, emoji, repeated letters) without
changing a label. Nothing was scraped or bought, so there was nobody to ask for consent.

## Uses

For measuring and comparing detectors, and for studies of memory and privacy. **Not for** claims
about how often risky chats happen, about real young people, or about any group: labels, ages and
relationships are drawn as the writers set them, not as they occur. A detector that does well here
has shown that it knows these warning signs in wording that it has not seen, and no more. A few
hands wrote everything; real chats are longer, ruder, more indirect and more varied.

## Distribution and maintenance

In the wheel of `nudge-harness`, Apache-2.0. A change of the material is a new version of the
package; results name the commit and the SHA-256 of the file that they were measured on. Found a
text that should not be there, or a family that is missing: see CONTRIBUTING.
"""


def datasheet(split: SplitName, seed: int, n: int) -> str:
    """The datasheet of ``n`` conversations of one side, as Markdown."""
    side = shipped(split)
    return _TEXT.format(
        split=split,
        command=f"nudge-harness generate --split {split} --seed {seed} -n {n} --datasheet FILE",
        composition=composition(generate(split, seed, n=n)),
        leaks=len(find_leaks(shipped("train"), shipped("test"))),
        families=len(side.scripts),
        phrases=f"{len(wordings(side)):,}",
    )


def composition(chats: Iterable[Conversation]) -> str:
    """What a stream of conversations holds, as Markdown tables."""
    label: dict[str, list[int]] = {}
    families: dict[str, set[str]] = {}
    relationship, age, kind, cue = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for chat in chats:
        name = chat.label or "(none)"
        label.setdefault(name, []).append(len(chat.messages))
        families.setdefault(name, set()).add(chat.family or chat.id)
        relationship[chat.contact.relationship or "unknown"] += 1
        age["unknown" if chat.user_age is None else str(chat.user_age)] += 1
        kind.update(turn.kind for turn in chat.messages)
        cue.update(own for turn in chat.messages for own in turn.cues)
    rows = [
        (
            name,
            f"{len(lengths):,}",
            str(len(families[name])),
            f"{int(np.median(lengths))} ({min(lengths)} to {max(lengths)})",
        )
        for name, lengths in sorted(label.items())
    ]
    parts = [
        _table(("label", "conversations", "families", "messages: median (range)"), rows),
        _counts("contact is", relationship),
        _counts("age of the young person", age),
        _counts("kind of message", kind),
        _counts("cue", Counter({name: cue[name] for name in CUES})),
    ]
    return "\n\n".join(parts)


def _counts(head: str, counted: Counter[str]) -> str:
    rows = [(name.replace("_", " "), f"{count:,}") for name, count in sorted(counted.items())]
    return _table((head, "count"), rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])
