"""Lines of a JSON Lines file as bytes, plain or gzip, and one line's JSON to and fro."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple, NoReturn

from nudge_harness.errors import FieldError, FormatError

MAX_LINE: Final = 64 * 2**20  # bytes; a longer line is refused, not loaded
_GZIP: Final = b"\x1f\x8b"  # RFC 1952, section 2.3.1
_BOM: Final = b"\xef\xbb\xbf"  # byte order mark, which some editors put first


class RawLine(NamedTuple):
    """One line that is not blank.

    ``number`` counts from 1. ``problem`` is the rule that the line breaks as a whole; ``raw`` is
    empty then.
    """

    number: int
    raw: bytes
    problem: str = ""


def raw_lines(path: str | Path) -> Iterator[RawLine]:
    """Stream a file's lines, one held at a time.

    A gzip stream that is damaged gives what it holds and then one line with a problem.

    Raises:
        FormatError: the file cannot be opened or read.
    """
    number = 0
    try:
        with Path(path).open("rb") as plain:
            packed = plain.peek(2)[:2] == _GZIP
            stream: BinaryIO = gzip.GzipFile(fileobj=plain) if packed else plain  # type: ignore[assignment]  # it reads as a BinaryIO
            for number, raw in enumerate(_cut(stream), start=1):
                if len(raw) > MAX_LINE:
                    yield RawLine(number, b"", f"longer than {MAX_LINE >> 20} MiB")
                elif line := (raw.removeprefix(_BOM) if number == 1 else raw).strip():
                    yield RawLine(number, line)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        yield RawLine(number + 1, b"", "the gzip stream is damaged from here on")
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        raise FormatError(Path(path).name, 0, "", reason) from None


def _cut(stream: BinaryIO) -> Iterator[bytes]:
    """Lines; of one that is too long only the head."""
    while raw := stream.readline(MAX_LINE + 1):
        rest = raw
        while len(raw) > MAX_LINE and rest and not rest.endswith(b"\n"):
            rest = stream.readline(MAX_LINE)
        yield raw


def _no_constant(_: str) -> NoReturn:
    raise FieldError("", "not JSON: NaN and Infinity are no JSON numbers")


# strict=False lets raw control characters stand inside strings: NUL is valid text here.
_DECODER: Final = json.JSONDecoder(parse_constant=_no_constant, strict=False)
_ENCODER: Final = json.JSONEncoder(separators=(", ", ": "), allow_nan=False)


def decode(raw: bytes) -> Any:
    r"""One line as Python values.

    Surrogates pass: some programs write ``\ud800`` raw, and it is valid text here.

    Raises:
        FieldError: not UTF-8, or not JSON.
    """
    try:
        return _DECODER.decode(raw.decode("utf-8", "surrogatepass"))
    except UnicodeDecodeError:
        raise FieldError("", "not UTF-8") from None
    except json.JSONDecodeError as error:
        raise FieldError("", f"not JSON (column {error.colno}: {error.msg})") from None
    except RecursionError:
        raise FieldError("", "nested too deeply") from None
    except FieldError:
        raise
    except ValueError:
        raise FieldError("", "not JSON: a number with too many digits") from None


def encode(value: dict[str, Any]) -> bytes:
    """One line, ASCII only, so that any text survives, lone surrogates included."""
    return _ENCODER.encode(value).encode("ascii") + b"\n"
