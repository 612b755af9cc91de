"""A second implementation, straight from the papers' formulas with plain loops, must agree.

It shares no code with the package: conversations are tuples, medians come from `statistics`.
"""

from __future__ import annotations

import statistics
from math import exp
from typing import NamedTuple

import numpy as np
import pytest
from nudge_harness.metrics import Given, Outcome
from nudge_harness.metrics.evaluation import evaluate

KINDS = ("grooming", "adult_content", "coercion", "scam_lure")
P = 0.03


class Chat(NamedTuple):
    """Label, onset, harm, length, and (index, kind) of each nudge."""

    label: str
    onset: int
    harm: int
    length: int
    nudges: list[tuple[int, str]]


def draw(rng: np.random.Generator) -> list[Chat]:
    """A file of chats of every sort."""
    chats = []
    for _ in range(int(rng.integers(20, 120))):
        length = int(rng.integers(1, 60))
        onset = int(rng.integers(0, length))
        harm = int(rng.integers(onset, length))
        at = sorted(rng.integers(0, length, int(rng.integers(0, 4))).tolist())
        nudges = [(index, str(rng.choice(KINDS))) for index in at]
        label = str(rng.choice([*KINDS, "benign", "benign", "benign", "spam"]))
        chats.append(Chat(label, onset, harm, length, nudges))
    return chats


def erde(chats: list[Chat], o: int) -> float:
    """Losada and Crestani 2016."""
    subjects = [chat for chat in chats if chat.label != "spam"]
    positives = sum(1 for chat in subjects if chat.label != "benign")
    total = 0.0
    for chat in subjects:
        decided, truth = len(chat.nudges) > 0, chat.label != "benign"
        if decided and not truth:
            total += positives / len(subjects)
        elif not decided and truth:
            total += 1.0
        elif decided and truth:
            k = chat.nudges[0][0] + 1
            total += 1.0 - 1.0 / (1.0 + exp(k - o))
    return total / len(subjects)


def speed_and_f(chats: list[Chat]) -> tuple[float, float]:
    """Sadeque et al. 2018."""
    tp = fp = fn = 0
    penalties = []
    for chat in chats:
        if chat.label == "spam":
            continue
        if chat.label == "benign":
            fp += 1 if chat.nudges else 0
        elif chat.nudges:
            tp += 1
            k = chat.nudges[0][0] + 1
            penalties.append(-1 + 2 / (1 + exp(-P * (k - 1))))
        else:
            fn += 1
    if not tp:
        return 0.0, 0.0
    speed = 1 - statistics.median(penalties)
    precision, recall = tp / (tp + fp), tp / (tp + fn)
    return speed, 2 * precision * recall / (precision + recall) * speed


def recalls(chats: list[Chat]) -> dict[str, float]:
    """DESIGN.md, section 5."""
    positives = [chat for chat in chats if chat.label in KINDS]
    caught = [chat for chat in positives if chat.nudges and chat.nudges[0][0] <= chat.harm]
    right = 0
    for chat in caught:
        for index, kind in chat.nudges:
            if kind == chat.label and index <= chat.harm:
                right += 1
                break
    early = [chat for chat in positives if chat.nudges and chat.nudges[0][0] <= chat.onset + 2]
    premature = [chat for chat in positives if chat.nudges and chat.nudges[0][0] < chat.onset]
    seen = [chat.nudges[0][0] + 1 for chat in positives if chat.nudges]
    return {
        "recall_before_harm": len(caught) / len(positives),
        "right_kind": right / len(caught),
        "early_recall": len(early) / len(positives),
        "premature": len(premature) / len(positives),
        "latency_tp": statistics.median(seen),
        "lead_messages": statistics.median([chat.harm - chat.nudges[0][0] for chat in caught]),
    }


def false_alarms(chats: list[Chat]) -> dict[str, float]:
    """Per 1,000 chats, per 1,000 messages and per 700 messages."""
    benign = [chat for chat in chats if chat.label == "benign"]
    messages = sum(chat.length for chat in benign)
    nudges = sum(len(chat.nudges) for chat in benign)
    return {
        "false_per_1000": 1000 * sum(1 for chat in benign if chat.nudges) / len(benign),
        "false_per_1000_messages": 1000 * nudges / messages,
        "false_per_user_week": 700 * nudges / messages,
    }


def outcomes_of(chats: list[Chat]) -> list[Outcome]:
    return [
        Outcome(
            id=str(i),
            label=chat.label,
            onset=chat.onset if chat.label in KINDS else None,
            harm=chat.harm if chat.label in KINDS else None,
            messages=chat.length,
            nudges=tuple(Given(message=at, risk=kind) for at, kind in chat.nudges),
        )
        for i, chat in enumerate(chats)
    ]


@pytest.mark.parametrize("seed", range(25))
def test_agrees_with_the_second_implementation(seed: int) -> None:
    chats = draw(np.random.default_rng(seed))
    found = evaluate(outcomes_of(chats), rng=np.random.default_rng(0), p=P, resamples=1)
    speed, f_latency = speed_and_f(chats)
    expected = {
        "erde_5": erde(chats, 5),
        "erde_50": erde(chats, 50),
        "speed": speed,
        "f_latency": f_latency,
        **recalls(chats),
        **false_alarms(chats),
    }
    for name, value in expected.items():
        assert found.figures[name].value == pytest.approx(value, rel=1e-9), name


@pytest.mark.parametrize("rate", [0.01, 0.001, 0.0001])
def test_precision_is_that_of_a_population_with_the_base_rate(rate: float) -> None:
    """Count nudges among ten million chats mixed as stated, rather than use Bayes' rule."""
    chats = draw(np.random.default_rng(99))
    positives = [bool(chat.nudges) for chat in chats if chat.label in KINDS]
    benign = [bool(chat.nudges) for chat in chats if chat.label == "benign"]
    risky_chats, benign_chats = 1e7 * rate, 1e7 * (1 - rate)
    right = risky_chats * sum(positives) / len(positives)
    wrong = benign_chats * sum(benign) / len(benign)
    found = evaluate(outcomes_of(chats), rng=np.random.default_rng(0), resamples=1)
    assert found.precision_at[f"{rate:g}"].value == pytest.approx(right / (right + wrong))
