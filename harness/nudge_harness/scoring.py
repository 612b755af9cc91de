"""From a file of conversations to a file of scores: streaming, in order, over processes.

::

    file -> lines -> chunks -> worker: check, replay in lockstep, encode -> admit in order -> file

The file is cut into chunks of lines, and the cut depends on the file alone, so the result does not
depend on the number of workers. A worker checks its own lines; what needs the whole file (ids that
repeat, stopping at the first bad line) is decided here, in the order of the file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from nudge_harness.errors import FieldError, UsageError
from nudge_harness.formats import Conversation, Writer, conversation_from, score_to, trace_to
from nudge_harness.formats.raw import RawLine, encode, raw_lines
from nudge_harness.formats.reader import Intake, value_of
from nudge_harness.identity import bundle_hash, source_hash
from nudge_harness.journal import Journal
from nudge_harness.model import SHIPPED, BundleChoice, opened
from nudge_harness.replay import Replayed, Settings, replay
from nudge_harness.results import sha256_of
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
    scheduler: str | None = None,
    resume: bool = False,
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
        scheduler: address of a Dask scheduler whose workers to use instead.
        resume: keep every finished chunk, and go on after the last one that is kept (`Journal`).
        heard: told how many messages each finished chunk had.

    Raises:
        FormatError: a file cannot be opened; without ``keep_going`` also the first bad line.
        BundleError: the bundle is missing, damaged or not signed by the pinned key.
        ModelError: the graph failed on a message.
        WorkerError: a process died, or the cluster cannot be reached.
        UsageError: ``resume`` with standard output.
    """
    asked = replace(settings, trace=trace is not None)
    if asked.switch != "off":
        bundle.verified()  # before any file is written
    intake = Intake(source, keep_going=keep_going)
    work = partial(score_lines, bundle, asked)
    targets = [target] if trace is None else [target, trace]
    with ExitStack() as stack:
        tally = _Tally(intake, heard)
        if resume:
            key = _key(source, asked, bundle, keep_going=keep_going)
            journal = stack.enter_context(Journal(_named(targets), key))
            return tally.kept(journal, work, source, workers, scheduler)
        files = [stack.enter_context(Writer(path)) for path in targets]
        for chunk in map_ordered(work, chunks(raw_lines(source)), workers, scheduler):
            for line in tally.count(chunk):
                for file, part in zip(files, (line.score, line.trace), strict=False):
                    file.write_line(part)
    return tally.scored()


class _Tally:
    """Admits lines in the order of the file, and counts."""

    def __init__(self, intake: Intake, heard: Callable[[int], None]) -> None:
        self._intake, self._heard = intake, heard
        self._counts = {"conversations": 0, "messages": 0, "nudged": 0}

    def count(self, chunk: ChunkScores) -> Iterator[LineScore]:
        """The lines of a chunk that may pass."""
        before = self._counts["messages"]
        for line in _admitted(chunk, self._intake):
            self._counts["conversations"] += 1
            self._counts["messages"] += line.messages
            self._counts["nudged"] += line.nudged
            yield line
        self._heard(self._counts["messages"] - before)

    def kept(
        self,
        journal: Journal,
        work: Callable[[list[RawLine]], ChunkScores],
        source: str | Path,
        workers: int,
        scheduler: str | None,
    ) -> Scored:
        """Score what is not kept yet. Kept chunks are read again, for their ids and bad lines."""
        stream = chunks(raw_lines(source))
        for chunk in islice(stream, journal.chunks):
            for _ in self.count(check_lines(chunk)):
                pass
        self._counts["nudged"] = journal.counts.get("nudged", 0)
        if journal.done:
            return self.scored()
        for scored in map_ordered(work, stream, workers, scheduler):
            lines = list(self.count(scored))
            parts = [b"".join(own.score for own in lines), b"".join(own.trace for own in lines)]
            journal.keep(parts[: journal.outputs], self._counts)
        journal.finish(self._counts)
        return self.scored()

    def scored(self) -> Scored:
        """What was done."""
        skipped, reasons = self._intake.skipped, tuple(self._intake.reasons)
        return Scored(**self._counts, skipped=skipped, reasons=reasons)


def _named(targets: Sequence[str | Path]) -> list[Path]:
    if any(str(path) == "-" for path in targets):
        raise UsageError("--resume needs a file to write, not standard output")
    return [Path(path) for path in targets]


def _key(source: str | Path, settings: Settings, bundle: BundleChoice, *, keep_going: bool) -> str:
    """Everything that the scores depend on."""
    parts = (
        sha256_of(source),
        replace(settings, without=frozenset()),
        sorted(settings.without),
        bundle_hash(bundle),
        source_hash(),
        keep_going,
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()


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
    good, results, unknown = _checked(lines)
    model = None if settings.switch == "off" else opened(bundle)
    replayed = replay(model, [conversation for _, conversation in good], settings)
    results += [_encoded(number, own) for (number, _), own in zip(good, replayed, strict=True)]
    results.sort(key=lambda result: result.number)
    return ChunkScores(results, unknown)


def check_lines(lines: list[RawLine]) -> ChunkScores:
    """The same lines without scores: what is left of a chunk whose scores are kept already."""
    good, results, unknown = _checked(lines)
    results += [
        LineScore(number, own.id, len(own.messages), nudged=False, score=b"", trace=b"")
        for number, own in good
    ]
    results.sort(key=lambda result: result.number)
    return ChunkScores(results, unknown)


def _checked(
    lines: list[RawLine],
) -> tuple[list[tuple[int, Conversation]], list[LineScore | LineError], dict[str, int]]:
    """Good conversations with their lines, bad lines, and the first line of unknown fields."""
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
    return good, results, unknown


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
