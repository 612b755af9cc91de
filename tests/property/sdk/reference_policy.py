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
    outside: bool = False
    days_old: int = 0  # whole days since it was sent


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
    raised_by: str | None = None
    rule: str | None = None


def lowered(limit: float, odds: float) -> float:
    """The probability whose odds are those of ``limit`` divided by ``odds``."""
    smaller = limit / (1 - limit) / odds
    return smaller / (1 + smaller)


@dataclass
class Reference:
    """The table and everything that has happened."""

    table: dict[str, Any]
    band: str
    nudges: list[Past] = field(default_factory=list)
    seen: dict[int, set[str]] = field(default_factory=dict)
    fine: set[tuple[int, str]] = field(default_factory=set)
    raised: dict[tuple[int, str], int] = field(default_factory=dict)
    outside_odds: float = 1.0
    draft_odds: float = 1.0

    def wipe(self) -> None:
        """The young person has switched off: nothing of the past counts any more."""
        self.nudges = []
        self.seen, self.fine, self.raised = {}, set(), {}

    def unwise(self, chat: int, relationship: str | None, now: float) -> bool:
        """Whether sharing something private in a chat calls for a pause."""
        if relationship in self.table["draft"]["silent_relationships"]:
            return False
        most = self.table["draft"]["raised_for_days"]
        return any(
            where == chat
            and abs(int(now // 86_400) - day) <= most
            and not self._quietened(chat, risk)
            for (where, risk), day in self.raised.items()
        )

    def _raise(self, chat: int, risk: str, day: int, now: float) -> None:
        """Words raised a risk; of two days the one nearer to now counts, the first if equal."""
        days = [self.raised.get((chat, risk)), day]
        known = [item for item in days if item is not None]
        self.raised[chat, risk] = min(known, key=lambda item: abs(int(now // 86_400) - item))

    def _quietened(self, chat: int, risk: str) -> bool:
        levels = {past.level for past in self.nudges if (past.chat, past.risk) == (chat, risk)}
        return (chat, risk) in self.fine and "strong" not in levels

    def decide(self, chat: int, given: Given, switch: str, now: float) -> Answer:
        """Decide on one message, and remember."""
        answer = self._decide(chat, given, switch, now)
        if not given.own and given.other_language < FOREIGN:
            self.seen.setdefault(chat, set()).update(self._holding(given))
            limit = lowered(GENTLE, self.draft_odds)
            for risk in RISKS:
                if given.risk[risk] >= limit and self._evidence(risk, given):
                    self._raise(chat, risk, int(now // 86_400) - given.days_old, now)
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
        limit = lowered(GENTLE, self.outside_odds if given.outside else 1.0)
        up = [risk for risk in RISKS if given.risk[risk] >= limit]
        answers = [self._weigh(chat, given, risk, switch, now) for risk in up]
        if not answers:
            return Answer("below_threshold")
        best = answers[0]
        for other in answers[1:]:
            if self._rank(other, given) > self._rank(best, given):
                best = other
        cover = self.table["cover"]
        if (
            best.level
            and switch == "full"
            and cover["risk"] in up
            and cover["cue"] in self._holding(given)
            and self.table["bands"][self.band]["cover"]
        ):
            best.presentation = "cover"
        return best

    def _rank(self, answer: Answer, given: Given) -> tuple[int, float]:
        nudging = {None: 0, "gentle": 1, "strong": 2}[answer.level]
        return nudging, given.risk[str(answer.raised_by)]

    def _holding(self, given: Given) -> set[str]:
        return {cue for cue, p in given.cues.items() if p >= HOLDS}

    def _evidence(self, risk: str, given: Given) -> set[str]:
        return self._holding(given) & set(self.table["risks"][risk]["evidence"])

    def _told(self, chat: int, risk: str) -> set[str]:
        """Cues that nudges here have named: those about this kind, and of those about the kind that
        a floor rule leads it to, the cues that the rule leads there."""
        told = set()
        for past in self.nudges:
            if past.chat == chat and past.risk == risk:
                told |= past.cues
            for rule in self.table["floor"]:
                if past.chat == chat and past.risk == rule["copy"].get(risk):
                    told |= past.cues & set(rule["now"])
        return told

    def _rule(self, chat: int, given: Given, up: str) -> tuple[str, str] | None:
        """Name of the first floor rule that applies, and the kind that it leads to."""
        holding = self._holding(given)
        ever = self.seen.get(chat, set()) | holding
        for rule in self.table["floor"]:
            risk = rule["copy"].get(up, up)
            new = self._evidence(risk, given) - self._told(chat, risk)
            if up in rule["risks"] and new & set(rule["now"]) and set(rule["seen"]) <= ever:
                return rule["name"], risk
        return None

    def _weigh(self, chat: int, given: Given, up: str, switch: str, now: float) -> Answer:
        rule, risk = self._rule(chat, given, up) or (None, up)
        evidence = self._evidence(risk, given)
        answer = Answer("no_words", risk, raised_by=up, rule=rule)
        if not evidence:
            return answer
        new = evidence - self._told(chat, risk)
        ever = self.seen.get(chat, set()) | self._holding(given)
        distinct = ever & set(self.table["risks"][risk]["evidence"])
        enough = len(distinct) >= self.table["strong"]["distinct_cues"]
        level = "strong" if rule or (given.risk[up] >= STRONG and enough) else "gentle"
        reason = "floor" if rule else self._reason(chat, risk, level, new, switch, now)
        answer.reason = reason
        if reason in ("floor", "nudge"):
            answer.level = level
            answer.presentation = self.table["presentation"][switch][level]
        return answer

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
        if recent and len(week) >= limits["per_week"]:
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
