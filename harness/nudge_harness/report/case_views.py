"""What the page shows of the error explorer."""

from __future__ import annotations

from nudge_harness.report import words
from nudge_harness.report.case_chart import case_chart, drawn_kinds, story
from nudge_harness.report.explorer import Case, Cases, Line
from nudge_harness.report.glyphs import sparkline
from nudge_harness.report.views import View

_WHO = {"contact": "contact", "user": "young person"}


def blocks(cases: Cases) -> list[View]:
    """Misses and false nudges, each with a heading and a line on how many there are."""
    sorts = (
        ("Missed", cases.missed, cases.all_missed, "risky chat", "no nudge in time"),
        ("Nudged for nothing", cases.false, cases.all_false, "benign chat", "a nudge"),
    )
    return [
        {
            "title": title,
            "says": _says(len(own), every, one, what),
            "cases": [_case(case) for case in own],
        }
        for title, own, every, one, what in sorts
    ]


def _says(shown: int, every: int, one: str, what: str) -> str:
    if not every:
        return f"No {one} got {what}."
    total = f"{words.several(every, one, f'{one}s')} got {what}"
    if shown == every:
        return f"{total}."
    return f"{total}; the {shown} worst, at most two of one family."


def _case(case: Case) -> View:
    outcome = case.outcome
    label = outcome.label or ""
    nudges = [given.message for given in outcome.nudges]
    has_trace = case.peak is not None
    return {
        "label": label,
        "label_name": words.plain(label),
        "story": story(case),
        "id": outcome.id,
        "family": outcome.family,
        "spark": sparkline([line.risk for line in case.lines], nudges, "") if has_trace else "",
        "chart": case_chart(case),
        "kinds": [{"name": kind, "title": words.plain(kind)} for kind in drawn_kinds(case)],
        "facts": _facts(case),
        "lines": [
            _line(case, line, None if i == 0 else case.lines[i - 1].decision)
            for i, line in enumerate(case.lines)
        ],
    }


def _facts(case: Case) -> list[tuple[str, str]]:
    outcome = case.outcome
    facts = (
        ("Id", outcome.id),
        ("Family", outcome.family),
        ("Contact", outcome.relationship and words.plain(outcome.relationship)),
        ("Young person", outcome.age_band and words.plain(outcome.age_band)),
        ("Language tag", outcome.lang),
    )
    return [(name, value) for name, value in facts if value]


def _line(case: Case, line: Line, before: str | None) -> View:
    outcome = case.outcome
    mark, kind = "", ""
    if line.index == outcome.harm:
        mark, kind = ("first sign and harm" if outcome.onset == outcome.harm else "harm"), "harm"
    elif line.index == outcome.onset:
        mark, kind = "first sign", ""
    risk = "" if line.risk is None else f"{100 * line.risk:.0f} %"
    cues = ", ".join(words.plain(cue).lower() for cue in line.cues)
    changed = line.decision != before
    reason = line.decision.replace("_", " ") if line.decision and changed else ""
    return {
        "number": line.index + 1,
        "sender": line.sender or "",
        "who": _WHO.get(line.sender or "", "message"),
        "text": line.text,
        "shown": _shown(line),
        "notes": " · ".join(part for part in (risk, cues, reason) if part),
        "nudge": words.plain(line.nudge) if line.nudge else "",
        "mark": mark,
        "mark_kind": kind,
    }


def _shown(line: Line) -> str:
    kind = line.kind if line.kind not in (None, "text") else None
    if line.text is None:
        return kind or "text not shown"
    return f"[{kind}] {line.text}".strip() if kind else line.text
