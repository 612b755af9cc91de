"""Scripts and phrase banks: the hand-written material that conversations are made of.

Theory of operation
-------------------
A *script* is one scenario family: who speaks, how well the two know each other, and the turns of
the plot. Every turn lists several wordings of the same thing; the generator draws one. A *bank* is
a flat list of single messages under a cue. Both are plain text, so that a writer who never
programs can add one, and both are split by folder into ``train`` and ``test``: nothing written for
one side is ever read on the other.

Script file (``*.script``), any number of families in it::

    == coach_private_lessons
    label: grooming
    contact: school_or_club, known 90-700 days, age 24-45
    user: 11-15
    where: rugby | swimming | gymnastics
    --
    c: best session youve had all term | you really shone at {where} tonight [flattery_bond]
    u: thanks coach | aw ty
    u?: my legs are dead tho
    ~ 2d
    !onset
    c: dont mention the extra lift home to the others | keep the lifts just between us [secrecy]
    c<image>: look at the new kit
    c: @secrecy
    !harm
    c: come round mine saturday, ill pick you up at the corner [meet_request]

``c`` is the contact and ``u`` the young person; ``?`` makes a turn optional; ``<kind>`` names an
event that is not text; ``~`` is a silence (s, m, h or d); ``|`` parts the wordings of one turn;
``[cue cue]`` at the end of a line gives the cues of every wording on it; ``{slot}`` is filled from
a ``slot: a | b`` line of the header or from the shared slots; ``@cue`` draws a phrase from the
bank of the same side. ``!onset`` and ``!harm`` stand before the contact's message that they mark:
both are needed in a risky family and neither may stand in a benign one. ``name: value`` lines may
be followed by ``#`` comments on lines of their own.

Bank file (``*.phrases``)::

    [secrecy]
    dont show anyone this chat
    [not secrecy]
    dont tell dad, its for his birthday
    [ordinary]
    see you at training

A heading names the cue that every line below it carries; ``not cue`` holds look-alikes, which carry
none; ``ordinary`` is everything else that people say. A line may add cues of its own in brackets.
``[user ...]`` headings hold what the young person writes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nudge_harness.errors import ScriptError
from nudge_sdk.values import CUES, EVENT_KINDS, RELATIONSHIPS, RISKS

LABELS = ("benign", *RISKS)

_TURN = re.compile(r"^(?P<who>[cu])(?:<(?P<kind>\w+)>)?(?P<optional>\??):\s*(?P<body>.*)$")
_TAGS = re.compile(r"\s*\[(?P<tags>[a-z_ ]+)\]\s*$")
_CONTACT = re.compile(
    r"^(?P<relationship>\w+)"
    r"(?:,\s*known\s+(?P<days_low>\d+)(?:-(?P<days_high>\d+))?\s+days?)?"
    r"(?:,\s*age\s+(?P<age_low>\d+)(?:-(?P<age_high>\d+))?)?$"
)
_SILENCE = re.compile(r"^~\s*(?P<number>\d+)\s*(?P<unit>[smhd])$")
_UNIT = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}  # seconds
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """One message of a plot.

    ``wordings``: at least one text, alike in meaning. ``bank``: draw from this cue's bank instead.
    ``pause``: seconds of silence before it, on top of the ordinary rhythm of a chat.
    """

    sender: str
    wordings: tuple[str, ...]
    cues: tuple[str, ...] = ()
    kind: str = "text"
    optional: bool = False
    bank: str | None = None
    pause: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Script:
    """One scenario family. Ages in years, ``days_known`` in days, ranges inclusive."""

    name: str
    label: str
    relationship: str
    days_known: tuple[int, int] | None
    claimed_age: tuple[int, int] | None
    user_age: tuple[int, int]
    turns: tuple[Turn, ...]
    onset: int | None
    harm: int | None
    slots: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lang: str = "en"


@dataclass(frozen=True, kw_only=True, slots=True)
class Phrase:
    """One message of a bank. ``heading`` is the bank that it stands in, without ``user``."""

    text: str
    sender: str
    heading: str
    cues: tuple[str, ...]
    source: str


def _split_tags(body: str, where: str) -> tuple[str, tuple[str, ...]]:
    found = _TAGS.search(body)
    if found is None:
        return body.strip(), ()
    cues = tuple(found["tags"].split())
    for cue in cues:
        if cue not in CUES:
            raise ScriptError(f"{where}: no such cue: {cue}")
    return body[: found.start()].strip(), cues


def _range(low: str | None, high: str | None) -> tuple[int, int] | None:
    if low is None:
        return None
    return int(low), int(high or low)


def _parse_turn(line: str, pause: int, where: str) -> Turn:
    found = _TURN.match(line)
    if found is None:
        raise ScriptError(f"{where}: neither a turn, a silence nor a mark")
    body, cues = _split_tags(found["body"], where)
    kind = found["kind"] or "text"
    if kind not in EVENT_KINDS:
        raise ScriptError(f"{where}: no such kind: {kind}")
    bank = body[1:] if body.startswith("@") else None
    if bank is not None and bank not in CUES:
        raise ScriptError(f"{where}: no such bank: {bank}")
    wordings = tuple(part.strip() for part in body.split(" | ")) if bank is None else ()
    if kind == "text" and bank is None and not all(wordings):
        raise ScriptError(f"{where}: an empty wording")
    return Turn(
        sender="contact" if found["who"] == "c" else "user",
        wordings=wordings,
        cues=cues if bank is None else tuple(dict.fromkeys((bank, *cues))),
        kind=kind,
        optional=bool(found["optional"]),
        bank=bank,
        pause=pause,
    )


def _numbered_lines(path: Path) -> Iterator[tuple[int, str]]:
    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        line = raw.strip()
        if line and not line.startswith("#"):
            yield number, line


class _Draft:
    """A family while its lines are being read."""

    def __init__(self, name: str, where: str) -> None:
        self.name, self.where = name, where
        self.header: dict[str, str] = {}
        self.turns: list[Turn] = []
        self.marks: dict[str, int] = {}
        self.pause = 0
        self.in_plot = False

    def read(self, line: str, where: str) -> None:
        if not self.in_plot:
            if line == "--":
                self.in_plot = True
                return
            key, colon, value = line.partition(":")
            if not colon:
                raise ScriptError(f"{where}: a header line reads 'name: value'")
            self.header[key.strip()] = value.strip()
        elif line in ("!onset", "!harm"):
            if line[1:] in self.marks:
                raise ScriptError(f"{where}: a second {line}")
            self.marks[line[1:]] = len(self.turns)
        elif line.startswith("~"):
            found = _SILENCE.match(line)
            if found is None:
                raise ScriptError(f"{where}: a silence reads '~ 2h' (s, m, h or d)")
            self.pause += int(found["number"]) * _UNIT[found["unit"]]
        else:
            self.turns.append(_parse_turn(line, self.pause, where))
            self.pause = 0

    def finish(self) -> Script:
        header, where = dict(self.header), f"{self.where} ({self.name})"
        label = header.pop("label", "")
        if label not in LABELS:
            raise ScriptError(f"{where}: label must be one of {', '.join(LABELS)}")
        contact = _CONTACT.match(header.pop("contact", ""))
        if contact is None or contact["relationship"] not in (*RELATIONSHIPS, "unknown"):
            raise ScriptError(
                f"{where}: contact reads 'RELATIONSHIP, known 3-30 days, age 14-15' with"
                f" a relationship of {', '.join(RELATIONSHIPS)}"
            )
        user = re.match(r"^(\d+)(?:-(\d+))?$", header.pop("user", "10-16"))
        if user is None:
            raise ScriptError(f"{where}: user reads '11-15'")
        lang = header.pop("lang", "en")
        self._check_marks(label, where)
        slots = {name: tuple(p.strip() for p in v.split(" | ")) for name, v in header.items()}
        return Script(
            name=self.name,
            label=label,
            relationship=contact["relationship"],
            days_known=_range(contact["days_low"], contact["days_high"]),
            claimed_age=_range(contact["age_low"], contact["age_high"]),
            user_age=(int(user[1]), int(user[2] or user[1])),
            turns=tuple(self.turns),
            onset=self.marks.get("onset"),
            harm=self.marks.get("harm"),
            slots=slots,
            lang=lang,
        )

    def _check_marks(self, label: str, where: str) -> None:
        if not self.turns:
            raise ScriptError(f"{where}: no turns")
        if label == "benign":
            if self.marks:
                raise ScriptError(f"{where}: a benign family has no {'/'.join(self.marks)}")
            return
        for mark in ("onset", "harm"):
            at = self.marks.get(mark)
            if at is None or at >= len(self.turns):
                raise ScriptError(f"{where}: a risky family needs !{mark} before a turn")
            if self.turns[at].sender != "contact" or self.turns[at].optional:
                raise ScriptError(f"{where}: !{mark} stands before a fixed turn of the contact")
        if self.marks["harm"] < self.marks["onset"]:
            raise ScriptError(f"{where}: !harm stands before !onset")


def read_scripts(path: Path) -> list[Script]:
    """Read one ``*.script`` file.

    Raises:
        ScriptError: names the file, the line and what is wrong with it.
    """
    scripts: list[Script] = []
    draft: _Draft | None = None
    for number, line in _numbered_lines(path):
        where = f"{path.name}:{number}"
        if line.startswith("=="):
            if draft is not None:
                scripts.append(draft.finish())
            draft = _Draft(line[2:].strip(), where)
        elif draft is None:
            raise ScriptError(f"{where}: a family starts with '== name'")
        else:
            draft.read(line, where)
    if draft is not None:
        scripts.append(draft.finish())
    names = [script.name for script in scripts]
    for name in names:
        if names.count(name) > 1:
            raise ScriptError(f"{path.name}: two families are called {name}")
    return scripts


def read_phrases(path: Path) -> list[Phrase]:
    """Read one ``*.phrases`` file.

    Raises:
        ScriptError: names the file, the line and what is wrong with it.
    """
    phrases: list[Phrase] = []
    heading, sender = "", "contact"
    for number, line in _numbered_lines(path):
        where = f"{path.name}:{number}"
        if re.fullmatch(r"\[[a-z_ ]+\]", line):
            words = line[1:-1].split()
            sender = "user" if words[0] == "user" else "contact"
            heading = " ".join(words[1:] if sender == "user" else words)
            if heading.removeprefix("not ") not in (*CUES, "ordinary"):
                raise ScriptError(f"{where}: no such bank: {heading}")
            continue
        if not heading:
            raise ScriptError(f"{where}: a phrase before the first [heading]")
        text, cues = _split_tags(line, where)
        own = (heading,) if heading in CUES else ()
        cues = tuple(dict.fromkeys((*own, *cues)))
        phrases.append(
            Phrase(text=text, sender=sender, heading=heading, cues=cues, source=path.name)
        )
    return phrases


def slots_in(text: str) -> set[str]:
    """Names of the ``{slots}`` in a wording."""
    return set(_SLOT.findall(text))
