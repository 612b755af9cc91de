"""Studies as a whole, on the shipped model: every cell once, kept, resumed, the same twice."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from nudge_harness.cli import main
from nudge_harness.errors import FormatError, UsageError
from nudge_harness.generate.split import SplitName
from nudge_harness.replay import Settings
from nudge_harness.studies import frontier, operating_points, running, variants
from nudge_harness.studies.bench import Bench, chats_of, make_chats, outcomes_of
from nudge_harness.studies.catalogue import STUDIES, make
from nudge_harness.studies.detection import Detector, Floats, Side, taught
from nudge_harness.studies.page import render
from nudge_harness.studies.running import run_study
from nudge_harness.studies.study import Cell, Column, Figures, Study
from nudge_harness.studies.traces import EVERYTHING, View, make_traces, traces_of


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """On the shipped model: generated chats hold letters at which the toy fails on purpose."""
    return Bench(folder=tmp_path_factory.mktemp("bench"), n=70, lessons=120, budget=0.1)


def lengths(bench: Bench, cell: Cell) -> Figures:
    """The example of docs/studies.md, in small."""
    least = int(cell["at_least"])
    chats = [chat for chat in chats_of(bench, "test") if len(chat.messages) >= least]
    own = outcomes_of(bench, chats, Settings())
    return variants.compared(bench, own, own)


LENGTHS = Study(
    name="lengths",
    title="Lengths",
    question="Do longer chats get more nudges?",
    axes={"at_least": "Messages, at least"},
    columns=(
        Column(
            name="false_per_1000",
            title="False nudges",
            unit="per 1,000",
            direction="lower",
            meaning="Benign chats nudged.",
        ),
    ),
    cells=lambda _: [{"at_least": "1"}, {"at_least": "10"}, {"at_least": "30"}],
    measure=lengths,
    prepare=lambda bench: make_chats(bench, "test"),
)
OWN = f"{__name__}:LENGTHS"
NO_STUDY = "not a study"


@pytest.fixture
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, __name__, sys.modules.get(__name__) or _this())


def _this() -> object:
    from types import ModuleType

    module = ModuleType(__name__)
    module.__dict__.update(globals())
    return module


@pytest.mark.usefixtures("importable")
def test_a_study_of_your_own_is_kept_and_resumed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run_study(OWN, bench)
    assert [own.cell["at_least"] for own in first.points] == ["1", "10", "30"]
    cells = sorted((bench.folder / "cells").glob("*.json"))
    made = {path: path.stat().st_mtime_ns for path in cells}
    lost = running.path_of(bench, OWN, {"at_least": "10"})
    lost.unlink()
    lost.with_name(f"part-{lost.name}").write_text("half", encoding="utf-8")  # as a kill leaves it
    assert run_study(OWN, bench).to_json() == first.to_json()
    kept = [path for path in cells if path != lost]
    assert all(path.stat().st_mtime_ns == made[path] for path in kept)
    lost.write_text("{", encoding="utf-8")
    with pytest.raises(FormatError, match="is no measured cell"):
        run_study(OWN, bench)
    lost.unlink()


def test_another_bench_measures_anew(bench: Bench) -> None:
    keys = {
        own.key(study="x")
        for own in (bench, replace(bench, n=71), replace(bench, seed=1), replace(bench, budget=0.2))
    }
    assert len(keys) == 4
    assert replace(bench, workers=7, folder=Path("elsewhere")).key(study="x") in keys


@pytest.mark.parametrize("name", ["nonsense", "no.such:STUDY", "nudge_harness.studies.frontier:X"])
def test_what_is_no_study_is_named(name: str) -> None:
    with pytest.raises(UsageError):
        make(name)


@pytest.mark.parametrize("name", STUDIES)
def test_every_study_is_declared_whole(name: str, bench: Bench) -> None:
    study = make(name)
    assert study.name == name and study.columns and study.question
    make_chats(bench, "test")
    cells = list(study.cells(bench))
    assert len({tuple(sorted(cell.items())) for cell in cells}) == len(cells) > 1
    assert all(set(cell) == set(study.axes) for cell in cells)
    assert study.charts([]) == [] and isinstance(study.says([]), list)


def test_the_frontier_has_every_combination_once(bench: Bench) -> None:
    assert len(frontier.cells(bench)) == 3 * 2 * (1 + 4 * 5) + len(frontier.REFERENCES)


def test_cells_of_the_frontier_are_measured_the_same_way_twice(bench: Bench) -> None:
    for sight in (
        {"signals": "both", "sides": "both"},
        {"signals": "metadata", "sides": "contact"},
    ):
        for memory in (
            {"memory": "none", "precision": "32"},
            {"memory": "last_10", "precision": "4"},
        ):
            cell = {**sight, **memory}
            figures = frontier.measure(bench, cell)
            assert figures == frontier.measure(bench, cell)
            assert set(figures) == {column.name for column in frontier.STUDY.columns}
            if memory["memory"] == "none":  # there is nothing to steal
                assert figures["leak_word"].value == 0.0
            assert figures["budget"].value == 1000.0 * bench.budget


def test_a_thief_of_the_chat_knows_its_words_and_one_of_its_length_does_not(bench: Bench) -> None:
    length, chat = (frontier.measure(bench, cell) for cell in frontier.REFERENCES)
    assert chat["leak_word"].value == 1.0
    assert (length["leak_word"].value or 0.0) < 1.0
    assert "recall_at_budget" not in chat


def test_nothing_that_is_measured_has_a_part_in_choosing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []
    real = frontier.heard

    def watched(bench: Bench, side: SplitName, cell: Cell) -> tuple[Side, Floats]:
        heard.append(side)
        return real(bench, side, cell)

    def only_training_chats(side: Side, budget: float) -> Detector:
        assert heard == ["train"] and all(chat.id.startswith("train-") for chat in side.chats)
        return taught(side, budget)

    monkeypatch.setattr(frontier, "heard", watched)
    monkeypatch.setattr(frontier, "taught", only_training_chats)
    frontier.measure(bench, frontier.cells(bench)[0])
    assert heard == ["train", "test"]


def test_what_a_view_hides_is_not_in_its_traces(bench: Bench) -> None:
    views = (EVERYTHING, View("text"), View(sent=False))
    make_traces(bench, "test", views)
    whole, words, theirs = (traces_of(bench, view, "test") for view in views)
    assert whole.heard.all() and not theirs.heard[~theirs.contact].any()
    assert (words.context[:, 8] == 1).all()  # the relationship is unknown
    assert (
        whole.starts[-1] == len(whole.cues) == sum(len(c.messages) for c in chats_of(bench, "test"))
    )


def test_deciding_again_without_inferring_is_deciding(bench: Bench) -> None:
    make_traces(bench, "test", (EVERYTHING,))
    assert operating_points.decided_again(bench, 0.0) == variants.usual(bench)
    eager = sum(own.nudged for own in operating_points.decided_again(bench, -2.0))
    assert eager >= sum(own.nudged for own in variants.usual(bench))


@pytest.mark.parametrize(
    "name", ["groups", "ablation", "operating-points", "leakage", "robustness"]
)
def test_the_command_writes_results_and_a_page(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["study", name, "-n", "40", "--lessons", "40", "--workers", "1", "-o", str(tmp_path)]
    assert main(words) == 0
    results = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    study = make(name)
    assert results["study"] == name and set(results["columns"]) == {c.name for c in study.columns}
    assert len(results["cells"]) > 1 and results["provenance"]["bundle"].startswith("en_v1@")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    picture = (tmp_path / "picture.svg").read_text(encoding="utf-8")
    assert ET.fromstring(picture).tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314  our own
    assert "prefers-color-scheme: dark" in picture
    assert study.title in page and "Every cell" in page and "http://" not in page[:20_000]
    assert "written:" in capsys.readouterr().err


@pytest.mark.usefixtures("importable")
def test_results_are_drawn_again_without_measuring(
    bench: Bench, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    studied = run_study(OWN, bench)
    running.write_results(tmp_path, replace(studied, study=replace(studied.study, name=OWN)))
    written = (tmp_path / "results.json").read_bytes()
    assert main(["study", OWN, "-o", str(tmp_path), "--redraw"]) == 0
    assert (tmp_path / "report.html").exists() and not (tmp_path / "cells").exists()
    assert (tmp_path / "results.json").read_bytes() == written
    (tmp_path / "results.json").write_text("{}", encoding="utf-8")
    assert main(["study", OWN, "-o", str(tmp_path), "--redraw"]) == 2
    assert "is no result of a study" in capsys.readouterr().err


def test_numbers_out_of_range_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in (["-n", "0"], ["--budget", "1"], ["--seed", "-1"]):
        assert main(["study", "groups", "-o", str(tmp_path), *words]) == 2
    assert "--budget must be above 0" in capsys.readouterr().err


@pytest.mark.usefixtures("importable")
def test_a_page_shows_a_dash_for_what_a_cell_lacks(bench: Bench) -> None:
    studied = run_study(OWN, bench)
    points = (replace(studied.points[0], figures={}), *studied.points[1:])
    assert "–" in render(replace(studied, points=points))
