"""The bytes that a store seals, both ways, and bytes that are refused."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, Final

import numpy as np

from nudge_sdk.state import ConversationState, RiskHistory, UserLedger
from nudge_sdk.values import CUES, RISKS
from tests.vectors.plain import of_history

MODEL: Final = bytes(range(8))
FRESH: Final = ConversationState(model_id=MODEL, graph=np.zeros(3, dtype=np.float32))
FULL: Final = ConversationState(
    model_id=bytes(range(248, 256)),
    graph=np.array([0.5, -1.25, 3.0e-5, 7.0] * 16, dtype=np.float32),
    newest=1_800_000_000.25,
    messages=2**32 - 1,
    seen=2 ** len(CUES) - 1,
    not_reading=True,
    familiar=True,
    history=tuple(
        RiskHistory(cues=1 << i, nudges=255, level=2, answers=3, recent=9, last=2**32 - 1, raised=i)
        for i in range(len(RISKS))
    ),
    ring=tuple(2**64 - 1 - i for i in range(16)),
)
STATES: Final = {
    "fresh": FRESH,
    "full": FULL,
    "half_a_ring": replace(FULL, ring=(1, 2, 3)),
    "nothing_newest": replace(FULL, newest=None),
    "only_familiar": replace(FRESH, familiar=True),
}
LEDGERS: Final = {"no_nudge": (), "two_nudges": (1, 1_800_000_000), "full": tuple(range(1, 33))}


def make() -> dict[str, Any]:
    """Vectors: ``hex`` of a ``state`` or a ``ledger``; ``refused`` when it is neither."""
    fresh, ledger = FRESH.to_bytes(), UserLedger(times=(7,)).to_bytes()
    nan = np.float32(math.nan).tobytes()
    refused = {
        "empty": b"",
        "later_version": b"\x02" + fresh[1:],
        "too_short": fresh[:-1],
        "too_long": fresh + b"\0",
        "more_floats_than_it_says": fresh + bytes(4),
        "state_that_is_no_number": fresh[:-4] + nan,
        "newest_that_is_infinite": fresh[:11] + bytes.fromhex("000000000000f07f") + fresh[19:],
        "level_three": fresh[:33] + b"\x03" + fresh[34:],
    }
    refused_ledgers = {
        "ledger_empty": b"",
        "ledger_of_a_later_version": b"\x02" + ledger[1:],
        "ledger_too_short": ledger[:-1],
        "ledger_of_33": b"\x01\x21" + bytes(33 * 4),
    }
    return {
        "kind": "state",
        "schema": 1,
        "about": "the layout of nudge_sdk/state.py; the ring's numbers are decimal strings",
        "given": {},
        "vectors": [
            *(
                {"id": name, "hex": s.to_bytes().hex(), "state": _plain(s)}
                for name, s in STATES.items()
            ),
            *(
                {
                    "id": f"ledger_{name}",
                    "hex": UserLedger(times=times).to_bytes().hex(),
                    "ledger": list(times),
                }
                for name, times in LEDGERS.items()
            ),
            *({"id": n, "hex": raw.hex(), "refused": "state"} for n, raw in refused.items()),
            *(
                {"id": n, "hex": raw.hex(), "refused": "ledger"}
                for n, raw in refused_ledgers.items()
            ),
        ],
    }


def _plain(state: ConversationState) -> dict[str, Any]:
    return {
        "model_id": state.model_id.hex(),
        "newest": state.newest,
        "messages": state.messages,
        "seen": state.seen,
        "not_reading": state.not_reading,
        "familiar": state.familiar,
        "history": of_history(state.history),
        "ring": [str(item) for item in state.ring],
        "graph": state.graph.tolist(),
    }
