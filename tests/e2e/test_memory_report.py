"""The report of what stays in memory can be made, and sees what is there. It gates nothing else.

`docs/threat-model.md` says what it showed: memory of the live process is not cleared by Python.
"""

from __future__ import annotations

from pathlib import Path

from tests.e2e import memory_report
from tests.programs import program


def test_the_report_sees_a_message_that_is_held_and_reports_the_rest() -> None:
    report = memory_report.report(program("gcore"))
    assert set(report) == {
        stage + part for stage in memory_report.STAGES for part in ("", ", core dump")
    }
    for place in ("held", "held, core dump"):  # positive control
        assert report[place]["message as text"] >= 1
        assert report[place]["contact as text"] >= 1
        assert report[place]["conversation as text"] >= 1
    assert all(count >= 0 for stage in report.values() for count in stage.values())


def test_markers_are_made_at_run_time_only() -> None:
    raw = Path(memory_report.__file__).read_bytes()
    assert not any(memory_report.marker(number).encode() in raw for number in range(3))
    assert len({memory_report.marker(number) for number in range(3)}) == 3
