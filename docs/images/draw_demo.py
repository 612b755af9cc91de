"""Draw `demo.svg`, the README's picture: two of the demo's chats, as the terminal shows them.

    python docs/images/draw_demo.py [OUT.svg]

Runs the demo on the shipped bundle and turns its painted text into shapes: backgrounds, half blocks
and box lines become geometry, so that the picture looks the same whatever fonts its reader has. The
times in it are those of the run that drew it first: as long as as many calls are shown, they are
taken over from the picture that is there, so that drawing it on another machine changes nothing.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TextIO

from nudge_sdk import Nudge, demo
from nudge_sdk._phone import FRAME
from nudge_sdk._stage import PhoneStage
from nudge_sdk._terminal import Screen, width

CELL_X, CELL_Y, FONT = 8.4, 19.0, 14.0  # pixels
MARGIN, GAP, TOP = 34.0, 40.0, 54.0  # pixels
PAPER, INK = "#11151f", "#e9edf5"
CHATS = (1, 2)
LINES = {  # box characters as strokes inside a cell of 1 x 1, around its middle
    "─": "M0 .5H1",
    "│": "M.5 0V1",
    "╭": "M1 .5Q.5 .5 .5 1",
    "╮": "M0 .5Q.5 .5 .5 1",
    "╰": "M.5 0Q.5 .5 1 .5",
    "╯": "M.5 0Q.5 .5 0 .5",
    "├": "M.5 0V1M.5 .5H1",
    "┤": "M.5 0V1M0 .5H.5",
}


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A run of text in one look, at a column of its row."""

    column: int
    text: str
    ink: str
    paper: str | None
    bold: bool


def pieces(line: str) -> list[Piece]:
    """Undo `painted`: one painted line back to its pieces."""
    found, column = [], 0
    for codes, text in re.findall(r"(?:\x1b\[([\d;]*)m)?([^\x1b]*)(?:\x1b\[0m)?", line):
        if text:
            ink, paper, bold = look(codes)
            found.append(Piece(column=column, text=text, ink=ink, paper=paper, bold=bold))
            column += width(text)
    return found


def look(codes: str) -> tuple[str, str | None, bool]:
    """Ink, paper and weight that a terminal's codes ask for (24-bit colours only)."""
    colours = {
        kind: "#" + "".join(f"{int(part):02x}" for part in rest.split(";"))
        for kind, rest in re.findall(r"([34]8);2;(\d+;\d+;\d+)", codes)
    }
    return colours.get("38", INK), colours.get("48"), codes.startswith("1")


def drawn(line: str, left: float, top: float) -> tuple[list[str], list[str]]:
    """One line of the terminal as SVG elements: backgrounds, and what stands on them."""
    back: list[str] = []
    front: list[str] = []
    for piece in pieces(line):
        x, columns = left + piece.column * CELL_X, width(piece.text)
        if piece.paper and re.fullmatch(r" \S.*\S ", piece.text):
            front.append(button(x, top, columns, piece.paper))
        elif piece.paper:
            back.append(box(x, top, columns, piece.paper))
        if set(piece.text) <= {"▄"}:
            back.append(cap(x, top + CELL_Y, columns * CELL_X, -1, piece.ink))
        elif set(piece.text) <= {"▀"}:
            back.append(cap(x, top, columns * CELL_X, 1, piece.ink))
        elif piece.text == "▎":
            front.append(box(x, top, 0.3, piece.ink))
        elif piece.text.strip():
            front += words(piece, x, top)
    return back, front


def words(piece: Piece, x: float, top: float) -> list[str]:
    """Text and box lines of a piece; each run of text is set to the width of its cells."""
    parts = []
    weight = ' font-weight="700"' if piece.bold else ""
    for match in re.finditer(r"[─│╭╮╰╯├┤]|[^─│╭╮╰╯├┤\s]+(?: [^─│╭╮╰╯├┤\s]+)*", piece.text):
        at = x + width(piece.text[: match.start()]) * CELL_X
        run = match.group()
        if run in LINES:
            parts.append(
                f'<path d="{LINES[run]}" transform="translate({at:.1f} {top:.1f}) '
                f'scale({CELL_X} {CELL_Y})" fill="none" stroke="{piece.ink}" stroke-width="1.3" '
                f'vector-effect="non-scaling-stroke"/>'
            )
        else:
            parts.append(
                f'<text x="{at:.1f}" y="{top + 14:.1f}" fill="{piece.ink}"{weight} '
                f'textLength="{width(run) * CELL_X:.1f}">{escape(run)}</text>'
            )
    return parts


def box(x: float, y: float, columns: float, colour: str) -> str:
    """A background. A hair too high, so that neighbours leave no seam."""
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{columns * CELL_X:.1f}" height="{CELL_Y + 0.5:.1f}" '
        f'fill="{colour}"/>'
    )


def button(x: float, y: float, columns: int, colour: str) -> str:
    """A rounded button; the paper of a button is the only one with a space at both ends."""
    return (
        f'<rect x="{x:.1f}" y="{y - 2.5:.1f}" width="{columns * CELL_X:.1f}" '
        f'height="{CELL_Y + 5:.1f}" rx="6" fill="{colour}"/>'
    )


def cap(x: float, y: float, broad: float, way: int, colour: str) -> str:
    """Rounded end of a bubble: half a line high, from ``y`` up (-1) or down (1)."""
    high, r = CELL_Y / 2, 8.0
    y = y - way * 0.3
    return (
        f'<path d="M{x:.1f} {y:.1f}v{way * (high - r):.1f}q0 {way * r:.1f} {r} {way * r:.1f}'
        f'h{broad - 2 * r:.1f}q{r} 0 {r} {-way * r:.1f}v{-way * (high - r):.1f}z" fill="{colour}"/>'
    )


def columns(times: Sequence[str]) -> list[list[str]]:
    """The two columns as painted lines: a quiet chat and the closing panel, a chat with nudges."""
    out = io.StringIO()
    chats = [demo.load_chats()[number - 1] for number in CHATS]
    screen = Screen(columns=FRAME, depth="true", live=False)
    demo.perform(Timed(out, screen, times), chats)
    lines = out.getvalue().splitlines()
    plain = [re.sub(r"\x1b\[[\d;]*m", "", line) for line in lines]
    starts = [i for i, line in enumerate(plain) if re.match(r"  \d of \d  ", line)]
    panel = max(i for i, line in enumerate(plain) if line.startswith("╭"))
    quiet, nudged = lines[starts[0] : starts[1]], lines[starts[1] : panel]
    return [[*quiet, "", *lines[panel:]], nudged]


def picture(columns: list[list[str]]) -> str:
    """The whole SVG."""
    high = TOP + max(len(lines) for lines in columns) * CELL_Y + MARGIN / 2
    step = FRAME * CELL_X + GAP
    broad = 2 * MARGIN + len(columns) * step - GAP
    body: list[str] = []
    for i, lines in enumerate(columns):
        rows = [drawn(line, MARGIN + i * step, TOP + j * CELL_Y) for j, line in enumerate(lines)]
        body += [element for back, _ in rows for element in back]
        body += [element for _, front in rows for element in front]
    dots = "".join(f'<circle cx="{26 + 20 * i}" cy="26" r="6" fill="#2c3446"/>' for i in range(3))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {broad:.0f} {high:.0f}" '
        f"font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', "
        f'monospace" font-size="{FONT}" role="img">'
        "<title>nudge demo: a family chat stays quiet, a chat with a new contact gets nudges"
        f'</title><rect width="100%" height="100%" rx="14" fill="{PAPER}"/>{dots}'
        f'<text x="{broad / 2:.0f}" y="31" fill="#7f8aa3" text-anchor="middle">nudge demo</text>'
        + "\n".join(body)
        + "</svg>\n"
    )


class Timed(PhoneStage):
    """A phone that shows given times of calls while there are any: the closing panel's median,
    then each nudge's, in the order in which a picture holds them."""

    def __init__(self, out: TextIO, screen: Screen, times: Sequence[str]) -> None:
        super().__init__(out, screen, lambda _seconds: None)
        self._closing, self._nudges = times[:1], iter(times[1:])

    def nudge(self, nudge: Nudge, call_ms: float) -> None:
        """See `Stage`."""
        super().nudge(nudge, float(next(self._nudges, call_ms)))

    def close(self, lines: Sequence[tuple[str, str]]) -> None:
        """See `Stage`."""
        for time in self._closing:
            lines = [(re.sub(r"[\d.]+ ms", f"{time} ms", head), words) for head, words in lines]
        super().close(lines)


def times_of(svg: str) -> list[str]:
    """Milliseconds that a picture shows."""
    return re.findall(r"([\d.]+) ms", svg)


def drawn_again(old: str) -> str:
    """The picture, with the times of an older one where it shows as many."""
    made = picture(columns(times_of(old)))
    return made if len(times_of(made)) == len(times_of(old)) else picture(columns(()))


def main() -> None:
    """Write the picture."""
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("demo.svg")
    old = out.read_text(encoding="utf-8") if out.exists() else ""
    out.write_text(drawn_again(old), encoding="utf-8")


if __name__ == "__main__":
    main()
