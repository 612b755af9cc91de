"""The bundle that ships: signed by the release key, whole, and not to be blinded by length."""

from __future__ import annotations

import pytest

from nudge_sdk import Client, Contact, Message, Nudge, Profile, cli, golden
from nudge_sdk._onnx import SingleModel
from nudge_sdk.bundle import RELEASE_FINGERPRINT, VerifiedBundle, load_bundle, shipped_directory

KAI = Contact(id="kai", relationship="stranger", days_known=0)
ASK = "hot adult videos for you, click the 18+ link"
PATTERN = ("hi", "how old are you", "are you home alone", "dont tell your mum", "send me a pic")
CHATTER = "see you at practice tomorrow, bring some water and your boots. "
BEHIND = 50_000  # characters: issue 2


@pytest.fixture(scope="module")
def bundle() -> VerifiedBundle:
    return load_bundle(shipped_directory())


@pytest.fixture
def client() -> Client:
    return Client.open(Profile(age=13))


def innocent(length: int) -> str:
    return (CHATTER * (length // len(CHATTER) + 1))[:length]


def test_it_is_signed_by_the_release_key_and_small(bundle: VerifiedBundle) -> None:
    assert bundle.signer == RELEASE_FINGERPRINT
    assert sum(entry.size for entry in bundle.manifest.files.values()) <= 10_000_000  # bytes


def test_the_files_in_its_folder_are_those_of_the_manifest(bundle: VerifiedBundle) -> None:
    names = {path.name for path in shipped_directory().iterdir()}
    names.discard("figures.json")  # stands in a checkout only: the README's figures
    assert names == {*bundle.manifest.files, "manifest.json", "manifest.sig"}


def test_its_golden_vectors_hold_on_this_runtime(bundle: VerifiedBundle) -> None:
    model = SingleModel(bundle.files["model.onnx"], bundle.spec)
    assert golden.check(model, bundle.config) == len(golden.CHATS)


def test_nudge_check_passes(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check"]) == 0
    assert "agree" in capsys.readouterr().out


def test_a_sealed_state_of_it_stays_within_512_bytes(bundle: VerifiedBundle) -> None:
    assert 212 + 4 * bundle.spec.state_size + 28 <= 512


def test_the_ask_alone_nudges(client: Client) -> None:
    assert client.receive("c", ASK, KAI)


def test_a_pattern_nudges_and_its_first_line_does_not(client: Client) -> None:
    nudges = [client.receive("c", text, KAI) for text in PATTERN]
    assert nudges[0] is None and nudges[1] is None
    last = nudges[-1]
    assert last is not None and last.risk == "grooming" and last.level == "strong"


def test_the_same_lines_from_family_stay_quiet(client: Client) -> None:
    mum = Contact(id="mum", relationship="family", days_known=4_000, claimed_age=41)
    for text in ("are you home alone", "did you eat", "love you, back at six"):
        assert client.receive("c", text, mum) is None


def test_a_picture_of_homework_for_mum_stays_quiet(client: Client) -> None:
    mum = Contact(id="mum", relationship="family", days_known=4_000, claimed_age=41)
    for text in ("are you home alone", "did you eat", "send me a pic of your homework"):
        assert client.receive("c", text, mum) is None


def test_innocent_text_of_that_length_does_not(client: Client) -> None:
    assert client.receive("c", innocent(BEHIND), KAI) is None


@pytest.mark.parametrize(
    ("before", "after"), [(BEHIND, 0), (0, BEHIND), (BEHIND - 37, 37), (BEHIND, BEHIND)]
)
def test_an_ask_hidden_in_length_is_found(client: Client, before: int, after: int) -> None:
    text = f"{innocent(before)} {ASK} {innocent(after)}"
    assert client.receive("c", text, KAI)


@pytest.mark.parametrize("times", [1, 20])
def test_an_ask_after_long_messages_is_found(client: Client, times: int) -> None:
    for _ in range(times):
        client.receive("c", innocent(5_000), KAI)
    assert client.receive("c", ASK, KAI)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\0" * 1000,
        "\ud800\udfff",
        "\U0001f602" * 5000,
        "\u202e\u2066\u200f" * 100,
        "\u200b" * 1000,
        "Z" + "\u0351" * 2000,
        "\U0010ffff",
        "a" * 100_000,
        " " * 100_000,
        "".join(map(chr, range(0x3000))),
    ],
    ids=lambda text: f"{len(text)} characters",
)
def test_hostile_text_gives_a_nudge_or_nothing(client: Client, text: str) -> None:
    for sent_at in (None, -1e9, 1e18):
        nudge = client.receive("c", Message(text, sent_at=sent_at), KAI)
        assert nudge is None or isinstance(nudge, Nudge)
