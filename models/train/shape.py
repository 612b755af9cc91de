"""Sizes and fixed numbers of the network, for whoever builds it: torch, the graph, calibration."""

from __future__ import annotations

from dataclasses import dataclass

CUES = 17  # of `nudge_sdk.values`, without "another language"
RISK_CUES = 14  # of the cues, the first ones; the others lower risk
RISKS = 4  # of `nudge_sdk.values`
CONTEXT = 32  # floats, of `nudge_sdk._context`
GIST = 24  # axes of the teacher's space that the conversation level sees
HIDDEN = 16  # floats of learned memory
EVIDENCE = 1 + RISKS  # log odds: any risk, then each kind
STATE = 2 * CUES + HIDDEN + EVIDENCE + 2  # floats; the layout stands in `net`
DECAY_STRONGEST = 0.995  # for each of the contact's messages: half in 138
DECAY_RECENT = 0.85  # for each of the contact's messages: half in 4.3
EVIDENCE_CAP = 4.0  # log odds that one message can count, either way
SUM_CAP = 8.0  # what the evidence can add up to
SUM_DECAY = 0.98  # of the evidence so far, for each message
COUNT_STEP = 0.05  # the counts move this share of what is left to 1


@dataclass(frozen=True, kw_only=True, slots=True)
class NetSizes:
    """Sizes that a plan may change.

    Attributes:
        width: floats in a word vector.
        filters: of each convolution.
        message: floats in the message vector.
        cue_hidden, risk_hidden: units of the hidden layer of the cue and risk heads.
    """

    width: int = 96
    filters: int = 128
    message: int = 96
    cue_hidden: int = 96
    risk_hidden: int = 48
