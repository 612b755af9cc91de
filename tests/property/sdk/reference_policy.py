"""A second, slow interpreter of ``policy.json``, written from its words and not from its code.

It keeps every nudge and every cue that was ever seen, in lists and sets of names, and looks them
all up again for each message. Where it and `nudge_sdk.policy` differ, one of them is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

RISKS: Final = ("grooming", "adult_content", "coercion", "scam_lure")
LEDGER: Final = 32  # nudges that the user's ledger can hold
GENTLE, STRONG, HOLDS, FOREIGN = 0.5, 0.9, 0.5, 0.5


@dataclass
class Given:
    """One message: what the model says of it, and how it came."""

    cues: dict[str, float]
    risk: dict[str, float]
    other_language: float
    own: bool
    backfill: bool
    late: bool


@dataclass
class Past:
    """One nudge of the past; ``at`` in whole seconds since the epoch."""

    chat: int
    risk: str
    level: str
    cues: set[str]
    at: int


@dataclass
class Answer:
    """What came out: reason, kind, level, presentation."""

    reason: str
    risk: str | None = None
    level: str | None = None
    presentation: str | None = None


@dataclass
class Reference:
    """The table and everything that has happened."""

    table: dict[str, Any]
    band: str
    nudges: list[Past] = field(default_factory=list)
    seen: dict[int, set[str]] = field(default_factory=dict)
    fine: set[tuple[int, str]] = field(default_factory=set)

    def decide(self, chat: int, given: Given, switch: str, now: float) -> Answer:
        """Decide on one message, and remember."""
        answer = self._decide(chat, given, switch, now)
        if not given.own and given.other_language < FOREIGN:
            self.seen.setdefault(chat, set()).update(self._holding(given))
        if answer.level and answer.risk:
            cues = self._evidence(answer.risk, given)
            self.nudges.append(Past(chat, answer.risk, answer.level, cues, int(now)))
        return answer

    def _decide(self, chat: int, given: Given, switch: str, now: float) -> Answer:
        if given.own:
            return Answer("own_message")
        if given.backfill:
            return Answer("backfill")
        if given.late:
            return Answer("late")
        if given.other_language >= FOREIGN:
            return Answer("language")
        answers = [
            self._weigh(chat, given, risk, switch, now)
            for risk in RISKS
            if given.risk[risk] >= GENTLE
        ]
        if not answers:
            return Answer("below_threshold")
        best = answers[0]
        for other in answers[1:]:
            if self._rank(other, given) > self._rank(best, given):
                best = other
        return best

    def _rank(self, answer: Answer, given: Given) -> tuple[int, float]:
        nudging = {None: 0, "gentle": 1, "strong": 2}[answer.level]
        return nudging, given.risk[str(answer.risk)]

    def _holding(self, given: Given) -> set[str]:
        return {cue for cue, p in given.cues.items() if p >= HOLDS}

    def _evidence(self, risk: str, given: Given) -> set[str]:
        return self._holding(given) & set(self.table["risks"][risk]["evidence"])

    def _weigh(self, chat: int, given: Given, risk: str, switch: str, now: float) -> Answer:
        evidence = self._evidence(risk, given)
        if not evidence:
            return Answer("no_words", risk)
        here = [nudge for nudge in self.nudges if nudge.chat == chat]
        same = [nudge for nudge in here if nudge.risk == risk]
        new = evidence - {cue for nudge in same for cue in nudge.cues}
        ever = self.seen.get(chat, set()) | self._holding(given)
        floor = any(
            risk in rule["risks"] and new & set(rule["now"]) and set(rule["seen"]) <= ever
            for rule in self.table["floor"]
        )
        distinct = ever & set(self.table["risks"][risk]["evidence"])
        enough = len(distinct) >= self.table["strong"]["distinct_cues"]
        level = "strong" if floor or (given.risk[risk] >= STRONG and enough) else "gentle"
        reason = "floor" if floor else self._reason(chat, risk, level, new, switch, now)
        if reason not in ("floor", "nudge"):
            return Answer(reason, risk)
        return Answer(reason, risk, level, self._presentation(risk, level, given, switch))

    def _presentation(self, risk: str, level: str, given: Given, switch: str) -> str:
        cover = self.table["cover"]
        if (
            switch == "full"
            and risk == cover["risk"]
            and cover["cue"] in self._holding(given)
            and self.table["bands"][self.band]["cover"]
        ):
            return "cover"
        presentation: str = self.table["presentation"][switch][level]
        return presentation

    def _reason(
        self, chat: int, risk: str, level: str, new: set[str], switch: str, now: float
    ) -> str:
        limits = self.table["bands"][self.band]
        timing = self.table["timing"]
        here = [nudge for nudge in self.nudges if nudge.chat == chat]
        same = [nudge for nudge in here if nudge.risk == risk]
        last = {nudge.risk: nudge.at for nudge in here}  # the last of each kind
        nearest = min((abs(now - at) for at in last.values()), default=None)
        rises = level == "strong" and all(nudge.level == "gentle" for nudge in here)
        if not here:
            rises = True
        if not new:
            return "no_new_evidence"
        if level == "gentle" and (chat, risk) in self.fine:
            return "answered_fine"
        most = self.table["gentle_switch"]["gentle_nudges_per_kind_and_chat"]
        if switch == "gentle" and level == "gentle" and len(same) >= most:
            return "gentle_switch"
        if nearest is not None and nearest < timing["burst_s"] and not rises:
            return "burst"
        if nearest is not None and nearest < limits["cooldown_s"] and not rises:
            return "cooldown"
        recent = sum(self._run(chat, kind, now) for kind in RISKS)
        if recent >= limits["per_conversation_week"]:
            return "budget_conversation"
        week = [n for n in self.nudges[-LEDGER:] if abs(now - n.at) <= timing["week_s"]]
        if len(week) >= limits["per_week"]:
            return "budget_week"
        return "nudge"

    def _run(self, chat: int, risk: str, now: float) -> int:
        """Nudges of one kind in the running week: each at most a week from the one before it."""
        week = self.table["timing"]["week_s"]
        times = [n.at for n in self.nudges if n.chat == chat and n.risk == risk]
        if not times or abs(now - times[-1]) > week:
            return 0
        count = 1
        for later, earlier in zip(times[:0:-1], times[-2::-1], strict=True):
            if abs(later - earlier) > week:
                break
            count += 1
        return count
