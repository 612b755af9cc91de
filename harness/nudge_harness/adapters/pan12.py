"""PAN-2012 "sexual predator identification" XML, for researchers who hold it lawfully.

::

    <conversations>
      <conversation id="...">
        <message line="1"><author>...</author><time>03:20</time><text>...</text></message>

Times of day without a date: one that goes backwards is the next day's. Of two authors, the one who
is not flagged is the young person's side; where nobody is flagged, the second author is.
``--flagged FILE`` names the flagged authors, one id a line (the corpus ships such a list); their
conversations are labelled ``grooming``, all others ``benign`` or ``--label``. Where the harm lies
is not in the corpus, so ``onset`` and ``harm`` stay unknown and the figures that need them are left
out, not guessed. Conversations with one author or more than two are kept, everybody else as one
contact.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.parsers import expat

from nudge_harness.adapters.options import Options, Said, built
from nudge_harness.errors import FormatError
from nudge_harness.formats import Conversation

_TIME: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_DAY: Final = 86_400.0
_CHUNK: Final = 1 << 16
_PARTS: Final = ("author", "time", "text")


def read_pan12(path: Path, options: Options) -> Iterator[Conversation]:
    """Stream conversations; one chunk of the file is in memory.

    Raises:
        FormatError: not XML, an unknown structure, a message without author or with an impossible
            time, or a document type, which the corpus does not have.
    """
    reader = _Reader(path.name, _flagged(options.flagged), options)
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield from reader.feed(chunk)
        yield from reader.feed(b"", last=True)
    except OSError as error:
        raise FormatError(path.name, 0, "", (error.strerror or "").lower()) from None


class _Reader:
    """A stream parser: bytes in, whole conversations out, line numbers for errors."""

    def __init__(self, file: str, flagged: frozenset[str] | None, options: Options) -> None:
        self._file, self._flagged, self._options = file, flagged, options
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._no_doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._done: list[Conversation] = []
        self._name, self._line = "", 0
        self._said: list[Said] = []
        self._days, self._before = 0, -1.0
        self._parts: dict[str, str] = {}
        self._in: str | None = None

    def feed(self, chunk: bytes, *, last: bool = False) -> list[Conversation]:
        """Parse on; conversations that ended."""
        try:
            self._parser.Parse(chunk, last)
        except expat.ExpatError as error:
            raise self._error("", f"is not XML: {expat.ErrorString(error.code)}") from None
        done, self._done = self._done, []
        return done

    def _error(self, field: str, problem: str) -> FormatError:
        return FormatError(self._file, self._parser.CurrentLineNumber, field, problem)

    def _no_doctype(self, *_: object) -> None:
        """Entities could explode; the corpus has none."""
        raise self._error("", "has a document type, which is not read")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "conversation":
            self._name, self._line = attributes.get("id", ""), self._parser.CurrentLineNumber
            if not self._name:
                raise self._error("conversation.id", "is missing")
            self._said, self._days, self._before = [], 0, -1.0
        elif tag == "message":
            self._parts = {}
        elif tag in _PARTS:
            self._in = tag

    def _text(self, text: str) -> None:
        if self._in is not None:
            self._parts[self._in] = self._parts.get(self._in, "") + text

    def _end(self, tag: str) -> None:
        if tag == "message":
            self._message()
        elif tag == "conversation":
            self._conversation()
        elif tag == self._in:
            self._in = None

    def _message(self) -> None:
        author = self._parts.get("author", "").strip()
        if not author:
            raise self._error("message.author", "is missing")
        at = self._time(self._parts.get("time", "").strip())
        text, line = self._parts.get("text", ""), self._parser.CurrentLineNumber
        self._said.append(Said(author=author, text=text, at=at, line=line))

    def _time(self, text: str) -> float | None:
        if not text:
            return None
        found = _TIME.fullmatch(text)
        if found is None:
            raise self._error("message.time", "must be HH:MM")
        at = 3_600.0 * int(found[1]) + 60.0 * int(found[2])
        self._days += at < self._before
        self._before = at
        return at + self._days * _DAY

    def _conversation(self) -> None:
        said, flagged, options = self._said, self._flagged, self._options
        if not said:
            raise self._error("conversation", "has no message")
        risky = flagged is not None and any(own.author in flagged for own in said)
        label = options.label if flagged is None else "grooming" if risky else "benign"
        conversation = built(
            self._name,
            said,
            user=_user(said, flagged, options),
            file=self._file,
            line=self._line,
            label=label,
            lang=options.lang,
        )
        self._done.append(conversation)


def _flagged(path: str | None) -> frozenset[str] | None:
    if path is None:
        return None
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise FormatError(Path(path).name, 0, "", "cannot be read as text") from None
    return frozenset(line.strip() for line in lines if line.strip())


def _user(said: list[Said], flagged: frozenset[str] | None, options: Options) -> str | None:
    if options.user is not None:
        return options.user
    authors = list(dict.fromkeys(own.author for own in said))
    plain = [own for own in authors if flagged is None or own not in flagged]
    if len(plain) < len(authors):
        return plain[0] if plain else None
    return authors[1] if len(authors) > 1 else None
