"""What is fuzzed, and what has to hold for any bytes: this error or none, in bounded size.

A target takes bytes and returns; anything else that it raises is a finding. `errors` are those that
the code under test promises; a target that lets one through has found something, too. Nothing here
needs the fuzzer: `tests/property/test_fuzz_corpus.py` runs the same targets over the corpus.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from functools import cache
from typing import Any, Final

import numpy as np
from nudge_harness.errors import FieldError
from nudge_harness.formats import conversation, scores, trace
from nudge_harness.formats.raw import decode, encode

from models.train import fold
from nudge_sdk._codepoints import codepoints_of, windows_of
from nudge_sdk._context import context_vector
from nudge_sdk.bundle import Config, Manifest, verify
from nudge_sdk.engine import Engine, Output, Request, Step
from nudge_sdk.errors import BundleError, ModelError, StateError, UsageError
from nudge_sdk.policy import shipped_policy
from nudge_sdk.state import ConversationState, UserLedger
from nudge_sdk.values import AGE_BANDS, EVENT_KINDS, RELATIONSHIPS, Contact, Message
from tests import toy
from tests.fuzz.reader import Taken
from tests.simulator import KEY, PINNED, BundleSimulator

Target = Callable[[bytes], None]

_CHOICE: Final = (None, False, True)


class Finding(Exception):  # noqa: N818  it is not an error of the code, it is about one
    """A promise is broken; the message says which."""


def hold(holds: bool, promise: str) -> None:
    """Raise a `Finding` unless a promise holds; the fuzzer runs with assertions on or off."""
    if not holds:
        raise Finding(promise)


def message_of(taken: Taken) -> Message:
    """Any message that a contact can make a host build."""
    text = taken.text()
    if taken.whole() % 16 == 15:
        text *= 1 + taken.whole() % 32
    return Message(
        text,
        id=taken.text(8) if taken.whole() % 2 else None,
        sent_at=taken.one_of((None, taken.number(), float(taken.whole(5)), -(10**400), 10**400)),
        kind=taken.one_of(EVENT_KINDS),
        revision=taken.whole(4) % 2**31,
    )


def contact_of(taken: Taken) -> Contact | None:
    """Any contact; ``None`` where the values are refused, as they have to be."""
    days, age = taken.number(), taken.number()
    try:
        return Contact(
            id=taken.text(8),
            relationship=taken.one_of((None, *RELATIONSHIPS)),
            days_known=taken.one_of((None, days, float(taken.whole(2)))),
            claimed_age=taken.one_of((None, age, float(taken.whole()))),
            in_group=taken.one_of(_CHOICE),
        )
    except UsageError:
        return None


def codepoints(raw: bytes) -> None:
    """Text to code points to windows: bounded, in order, head and tail always there."""
    taken = Taken(raw)
    cap, most = 1 + taken.whole() % 64, 2 + taken.whole() % 30
    overlap = taken.whole() % cap
    text = taken.text() * (1 + taken.whole() % 8)
    found = codepoints_of(text)
    hold(found.dtype == np.int32 and "".join(map(chr, found.tolist())) == text, "no letter lost")
    windows = windows_of(found, cap=cap, overlap=overlap, most=most)
    hold(1 <= len(windows) <= most, "windows are bounded")
    hold(all(len(window) <= cap for window in windows), "a window fits the graph")
    hold(windows[0].tolist() == found[:cap].tolist(), "the head is read")
    hold(windows[-1].tolist() == found[-cap:].tolist(), "the tail is read")
    if len(found) <= cap + (most - 1) * (cap - overlap):
        places = np.arange(len(found), dtype=np.int32)
        cut = windows_of(places, cap=cap, overlap=overlap, most=most)
        hold(set(np.concatenate(cut).tolist()) == set(places.tolist()), "nothing is left out")


def folding(raw: bytes) -> None:
    """Folding: classes in range, the tables are the rule, and a folded text folds to itself."""
    text = Taken(raw).text()
    classes = fold.fold(text)
    hold(len(classes) <= len(text) and all(0 <= c < fold.DROP for c in classes), "classes in range")
    kept = [c for c in map(ord, text) if fold.class_of(c) != fold.DROP]
    hold(len(classes) <= len(kept), "what is dropped is gone")
    shown = _letters()
    hold(fold.fold("".join(shown[c] for c in classes)) == classes, "folding twice is folding once")


@cache
def _letters() -> dict[int, str]:
    """A character of each class."""
    candidates = (*range(0x20, 0x7F), *range(0xA1, 0x3100), *range(0x1F300, 0x1FB00), 0x4E00)
    found: dict[int, str] = {}
    for codepoint in candidates:
        found.setdefault(fold.class_of(codepoint), chr(codepoint))
    return found


def context(raw: bytes) -> None:
    """Metadata to the context vector: finite, in its range, unknown is said and never guessed."""
    taken = Taken(raw)
    contact, gap = contact_of(taken), taken.number()
    known_gap = gap if math.isfinite(gap) and gap >= 0 else None
    vector = context_vector(
        from_contact=bool(taken.whole() % 2),
        contact=contact,
        band=taken.one_of(AGE_BANDS),
        kind=taken.one_of((None, *EVENT_KINDS)),
        gap=known_gap,
    )
    hold(vector.shape == (32,) and vector.dtype == np.float32, "shape of the context")
    hold(bool(np.isfinite(vector).all()), "the context is finite")
    rest = np.delete(vector, 26)  # the gap: a logarithm of whatever the clocks said
    hold(bool((rest >= -1).all() and (rest <= 4).all()), "the context is in its range")
    hold(vector[1:9].sum() == 1 and vector[14:19].sum() == 1, "one relationship, one band")
    hold(bool(vector[27]) == (known_gap is None), "an unknown gap is said to be unknown")


_ENGINE: Final = Engine(toy.SPEC, shipped_policy())


def _floats(taken: Taken, size: int, *, wild: bool) -> Any:
    raw = taken.take(4 * size if wild else size)
    if wild:
        values = np.frombuffer(raw[: len(raw) // 4 * 4], dtype="<f4")
    else:
        values = np.frombuffer(raw, dtype=np.uint8).astype(np.float32) / 255
    return np.resize(values if len(values) else np.zeros(1, dtype=np.float32), size).astype("f4")


def engine(raw: bytes) -> None:
    """The core around the graph, for any message, any time and whatever a graph may answer."""
    taken = Taken(raw)
    state, ledger = _ENGINE.fresh_state(), UserLedger()
    for _ in range(4):
        if not taken:
            break
        now = taken.one_of((1.8e9, float(taken.whole(5)), 0.0))
        request = _ENGINE.prepare(
            message_of(taken),
            contact=contact_of(taken),
            state=state,
            ledger=ledger,
            now=now,
            band=taken.one_of(AGE_BANDS),
            switch=taken.one_of(("full", "gentle")),
            from_contact=taken.whole() % 4 != 0,
            backfill=taken.whole() % 8 == 1,
            salt=b"salt",
            signals=taken.one_of(("all", "text", "metadata")),
        )
        step = request if isinstance(request, Step) else _concluded(request, taken)
        if step is not None:
            state, ledger = step.state, step.ledger
        raw_state = state.to_bytes()
        hold(len(raw_state) == len(_ENGINE.fresh_state().to_bytes()), "state of constant size")
        hold(ConversationState.from_bytes(raw_state) == state, "state survives its bytes")
        hold(UserLedger.from_bytes(ledger.to_bytes()) == ledger, "ledger survives its bytes")


def _concluded(request: Request, taken: Taken) -> Step | None:
    wild = taken.whole() % 4 == 0
    output = Output(
        cues=_floats(taken, 18, wild=wild),
        risk=_floats(taken, 4, wild=wild),
        next_state=_floats(taken, toy.STATE, wild=wild),
    )
    hold(len(request.windows) <= toy.WINDOWS, "windows are bounded")
    try:
        return _ENGINE.conclude(request, [output] * len(request.windows))
    except ModelError:
        return None


def manifest(raw: bytes) -> None:
    """A manifest of any bytes is a manifest or a named error, and reads back as written."""
    try:
        value = Manifest.from_bytes(raw)
    except BundleError as error:
        hold(error.check in ("manifest", "schema"), "the check is named")
        return
    hold(Manifest.from_bytes(value.to_bytes()) == value, "a manifest survives its bytes")


def config(raw: bytes) -> None:
    """A configuration of any bytes is one or a named error."""
    try:
        value = Config.from_bytes(raw)
    except BundleError as error:
        hold(error.check in ("config", "schema"), "the check is named")
        return
    hold(1 <= value.state_size <= 64 and value.overlap < value.cap, "numbers in their range")
    numbers = (*value.thresholds.cue, *value.thresholds.gentle, *value.thresholds.strong)
    hold(all(0 < number <= 1 for number in numbers), "no threshold out of reach")


@cache
def _simulator() -> BundleSimulator:
    return BundleSimulator()


def bundle(raw: bytes) -> None:
    """A bundle with bytes changed anywhere is refused by name, and never used."""
    taken, sim = Taken(raw), _simulator()
    files, manifest_bytes, signature = dict(sim.files), sim.manifest, sim.signature
    name = taken.one_of(("manifest", "signature", *sorted(files)))
    at, change, signs = taken.whole(2), taken.rest(), False
    old = {"manifest": manifest_bytes, "signature": signature}.get(name, files.get(name, b""))
    new = old[: at % (len(old) + 1)] + change + old[at % (len(old) + 1) + len(change) :]
    if name == "manifest":
        signs = bool(len(change) % 2)
        manifest_bytes, signature = new, KEY.sign(new) if signs else signature
    elif name == "signature":
        signature = new
    else:
        files[name] = new

    def read(wanted: str, most: int) -> bytes:
        if wanted not in files:
            raise FileNotFoundError
        return files[wanted][:most]

    try:
        found = verify(manifest_bytes, signature, read, pinned_keys=PINNED, last_version=3)
    except BundleError:
        return
    hold(new == old or signs, "a changed bundle is refused")
    hold(found.files["model.onnx"] == files["model.onnx"], "what was hashed is what is used")


_FORMATS: Final[tuple[tuple[Callable[..., Any], Callable[..., Any]], ...]] = (
    (conversation.conversation_from, conversation.conversation_to),
    (scores.score_from, scores.score_to),
    (trace.trace_from, trace.trace_to),
)


def formats(raw: bytes) -> None:
    """A line of the harness's three formats is a row or an error that names the field."""
    taken = Taken(raw)
    read, write = taken.one_of(_FORMATS)
    line = taken.rest()
    try:
        value = decode(line)
        row = read(value, lambda _: None)
    except FieldError as error:
        hold(bool(error.problem), "the problem is named")
        return
    again = read(decode(encode(write(row))), lambda _: None)
    hold(again == row, "a row survives its line")


def state(raw: bytes) -> None:
    """Stored bytes are a state or a `StateError`; what reads, writes back the same."""
    for kind in (ConversationState, UserLedger):
        try:
            value = kind.from_bytes(raw)
        except StateError:
            continue
        hold(kind.from_bytes(value.to_bytes()) == value, "a state survives its bytes")
        hold(len(value.to_bytes()) == len(raw), "of the same size")
    head = Taken(raw)
    try:  # a valid frame around fuzzed bytes: what a store would find after its seal is opened
        kept = ConversationState.from_bytes(b"\1" + raw[:8].ljust(8, b"\0") + b"\0\0" + raw[8:209])
    except StateError:
        return
    number = head.number()
    now = number if math.isfinite(number) else 0.0
    found = _ENGINE.prepare(
        Message("T", sent_at=now), contact=None, state=kept, ledger=UserLedger(), now=max(now, 0.0),
        band="10_12",
    )  # fmt: skip
    hold(isinstance(found, (Request, Step)), "any state that reads can be used")


def json_lines(raw: bytes) -> None:
    """A line of any bytes is what Python's own JSON reader makes of it, or a `FieldError`."""
    try:
        value = decode(raw)
    except FieldError:
        return
    own = json.loads(raw.decode("utf-8", "surrogatepass"), strict=False)
    hold(repr(value) == repr(own), "JSON is read as JSON")


_CHAT: Final = {
    "id": "c1", "lang": "en", "label": "grooming", "family": "f", "user_age": 13,
    "contact": {"relationship": "stranger", "days_known": 3, "claimed_age": 15},
    "messages": [
        {"from": "contact", "t": 0, "text": "hi", "cues": ["secrecy"]},
        {"from": "user", "t": 5, "text": "hi", "kind": "image"},
    ],
    "onset": 0, "harm": 1,
}  # fmt: skip
_SCORES: Final = {
    "id": "c1", "messages": 2, "risk": {"grooming": 0.5},
    "nudges": [
        {"message": 1, "risk": "grooming", "level": "gentle", "cues": ["x"], "confidence": 0.5}
    ],
}  # fmt: skip
_TRACE: Final = {
    "id": "c1", "model": "m",
    "messages": [
        {"message": 0, "from": "user", "cues": None, "risk": {"x": 0.5}, "decision": "quiet"}
    ],
}  # fmt: skip


def tables(raw: bytes) -> None:
    """The same parsers, fed with tables that are right but for a few places."""
    taken = Taken(raw)
    sim = _simulator()
    kind = taken.whole() % 5
    table = (sim.table, sim.config, _CHAT, _SCORES, _TRACE)[kind]
    changed: Any = json.loads(json.dumps(table))
    for _ in range(1 + taken.whole() % 3):
        _change(changed, taken)
    line = json.dumps(changed).encode()
    if kind == 0:
        manifest(line)
    elif kind == 1:
        config(line)
    else:
        formats(bytes([kind - 2]) + line)


def _change(table: Any, taken: Taken) -> None:
    """One place of a table: another value, a key more, a key less."""
    here, step = table, taken.whole()
    while isinstance(here, (dict, list)) and here:
        keys: list[Any] = list(here) if isinstance(here, dict) else list(range(len(here)))
        key = keys[step % len(keys)]
        step = taken.whole()
        if step < 128 and isinstance(here[key], (dict, list)) and here[key]:
            here = here[key]
        elif step % 4 == 0:
            del here[key]
            return
        elif step % 4 == 1 and isinstance(here, dict):
            here[taken.text(12)] = _value(taken)
            return
        else:
            here[key] = _value(taken)
            return


def _value(taken: Taken) -> Any:
    """Any JSON value that Python can write, whatever stands in it."""
    plain: tuple[Any, ...] = (
        None, True, False, 0, 1, -1, 2**31, 2**63, -(10**400), 0.5, 1.5, "", "text", [], {}, [[]],
        {"": None}, [None] * 20, ["grooming", "adult_content", "coercion", "scam_lure"],
    )  # fmt: skip
    which = taken.whole() % (len(plain) + 3)
    if which < len(plain):
        return plain[which]
    return (taken.text(40), taken.number(), taken.whole(9))[which - len(plain)]


PARSERS: Final[dict[str, Target]] = {
    "codepoints": codepoints,
    "folding": folding,
    "context": context,
    "engine": engine,
    "manifest": manifest,
    "config": config,
    "bundle": bundle,
    "formats": formats,
    "json_lines": json_lines,
    "tables": tables,
    "state": state,
}
