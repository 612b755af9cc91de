"""The network's architecture, in torch; `graph.py` builds the same function from its weights.

::

    words [w, width+1] -> conv3 -> relu -> conv3 -> relu, + skip -> max | mean = p
    p -> relu = m; [m, context] -> relu -> 17 cues and "another language"   (message level)
    p -> teacher's space -> its first axes = gist                      (what it is about)
    [shown cues, gist, context], h -> GRU -> h'                        (learned memory)
    strongest, recent <- decayed maximum and mean of the shown cues    (fixed memory)
    [shown cues, strongest', recent', h', context, gist] -> relu -> risk (conversation level)

The conversation level sees of a message its cues and its gist, and nothing else. Both mean the same
whichever encoder made them, since the gist lies in the teacher's space: so it can be trained on
conversations that the encoder has never seen (cross-fitting, `models/train/line.py`), and does not
learn to trust cues that are only that clear on wording the encoder knows by heart.

Only the contact's messages show cues, and only as far as the message is in a language that is read.
The fixed memory cannot be trained away: what a contact has shown stays for hundreds of messages.

State layout, float32 ``(52,)``: strongest 17, recent 17, h 16, contact's messages, user's messages
(both as n / (n + 20), an estimate of how long this has gone on).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

CUES = 17
RISKS = 4
CONTEXT = 32
GIST = 24
HIDDEN = 16
STATE = 2 * CUES + HIDDEN + 2
DECAY_STRONGEST = 0.995  # for each of the contact's messages: half in 138
DECAY_RECENT = 0.85  # for each of the contact's messages: half in 4.3
COUNT_STEP = 0.05  # the counts move this share of what is left to 1


@dataclass(frozen=True, kw_only=True, slots=True)
class NetSizes:
    """Floats in a word vector, filters of the convolutions, floats in the message vector."""

    width: int = 96
    filters: int = 128
    message: int = 96
    cue_hidden: int = 64
    risk_hidden: int = 48


class Encoder(nn.Module):
    """Words of one message to its vector."""

    def __init__(self, sizes: NetSizes) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(sizes.width + 1, sizes.filters, 3, padding=1)
        self.conv2 = nn.Conv1d(sizes.filters, sizes.filters, 3, padding=1)
        self.join = nn.Linear(2 * sizes.filters, sizes.message)
        self.drop = nn.Dropout(0.3)

    def pooled(self, words: Tensor, mask: Tensor) -> Tensor:
        """``words`` (b, w, width+1), ``mask`` (b, w) of 0 and 1 -> (b, 2 * filters)."""
        gate = mask[:, None, :]
        first = torch.relu(self.conv1(words.transpose(1, 2))) * gate
        second = (torch.relu(self.conv2(first)) + first) * gate
        mean = second.sum(dim=2) / mask.sum(dim=1, keepdim=True).clamp(min=1.0)
        return torch.cat([second.amax(dim=2), mean], dim=1)

    def forward(self, words: Tensor, mask: Tensor) -> Tensor:
        """-> (b, message)."""
        return torch.relu(self.join(self.drop(self.pooled(words, mask))))


class MessageNet(nn.Module):
    """Message level: encoder, cue heads; and, for training only, a head towards the teacher."""

    def __init__(self, sizes: NetSizes, teacher: int) -> None:
        super().__init__()
        self.encoder = Encoder(sizes)
        self.cue1 = nn.Linear(sizes.message + CONTEXT, sizes.cue_hidden)
        self.cue2 = nn.Linear(sizes.cue_hidden, CUES + 1)
        self.teacher = nn.Linear(2 * sizes.filters, teacher)
        self.drop = nn.Dropout(0.2)

    def cues(self, message: Tensor, context: Tensor) -> Tensor:
        """Logits (b, 18): the cues, then "another language"."""
        hidden = torch.relu(self.cue1(torch.cat([message, context], dim=1)))
        return self.cue2(self.drop(hidden))  # type: ignore[no-any-return]

    def forward(self, words: Tensor, mask: Tensor, context: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (b, 18) and a vector in the teacher's space (b, teacher).

        The teacher's space is MiniLM's, turned onto its main axes and scaled (`teacher_axes`)."""
        pooled = self.encoder.pooled(words, mask)
        message = torch.relu(self.encoder.join(self.encoder.drop(pooled)))
        return self.cues(message, context), self.teacher(pooled)


class ConversationNet(nn.Module):
    """Conversation level: memory and risk. Inputs are the message level's outputs."""

    def __init__(self, sizes: NetSizes) -> None:
        super().__init__()
        self.gru_in = nn.Linear(CUES + GIST + CONTEXT, 3 * HIDDEN)
        self.gru_hidden = nn.Linear(HIDDEN, 3 * HIDDEN)
        self.risk1 = nn.Linear(3 * CUES + HIDDEN + 2 + CONTEXT + GIST, sizes.risk_hidden)
        self.risk2 = nn.Linear(sizes.risk_hidden, RISKS)
        self.drop = nn.Dropout(0.2)

    def step(
        self, gist: Tensor, cues: Tensor, other: Tensor, context: Tensor, state: Tensor
    ) -> tuple[Tensor, Tensor]:
        """One message: ``gist`` (b, 24), ``cues`` (b, 17) and ``other`` (b, 1) as probabilities,
        ``context`` (b, 32), ``state`` (b, 52) -> risk logits (b, 4), next state (b, 52)."""
        theirs = (context[:, :1] > 0).to(cues.dtype)
        shown = cues * theirs * (1 - other)
        strongest, recent, hidden, counts = torch.split(state, [CUES, CUES, HIDDEN, 2], dim=1)
        strongest = torch.maximum(strongest * (1 - theirs * (1 - DECAY_STRONGEST)), shown)
        recent = recent + theirs * (1 - DECAY_RECENT) * (shown - recent)
        given = self.gru_in(torch.cat([shown, gist, context], dim=1))
        held = self.gru_hidden(hidden)
        update, reset = torch.sigmoid(
            given[:, : 2 * HIDDEN] + held[:, : 2 * HIDDEN]
        ).chunk(2, dim=1)
        fresh = torch.tanh(given[:, 2 * HIDDEN :] + reset * held[:, 2 * HIDDEN :])
        hidden = fresh + update * (hidden - fresh)
        who = torch.cat([theirs, 1 - theirs], dim=1)
        counts = counts + who * COUNT_STEP * (1 - counts)
        new_state = torch.cat([strongest, recent, hidden, counts], dim=1)
        features = torch.cat([shown, new_state, context, gist], dim=1)
        logits = self.risk2(self.drop(torch.relu(self.risk1(features))))
        return logits, new_state
