"""The same screens in a terminal, in the frame that the SDK's demo draws."""

from __future__ import annotations

from collections.abc import Iterator

from nudge_harness.screens.shots import Shot, Wording
from nudge_sdk._phone import BOLD, EDGE, FRAME, INNER, SOFT, accent, card, framed, text
from nudge_sdk._terminal import Depth, Row, Span, painted


def drawn(wording: Wording, depth: Depth) -> Iterator[str]:
    """Every screen of a wording, line by line.

    Args:
        wording: see `shots.wordings`.
        depth: what the terminal can show.
    """
    for shot in wording.shots:
        for row in _screen(shot):
            yield painted(row, depth)
        yield ""


def _screen(shot: Shot) -> Iterator[Row]:
    nudge = shot.nudge
    reader = {"under13": "under 13", "13to17": "13 to 17"}[shot.audience]
    yield (
        Span(f" {nudge.risk.replace('_', ' ')}, {nudge.level}", accent(nudge.level)),
        Span(f"  {reader}, {shot.framing}, {shot.who}, {nudge.presentation}", SOFT),
    )
    yield text(f"╭{'─' * (INNER + 2)}╮", EDGE)
    yield from (framed(row) for row in _bubbles())
    if nudge.presentation == "cover":
        yield framed((Span("▒" * 24, SOFT),))
    for row in card(nudge, shot.locale):
        yield framed((Span(" "), *row))
    yield text(f"╰{'─' * (INNER + 2)}╯", EDGE)
    yield from _actions(shot)


def _bubbles() -> Iterator[Row]:
    yield (Span("▄" * 20, EDGE),)
    yield (Span("▀" * 20, EDGE),)


def _actions(shot: Shot) -> Iterator[Row]:
    """All of them, in order: the card itself shows the first three."""
    labels = [action.label for action in shot.nudge.actions]
    row: Row = ()
    for label in labels:
        piece = Span(f" {label} ", BOLD if not row else SOFT)
        if row and sum(len(span.text) for span in row) + len(piece.text) > FRAME:
            yield row
            row = ()
        row = (*row, piece)
    yield row
