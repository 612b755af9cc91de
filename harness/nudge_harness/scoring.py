"""From a file of conversations to a file of scores: streaming, in order, over processes.

::

    file -> lines -> chunks -> worker: check, replay in lockstep, encode -> admit in order -> file

The file is cut into chunks of lines, and the cut depends on the file alone, so the result does not
depend on the number of workers. A worker checks its own lines; what needs the whole file (ids that
repeat, stopping at the first bad line) is decided here, in the order of the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from nudge_harness.errors import FieldError
from nudge_harness.formats import Conversation, Writer, conversation_from, score_to, trace_to
from nudge_harness.formats.raw import RawLine, encode, raw_lines
from nudge_harness.formats.reader import Intake, value_of
from nudge_harness.model import SHIPPED, BundleChoice, opened
from nudge_harness.replay import Replayed, Settings, replay
from nudge_harness.workers import map_ordered

USUAL: Final = Settings()
CHUNK_LINES: Final = 512  # conversations heard in lockstep
CHUNK_BYTES: Final = 4_000_000  # a chunk of long conversations is closed earlier


@dataclass(frozen=True, kw_only=True, slots=True)
class Scored:
    """What `score_file` did. ``skipped``: bad lines passed over, ``reasons``: why."""

    conversations: int
    messages: int
    nudged: int
    skipped: int
    reasons: tuple[str, ...]


class LineScore(NamedTuple):
    """One good line's result, ready to be written."""

    number: int
    id: str
    messages: int
    nudged: bool
    score: bytes
    trace: bytes


class LineError(NamedTuple):
    """One bad line: what a `FieldError` says."""

    number: int
    field: str
    problem: str


class ChunkScores(NamedTuple):
    """Results in the order of the lines; ``unknown``: first line of each unknown field."""

    lines: list[LineScore | LineError]
    unknown: dict[str, int]


def score_file(
    source: str | Path,
    target: str | Path,
    *,
    settings: Settings = USUAL,
    bundle: BundleChoice = SHIPPED,
    trace: str | Path | None = None,
    keep_going: bool = False,
    workers: int = 1,
    heard: Callable[[int], None] = lambda _: None,
) -> Scored:
    """Score every conversation of a file, in its order.

    Args:
        source: conversations, JSON Lines, plain or gzip.
        target: where the scores go.
        settings: signals, switch and assumptions; ``trace`` follows from the argument below.
        bundle: the model.
        trace: where cues and risk of each message go, if anywhere.
        keep_going: pass over bad lines and count them.
        workers: processes; the result does not depend on them.
        heard: told how many messages each finished chunk had.

    Raises:
        FormatError: a file cannot be opened; without ``keep_going`` also the first bad line.
        BundleError: the bundle is missing, damaged or not signed by the pinned key.
        ModelError: the graph failed on a message.
        WorkerError: a process died.
    """
    asked = replace(settings, trace=trace is not None)
    if asked.switch != "off":
        bundle.verified()  # before any file is written
    intake = Intake(source, keep_going=keep_going)
    conversations = messages = nudged = 0
    with ExitStack() as stack:
        scores = stack.enter_context(Writer(target))
        traces = None if trace is None else stack.enter_context(Writer(trace))
        work = partial(score_lines, bundle, asked)
        for chunk in map_ordered(work, chunks(raw_lines(source)), workers):
            before = messages
            for line in _admitted(chunk, intake):
                scores.write_line(line.score)
                if traces is not None:
                    traces.write_line(line.trace)
                conversations += 1
                messages += line.messages
                nudged += line.nudged
            heard(messages - before)
    return Scored(
        conversations=conversations,
        messages=messages,
        nudged=nudged,
        skipped=intake.skipped,
        reasons=tuple(intake.reasons),
    )


def _admitted(chunk: ChunkScores, intake: Intake) -> Iterator[LineScore]:
    for field, number in chunk.unknown.items():
        intake.unknown(field, number)
    for line in chunk.lines:
        if isinstance(line, LineError):
            intake.refuse(FieldError(line.field, line.problem), line.number)
        elif intake.admit(line.id, line.number):
            yield line


def chunks(lines: Iterable[RawLine]) -> Iterator[list[RawLine]]:
    """Cut a stream of lines; where it is cut depends on the lines alone."""
    chunk: list[RawLine] = []
    size = 0
    for line in lines:
        chunk.append(line)
        size += len(line.raw)
        if len(chunk) >= CHUNK_LINES or size >= CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def score_lines(bundle: BundleChoice, settings: Settings, lines: list[RawLine]) -> ChunkScores:
    """Check, replay and encode one chunk; a worker process opens the bundle at its first."""
    results: list[LineScore | LineError] = []
    unknown: dict[str, int] = {}
    good: list[tuple[int, Conversation]] = []
    for line in lines:
        try:
            value = value_of(line)
            fields: list[str] = []
            good.append((line.number, conversation_from(value, fields.append)))
            for field in fields:
                unknown.setdefault(field, line.number)
        except FieldError as error:
            results.append(LineError(line.number, error.field, error.problem))
    model = None if settings.switch == "off" else opened(bundle)
    replayed = replay(model, [conversation for _, conversation in good], settings)
    results += [_encoded(number, own) for (number, _), own in zip(good, replayed, strict=True)]
    results.sort(key=lambda result: result.number)
    return ChunkScores(results, unknown)


def _encoded(number: int, replayed: Replayed) -> LineScore:
    score, trace = replayed
    return LineScore(
        number=number,
        id=score.id,
        messages=score.messages or 0,
        nudged=bool(score.nudges),
        score=encode(score_to(score)),
        trace=b"" if trace is None else encode(trace_to(trace)),
    )
