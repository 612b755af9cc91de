"""Two stages that the demo plays on: a phone for a terminal with colour, plain text for the rest.

A stage only shows what it is told. It reads no clock: pauses go through the function it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TextIO

from nudge_sdk import _phone
from nudge_sdk._terminal import Row, Screen, Span, above, painted, wrapped
from nudge_sdk.values import Nudge

_GUTTER: Final = 20  # columns beside the phone that notes need
_INDENT: Final = "  "


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """One chat, as it is announced."""

    number: int
    of: int
    title: str
    name: str
    about: str


class Stage(Protocol):
    """Where a chat is played. Times are in seconds, calls in milliseconds."""

    def announce(self, words: str) -> None:
        """Words before the first chat."""

    def begin(self, scene: Scene) -> None:
        """A chat opens."""

    def wait(self, seconds: float, *, typing: bool = False) -> None:
        """Nothing happens for a while, or the contact writes."""

    def message(self, bubble: _phone.Bubble, call_ms: float) -> None:
        """A message appears; the SDK took ``call_ms`` to read it."""

    def nudge(self, nudge: Nudge, call_ms: float) -> None:
        """A nudge appears."""

    def tap(self, label: str, words: str | None) -> None:
        """The young person taps a button; ``words`` is what opens, if anything does."""

    def end(self, note: str) -> None:
        """The chat is over."""

    def close(self, lines: Sequence[tuple[str, str]]) -> None:
        """Last panel: pairs of a heading and a sentence."""


class PhoneStage:
    """A phone, redrawn at its lower end only, so that the terminal's history stays whole."""

    def __init__(self, out: TextIO, screen: Screen, pause: Callable[[float], None]) -> None:
        self._out = out
        self._screen = screen
        self._pause = pause
        self._foot = 0  # rows below the conversation that the next message replaces
        self._gutter = screen.columns >= _phone.FRAME + _GUTTER

    def announce(self, words: str) -> None:
        """See `Stage`."""
        self._print([(), *_beside(words)])

    def begin(self, scene: Scene) -> None:
        """See `Stage`."""
        place = Span(f"{_INDENT}{scene.number} of {scene.of}  ", _phone.SOFT)
        self._print([(), (place, Span(scene.title, _phone.BOLD)), ()])
        self._print(_phone.head(scene.name, scene.about))
        self._settle()

    def wait(self, seconds: float, *, typing: bool = False) -> None:
        """See `Stage`."""
        if not self._screen.live or seconds <= 0:
            return
        if typing:
            self._append([_phone.framed(row) for row in _phone.typing()], keep=False)
        self._out.flush()
        self._pause(seconds)

    def message(self, bubble: _phone.Bubble, call_ms: float) -> None:
        """See `Stage`."""
        rows = _phone.bubble(bubble)
        note = _phone.text(f"{call_ms:.2f} ms", _phone.SOFT) if self._gutter else ()
        self._append(_noted(rows, note))

    def nudge(self, nudge: Nudge, call_ms: float) -> None:
        """See `Stage`."""
        style = _phone.accent(nudge.level)
        note: Row = _phone.text(f"◂ a {nudge.level} nudge", style) if self._gutter else ()
        rows = [(Span(" "), *row) for row in _phone.card(nudge)]
        took = _phone.centred(f"worked out on this phone in {call_ms:.2f} ms")
        self._append([*_noted(rows, note), _phone.framed(took), _phone.framed(())])

    def tap(self, label: str, words: str | None) -> None:
        """See `Stage`."""
        rows = _phone.sheet(label, words or "")
        self._append([_phone.framed((Span(" "), *row)) for row in rows])

    def end(self, note: str) -> None:
        """See `Stage`."""
        if not self._screen.live:
            self._print(_phone.foot())
        self._foot = 0
        self._print([(), *_beside(note), ()])

    def close(self, lines: Sequence[tuple[str, str]]) -> None:
        """See `Stage`."""
        edge, broad = _phone.EDGE, _phone.INNER + 2
        rows: list[Row] = []
        for head, words in lines:
            rows += [(), _phone.text(f" {head}", _phone.GOOD)]
            rows += [_phone.text(f" {line}") for line in wrapped(words, _phone.INNER - 2)]
        top, bottom = (_phone.text(ends[0] + "─" * broad + ends[1], edge) for ends in ("╭╮", "╰╯"))
        self._print([top, *map(_phone.framed, [*rows, ()]), bottom, ()])

    def _append(self, rows: Sequence[Row], *, keep: bool = True) -> None:
        """Put rows at the end of the conversation and draw the phone's foot again."""
        self._lift()
        self._print(rows)
        self._settle(transient=0 if keep else len(rows))

    def _lift(self) -> None:
        if self._screen.live:
            self._out.write(above(self._foot))

    def _settle(self, *, transient: int = 0) -> None:
        if self._screen.live:
            rows = _phone.foot()
            self._print(rows)
            self._foot = len(rows) + transient

    def _print(self, rows: Sequence[Row]) -> None:
        for row in rows:
            self._out.write(painted(row, self._screen.depth).rstrip(" ") + "\n")


def _beside(words: str) -> list[Row]:
    """A remark above or below the phone, as broad as it."""
    lines = wrapped(words, _phone.FRAME - 2 * len(_INDENT))
    return [_phone.text(_INDENT + line, _phone.SOFT) for line in lines]


def _noted(rows: Sequence[Row], note: Row) -> list[Row]:
    """Rows in the phone's frame; the note stands beside the second one, where the text begins."""
    return [_phone.framed(row, note=note if i == 1 else ()) for i, row in enumerate(rows)]


class PlainStage:
    """The same chat as plain lines of text."""

    def __init__(self, out: TextIO, screen: Screen, pause: Callable[[float], None]) -> None:
        self._out = out
        self._screen = screen
        self._pause = pause
        self._name = ""

    def announce(self, words: str) -> None:
        """See `Stage`."""
        self._wrap(words, indent=0)

    def begin(self, scene: Scene) -> None:
        """See `Stage`."""
        self._name = scene.name
        self._print("")
        who = f"{scene.name}, {scene.about}"
        self._wrap(f"{scene.number} of {scene.of}: {scene.title} ({who})", indent=0)

    def wait(self, seconds: float, *, typing: bool = False) -> None:  # noqa: ARG002  no dots here
        """See `Stage`."""
        if self._screen.live and seconds > 0:
            self._out.flush()
            self._pause(seconds)

    def message(self, bubble: _phone.Bubble, call_ms: float) -> None:
        """See `Stage`."""
        who = "You" if bubble.mine else self._name
        self._wrap(f"{bubble.clock}  {who}: {bubble.text}", f"[{call_ms:.2f} ms]")

    def nudge(self, nudge: Nudge, call_ms: float) -> None:
        """See `Stage`."""
        self._print("", f"    -- a nudge, for your eyes only ({nudge.level}) --")
        for words in (nudge.title, nudge.body):
            self._wrap(words, indent=4)
        if nudge.reasons:
            self._wrap("Your phone noticed: " + "; ".join(nudge.reasons[:3]), indent=4)
        self._wrap("You can: " + " | ".join(action.label for action in nudge.actions), indent=4)
        self._print(f"    (worked out on this phone in {call_ms:.2f} ms)", "")

    def tap(self, label: str, words: str | None) -> None:
        """See `Stage`."""
        self._print(f"    > {label}")
        for line in (words or "").splitlines():
            self._wrap(line, indent=6)

    def end(self, note: str) -> None:
        """See `Stage`."""
        self._wrap(note)

    def close(self, lines: Sequence[tuple[str, str]]) -> None:
        """See `Stage`."""
        for head, words in lines:
            self._print("", head)
            self._wrap(words)

    def _wrap(self, words: str, tail: str = "", *, indent: int = 2) -> None:
        lines = wrapped(f"{words}  {tail}".rstrip(), self._screen.columns - indent)
        self._print(*(" " * indent + line for line in lines))

    def _print(self, *lines: str) -> None:
        encoding = self._out.encoding or "ascii"
        for line in lines:
            self._out.write(line.encode(encoding, "replace").decode(encoding) + "\n")
