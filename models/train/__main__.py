"""``python -m models.train``: from phrase banks and real ordinary chats to a signed bundle.

::

    python -m models.train -o build/bundle          # synthetic data alone, throw-away key
    python -m models.train -o models/en_v1 --real FOLDER --dev FOLDER --key ed25519.pem

Checkpoints go to ``--work``; a stage whose inputs have not changed is taken from there.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from nudge_harness.model import BundleChoice
from nudge_harness.peers.measure import LESSONS

from models.train import measure
from models.train.card import card
from models.train.export import load_key, write_bundle
from models.train.graph import build_graph
from models.train.line import Line, Trained
from models.train.plan import QUICK, Plan
from models.train.shape import STATE
from models.train.stress import BY_HAND, Stress, agreement
from nudge_sdk import golden
from nudge_sdk._onnx import SingleModel
from nudge_sdk.engine import ModelSpec
from nudge_sdk.policy import Thresholds
from nudge_sdk.values import CUES, RISKS

NAME, RELEASE, VERSION = "en_v1", 4, "1.3.0"
CAP, OVERLAP, WINDOWS = 256, 80, 640  # code points; 640 windows read 112,720 characters
OTHER_LANGUAGE = 0.8  # probability from which a message counts as another language


def graphs(trained: Trained) -> tuple[onnx.ModelProto, onnx.ModelProto]:
    """Single and batched graph."""
    made = [
        build_graph(trained.lexicon, trained.weights, trained.scale, trained.shift, batched=batched)
        for batched in (False, True)
    ]
    return made[0], made[1]


def configuration(trained: Trained, single: onnx.ModelProto) -> dict[str, Any]:
    """``config.json``: every number of the model, golden vectors and the record of training."""
    thresholds = {
        "cue": _named(CUES, trained.cue),
        "gentle": _named(RISKS, trained.gentle),
        "strong": _named(RISKS, trained.strong),
        "other_language": OTHER_LANGUAGE,
    }
    spec = ModelSpec(
        model_id=bytes(8),
        state_size=STATE,
        cap=CAP,
        overlap=OVERLAP,
        windows=WINDOWS,
        thresholds=Thresholds(
            cue=tuple(trained.cue),
            gentle=tuple(trained.gentle),
            strong=tuple(trained.strong),
            other_language=OTHER_LANGUAGE,
        ),
    )
    model = SingleModel(single.SerializeToString(deterministic=True), spec)
    return {
        "schema": 1,
        "name": NAME,
        "state_size": STATE,
        "cap": CAP,
        "overlap": OVERLAP,
        "windows": WINDOWS,
        "cues": [*CUES, "other_language"],
        "risks": list(RISKS),
        "thresholds": thresholds,
        "vectors": golden.make(model, STATE),
        "training": trained.record,
    }


def _named(names: tuple[str, ...], values: list[float]) -> dict[str, float]:
    """Values by name, rounded up so that a threshold never loosens."""
    return {
        name: min(float(np.ceil(value * 1e6) / 1e6), 1.0)
        for name, value in zip(names, values, strict=True)
    }


def main(argv: list[str] | None = None) -> int:
    """Train, measure, write the card and sign."""
    args = _arguments().parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    plan = replace(QUICK if args.quick else Plan(), seed=args.seed)
    trained = Line(plan=plan, work=args.work, real=args.real, workers=args.workers).run()
    key = load_key(args.key)
    single, twin = graphs(trained)
    config = configuration(trained, single)
    size = len(single.SerializeToString(deterministic=True))
    generated: dict[str, dict[str, Any]] | None = None
    real: list[dict[str, Any]] = []
    more: dict[str, Any] | None = None

    def write() -> str:
        text = card(
            name=NAME,
            version=VERSION,
            size=size,
            state=STATE,
            record=trained.record,
            thresholds=config["thresholds"],
            generated=generated,
            real=real,
            more=more,
        )
        return write_bundle(
            args.output,
            name=NAME,
            release=RELEASE,
            version=VERSION,
            single=single,
            twin=twin,
            config=config,
            card=text,
            key=key,
        )

    digest = write()
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    if args.measure:
        choice = BundleChoice(folder=args.output, key=public)
        folder = args.work / "figures"
        generated = measure.generated(choice, folder, args.measure, args.seed, args.workers)
        if args.dev is not None:
            real = measure.real_files(choice, args.dev, folder, args.workers)
        stress = Stress(bundle=choice, work=args.work, seed=args.seed, workers=args.workers)
        more = {
            "by_hand": stress.by_hand(),
            "agreement": {name: agreement(name) for name in BY_HAND},
            "rewritings": stress.rewritings(args.measure // 3),
            "single": stress.explicit(),
            "chained": None if args.dev is None else stress.chained(args.dev),
        }
        files = {name: stress.work / f"{name}.jsonl.gz" for name in BY_HAND}
        files["generated"] = folder / "test.jsonl.gz"
        lessons = min(LESSONS, 10 * args.measure)
        more["baselines"] = measure.baselines(files, args.work, lessons, args.seed)
        figures = {"generated": generated, "real": real, "more": more}
        args.output.joinpath("figures.json").write_text(json.dumps(figures, indent=1) + "\n")
        digest = write()
    sys.stdout.write(f"bundle {args.output}\nmanifest sha256 {digest}\n")
    sys.stdout.write(f"pin this key: {public.hex()}\n")
    return 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m models.train", description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="DIR")
    parser.add_argument("--work", type=Path, default=Path("build/train"), metavar="DIR")
    parser.add_argument("--real", type=Path, metavar="DIR", help="real ordinary chats to learn")
    parser.add_argument("--dev", type=Path, metavar="DIR", help="real chats to measure on")
    parser.add_argument("--key", type=Path, metavar="PEM", help="Ed25519 key; else a new one")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--measure", type=int, default=4_000, metavar="N", help="test chats, or 0")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="processes")
    parser.add_argument("--quick", action="store_true", help="a tiny, useless model, for tests")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
