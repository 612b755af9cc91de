"""The material of one side, ``train`` or ``test``: all scripts, banks and slots of its folder.

Slot file (``slots.txt``): lines ``name: a | b | c`` with the values of the shared ``{slots}``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal, TypeAlias, get_args

from nudge_harness.errors import ScriptError
from nudge_harness.generate.scripts import (
    Phrase,
    Script,
    read_phrases,
    read_scripts,
    slots_in,
)

SplitName: TypeAlias = Literal["train", "test"]
SPLITS: Final = get_args(SplitName)
DATA: Final = Path(__file__).parent / "data"


@dataclass(frozen=True, kw_only=True, slots=True)
class Split:
    """One side: its families, its banks, and the values of its shared slots.

    ``banks``: the phrases again, by sender and heading.
    """

    scripts: tuple[Script, ...]
    phrases: tuple[Phrase, ...]
    slots: Mapping[str, tuple[str, ...]]
    banks: Mapping[tuple[str, str], tuple[Phrase, ...]]

    def bank(self, sender: str, heading: str) -> tuple[Phrase, ...]:
        """Phrases of one bank; empty when there is none."""
        return self.banks.get((sender, heading), ())


def read_slots(path: Path) -> dict[str, tuple[str, ...]]:
    """Read a slot file.

    Raises:
        ScriptError: names the file, the line and what is wrong with it.
    """
    slots: dict[str, tuple[str, ...]] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        name, colon, values = line.partition(":")
        if not colon or name in slots:
            raise ScriptError(f"{path.name}:{number}: a slot reads 'name: a | b', once each")
        slots[name] = tuple(value.strip() for value in values.split(" | "))
    return slots


def read_split(folder: Path) -> Split:
    """Read every ``*.script``, every ``*.phrases`` and ``slots.txt`` of a folder, in name order.

    Raises:
        ScriptError: a malformed file, a family's name that stands twice, an unknown slot, or a
            turn that draws from an empty bank.
    """
    scripts = [script for path in sorted(folder.glob("*.script")) for script in read_scripts(path)]
    phrases = [phrase for path in sorted(folder.glob("*.phrases")) for phrase in read_phrases(path)]
    slots = read_slots(folder / "slots.txt")
    banks: dict[tuple[str, str], list[Phrase]] = {}
    for phrase in phrases:
        banks.setdefault((phrase.sender, phrase.heading), []).append(phrase)
        _check_slots(phrase.text, set(slots), phrase.source)
    names: set[str] = set()
    for script in scripts:
        if script.name in names:
            raise ScriptError(f"{folder.name}: two families are called {script.name}")
        names.add(script.name)
        _check_script(script, {*slots, *script.slots}, banks)
    return Split(
        scripts=tuple(scripts),
        phrases=tuple(phrases),
        slots=slots,
        banks={key: tuple(bank) for key, bank in banks.items()},
    )


def _check_script(script: Script, slots: set[str], banks: Collection[tuple[str, str]]) -> None:
    for turn in script.turns:
        if turn.bank is not None and (turn.sender, turn.bank) not in banks:
            raise ScriptError(f"{script.name}: the bank {turn.bank} is empty")
        for wording in turn.wordings:
            _check_slots(wording, slots, script.name)


def _check_slots(text: str, known: set[str], where: str) -> None:
    for slot in sorted(slots_in(text) - known):
        raise ScriptError(f"{where}: unknown slot {slot}")


@cache
def shipped(split: SplitName) -> Split:
    """The side that ships with the package, read once."""
    return read_split(DATA / split)


def load_split(split: SplitName) -> tuple[tuple[Script, ...], tuple[Phrase, ...]]:
    """Families and banks of one side, in file order.

    Raises:
        ScriptError: a file is malformed.
    """
    side = shipped(split)
    return side.scripts, side.phrases


def load_slots(split: SplitName) -> Mapping[str, tuple[str, ...]]:
    """Values of the shared slots of one side."""
    return shipped(split).slots
