"""The core's values as JSON, in the words of docs/porting.md."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from nudge_sdk.policy import Assessment, Circumstances, Decision, Thresholds
from nudge_sdk.state import ConversationState, RiskHistory
from nudge_sdk.values import RISKS


def of_history(history: tuple[RiskHistory, ...]) -> dict[str, Any]:
    """By risk; a kind of which nothing was ever said is left out."""
    pairs = zip(RISKS, history, strict=True)
    return {risk: asdict(row) for risk, row in pairs if row != RiskHistory()}


def of_state(state: ConversationState) -> dict[str, Any]:
    """A state without its ring, whose hashes are each device's own."""
    return {
        "newest": state.newest,
        "messages": state.messages,
        "seen": state.seen,
        "not_reading": state.not_reading,
        "familiar": state.familiar,
        "history": of_history(state.history),
        "ring_length": len(state.ring),
        "graph": state.graph.tolist(),
    }


def of_assessment(assessment: Assessment) -> dict[str, Any]:
    """Three fields."""
    return {
        "cues": list(assessment.cues),
        "risk": list(assessment.risk),
        "other_language": assessment.other_language,
    }


def of_thresholds(thresholds: Thresholds) -> dict[str, Any]:
    """Lists in the orders of `CUES` and `RISKS`."""
    return {
        "cue": list(thresholds.cue),
        "gentle": list(thresholds.gentle),
        "strong": list(thresholds.strong),
        "other_language": thresholds.other_language,
    }


def of_decision(decision: Decision) -> dict[str, Any]:
    """Every field."""
    return asdict(decision) | {"cues": list(decision.cues)}


def of_circumstances(at: Circumstances) -> dict[str, Any]:
    """Every field."""
    return asdict(at)
