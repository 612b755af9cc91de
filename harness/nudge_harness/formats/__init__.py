"""The files that the harness reads and writes: conversations, scores and traces, as JSON Lines.

Each format is a stable contract with a JSON Schema beside this file (`schema`). Reading streams and
checks every line at the border, so that inner code needs no checks; an error names file, line and
field, and never shows text.
"""

from __future__ import annotations

from nudge_harness.formats.conversation import (
    ContactInfo,
    Conversation,
    Turn,
    conversation_from,
    conversation_to,
    read_conversations,
    write_conversations,
)
from nudge_harness.formats.lines import Writer
from nudge_harness.formats.reader import Reader
from nudge_harness.formats.schemas import schema
from nudge_harness.formats.scores import (
    NudgeRow,
    ScoreRow,
    read_scores,
    score_from,
    score_to,
    write_scores,
)
from nudge_harness.formats.trace import (
    TraceMessage,
    TraceRow,
    read_traces,
    trace_from,
    trace_to,
)

__all__ = [
    "ContactInfo",
    "Conversation",
    "NudgeRow",
    "Reader",
    "ScoreRow",
    "TraceMessage",
    "TraceRow",
    "Turn",
    "Writer",
    "conversation_from",
    "conversation_to",
    "read_conversations",
    "read_scores",
    "read_traces",
    "schema",
    "score_from",
    "score_to",
    "trace_from",
    "trace_to",
    "write_conversations",
    "write_scores",
]
