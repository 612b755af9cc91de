"""The context vector: what is known beside the words, with an explicit "unknown" for every field.

The layout is a contract between this file, the training line and every other runtime; a golden
vector pins it. Missing is not zero: each field owns a flag (or a class) that says "not known", so
that a model can tell "known for 0 days" from "nobody said".

====== ===================================================================================
index  meaning (float32)
====== ===================================================================================
0      who speaks: +1 the contact, -1 the young person
1-8    relationship, one-hot in the order of `RELATIONSHIPS`; 8 = unknown
9, 10  ln(1 + days known) / 8; 1 = unknown (then 9 is 0)
11-13  contact's age / 20; (that - user age) / 10 clipped to -1..4; 1 = unknown (then 0, 0)
14-18  the young person's age band, one-hot in the order of `AGE_BANDS`; never unknown
19-25  kind of event, one-hot in the order of `EVENT_KINDS`; 25 = unknown
26, 27 ln(1 + seconds since the message before) / 12; 1 = unknown (the first message too)
28, 29 1 = a group chat; 1 = unknown
30, 31 reserved, always 0
====== ===================================================================================
"""

from __future__ import annotations

from math import log1p
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from nudge_sdk.values import (
    AGE_BANDS,
    EVENT_KINDS,
    RELATIONSHIPS,
    USUAL_AGE,
    AgeBand,
    Contact,
    EventKind,
)

ContextVector: TypeAlias = npt.NDArray[np.float32]

SIZE: Final = 32
_RELATION_AT: Final = {name: 1 + i for i, name in enumerate(RELATIONSHIPS)}
_BAND_AT: Final = {name: 14 + i for i, name in enumerate(AGE_BANDS)}
_KIND_AT: Final = {name: 19 + i for i, name in enumerate(EVENT_KINDS)}


def context_vector(
    *,
    from_contact: bool,
    contact: Contact | None,
    band: AgeBand,
    kind: EventKind | None,
    gap: float | None,
) -> ContextVector:
    """Context of one message.

    Args:
        from_contact: who speaks.
        contact: what is known of the contact; ``None`` when nothing is.
        band: the young person's age band.
        kind: kind of event; ``None`` when unknown.
        gap: seconds since the message before in this conversation, at least 0; ``None`` when
            unknown.

    Returns:
        float32 ``(32,)``, every entry in -1..4.
    """
    vector = [0.0] * SIZE  # filled as a list: setting an array's items costs three times as much
    vector[0] = 1.0 if from_contact else -1.0
    relationship = None if contact is None else contact.relationship
    vector[8 if relationship is None else _RELATION_AT[relationship]] = 1.0
    if contact is None or contact.days_known is None:
        vector[10] = 1.0
    else:
        vector[9] = log1p(contact.days_known) / 8.0
    age = None if contact is None else contact.age
    if age is None:
        vector[13] = 1.0
    else:
        vector[11] = min(age / 20.0, 4.0)
        vector[12] = min(max((age - USUAL_AGE[band]) / 10.0, -1.0), 4.0)
    vector[_BAND_AT[band]] = 1.0
    vector[25 if kind is None else _KIND_AT[kind]] = 1.0
    if gap is None:
        vector[27] = 1.0
    else:
        vector[26] = log1p(gap) / 12.0
    if contact is None or contact.in_group is None:
        vector[29] = 1.0
    elif contact.in_group:
        vector[28] = 1.0
    return np.array(vector, dtype=np.float32)
