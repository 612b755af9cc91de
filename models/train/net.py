"""The network's architecture, in torch; `graph.py` builds the same function from its weights.

::

    words [w, width+1] -> conv3 -> relu -> conv3 -> relu, + skip -> max | mean = p
    p -> relu = m; [m, context] -> relu -> 17 cues and "another language"   (message level)
                                        -> evidence: log odds of any risk and of each kind
    p -> teacher's space -> its first axes = gist                      (what it is about)
    [shown cues, gist, context], h -> GRU -> h'                        (learned memory)
    strongest, recent <- decayed maximum and mean of the shown cues    (fixed memory)
    sum <- what the evidence of all messages adds up to, never below 0  (fixed memory)
    [shown cues, evidence, strongest', recent', h', sum', context, gist] -> relu -> risk

The sum is a CUSUM (Page 1954), the quickest test for a change from ordinary to risky: many messages
that are hardly telling alone add up, and an ordinary past cannot outweigh a risky present.

The conversation level sees of a message its cues, its evidence and its gist, and nothing else. They
mean the same whichever encoder made them, since the gist lies in the teacher's space: so it can be
trained on conversations that the encoder has never seen (cross-fitting, `models/train/line.py`),
and does not learn to trust cues that are only that clear on wording the encoder knows by heart.

Only the contact's messages show cues, and only as far as the message is in a language that is read.
The fixed memory cannot be trained away: what a contact has shown stays for hundreds of messages.

State layout, float32 ``(57,)``: strongest 17, recent 17, h 16, sum 5, contact's messages, user's
messages (both as n / (n + 20), an estimate of how long this has gone on). All lie in -1..1.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from models.train.shape import (
    CONTEXT,
    COUNT_STEP,
    CUES,
    DECAY_RECENT,
    DECAY_STRONGEST,
    EVIDENCE,
    EVIDENCE_CAP,
    GIST,
    HIDDEN,
    RISKS,
    STATE,
    SUM_CAP,
    SUM_DECAY,
    NetSizes,
)


class Encoder(nn.Module):
    """Words of each message to the message's vector. All tensors are float32."""

    def __init__(self, sizes: NetSizes) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(sizes.width + 1, sizes.filters, 3, padding=1)
        self.conv2 = nn.Conv1d(sizes.filters, sizes.filters, 3, padding=1)
        self.join = nn.Linear(2 * sizes.filters, sizes.message)
        self.drop = nn.Dropout(0.3)

    def pooled(self, words: Tensor, mask: Tensor) -> Tensor:
        """Pools of the convolutions.

        Args:
            words: ``(b, w, width + 1)``, rows of `WordReader.table`.
            mask: ``(b, w)``, 1 where there is a word, else 0.

        Returns:
            Maximum, then mean, over a message's words: ``(b, 2 * filters)``.
        """
        gate = mask[:, None, :]
        first = torch.relu(self.conv1(words.transpose(1, 2))) * gate
        second = (torch.relu(self.conv2(first)) + first) * gate
        mean = second.sum(dim=2) / mask.sum(dim=1, keepdim=True).clamp(min=1.0)
        return torch.cat([second.amax(dim=2), mean], dim=1)

    def forward(self, words: Tensor, mask: Tensor) -> Tensor:
        """Message vectors ``(b, message)``; arguments as `pooled`."""
        return torch.relu(self.join(self.drop(self.pooled(words, mask))))


class MessageNet(nn.Module):
    """Message level: encoder, cue heads; and, for training only, a head towards the teacher."""

    def __init__(self, sizes: NetSizes, teacher: int) -> None:
        super().__init__()
        self.encoder = Encoder(sizes)
        self.cue1 = nn.Linear(sizes.message + CONTEXT, sizes.cue_hidden)
        self.cue2 = nn.Linear(sizes.cue_hidden, CUES + 1 + EVIDENCE)
        self.teacher = nn.Linear(2 * sizes.filters, teacher)
        self.drop = nn.Dropout(0.2)

    def cues(self, message: Tensor, context: Tensor) -> Tensor:
        """Logits of the cues, then of "another language", then the evidence.

        Args:
            message: ``(b, message)``, of the encoder.
            context: ``(b, 32)``.

        Returns:
            ``(b, 23)``.
        """
        hidden = torch.relu(self.cue1(torch.cat([message, context], dim=1)))
        return self.cue2(self.drop(hidden))  # type: ignore[no-any-return]

    def forward(self, words: Tensor, mask: Tensor, context: Tensor) -> tuple[Tensor, Tensor]:
        """Logits ``(b, 23)`` and a vector in the teacher's space ``(b, teacher)``.

        The teacher's space is MiniLM's, turned onto its main axes and scaled (`teacher_axes`).

        Args:
            words, mask: as `Encoder.pooled`.
            context: ``(b, 32)``.
        """
        pooled = self.encoder.pooled(words, mask)
        message = torch.relu(self.encoder.join(self.encoder.drop(pooled)))
        return self.cues(message, context), self.teacher(pooled)


class ConversationNet(nn.Module):
    """Conversation level: memory and risk. Inputs are the message level's outputs."""

    def __init__(self, sizes: NetSizes) -> None:
        super().__init__()
        self.gru_in = nn.Linear(CUES + EVIDENCE + GIST + CONTEXT, 3 * HIDDEN)
        self.gru_hidden = nn.Linear(HIDDEN, 3 * HIDDEN)
        self.gain = nn.Parameter(torch.zeros(EVIDENCE))
        self.drift = nn.Parameter(torch.zeros(EVIDENCE))
        self.risk1 = nn.Linear(CUES + EVIDENCE + STATE + CONTEXT + GIST, sizes.risk_hidden)
        self.risk2 = nn.Linear(sizes.risk_hidden, RISKS)
        self.drop = nn.Dropout(0.2)

    def step(
        self,
        gist: Tensor,
        cues: Tensor,
        other: Tensor,
        evidence: Tensor,
        context: Tensor,
        state: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """One message.

        Args:
            gist: ``(b, 24)``, first axes of the vector in the teacher's space.
            cues: ``(b, 17)``, probabilities.
            other: ``(b, 1)``, probability of another language.
            evidence: ``(b, 5)``, log odds of any risk, then of each kind.
            context: ``(b, 32)``.
            state: ``(b, 57)``, zeros before the first message.

        Returns:
            Risk logits ``(b, 4)`` and next state ``(b, 57)``.
        """
        seen = self._seen(cues, other, evidence, context)
        given = self._given(*seen, gist, context)
        new_state = self._next(*seen, given, context, state)
        return self._risk(*seen, new_state, context, gist), new_state

    def unroll(
        self, gist: Tensor, cues: Tensor, other: Tensor, evidence: Tensor, context: Tensor
    ) -> Tensor:
        """Risk logits ``(b, t, 4)`` of conversations of t messages, from a fresh state.

        The same as `step` message by message; what needs no state is done for all at once.
        Arguments as of `step`, each with a ``t`` behind ``b``.
        """
        seen = self._seen(cues, other, evidence, context)
        given = self._given(*seen, gist, context)
        state = gist.new_zeros(gist.shape[0], STATE)
        states = []
        for t in range(gist.shape[1]):
            state = self._next(seen[0][:, t], seen[1][:, t], given[:, t], context[:, t], state)
            states.append(state)
        return self._risk(*seen, torch.stack(states, dim=1), context, gist)

    @staticmethod
    def _seen(
        cues: Tensor, other: Tensor, evidence: Tensor, context: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Shown cues and weighed evidence."""
        shown = cues * _theirs(context) * (1 - other)
        return shown, evidence.clamp(-EVIDENCE_CAP, EVIDENCE_CAP) * (1 - other)

    def _given(self, shown: Tensor, weighed: Tensor, gist: Tensor, context: Tensor) -> Tensor:
        """What the message gives to the gates of the learned memory."""
        return self.gru_in(torch.cat([shown, weighed, gist, context], dim=-1))  # type: ignore[no-any-return]

    def _next(
        self, shown: Tensor, weighed: Tensor, given: Tensor, context: Tensor, state: Tensor
    ) -> Tensor:
        """Next state ``(b, 57)``."""
        theirs = _theirs(context)
        strongest, recent, hidden, total, counts = torch.split(
            state, [CUES, CUES, HIDDEN, EVIDENCE, 2], dim=1
        )
        strongest = torch.maximum(strongest * (1 - theirs * (1 - DECAY_STRONGEST)), shown)
        recent = recent + theirs * (1 - DECAY_RECENT) * (shown - recent)
        held = self.gru_hidden(hidden)
        update, reset = torch.sigmoid(given[:, : 2 * HIDDEN] + held[:, : 2 * HIDDEN]).chunk(
            2, dim=1
        )
        fresh = torch.tanh(given[:, 2 * HIDDEN :] + reset * held[:, 2 * HIDDEN :])
        hidden = fresh + update * (hidden - fresh)
        # In eighths, so that every number of the state lies in -1..1.
        added = torch.exp(self.gain) * (weighed - self.drift) / SUM_CAP
        total = (SUM_DECAY * total + added).clamp(0.0, 1.0)
        who = torch.cat([theirs, 1 - theirs], dim=1)
        counts = counts + who * COUNT_STEP * (1 - counts)
        return torch.cat([strongest, recent, hidden, total, counts], dim=1)

    def _risk(
        self, shown: Tensor, weighed: Tensor, state: Tensor, context: Tensor, gist: Tensor
    ) -> Tensor:
        """Risk logits, given the state after the message."""
        features = torch.cat([shown, weighed, state, context, gist], dim=-1)
        return self.risk2(self.drop(torch.relu(self.risk1(features))))  # type: ignore[no-any-return]


def _theirs(context: Tensor) -> Tensor:
    """1 for the contact's message, 0 for the user's: one number in place of the 32."""
    return (context[..., :1] > 0).to(context.dtype)
