"""``nudge policy``: the table as a page that a reviewer can read, in Markdown.

`docs/policy.md` is this command's output, word for word; a test compares them. Every number, name
and source comes from ``policy.json``, so the page cannot say anything else than what runs. Numbers
that belong to a model (thresholds) stand in its card, as they change with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from nudge_sdk.policy_table import policy_json

_HEAD: Final = """\
# The policy

<!-- written by `nudge policy > docs/policy.md`; do not edit -->

When a nudge appears, how it is shown, and what may hold it back. This page is made from
`nudge_sdk/policy.json` (version {version}), the table that runs; `nudge_sdk/policy.py` interprets
it and says in which order its rules apply. From which probability a cue or a risk counts belongs to
the model and stands in the model card."""
_FLOOR: Final = """\
No budget, cooldown, answer or switch short of `off` holds these back: one strong nudge for each new
piece of evidence. The texts are those of the kind that came up, or of the kind named here. Of two
rules that apply, the first counts."""
_EVIDENCE: Final = """\
A nudge of a kind needs one of these in the newest message, and one that no earlier nudge of this
kind named. Metadata alone never nudges. A discreet nudge shows a neutral title where others may
look on, and nothing on a lock screen or in a notification."""
_ANSWERS: Final = """\
| answer or switch | what it does |
|---|---|
| this is fine | quietens gentle nudges of that kind from that contact; never a strong one |
| help | quietens nothing |
| switch `gentle` | the same reading; shown inline, no cover, \
{limit} gentle nudge for each kind and chat |
| switch `off` | nothing is read, all memory is wiped |"""
_COVER: Final = """\
A message is advised to be covered until it is tapped when it shows {cue}, {risk} is up, the profile
says so and a nudge is given, whatever that nudge is about. The switch `gentle` never covers."""
_OUTSIDE: Final = """\
An adult (from {from_age} years) whose relationship is {relationships} writes to somebody under 18:
the odds that a risk has to reach for a gentle nudge are divided by {odds:g}. Words that show
evidence are needed all the same, and what makes a nudge strong stays as it is. The factor is
derived for the model {model}: the largest, up to {most_odds:g}, at which at most {ordinary_share:g}
of ordinary chats, read as such an adult's, would get a nudge."""
_DRAFT: Final = """\
Something private in a draft (a photo, an address, a place, a school, a phone number) brings a quiet
pause when words in the chat have raised a risk in the last {raised_for_days} days. Silent where the
contact is {silent_relationships}. For this a risk counts as raised from the gentle threshold with
its odds divided by {odds:g}; derived as above, with at most {ordinary_share:g} of ordinary chats,
and up to {most_odds:g}."""


def page(table: Mapping[str, Any] | None = None) -> str:
    """The page, ending in a newline. ``table``: the shipped one when left out."""
    table = policy_json() if table is None else table
    return "\n\n".join(_parts(table)) + "\n"


def _parts(table: Mapping[str, Any]) -> Iterator[str]:
    derived = table["derived"]
    yield _HEAD.format(version=table["version"])
    yield "## Profiles\n\nOne for each age band of the UK Children's Code."
    yield _table(
        ("age", "time between nudges in a chat", "a week, in one chat", "a week, in all", "cover"),
        [
            (
                _words(name),
                _span(rules["cooldown_s"]),
                rules["per_conversation_week"],
                rules["per_week"],
                "yes" if rules["cover"] else "no",
            )
            for name, rules in table["bands"].items()
        ],
    )
    timing = table["timing"]
    yield (
        f"A message older than {_span(timing['late_after_s'])} never nudges; messages within"
        f" {_span(timing['burst_s'])} of a nudge give no second one, but a strong one may follow a"
        f" gentle one. A nudge is strong by the floor, or when the risk reaches the model's strong"
        f" threshold and {table['strong']['distinct_cues']} different cues have been seen. It rises"
        f" only on evidence that no nudge of its kind has named."
    )
    yield "## The floor\n\n" + _FLOOR
    yield _table(
        ("rule", "in this message, and new", "seen here", "texts"), map(_floor_row, table["floor"])
    )
    yield "## Evidence\n\n" + _EVIDENCE
    yield _table(
        ("kind", "cues", "discreet"),
        [
            (_words(name), _list(rule["evidence"]), "yes" if rule["discreet"] else "no")
            for name, rule in table["risks"].items()
        ],
    )
    limit = table["gentle_switch"]["gentle_nudges_per_kind_and_chat"]
    yield "## Answers and the switch\n\n" + _ANSWERS.format(limit=limit)
    yield "## How it is shown"
    yield _table(
        ("switch", "gentle", "strong"),
        [(name, shown["gentle"], shown["strong"]) for name, shown in table["presentation"].items()],
    )
    cover = {key: _words(name) for key, name in table["cover"].items()}
    yield _COVER.format(**cover)
    outside = table["adult_outside_contacts"]
    yield "## An adult outside the contacts\n\n" + _OUTSIDE.format(
        **{**outside, "relationships": _list(outside["relationships"], " or ")},
        odds=derived["adult_outside_contacts_odds"],
        model=derived["model"],
    )
    draft = table["draft"]
    yield "## Before sending\n\n" + _DRAFT.format(
        **{**draft, "silent_relationships": _list(draft["silent_relationships"], " or ")},
        odds=derived["draft_odds"],
    )
    yield "## Every number, its unit and its source"
    yield _table(("number", "value", "unit", "source"), _number_rows(table))


def _floor_row(rule: Mapping[str, Any]) -> Sequence[object]:
    led: dict[str, list[str]] = {}
    for risk, copy in rule["copy"].items():
        led.setdefault(copy, []).append(risk)
    texts = [f"{_words(copy)}, also for {_list(risks)}" for copy, risks in led.items()]
    seen = _list(rule["seen"]) or "nothing else needed"
    return _words(rule["name"]), _list(rule["now"], " or "), seen, "; ".join(texts) or "its own"


def numbers_of(table: Mapping[str, Any]) -> dict[str, float]:
    """Every number that the policy goes by, by its path in the table."""
    skipped = ("schema", "numbers")
    return dict(_leaves({k: v for k, v in table.items() if k not in skipped}, ""))


def _leaves(value: object, path: str) -> Iterator[tuple[str, float]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from _leaves(inner, f"{path}.{at}")
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield path, value


def matches(path: str, pattern: str) -> bool:
    """Whether a path is meant by a key of the section ``numbers``, where ``*`` is any one name."""
    names, wanted = path.split("."), pattern.split(".")
    return len(names) == len(wanted) and all(
        want in ("*", name) for name, want in zip(names, wanted, strict=True)
    )


def _number_rows(table: Mapping[str, Any]) -> Iterator[Sequence[object]]:
    found = numbers_of(table)
    for pattern, about in table["numbers"].items():
        values = [f"{value:g}" for path, value in found.items() if matches(path, pattern)]
        yield f"`{pattern}`", ", ".join(values), about["unit"], about["source"]


def _words(name: str) -> str:
    return name.replace("_", "-") if name[0].isdigit() else name.replace("_", " ")


def _list(names: Iterable[str], joint: str = ", ") -> str:
    return joint.join(map(_words, names))


def _span(seconds: float) -> str:
    for size, name in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size and seconds % size == 0:
            count = seconds / size
            return f"{count:g} {name}{'' if count == 1 else 's'}"
    return f"{seconds:g} seconds"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)
