"""The training line: phrase banks and real ordinary chats in, a signed bundle out.

Stages, each kept in the work folder and taken from there when its inputs have not changed::

    lexicon     words, their vectors by the teacher, slots, pieces
    teacher     the teacher's vector of every clean text
    doubt       for each of four folds: its messages read by an encoder fitted on the other three,
                to find marks that cannot be seen in the message alone
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
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from nudge_harness.formats import Conversation
from nudge_harness.generate.dice import Dice
from nudge_harness.generate.split import Split, shipped

from models.train.calibrate import (
    calibration,
    cue_thresholds,
    nudgeable,
    reached_by,
    thresholds,
)
from models.train.chitchat import STUDENTS, read_chitchat
from models.train.doubt import doubted
from models.train.examples import (
    Source,
    bank_sources,
    cue_targets,
    draw_context,
    evidence_targets,
    foreign_sources,
    read_corpora,
    real_sources,
    script_sources,
    variant,
)
from models.train.explicit import NONE, building_terms, with_explicit
from models.train.fit_conversations import (
    ConversationData,
    Span,
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
from models.train.folds import FOLDS, fold_of, folds_of_corpora
from models.train.lexicon import (
    build_lexicon,
    candidate_words,
    frequent_words,
    spoken,
)
from models.train.material import side_of_fold, training_chats
from models.train.minilm import MiniLM
from models.train.net import ConversationNet, MessageNet
from models.train.outlines import OUTLINE, SINGLE
from models.train.plan import Plan
from models.train.reader import WordReader
from models.train.sequences import sequences
from models.train.shape import CUES
from models.train.tables import Lexicon

log = logging.getLogger(__name__)
Made = TypeVar("Made")
MATERIAL_VERSION = 6  # rises when `material` or `outlines` draw other conversations
READING = 3  # epochs of an encoder that only looks for doubtful marks
TEACHER_WIDTH = 128  # axes of the teacher's space that the student is asked for


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
        workers: processes; the result is the same for any number.
    """

    plan: Plan
    work: Path
    real: Path | None
    workers: int = 1

    def _kept(self, stage: str, inputs: object, make: Callable[[], Made]) -> Made:
        """A stage's result, from its checkpoint if that was made of the same inputs."""
        key = hashlib.sha256(repr(inputs).encode()).hexdigest()[:16]
        path = self.work / f"{stage}-{key}.pickle"
        if path.exists():
            made: Made = pickle.loads(path.read_bytes())  # noqa: S301  # our own checkpoint
            return made
        log.info("stage %s", stage)
        made = make()
        self.work.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pickle.dumps(made))
        return made

    def run(self) -> Trained:
        """Every stage, in order; what does not depend on each other side by side."""
        plan, ready = self.plan, self._ready()
        self._side_by_side([f"doubt{i}" for i in range(FOLDS)])
        stages = [*(f"fold{i}" for i in range(FOLDS)), "encoder"]
        self._side_by_side(stages)
        folds = [self._stage(stage, ready) for stage in stages[:-1]]
        message_net: MessageNet = self._stage("encoder", ready)
        chats = _joined([fold.chats for fold in folds])
        parts = [f"memory{i}" for i in (*range(FOLDS), "all")]
        self._side_by_side(parts)
        unseen = np.concatenate([self._stage(part, ready) for part in parts[:-1]])
        memory: ConversationNet = self._stage(parts[-1], ready)
        scale, shift = calibration(chats, unseen)
        cue = cue_thresholds(
            np.concatenate([fold.cues for fold in folds]),
            np.concatenate([fold.targets for fold in folds]),
        )
        risk = 1.0 / (1.0 + np.exp(-(unseen * scale + shift)))
        kinds = np.concatenate([fold.kinds for fold in folds])
        counted = np.where(kinds == "students", "ordinary", kinds)
        reached = reached_by(chats, risk, nudgeable(chats, cue), counted)
        gentle, strong = thresholds(reached, plan.budget)
        nets = {**message_net.state_dict(), **memory.state_dict()}
        weights = {name: value.numpy() for name, value in nets.items()}
        return Trained(
            lexicon=ready.lexicon,
            weights=weights,
            scale=scale,
            shift=shift,
            cue=cue,
            gentle=gentle,
            strong=strong,
            record={
                "seed": plan.seed,
                "material": ready.material,
                "families": len(ready.side.scripts),
                "phrases": len(ready.side.phrases),
                "real_conversations": sum(map(len, ready.corpora.values())),
                "chitchat": plan.chitchat,
                "generated_conversations": int((~np.isin(kinds, ("real", "students"))).sum()),
                "examples": sum(source.copies for source in ready.sources),
                "words": plan.lexicon.words,
                "parameters": int(sum(value.size for value in weights.values())),
            },
        )

    def _ready(self) -> Ready:
        """Everything that the stages share."""
        torch.set_num_threads(1)
        torch.use_deterministic_algorithms(True)
        plan = self.plan
        terms = building_terms(self.work) if plan.explicit else NONE
        side = with_explicit(shipped("train"), terms, plan.seed, plan.explicit)
        corpora = {**read_corpora(self.real), "chitchat": read_chitchat(plan.chitchat)}
        sources = self._sources(side, corpora)
        material = _digest(sources)
        make = self._lexicon(sources, terms.sexual)
        lexicon = self._kept("lexicon", (plan.seed, plan.lexicon, material), make)
        teacher = self._kept("teacher", material, lambda: self._teacher(sources))
        return Ready(
            side=side,
            corpora=corpora,
            corpus_folds=folds_of_corpora(corpora),
            sources=sources,
            material=material,
            lexicon=lexicon,
            teacher=teacher,
            reader=WordReader(lexicon),
        )

    def _side_by_side(self, stages: Sequence[str]) -> None:
        """Make the checkpoints of some stages in processes of their own."""
        if self.workers < 2:
            return
        context = get_context("spawn")
        with ProcessPoolExecutor(self.workers, mp_context=context) as pool:
            for made in [pool.submit(_alone, self, stage) for stage in stages]:
                made.result()

    def _stage(self, stage: str, ready: Ready) -> Any:
        """One stage's result."""
        # The conversation level can be tried anew without fitting the encoders again.
        plan = self.plan
        key: object = (
            plan.seed,
            plan.lexicon,
            plan.net,
            plan.message,
            plan.real_share,
            plan.beside,
            ready.material,
        )
        if not stage.startswith("doubt"):
            key = (key, plan.doubt)
        if stage.startswith(("fold", "memory")):
            key = (key, plan.chats, MATERIAL_VERSION)
        if stage.startswith("memory"):
            key = (key, plan.conversation)
        make: Callable[[], Any]
        if stage == "encoder":
            make = lambda: self._encoder(None, ready, self._marks(ready), plan.message)  # noqa: E731
        elif stage.startswith("doubt"):
            make = lambda: self._read(int(stage[5:]), ready)  # noqa: E731
        elif stage.startswith("fold"):
            make = lambda: self._fold(int(stage[4:]), ready)  # noqa: E731
        else:
            make = lambda: self._memory(stage[6:], ready)  # noqa: E731
        return self._kept(stage, key, make)

    def _sources(self, side: Split, corpora: Mapping[str, Sequence[Conversation]]) -> list[Source]:
        rng = np.random.default_rng((self.plan.seed, 1))
        dice = Dice(rng)
        sources = [
            *bank_sources(side, dice),
            *script_sources(side, side.scripts, dice),
            *real_sources(corpora),
            *foreign_sources(self.plan.foreign, rng),
        ]
        return sources[:: self.plan.every]

    def _lexicon(self, sources: Sequence[Source], explicit: Sequence[str]) -> Callable[[], Lexicon]:
        def make() -> Lexicon:
            sizes = self.plan.lexicon
            texts = (s.text for s in sources if not s.real and not s.other_language)
            # One word each: of several, none need be explicit by itself.
            flagged = {word for word in explicit if " " not in word}
            words = candidate_words([*frequent_words(texts), *sorted(flagged)], sizes.words)
            vectors = MiniLM(self.work).embed([spoken(word) for word in words])
            marks = np.asarray([word in flagged for word in words])
            return build_lexicon(words, vectors, marks, sizes, self.plan.seed)

        return make

    def _teacher(self, sources: Sequence[Source]) -> tuple[dict[str, int], npt.NDArray[np.float16]]:
        texts = list(
            dict.fromkeys(s.text for s in sources if not s.other_language and len(s.text) > 2)
        )
        vectors = MiniLM(self.work).embed(texts)
        return {text: i for i, text in enumerate(texts)}, teacher_axes(vectors, TEACHER_WIDTH)

    def _read(self, fold: int, ready: Ready) -> npt.NDArray[np.float32]:
        """What an encoder fitted on the other folds sees in this one's: cues of `_of_fold`."""
        marks = np.stack([cue_targets(s) for s in ready.sources])
        net = self._encoder(fold, ready, marks, replace(self.plan.message, epochs=READING))
        return self._cues_of(net, self._of_fold(fold, ready), ready, (self.plan.seed, 4, fold))

    def _of_fold(self, fold: int, ready: Ready) -> npt.NDArray[np.int64]:
        """Indices of the contact's messages among a fold's sources."""
        own = [
            i
            for i, s in enumerate(ready.sources)
            if s.sender == "contact" and ready.fold_of(s) == fold
        ]
        return np.asarray(own, dtype=np.int64)

    def _cues_of(
        self, net: MessageNet, own: npt.NDArray[np.int64], ready: Ready, seed: tuple[int, ...]
    ) -> npt.NDArray[np.float32]:
        dice = Dice(np.random.default_rng(seed))
        sources = [ready.sources[i] for i in own]
        context = np.stack([draw_context(s, dice) for s in sources])
        rows = ready.reader.read([s.text for s in sources])
        return encode(net, rows, context, ready.reader.table())[1]

    def _marks(self, ready: Ready) -> npt.NDArray[np.float32]:
        """Cue targets of all sources, doubtful ones NaN: float32 ``(n, 18)``."""
        marks = np.stack([cue_targets(s) for s in ready.sources])
        read = np.full_like(marks, np.nan)
        for fold in range(FOLDS):
            read[self._of_fold(fold, ready)] = self._stage(f"doubt{fold}", ready)[:, : CUES + 1]
        risky = [s.script is not None and s.script.onset is not None for s in ready.sources]
        low, high = self.plan.doubt
        return doubted(marks, read, np.asarray(risky), low=low, high=high)

    def _encoder(
        self,
        left_out: int | None,
        ready: Ready,
        marks: npt.NDArray[np.float32],
        recipe: MessageRecipe,
    ) -> MessageNet:
        seed = (self.plan.seed, 2, FOLDS if left_out is None else left_out)
        rng = np.random.default_rng(seed)
        dice = Dice(rng)
        used = [
            (s, mark)
            for s, mark in zip(ready.sources, marks, strict=True)
            if (left_out is None or ready.fold_of(s) != left_out)
            and not (s.real and dice.chance(1.0 - self.plan.real_share))
        ]
        beside = [s.text for s, _ in used if s.phrase and s.risk == "ordinary"]
        drawn = [
            (s, mark, *self._as_written(s, i, beside, dice, rng))
            for s, mark in used
            for i in range(s.copies)
        ]
        index, vectors = ready.teacher
        data = MessageData(
            rows=ready.reader.read([text for _, _, text, _ in drawn]),
            context=np.stack([draw_context(s, dice) for s, *_ in drawn]),
            targets=np.stack([mark for _, mark, _, _ in drawn]),
            evidence=np.stack([evidence_targets(s) for s, *_ in drawn]),
            clean=np.asarray([-1 if more else index.get(s.text, -1) for s, _, _, more in drawn]),
            teacher=vectors,
        )
        table = ready.reader.table()
        return fit_messages(data, table, self.plan.net, recipe, self.plan.seed)

    def _as_written(
        self, source: Source, copy: int, beside: Sequence[str], dice: Dice, rng: np.random.Generator
    ) -> tuple[str, bool]:
        """One copy's text, and whether something ordinary stands beside it.

        An ask is often a part of a longer message, which makes it no less of an ask.
        """
        text, more = source.text, False
        if copy and source.phrase and beside and dice.chance(self.plan.beside):
            parts = [text, dice.pick(beside)]
            if dice.chance(0.5):
                parts.reverse()
            text, more = dice.pick((" ", ". ", ", ", " ", "\n")).join(parts), True
        return (variant(text, dice, rng) if copy else text), more

    def _fold(self, fold: int, ready: Ready) -> Fold:
        marks = self._marks(ready)
        net = self._encoder(fold, ready, marks, self.plan.message)
        rng = np.random.default_rng((self.plan.seed, 3, fold))
        held = (name for name in ready.corpora if ready.corpus_folds[name] == fold)
        own = [chat for name in held for chat in ready.corpora[name]]
        side = side_of_fold(ready.side, fold)
        chats = training_chats(side, own, self.plan.chats, self.plan.seed, rng)
        data = sequences(chats.conversations, chats.views, ready.reader, net, chats.weights)
        unseen = self._of_fold(fold, ready)
        return Fold(
            chats=data,
            kinds=np.asarray([_kind(c) for c in chats.conversations]),
            cues=self._cues_of(net, unseen, ready, (self.plan.seed, 5, fold)),
            targets=marks[unseen],
        )

    def _memory(self, left_out: str, ready: Ready) -> ConversationNet | npt.NDArray[np.float32]:
        """The conversation level on all folds, or the outputs of one that has not seen a fold."""
        plan = self.plan
        folds: list[Fold] = [self._stage(f"fold{i}", ready) for i in range(FOLDS)]
        if left_out == "all":
            whole = _joined([fold.chats for fold in folds])
            return fit_conversations(whole, plan.net, plan.conversation, plan.seed)
        rest = [fold.chats for i, fold in enumerate(folds) if i != int(left_out)]
        net = fit_conversations(_joined(rest), plan.net, plan.conversation, plan.seed)
        return score(net, folds[int(left_out)].chats)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ready:
    """What every stage shares; see `Line._ready`. ``teacher``: row of each text, and the rows."""

    side: Split
    corpora: Mapping[str, Sequence[Conversation]]
    corpus_folds: Mapping[str, int]
    sources: Sequence[Source]
    material: str
    lexicon: Lexicon
    teacher: tuple[dict[str, int], npt.NDArray[np.float16]]
    reader: WordReader

    def fold_of(self, source: Source) -> int:
        """0..3."""
        return self.corpus_folds[source.group] if source.real else fold_of(source.group)


def _alone(line: Line, stage: str) -> None:
    """One stage in a process of its own; its checkpoint is the result."""
    logging.basicConfig(level=logging.INFO, format=f"%(asctime)s {stage}: %(message)s")
    line._stage(stage, line._ready())  # noqa: SLF001


@dataclass(frozen=True, kw_only=True, slots=True)
class Fold:
    """One fold's conversations and messages as an encoder that never saw them reads them.

    ``targets``: NaN where a mark is doubtful.
    ``kinds``: "risky", "ordinary", "real", "students" (see `models.train.chitchat`), or "drawn up"
    for outlines and single messages.
    """

    chats: ConversationData
    kinds: npt.NDArray[np.str_]
    cues: npt.NDArray[np.float32]
    targets: npt.NDArray[np.float32]


def _kind(conversation: Conversation) -> str:
    if conversation.id.startswith(STUDENTS):
        return "students"
    if conversation.family is None:
        return "real"
    if conversation.family.startswith((SINGLE, OUTLINE)):
        return "drawn up"
    return "ordinary" if conversation.label == "benign" else "risky"


def _joined(parts: Sequence[ConversationData]) -> ConversationData:
    items: list[Span] = []
    start = 0
    for part in parts:
        items += [replace(item, start=start + item.start) for item in part.items]
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
