"""No washing out: what a flood of messages can do to hide a risky chat that follows.

Theory
------
A contact may write anything before the risky part, as much as it likes. All that this can change
later is the graph's state: a few dozen numbers, each within fixed bounds, so the effect of a flood
saturates and does not grow with its length. Two adversaries who know the weights look for the
worst:

``flood``      searches messages: every message of a pool over and over again, then greedy, then
               coordinate descent from the best so far. What it finds can really be sent.
``any state``  forgets about messages and sets each number of the state to the lowest or highest
               value that any flood has been seen to reach, one after another, as long as the chat
               that follows looks less risky. No flood of the pool is known to get that far, so this
               is the stronger one, and the **bound** that is stated. It is a search too, no proof.

The measure is the **margin**: over the contact's messages of the risky chat and over the kinds of
risk, the highest difference of log odds between the risk and its threshold for a gentle nudge.
Whether the young person is warned is then read from the engine with its policy, by replaying flood
and chat. Ordinary chats are replayed behind the same floods: they have to stay quiet.

::

    report = study(opened(SHIPPED), pool=pool_of("innocent", seed=1), risky=..., ordinary=...)
    print(report.as_dict())

or ``python -m nudge_harness.washout --help``.
"""

from nudge_harness.washout.lab import Lab
from nudge_harness.washout.pool import POOLS, pool_of
from nudge_harness.washout.search import Found, Steps, search
from nudge_harness.washout.study import Report, study

__all__ = ["POOLS", "Found", "Lab", "Report", "Steps", "pool_of", "search", "study"]
