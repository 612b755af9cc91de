"""Truth and scores to outcomes: the border where a detector's answers meet what is true.

Every conversation needs exactly one scores line and every line a conversation, whatever their
order. Silent gaps would move figures, so each has its error; a caller who wants part of a file
filters it first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nudge_harness.errors import HarnessError
from nudge_harness.formats import Conversation, NudgeRow, ScoreRow
from nudge_harness.metrics.outcome import Given, Outcome
from nudge_sdk.values import age_band

_SHOWN = 3  # ids named in an error


class JoinError(HarnessError, ValueError):
    """The scores do not belong to the truth: score the file again. Never raised itself."""


class MissingScoresError(JoinError):
    """Conversations of the truth have no scores line."""


class ExtraScoresError(JoinError):
    """Scores lines have no conversation in the truth."""


class DuplicateIdError(JoinError):
    """An id stands twice in the truth or in the scores."""


class MismatchError(JoinError):
    """A scores line cannot be about its conversation: message counts or indices do not fit."""


def outcome_of(conversation: Conversation, score: ScoreRow) -> Outcome:
    """The outcome of one conversation.

    Raises:
        MismatchError: the line states another number of messages or an index past the last one.
    """
    count = len(conversation.messages)
    if score.messages is not None and score.messages != count:
        raise MismatchError(
            f"{conversation.id!a}: messages: scores say {score.messages}, the truth has {count}"
        )
    nudges = tuple(sorted(score.nudges, key=lambda nudge: nudge.message))
    if nudges and nudges[-1].message >= count:
        raise MismatchError(
            f"{conversation.id!a}: nudges: message {nudges[-1].message} is past the last of {count}"
        )
    age = conversation.user_age
    return Outcome(
        id=conversation.id,
        label=conversation.label,
        family=conversation.family,
        onset=conversation.onset,
        harm=conversation.harm,
        messages=count,
        nudges=tuple(Given(message=n.message, risk=n.risk, level=n.level) for n in nudges),
        minutes_before_harm=_minutes(conversation, nudges),
        age_band=None if age is None else age_band(age),
        relationship=conversation.contact.relationship,
        lang=conversation.lang,
    )


def _minutes(conversation: Conversation, nudges: Sequence[NudgeRow]) -> float | None:
    if not nudges or conversation.harm is None:
        return None
    turns = conversation.messages
    return (turns[conversation.harm].t - turns[nudges[0].message].t) / 60.0


def join(truth: Iterable[Conversation], scores: Iterable[ScoreRow]) -> list[Outcome]:
    """Outcomes in the order of the truth, which is streamed and not kept.

    Raises:
        JoinError: a leaf for each way in which the two do not fit.
        FormatError: a malformed line, from the readers.
    """
    waiting: dict[str, ScoreRow] = {}
    for row in scores:
        if row.id in waiting:
            raise DuplicateIdError(f"scores: id {row.id!a} stands twice")
        waiting[row.id] = row
    outcomes, seen, missing = [], set[str](), []
    for conversation in truth:
        if conversation.id in seen:
            raise DuplicateIdError(f"truth: id {conversation.id!a} stands twice")
        seen.add(conversation.id)
        score = waiting.pop(conversation.id, None)
        if score is None:
            missing.append(conversation.id)
        else:
            outcomes.append(outcome_of(conversation, score))
    if missing:
        raise MissingScoresError(f"no scores for {_some(missing)}")
    if waiting:
        raise ExtraScoresError(f"no conversation in the truth for the scores of {_some(waiting)}")
    return outcomes


def _some(ids: Iterable[str]) -> str:
    named = list(ids)
    shown = ", ".join(f"{name[:40]!a}" for name in named[:_SHOWN])
    more = f" and {len(named) - _SHOWN} more" if len(named) > _SHOWN else ""
    return f"{shown}{more}"
