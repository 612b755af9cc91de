"""The demo's phone: chat bubbles, the card of a nudge and the frame, as rows of painted text.

Pure: values in, rows out. A bubble's upper and lower edge are half blocks, so that neighbours stay
apart by half a line each and the whole reads as one picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from nudge_sdk._copy import FALLBACK_LOCALE, counted, texts_of
from nudge_sdk._terminal import PLAIN, Colour, Row, Span, Style, padded, row_width, width, wrapped
from nudge_sdk.values import Level, Nudge

INNER: Final = 46  # columns between the frame's edges
FRAME: Final = INNER + 4
_BUBBLE: Final = 30  # columns of text in a bubble, at most
_CARD: Final = INNER - 6  # columns of text in a card

_EDGE: Final[Colour] = (88, 96, 117)
_SOFT: Final[Colour] = (128, 136, 156)
_THEIRS: Final[Colour] = (56, 64, 84)
_OURS: Final[Colour] = (41, 98, 146)
_INK: Final[Colour] = (238, 241, 247)
_CARD_PAPER: Final[Colour] = (30, 36, 50)
_ACCENT: Final[dict[Level, Colour]] = {"gentle": (116, 199, 190), "strong": (242, 190, 104)}
_CHIP: Final[dict[Level, Colour]] = {"gentle": (40, 74, 80), "strong": (86, 68, 42)}

EDGE: Final = Style(ink=_EDGE)
SOFT: Final = Style(ink=_SOFT)
BOLD: Final = Style(bold=True)
GOOD: Final = Style(ink=(116, 199, 190), bold=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class Bubble:
    """One message as the phone shows it. ``clock`` is a time of day, ``19:42``."""

    text: str
    mine: bool
    clock: str


def text(words: str, style: Style = PLAIN) -> Row:
    """A row of one span."""
    return (Span(words, style),)


def bubble(message: Bubble) -> list[Row]:
    """A bubble, left for the contact and right for the young person, its time beside it."""
    lines = wrapped(message.text, _BUBBLE)
    broad = max(width(line) for line in lines) + 2
    paper = _OURS if message.mine else _THEIRS
    fill, edge = Style(ink=_INK, paper=paper), Style(ink=paper)
    rows: list[Row] = [text("▄" * broad, edge)]
    rows += [padded(text(f" {line}", fill), broad, fill) for line in lines]
    rows += [text("▀" * broad, edge)]
    return [_placed(row, message, i == len(lines)) for i, row in enumerate(rows)]


def _placed(row: Row, message: Bubble, last: bool) -> Row:
    clock = text(f" {message.clock} ", SOFT) if last else text("")
    if not message.mine:
        return (*row, *clock)
    left = INNER - row_width(row) - row_width(clock)
    return (Span(" " * left), *clock, *row)


def card(nudge: Nudge, locale: str = FALLBACK_LOCALE) -> list[Row]:
    """The card of a nudge: title, body, reasons, actions. Its left edge has the level's colour.

    Args:
        nudge: what to show.
        locale: the language that the nudge is in, for the words around it.
    """
    texts = texts_of(locale, allow_unreviewed=True)
    around = texts["interface"]
    accent = Style(ink=_ACCENT[nudge.level], paper=_CARD_PAPER)
    ink, soft = Style(ink=_INK, paper=_CARD_PAPER), Style(ink=_SOFT, paper=_CARD_PAPER)
    title = Style(ink=_ACCENT[nudge.level], paper=_CARD_PAPER, bold=True)
    inside: list[Row] = [(Span("● ", accent), Span(around["for_you"], soft)), ()]
    inside += [text(line, title) for line in wrapped(nudge.title, _CARD)]
    inside += [text(line, ink) for line in wrapped(nudge.body, _CARD)]
    if nudge.reasons:
        inside += [(), text(counted(texts, around["noticed"], len(nudge.reasons[:3])), soft)]
        for reason in nudge.reasons[:3]:
            for i, line in enumerate(wrapped(reason, _CARD - 2)):
                inside.append((Span("  " if i else "· ", accent), *text(line, ink)))
    inside += [(), *_chips(nudge, around["more"])]
    edge = Style(ink=_CARD_PAPER)
    return [
        text("▄" * (_CARD + 4), edge),
        *(_edged(row, accent, ink) for row in inside),
        text("▀" * (_CARD + 4), edge),
    ]


def _edged(row: Row, accent: Style, fill: Style) -> Row:
    body = (_on_paper(span, fill) for span in padded(row, _CARD + 2, fill))
    return (Span("▎", accent), Span(" ", fill), *body)


def _on_paper(span: Span, fill: Style) -> Span:
    return Span(span.text, fill) if span.style == PLAIN else span


def _chips(nudge: Nudge, more: str) -> list[Row]:
    """Buttons: the first three, what closes the card, and where the others are."""
    style = Style(ink=_INK, paper=_CHIP[nudge.level])
    first = [action for action in nudge.actions if action.id != "dismiss"]
    last = [action.label for action in nudge.actions if action.id == "dismiss"]
    labels = (
        [action.label for action in first[:3]] + ([f"{more} …"] if len(first) > 3 else []) + last
    )
    rows: list[Row] = []
    row: Row = ()
    for label in (line for words in labels for line in wrapped(words, _CARD - 2)):
        chip = Span(f" {label} ", style)
        gap: Row = (Span(" "),) if row else ()
        if row and row_width(row) + 1 + width(chip.text) > _CARD:
            rows += [row, ()]
            row, gap = (), ()
        row = (*row, *gap, chip)
    return [*rows, row]


def sheet(head: str, words: str) -> list[Row]:
    """What opens when an action is tapped, for example the help lines."""
    ink, soft = Style(ink=_INK), SOFT
    rows: list[Row] = [text(f"▸ {head}", Style(ink=_ACCENT["strong"], bold=True))]
    for paragraph in words.splitlines():
        name, _, rest = paragraph.partition(": ")
        rows.append(text(f"  {name}", Style(ink=_INK, bold=True)))
        rows += [text(f"  {line}", soft) for line in wrapped(rest or name, INNER - 4)]
    return [*rows, text("", ink)]


def typing() -> list[Row]:
    """Three dots while the contact writes."""
    fill = Style(ink=_SOFT, paper=_THEIRS)
    edge = Style(ink=_THEIRS)
    return [text("▄" * 7, edge), text(" ● ● ● ", fill), text("▀" * 7, edge)]


def head(name: str, about: str) -> list[Row]:
    """Top of the phone: who writes, and what is known of them."""
    first = wrapped(about, INNER - 4)[0]
    return [
        text(f"╭{'─' * (INNER + 2)}╮", EDGE),
        framed((Span("‹ ", SOFT), Span(name, BOLD))),
        framed(text(f"  {first}", SOFT)),
        text(f"├{'─' * (INNER + 2)}┤", EDGE),
    ]


def foot() -> list[Row]:
    """Bottom of the phone: the field to write in."""
    field = f"╭{'─' * (INNER - 8)}╮"
    return [
        framed(text("")),
        framed(text(field, EDGE)),
        framed((Span("│ ", EDGE), Span(f"{'Message':<{INNER - 9}}", SOFT), Span("│   ➤", EDGE))),
        framed(text(field.replace("╭", "╰").replace("╮", "╯"), EDGE)),
        text(f"╰{'─' * (INNER + 2)}╯", EDGE),
    ]


def framed(row: Row, *, note: Row = ()) -> Row:
    """A row between the frame's edges, with a note outside to the right."""
    inside = (Span("│ ", EDGE), *padded(row, INNER), Span(" │", EDGE))
    return (*inside, Span("  "), *note) if note else inside


def centred(words: str, style: Style = SOFT) -> Row:
    """A row of text in the middle of the phone."""
    return (Span(" " * ((INNER - width(words)) // 2)), Span(words, style))


def accent(level: Level | Literal["quiet"]) -> Style:
    """Colour of notes about a nudge, or about none."""
    return SOFT if level == "quiet" else Style(ink=_ACCENT[level])
