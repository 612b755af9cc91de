"""What a flood is made of.

``innocent``: what people ordinarily say, look-alikes of cues included. ``adversarial``: that, the
lines that lower risk (advice to stay safe, a refusal respected, a parent in the picture), risky
lines, other languages, spam, emoji, invisible and empty messages: whatever might push a memory
anywhere.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import numpy as np

from nudge_harness.errors import UsageError
from nudge_harness.generate.scripts import slots_in
from nudge_harness.generate.split import SPLITS, load_split

PoolName: TypeAlias = Literal["innocent", "adversarial"]
POOLS: Final = ("innocent", "adversarial")

_INNOCENT: Final = ("ordinary", "not ")  # heads of a bank's name: look-alikes stand under "not CUE"
_ODD: Final = (
    "", " ", "\u200b" * 40, "\U0001f602" * 30, "\U0001f44d", "ok", "no", "?", "!!!!!!!!",
    "bonjour, tu viens a la piscine demain avec les autres",
    "hola, nos vemos en el entrenamiento de las cinco",
    "hallo, bis morgen beim training, bring wasser mit",
    "ciao, ci vediamo domani a scuola con tutti gli altri",
    "привет, увидимся завтра на тренировке", "明天训练见，带点水",
    "qwx zzpf vrrk tlmn gghj pqxz", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "1 2 3 4 5 6 7 8 9 10",
    "see you at practice tomorrow, bring some water. " * 40,
    "never share your address online and always tell a parent if someone makes you uneasy",
    "your mum said it is fine, she is here with us, and the whole team is coming too",
)  # fmt: skip


def pool_of(name: PoolName, seed: int, most: int = 400) -> tuple[str, ...]:
    """Messages to flood with: up to ``most``, drawn from both sides' banks without repetition.

    Raises:
        UsageError: there is no such pool.
    """
    if name not in POOLS:
        raise UsageError(f"pool must be one of {', '.join(POOLS)}")
    phrases = [
        phrase
        for side in SPLITS
        for phrase in load_split(side)[1]
        if phrase.sender == "contact" and not slots_in(phrase.text)
    ]
    if name == "innocent":
        phrases = [phrase for phrase in phrases if phrase.heading.startswith(_INNOCENT)]
    texts = list(dict.fromkeys(phrase.text for phrase in phrases))
    odd = () if name == "innocent" else _ODD
    order = np.random.default_rng(seed).permutation(len(texts))[: max(most - len(odd), 0)]
    return (*odd, *(texts[at] for at in order.tolist()))[:most]
