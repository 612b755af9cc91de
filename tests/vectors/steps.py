"""Chats through the engine, with the graph's outputs given: everything around the graph.

What each message is (own, repeated, edited, late, from history, long, of another kind) and what the
memory is after it. Outputs are multiples of 1/64, so that float32 and JSON hold them exactly.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np

from nudge_sdk.engine import Engine, ModelSpec, Output, Request
from nudge_sdk.policy import shipped_policy
from nudge_sdk.state import ConversationState, UserLedger
from nudge_sdk.values import AGE_BANDS, CUES, EVENT_KINDS, RISKS, Contact, Message
from tests import toy
from tests.vectors.context import DIGITS, plain, some_contact
from tests.vectors.dice import Dice
from tests.vectors.plain import of_assessment, of_decision, of_state, of_thresholds

SEED: Final = 803
CHATS: Final = 16
MESSAGES: Final = 12
NOW: Final = 1_800_000_000.0
LENGTHS: Final = (0, 1, 20, toy.CAP, toy.CAP + 1, 300, 2000)


def make() -> dict[str, Any]:
    """Vectors: one chat each, with ``steps``; half of them for the model of the derived numbers."""
    dice = Dice(SEED)
    policy = shipped_policy()
    other = replace(toy.SPEC, model_id=policy.derived.model)
    return {
        "kind": "engine",
        "schema": 1,
        "about": "chats through the engine, with the graph's outputs given; ids are hashed on each"
        " device, so of the ring only its length is compared",
        "given": {"policy": policy.version},
        "vectors": [_chat(dice, i, toy.SPEC if i % 2 else other) for i in range(CHATS)],
    }


def _chat(dice: Dice, index: int, spec: ModelSpec) -> dict[str, Any]:
    engine = Engine(spec, shipped_policy())
    band, switch = dice.pick(AGE_BANDS), dice.pick(("full", "full", "gentle"))
    contact = Contact(id="c", relationship="stranger", claimed_age=30) if index % 3 == 0 else None
    contact = some_contact(dice) if contact is None else contact
    state, ledger, now = engine.fresh_state(), UserLedger(), NOW
    steps: list[dict[str, Any]] = []
    for number in range(MESSAGES):
        now += dice.pick((1.0, 30.0, 3600.0, 90_000.0))
        said = _said(dice, number, now)
        step, state, ledger = _step(engine, dice, said, contact, state, ledger, now, band, switch)
        steps.append(step)
    return {
        "id": f"chat_{index}",
        "spec": {
            "model_id": spec.model_id.hex(),
            "state_size": spec.state_size,
            "cap": spec.cap,
            "overlap": spec.overlap,
            "windows": spec.windows,
            "thresholds": of_thresholds(spec.thresholds),
        },
        "band": band,
        "switch": switch,
        "contact": plain(contact),
        "steps": steps,
    }


def _said(dice: Dice, number: int, now: float) -> dict[str, Any]:
    sent = dice.pick((None, None, now, now - 10, now + 99, now - 86_400, now - 86_401, -5.0))
    again = number > 2 and dice.chance(0.2)
    return {
        "text": "abc \U0001f602 " * (dice.pick(LENGTHS) // 6),
        "id": None if dice.chance(0.2) else f"m{number - 2 if again else number}",
        "revision": 1 if dice.chance(0.1) else 0,
        "sent_at": sent,
        "kind": dice.pick(("text", "text", "text", *EVENT_KINDS)),
        "from_contact": dice.chance(0.75),
        "backfill": dice.chance(0.08),
    }


def _step(
    engine: Engine,
    dice: Dice,
    said: dict[str, Any],
    contact: Contact,
    state: ConversationState,
    ledger: UserLedger,
    now: float,
    band: Any,
    switch: Any,
) -> tuple[dict[str, Any], ConversationState, UserLedger]:
    message = Message(
        said["text"],
        id=said["id"],
        sent_at=said["sent_at"],
        kind=said["kind"],
        revision=said["revision"],
    )
    request = engine.prepare(
        message,
        contact=contact,
        state=state,
        ledger=ledger,
        now=now,
        band=band,
        switch=switch,
        from_contact=said["from_contact"],
        backfill=said["backfill"],
    )
    row: dict[str, Any] = {"now": now, **said}
    if not isinstance(request, Request):
        row |= {"windows": None, "context": None, "outputs": [], "assessment": None}
        done = request
    else:
        outputs = [_output(dice) for _ in request.windows]
        done = engine.conclude(request, outputs)
        assessment = done.assessment
        row |= {
            "windows": [[len(window), int(window.sum())] for window in request.windows],
            "context": [round(value, DIGITS) for value in request.context.tolist()],
            "outputs": [
                {"cues": o.cues.tolist(), "risk": o.risk.tolist(), "state": o.next_state.tolist()}
                for o in outputs
            ],
            "assessment": None if assessment is None else of_assessment(assessment),
        }
    row |= {
        "decision": of_decision(done.decision),
        "state": of_state(done.state),
        "ledger": list(done.ledger.times),
    }
    return row, done.state, done.ledger


def _output(dice: Dice) -> Output:
    loud = dice.chance(0.6)
    cues = [dice.share() if dice.chance(0.25) else 0.0 for _ in CUES]
    foreign = 1.0 if dice.chance(0.04) else 0.0
    risk = [dice.share() if loud else 0.125 for _ in RISKS]
    state = [dice.share() - 0.5 for _ in range(toy.STATE)]
    return Output(
        cues=np.array([*cues, foreign], dtype=np.float32),
        risk=np.array(risk, dtype=np.float32),
        next_state=np.array(state, dtype=np.float32),
    )
