"""The training line: phrase banks and real ordinary chats in, a signed bundle out.

Stages, each kept in the work folder and taken from there when its inputs have not changed::

    lexicon     words, their vectors by the teacher, slots, pieces
    teacher     the teacher's vector of every clean text
    folds       for each of four folds: an encoder fitted on the other three, and the fold's
                conversations read by it
    encoder     the encoder that ships, fitted on everything
    memory      the conversation level, fitted on all folds' conversations; and four times on three
                folds, to get outputs that nothing has seen, for calibration and thresholds
    bundle      graphs, configuration, golden vectors, card, manifest, signature

Deterministic by seed on one machine: every draw comes from a seeded generator and torch runs on one
thread. Across machines floating point may differ in the last digits.
"""

from __future__ import annotations

import hashlib
import logging
import pickle
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import torch

from models.train.calibrate import Budget, calibration, cue_thresholds, highest, thresholds
from models.train.examples import (
    Source,
    bank_sources,
    cue_targets,
    draw_context,
    foreign_sources,
    read_folder,
    real_sources,
    script_sources,
    variant,
)
from models.train.fit_conversations import (
    ConversationData,
    ConversationRecipe,
    Sequence_,
    fit_conversations,
    score,
)
from models.train.fit_messages import (
    MessageData,
    MessageRecipe,
    encode,
    fit_messages,
    teacher_axes,
)
from models.train.frontend import Lexicon
from models.train.lexicon import LexiconSizes, build_lexicon, candidate_words, spoken
from models.train.material import FOLDS, fold_of, side_of_fold, training_chats
from models.train.minilm import MiniLM
from models.train.net import ConversationNet, MessageNet, NetSizes
from models.train.reader import WordReader
from models.train.sequences import sequences
from nudge_harness.formats import Conversation
from nudge_harness.generate.dice import Dice
from nudge_harness.generate.split import Split, shipped

log = logging.getLogger(__name__)
Made = TypeVar("Made")
TEACHER_WIDTH = 128  # axes of the teacher's space that the student is asked for


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """Everything that decides what comes out, beside the material.

    ``chats``: generated conversations for each fold. ``foreign``: texts of other languages.
    ``teacher``: whether the teacher is asked; without it the student learns from labels alone.
    """

    seed: int = 7
    chats: int = 3_000
    foreign: int = 9_000
    lexicon: LexiconSizes = field(default_factory=LexiconSizes)
    net: NetSizes = field(default_factory=NetSizes)
    message: MessageRecipe = field(default_factory=MessageRecipe)
    conversation: ConversationRecipe = field(default_factory=ConversationRecipe)
    budget: Budget = field(default_factory=Budget)


QUICK = Plan(
    chats=60,
    foreign=200,
    lexicon=LexiconSizes(words=4_000, slots=5_003, buckets=4_001, width=32),
    net=NetSizes(width=32, filters=32, message=32),
    message=MessageRecipe(epochs=1),
    conversation=ConversationRecipe(epochs=2),
)
"""A plan for tests: every stage runs, the result is of no use."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Trained:
    """What the line makes.

    ``scale``, ``shift``: calibration of the risk logits, float32 ``(4,)``. ``unseen`` and
    ``logits``: all folds' conversations with outputs that nothing has seen, for the card.
    """

    lexicon: Lexicon
    weights: dict[str, npt.NDArray[np.float32]]
    scale: npt.NDArray[np.float32]
    shift: npt.NDArray[np.float32]
    cue: list[float]
    gentle: list[float]
    strong: list[float]
    record: dict[str, Any]


@dataclass(slots=True)
class Line:
    """One run of the line.

    Args:
        plan: see `Plan`.
        work: folder for checkpoints and for what is fetched.
        real: folder of real ordinary conversations, or ``None``.
    """

    plan: Plan
    work: Path
    real: Path | None

    def _kept(self, stage: str, inputs: object, make: Callable[[], Made]) -> Made:
        """A stage's result, from its checkpoint if that was made of the same inputs."""
        key = hashlib.sha256(repr(inputs).encode()).hexdigest()[:16]
        path = self.work / f"{stage}-{key}.pickle"
        if path.exists():
            return pickle.loads(path.read_bytes())  # type: ignore[no-any-return]  # own checkpoint
        log.info("stage %s", stage)
        made = make()
        self.work.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pickle.dumps(made))
        return made

    def run(self) -> Trained:
        """Every stage, in order."""
        torch.set_num_threads(1)
        torch.use_deterministic_algorithms(True)
        plan, side, real = self.plan, shipped("train"), read_folder(self.real)
        sources = self._sources(side, real)
        material = _digest(sources)
        lexicon = self._kept("lexicon", (plan.seed, plan.lexicon, material), self._lexicon(sources))
        teacher = self._kept("teacher", material, lambda: self._teacher(sources))
        inputs = (plan, material)
        reader = WordReader(lexicon)
        folds = [
            self._kept(f"fold{i}", (inputs, i), lambda i=i: self._fold(i, side, real, sources, teacher, reader))  # type: ignore[misc]
            for i in range(FOLDS)
        ]
        message_net = self._kept(
            "encoder", inputs, lambda: self._encoder(None, sources, teacher, reader)
        )
        memory, unseen = self._kept("memory", inputs, lambda: self._memory(folds))
        chats = _joined([fold.chats for fold in folds])
        scale, shift = calibration(chats, unseen)
        probabilities = 1.0 / (1.0 + np.exp(-(highest(chats, unseen) * scale + shift)))
        kinds = np.concatenate([fold.kinds for fold in folds])
        gentle, strong = thresholds(probabilities, kinds == "ordinary", kinds == "real", plan.budget)
        cue = cue_thresholds(
            np.concatenate([fold.cues for fold in folds]),
            np.concatenate([fold.targets for fold in folds]),
        )
        nets = {**message_net.state_dict(), **memory.state_dict()}
        return Trained(
            lexicon=lexicon,
            weights={name: value.numpy() for name, value in nets.items()},
            scale=scale,
            shift=shift,
            cue=cue,
            gentle=gentle,
            strong=strong,
            record={
                "seed": plan.seed,
                "material": material,
                "families": len(side.scripts),
                "phrases": len(side.phrases),
                "real_conversations": len(real),
                "generated_conversations": FOLDS * plan.chats,
                "examples": sum(source.copies for source in sources),
                "words": plan.lexicon.words,
                "parameters": int(sum(value.size for value in _arrays(nets))),
            },
        )

    def _sources(self, side: Split, real: Sequence[Conversation]) -> list[Source]:
        rng = np.random.default_rng((self.plan.seed, 1))
        dice = Dice(rng)
        return [
            *bank_sources(side, dice),
            *script_sources(side, side.scripts, dice),
            *real_sources(real),
            *foreign_sources(self.plan.foreign, rng),
        ]

    def _lexicon(self, sources: Sequence[Source]) -> Callable[[], Lexicon]:
        def make() -> Lexicon:
            sizes = self.plan.lexicon
            words = candidate_words(_words_of(sources), sizes.words)
            vectors = MiniLM(self.work).embed([spoken(word) for word in words])
            return build_lexicon(words, vectors, sizes, self.plan.seed)

        return make

    def _teacher(self, sources: Sequence[Source]) -> tuple[dict[str, int], npt.NDArray[np.float16]]:
        texts = list(
            dict.fromkeys(s.text for s in sources if not s.other_language and len(s.text) > 2)
        )
        vectors = MiniLM(self.work).embed(texts)
        return {text: i for i, text in enumerate(texts)}, teacher_axes(vectors, TEACHER_WIDTH)

    def _encoder(
        self,
        left_out: int | None,
        sources: Sequence[Source],
        teacher: tuple[dict[str, int], npt.NDArray[np.float16]],
        reader: WordReader,
    ) -> MessageNet:
        rng = np.random.default_rng((self.plan.seed, 2, -1 % FOLDS if left_out is None else left_out))
        dice = Dice(rng)
        used = [s for s in sources if left_out is None or fold_of(s.group) != left_out]
        drawn = [(s, s.text if i == 0 else variant(s.text, dice, rng)) for s in used for i in range(s.copies)]
        index, vectors = teacher
        data = MessageData(
            rows=reader.read([text for _, text in drawn]),
            context=np.stack([draw_context(s, dice) for s, _ in drawn]),
            targets=np.stack([cue_targets(s) for s, _ in drawn]),
            clean=np.asarray([index.get(s.text, -1) for s, _ in drawn]),
            teacher=vectors,
        )
        return fit_messages(data, reader.table(), self.plan.net, self.plan.message, self.plan.seed)

    def _fold(
        self,
        fold: int,
        side: Split,
        real: Sequence[Conversation],
        sources: Sequence[Source],
        teacher: tuple[dict[str, int], npt.NDArray[np.float16]],
        reader: WordReader,
    ) -> Fold:
        net = self._encoder(fold, sources, teacher, reader)
        rng = np.random.default_rng((self.plan.seed, 3, fold))
        own = [c for c in real if fold_of(c.id) == fold]
        chats = training_chats(side_of_fold(side, fold), own, self.plan.chats, self.plan.seed, rng)
        data = sequences(chats.conversations, chats.views, reader, net, chats.weights)
        unseen = [s for s in sources if fold_of(s.group) == fold and s.sender == "contact"]
        dice = Dice(rng)
        context = np.stack([draw_context(s, dice) for s in unseen])
        _, cues = encode(net, reader.read([s.text for s in unseen]), context, reader.table())
        return Fold(
            chats=data,
            kinds=np.asarray([_kind(c) for c in chats.conversations]),
            cues=cues,
            targets=np.stack([cue_targets(s) for s in unseen]),
        )

    def _memory(self, folds: Sequence[Fold]) -> tuple[ConversationNet, npt.NDArray[np.float32]]:
        plan = self.plan
        parts = []
        for left_out in range(FOLDS):
            rest = _joined([fold.chats for i, fold in enumerate(folds) if i != left_out])
            net = fit_conversations(rest, plan.net, plan.conversation, plan.seed)
            parts.append(score(net, folds[left_out].chats))
        whole = _joined([fold.chats for fold in folds])
        net = fit_conversations(whole, plan.net, plan.conversation, plan.seed)
        return net, np.concatenate(parts)


@dataclass(frozen=True, kw_only=True, slots=True)
class Fold:
    """One fold's conversations and messages as an encoder that never saw them reads them.

    ``kinds``: "risky", "ordinary" or "real" for each conversation.
    """

    chats: ConversationData
    kinds: npt.NDArray[np.str_]
    cues: npt.NDArray[np.float32]
    targets: npt.NDArray[np.float32]


def _kind(conversation: Conversation) -> str:
    if conversation.label != "benign":
        return "risky"
    return "ordinary" if conversation.family is not None else "real"


def _joined(parts: Sequence[ConversationData]) -> ConversationData:
    items, start = [], 0
    for part in parts:
        for item in part.items:
            items.append(
                Sequence_(
                    start=start + item.start,
                    length=item.length,
                    risk=item.risk,
                    onset=item.onset,
                    harm=item.harm,
                    weight=item.weight,
                )
            )
        start += len(part.gist)
    return ConversationData(
        gist=np.concatenate([part.gist for part in parts]),
        cues=np.concatenate([part.cues for part in parts]),
        context=np.concatenate([part.context for part in parts]),
        items=items,
    )


def _digest(sources: Sequence[Source]) -> str:
    digest = hashlib.sha256()
    for source in sources:
        digest.update(f"{source.text}\0{source.sender}\0{source.cues}\0".encode("utf-8", "replace"))
    return digest.hexdigest()


def _words_of(sources: Sequence[Source]) -> list[str]:
    """Words of the banks and scripts that stand in at least three texts, most frequent first."""
    counts: dict[str, int] = {}
    for source in sources:
        if source.group and not source.real and not source.other_language:
            for word in set(source.text.lower().split()):
                word = word.strip(".,;:!?\"'()")
                counts[word] = counts.get(word, 0) + 1
    frequent = [word for word, count in counts.items() if count >= 3 and word]
    return sorted(frequent, key=lambda word: (-counts[word], word))


def _arrays(nets: dict[str, Any]) -> list[npt.NDArray[np.float32]]:
    return [value.numpy() for value in nets.values()]
