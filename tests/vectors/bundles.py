"""Bundles that are accepted and refused: the attacks of the SDK's own tests, file by file.

A vector holds the manifest, its signature, and which files differ from the ``given`` ones
(``null``: it is missing). Bytes are base64; ``spaces`` follow, where a file has to be long.
"""

from __future__ import annotations

import base64
from typing import Any, Final

from nudge_sdk import errors
from nudge_sdk.bundle import MODEL, verify
from tests.simulator import OTHER_KEY, PINNED, BundleSimulator, raw_public
from tests.unit.sdk.test_bundle import ATTACKS

LAST: Final = 3
GRAPH: Final = b"no runtime opens this file here"


def make() -> dict[str, Any]:
    """Vectors: ``accepted`` with what was read, or ``refused`` with the check that fails."""
    given = _simulator()
    vectors = [
        _vector(f"refused: {name}", case.attack)
        for name, case in ATTACKS.items()
        if case.check != "graph"  # found when a session is opened, which no vector here does
    ]
    accepted = [
        _vector("accepted", lambda _: None),
        _vector("accepted: a later release", lambda sim: _release(sim, 4)),
        _vector("accepted: a file that nobody names", lambda sim: sim.files.update({"more": b"x"})),
        _vector("accepted: without the batched twin and the card", _bare),
        _vector("accepted: no release seen before", lambda sim: _release(sim, 1), last=None),
        _vector("accepted: one of two pinned keys", lambda sim: sim.sign(OTHER_KEY), both=True),
        _vector("refused: signed with a key that is not pinned", lambda sim: sim.sign(OTHER_KEY)),
    ]
    return {
        "kind": "bundles",
        "schema": 1,
        "about": "what verification says, up to the config; Ed25519 keys are hexadecimal",
        "given": {
            "keys": [key.hex() for key in PINNED],
            "files": {name: _bytes(raw) for name, raw in sorted(given.files.items())},
        },
        "vectors": accepted + vectors,
    }


def _simulator() -> BundleSimulator:
    sim = BundleSimulator(release=LAST)
    sim.files["model.onnx"] = GRAPH
    sim.files["model.batched.onnx"] = GRAPH * 2
    sim.list_files()
    sim.sign()
    return sim


def _release(sim: BundleSimulator, release: int) -> None:
    sim.table["version"]["release"] = release
    sim.sign()


def _bare(sim: BundleSimulator) -> None:
    for name in ("model.batched.onnx", "README.md"):
        del sim.files[name]
    sim.list_files()
    sim.sign()


def _vector(
    name: str, attack: Any, *, last: int | None = LAST, both: bool = False
) -> dict[str, Any]:
    sim, whole = _simulator(), _simulator()
    attack(sim)
    keys = (*PINNED, raw_public(OTHER_KEY)) if both else PINNED
    changed = {n: raw for n, raw in sim.files.items() if whole.files.get(n) != raw}
    gone: dict[str, bytes | None] = dict.fromkeys(whole.files.keys() - sim.files.keys())
    vector: dict[str, Any] = {
        "id": name,
        "manifest": _bytes(sim.manifest),
        "signature": _bytes(sim.signature),
        "changed": {n: _bytes(raw) for n, raw in sorted({**changed, **gone}.items())},
        "keys": [key.hex() for key in keys],
        "last_release": last,
    }
    try:
        bundle = verify(
            sim.manifest,
            sim.signature,
            sim.read,
            pinned_keys=keys,
            last_version=last,
            keep=(MODEL,),
        )
    except errors.BundleError as error:
        return vector | {"refused": error.check}
    return vector | {
        "accepted": {
            "name": bundle.manifest.name,
            "release": bundle.manifest.version.release,
            "signer": bundle.signer,
            "sha256": bundle.model_sha256,
            "model_id": bundle.spec.model_id.hex(),
            "cap": bundle.spec.cap,
        }
    }


def _bytes(raw: bytes | None) -> dict[str, Any] | None:
    if raw is None:
        return None
    kept = raw.rstrip(b" ")
    return {"base64": base64.b64encode(kept).decode(), "spaces": len(raw) - len(kept)}
