"""Figures beyond generated test chats: sets made by hand, rewritings, explicit words, long chats.

Each is measured through the harness's own scoring; whoever has the same files gets the same
figures. ``python -m models.train.stress`` prints how far the two readers of each hand-made set
agree.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from nudge_harness.evaluate import evaluate_files
from nudge_harness.formats import (
    ContactInfo,
    Conversation,
    Turn,
    read_conversations,
    read_scores,
    write_conversations,
)
from nudge_harness.generate import generate
from nudge_harness.generate.dice import Dice
from nudge_harness.generate.perturb import PERTURBATIONS, perturb
from nudge_harness.model import BundleChoice
from nudge_harness.replay import Settings
from nudge_harness.scoring import score_file

from models.train.examples import read_corpora
from models.train.explicit import building_terms, held_out_terms

log = logging.getLogger(__name__)

BY_HAND: Final = ("first", "second")  # the sets made by hand, in the order of their making
HELD: Final = Path(__file__).parents[1] / "heldout"
REWRITINGS: Final = ("none", *sorted(PERTURBATIONS), "split_messages")
LONG: Final = 2_000  # messages of a chained chat
MONTH: Final = 375  # messages of a contact in a month: 100 a day among 8 contacts, 30 days
EXPLICIT: Final = (
    "hey want to look at {w}", "message me if you want {w}", "got some {w} to share with you",
    "you seem like you would enjoy {w}", "what do you think about {w}, be open",
)  # fmt: skip
SWEARING: Final = (
    "{w} me that was close", "cant believe this {w} weather", "you {w}, pass the crisps",
    "that ref was a total {w}", "ugh {w} maths again",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Stress:
    """What is measured, and where files may lie.

    Attributes:
        bundle: the model.
        work: folder for files.
        seed: of the generated chats and the rewritings.
        workers: processes.
    """

    bundle: BundleChoice
    work: Path
    seed: int
    workers: int = 1

    def by_hand(self) -> dict[str, dict[str, Any]]:
        """Every figure of `evaluate` on each set made by hand."""
        return {
            name: self._evaluate(name, read_conversations(HELD / f"{name}.jsonl"))
            for name in BY_HAND
        }

    def rewritings(self, n: int) -> dict[str, dict[str, Any]]:
        """`evaluate` on the same ``n`` generated test chats under each rewriting of every text."""
        plain = list(generate("test", self.seed, n=n))
        found = {}
        for name in REWRITINGS:
            log.info("rewriting: %s", name)
            rng = np.random.default_rng((self.seed, 21))
            chats = plain if name == "none" else [perturb(chat, name, rng) for chat in plain]
            every = self._evaluate(f"rewritten.{name}", chats)
            found[name] = {key: every[key] for key in ("recall_before_harm", "false_per_1000")}
        return found

    def explicit(self) -> dict[str, dict[str, int]]:
        """Single messages: explicit ones of a stranger, with all words of a list that was not used
        in building, and with those that no building list holds; and swearing among friends. Words
        are drawn in memory; the files are removed."""
        dice = Dice(np.random.default_rng((self.seed, 22)))
        words = {
            "explicit": (held_out_terms(self.work, unknown=False), EXPLICIT, "stranger", 0.0),
            "explicit_unknown": (
                held_out_terms(self.work, unknown=True),
                EXPLICIT,
                "stranger",
                0.0,
            ),
            "swearing": (building_terms(self.work).swearing, SWEARING, "friend", 400.0),
        }
        found = {}
        for name, (terms, carriers, relationship, days) in words.items():
            chats = [
                Conversation(
                    id=f"{name}-{i}",
                    label="benign" if name == "swearing" else "adult_content",
                    user_age=13,
                    contact=ContactInfo(relationship=relationship, days_known=days),
                    messages=(Turn(sender="contact", t=0.0, text=dice.pick(carriers).format(w=w)),),
                )
                for i, w in enumerate(terms * 3)
            ]
            found[name] = self._count(name, chats)
            self.work.joinpath(f"{name}.jsonl.gz").unlink()
        return found

    def chained(self, folder: Path) -> dict[str, Any]:
        """Real ordinary English chats in a row, each row one contact's chat of `LONG` messages."""
        every = (c for corpus in read_corpora(folder).values() for c in corpus)
        chats = [c for c in every if c.lang in (None, "en")]
        order = np.random.default_rng((self.seed, 23)).permutation(len(chats))
        rows = list(_in_rows([chats[i] for i in order]))
        log.info("%d chained chats", len(rows))
        tally = self._count("chained", rows)
        months = len(rows) * LONG / MONTH
        return {**tally, "messages": LONG, "per_contact_month": tally["nudges"] / max(months, 1.0)}

    def _evaluate(self, name: str, chats: Iterable[Conversation]) -> dict[str, Any]:
        truth, scores = self._score(name, chats)
        found: dict[str, Any] = evaluate_files(truth, scores, seed=self.seed).to_json()
        return found

    def _count(self, name: str, chats: Sequence[Conversation]) -> dict[str, int]:
        _, scores = self._score(name, chats)
        nudges = [len(row.nudges or ()) for row in read_scores(scores)]
        return {
            "chats": len(nudges),
            "nudged": sum(count > 0 for count in nudges),
            "nudges": sum(nudges),
        }

    def _score(self, name: str, chats: Iterable[Conversation]) -> tuple[Path, Path]:
        self.work.mkdir(parents=True, exist_ok=True)
        truth = self.work / f"{name}.jsonl.gz"
        scores = self.work / f"{name}.scores.jsonl"
        write_conversations(truth, chats)
        score_file(truth, scores, settings=Settings(), bundle=self.bundle, workers=self.workers)
        return truth, scores


def _in_rows(chats: Sequence[Conversation]) -> Iterable[Conversation]:
    turns: list[Turn] = []
    start, rows = 0.0, 0
    for chat in chats:
        turns += [replace(turn, t=turn.t + start) for turn in chat.messages]
        start = turns[-1].t + 86_400.0
        if len(turns) >= LONG:
            yield Conversation(id=f"row-{rows}", label="benign", messages=tuple(turns[:LONG]))
            turns, start, rows = [], 0.0, rows + 1


def agreement(name: str) -> dict[str, float]:
    """How far the second reader of a set agrees: shares of chats with the same label, and of risky
    ones with the same onset and harm, and with one at most two messages away."""
    first = {chat.id: chat for chat in read_conversations(HELD / f"{name}.jsonl")}
    lines = (HELD / f"{name}.reader.jsonl").read_text(encoding="utf-8").splitlines()
    second = {row["id"]: row for row in map(json.loads, lines)}
    risky = [name for name, row in second.items() if row["onset"] is not None]
    risky = [name for name in risky if first[name].onset is not None]
    found = {
        "chats": float(len(first)),
        "risky": float(sum(chat.onset is not None for chat in first.values())),
        "label": float(np.mean([first[n].label == row["label"] for n, row in second.items()])),
    }
    for mark in ("onset", "harm"):
        gaps = np.asarray([abs(getattr(first[n], mark) - second[n][mark]) for n in risky])
        found[mark] = float((gaps == 0).mean())
        found[f"{mark}_within_2"] = float((gaps <= 2).mean())
    return found


def main() -> int:
    """Print the agreement, a set a line."""
    for name in BY_HAND:
        sys.stdout.write(json.dumps({"set": name, **agreement(name)}) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
