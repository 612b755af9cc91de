"""The conversation level, all messages at once and one after another."""

from __future__ import annotations

import torch

from models.train.net import ConversationNet
from models.train.shape import CONTEXT, CUES, EVIDENCE, GIST, STATE, NetSizes


def test_unrolling_is_a_step_for_each_message() -> None:
    torch.manual_seed(3)
    net = ConversationNet(NetSizes()).eval()
    torch.nn.init.normal_(net.drift)
    b, t = 5, 7
    gist, context = torch.randn(b, t, GIST), torch.randn(b, t, CONTEXT)
    cues, other, evidence = (
        torch.rand(b, t, CUES),
        torch.rand(b, t, 1),
        6 * torch.randn(b, t, EVIDENCE),
    )
    state, rows = torch.zeros(b, STATE), []
    for at in range(t):
        logits, state = net.step(
            gist[:, at], cues[:, at], other[:, at], evidence[:, at], context[:, at], state
        )
        rows.append(logits)
    unrolled = net.unroll(gist, cues, other, evidence, context)
    assert torch.allclose(unrolled, torch.stack(rows, dim=1), atol=1e-6)
