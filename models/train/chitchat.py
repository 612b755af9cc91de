"""Ordinary chats of students: the BYU chit-chat dataset (PyPI ``chitchat-dataset``, MIT).

Two people who do not know each other talk about nothing in particular for a few minutes. Ordinary
negatives, long ones too, and text for the teacher to read. The package is read as data; none of its
code is run.

For the budget of false nudges they count among the look-alikes. Grown-ups who have just met, tell
each other their age and arrange to meet are what a nudge is for where one of the two is a child:
nearly all false nudges for grooming and coercion in real training chats were in theirs.
"""

from __future__ import annotations

import json
from datetime import datetime
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from nudge_harness.formats import Conversation, Turn

_FILE = "chitchat_dataset/dataset.json"
STUDENTS = "chitchat-"  # starts of these conversations' ids
_SHORTEST = 4  # messages


def read_chitchat(most: int) -> list[Conversation]:
    """The first ``most`` conversations of at least four messages, in the order of their ids."""
    if not most:
        return []
    path = Path(str(distribution("chitchat-dataset").locate_file(_FILE)))
    table: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    found: list[Conversation] = []
    for key in sorted(table):
        said = [m for turn in table[key]["messages"] for m in turn if m["text"].strip()]
        if len(said) < _SHORTEST:
            continue
        start = _seconds(said[0])
        turns, newest = [], 0.0
        for message in said:
            newest = max(newest, _seconds(message) - start)
            sender = "contact" if message["sender"] == said[0]["sender"] else "user"
            turns.append(Turn(sender=sender, text=message["text"], t=newest))
        found.append(
            Conversation(id=f"{STUDENTS}{key}", lang="en", label="benign", messages=tuple(turns))
        )
        if len(found) == most:
            break
    return found


def _seconds(message: dict[str, str]) -> float:
    return datetime.fromisoformat(message["timestamp"]).timestamp()
