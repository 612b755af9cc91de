"""The README's commands, examples and links are what they say."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

TEST_COMMAND = "python3.11 -m venv .venv && .venv/bin/pip install -q tox && .venv/bin/tox"


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def readme(root: Path) -> str:
    return (root / "README.md").read_text("utf-8")


def test_the_first_two_commands_are_one_line_each(readme: str) -> None:
    run, test = (block.strip() for block in blocks(readme, "sh")[:2])
    assert "\n" not in run + test
    assert "nudge demo" in run and "nudge-harness run" in run and "pip install" in run
    assert test == TEST_COMMAND


def test_ci_runs_the_same_test_command_and_then_the_end_to_end_tests(root: Path) -> None:
    script = (root / ".ci" / "run").read_text("utf-8")
    assert script.index(TEST_COMMAND) < script.index("tox -qq -e e2e")
    assert "set -euo pipefail" in script


def test_tox_runs_everything_but_end_to_end_and_slow(root: Path) -> None:
    config = (root / "tox.ini").read_text("utf-8")
    assert 'tests --ignore=tests/e2e -m "not slow"' in config
    assert re.search(r"^env_list = lint, py311, bare$", config, re.MULTILINE)


def test_the_ten_lines_run(readme: str) -> None:
    code = blocks(readme, "python")[0]
    assert len([line for line in code.splitlines() if line.strip()]) <= 10
    done = subprocess.run(  # noqa: S603  what is started is our own
        [sys.executable, "-P", "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "gentle" in done.stdout


@pytest.mark.parametrize(
    ("number", "name"), [*enumerate(["quickstart.py", "quickstart_asyncio.py"])]
)
def test_the_examples_stand_in_the_readme(root: Path, readme: str, number: int, name: str) -> None:
    code = (root / "examples" / name).read_text("utf-8").split('"""', 2)[2].lstrip("\n")
    assert blocks(readme, "python")[number] == code


@pytest.mark.parametrize("name", ["quickstart.py", "quickstart_asyncio.py"])
def test_the_examples_run(root: Path, name: str) -> None:
    done = subprocess.run(  # noqa: S603  what is started is our own
        [sys.executable, "-P", str(root / "examples" / name)],
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    assert "You can stop here" in done.stdout


def test_links_inside_the_repository_lead_somewhere(root: Path) -> None:
    for page in [*root.glob("*.md"), *root.glob("docs/**/*.md")]:
        for target in re.findall(r"\]\((?!https?:|mailto:)([^)#\s]+)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
        for target in re.findall(r'(?:src|href)="(?!https?:)([^"#]+)"', page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_files_and_tests_that_the_readme_names_exist(root: Path, readme: str) -> None:
    for name in re.findall(r"`((?:tests|nudge_sdk|models|docs|examples)/[\w./-]+)`", readme):
        assert (root / name).exists(), name


def test_the_block_of_figures_is_marked(readme: str) -> None:
    assert readme.index("<!-- figures:start -->") < readme.index("<!-- figures:end -->")


@pytest.mark.parametrize("word", ["TODO", "TBD", "coming soon", "lorem"])
def test_nothing_is_left_for_later(readme: str, word: str) -> None:
    assert word.lower() not in readme.lower()
