"""What the commands say: results on standard output, everything else on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console, RenderableType
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)


def result(text: str) -> None:
    """A result, as it is, for people and pipes."""
    sys.stdout.write(text + "\n")


def note(text: str) -> None:
    """A remark for whoever watches."""
    sys.stderr.write(text + "\n")


Counter = Callable[[int], None]
"""Counts ``n`` more units."""

Steps = Callable[[str, int | None], Counter]
"""Begins a step, given its name and how many units it has; returns what counts them."""


def is_terminal() -> bool:
    """Whether somebody watches standard output."""
    return Console().is_terminal


def show(drawn: RenderableType) -> None:
    """Something that rich draws, on standard output."""
    Console().print(drawn)


def silent(_name: str, _total: int | None = None) -> Counter:
    """Steps that nobody watches."""
    return lambda _: None


@contextmanager
def steps(unit: str) -> Iterator[Steps]:
    """Progress bars on standard error while a terminal watches, one a step; nothing without one."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield silent
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description:<18}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as bar:
        running: list[TaskID] = []

        def begin(name: str, total: int | None = None) -> Counter:
            _finish(bar, running)
            task = bar.add_task(name, total=total)
            running.append(task)
            return lambda n: bar.advance(task, n)

        yield begin
        _finish(bar, running)


def _finish(bar: Progress, running: list[TaskID]) -> None:
    """The step before is over, however many units it turned out to have."""
    for task in running:
        done = next(own.completed for own in bar.tasks if own.id == task)
        bar.update(task, total=done, completed=done)
    running.clear()
