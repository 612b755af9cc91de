"""What a host app gets, on the toy bundle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from nudge_sdk import (
    BundleError,
    Client,
    Contact,
    Message,
    ModelError,
    Nudge,
    Profile,
    UsageError,
)
from nudge_sdk.errors import BundleRollbackError
from nudge_sdk.state import ConversationState
from nudge_sdk.store import MemoryStore, slot
from tests.simulator import PINNED, BundleSimulator

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fixtures import Clock, OpenToy

KAI = Contact(id="kai", relationship="stranger", days_known=0)
MIA = Contact(id="mia", relationship="friend", days_known=400)
HOUR, DAY = 3600.0, 86_400.0


def state_of(store: MemoryStore, chat: str, who: str) -> ConversationState | None:
    return store.read([slot(store.salt, chat, who)]).states[0]


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def client(open_toy: OpenToy, store: MemoryStore) -> Client:
    return open_toy(store=store)


def test_a_risky_message_gives_a_nudge(client: Client) -> None:
    nudge = client.receive("c", Message("T", id="7"), KAI)
    assert isinstance(nudge, Nudge)
    assert (nudge.risk, nudge.level, nudge.message_id) == ("coercion", "strong", "7")
    assert nudge.title
    assert nudge.body
    assert nudge.reasons
    assert "dismiss" in {action.id for action in nudge.actions}


def test_an_ordinary_message_gives_nothing(client: Client) -> None:
    assert client.receive("c", "hello", KAI) is None


def test_a_repeated_message_nudges_once_and_changes_nothing(
    client: Client, store: MemoryStore
) -> None:
    assert client.receive("c", Message("T", id="1"), KAI)
    before = state_of(store, "c", "kai")
    assert client.receive("c", Message("T", id="1"), KAI) is None
    assert state_of(store, "c", "kai") == before


def test_the_same_id_in_another_chat_is_another_message(client: Client, clock: Clock) -> None:
    assert client.receive("c", Message("T", id="1"), KAI)
    assert client.receive("d", Message("T", id="1"), KAI)


def test_what_the_young_person_sends_never_nudges(client: Client) -> None:
    client.sent("c", "T M X", KAI)
    assert client.receive("c", "hello", KAI) is None


def test_a_burst_gives_one_nudge(client: Client, clock: Clock) -> None:
    got = []
    for text in ("A", "I", "H"):  # three gentle pieces of evidence within seconds
        got.append(client.receive("c", text, KAI))
        clock.now += 2
    assert [bool(nudge) for nudge in got] == [True, False, True]
    assert [nudge.level for nudge in got if nudge] == ["gentle", "strong"]


def test_backfill_is_read_without_a_nudge(client: Client, store: MemoryStore) -> None:
    assert client.receive("c", "T", KAI, backfill=True) is None
    state = state_of(store, "c", "kai")
    assert state is not None
    assert state.messages == 1


def test_a_message_that_arrives_days_late_does_not_nudge(client: Client, clock: Clock) -> None:
    assert client.receive("c", Message("T", sent_at=clock.now - 2 * DAY), KAI) is None
    assert client.receive("c", Message("T", sent_at=clock.now - HOUR), KAI)


def test_an_edited_message_is_read_again(client: Client) -> None:
    assert client.receive("c", Message("hello", id="1"), KAI) is None
    assert client.receive("c", Message("T", id="1", revision=1), KAI)


def test_a_deleted_message_stays_read(client: Client, store: MemoryStore) -> None:
    client.receive("c", Message("T", id="1"), KAI)
    before = state_of(store, "c", "kai")
    client.deleted("c", "1")
    assert state_of(store, "c", "kai") == before


class TestGroups:
    def test_each_sender_has_a_state_of_their_own(self, client: Client, store: MemoryStore) -> None:
        client.receive("g", "A", KAI)
        client.receive("g", "hello", MIA)
        kai, mia = state_of(store, "g", "kai"), state_of(store, "g", "mia")
        assert kai is not None
        assert mia is not None
        assert kai.seen
        assert not mia.seen

    def test_a_reply_goes_to_the_last_four_who_were_heard(
        self, client: Client, store: MemoryStore
    ) -> None:
        for who in "abcde":
            client.receive("g", "hello", Contact(id=who))
        client.sent("g", "hi all")
        states = [state_of(store, "g", who) for who in "abcde"]
        counts = [None if state is None else state.messages for state in states]
        assert counts == [1, 2, 2, 2, 2]

    def test_a_reply_to_one_goes_to_that_one(self, client: Client, store: MemoryStore) -> None:
        client.receive("g", "hello", KAI)
        client.receive("g", "hello", MIA)
        client.sent("g", "hi", MIA)
        kai, mia = state_of(store, "g", "kai"), state_of(store, "g", "mia")
        assert kai is not None
        assert mia is not None
        assert (kai.messages, mia.messages) == (1, 2)

    def test_a_reply_to_nobody_changes_nothing(self, client: Client, store: MemoryStore) -> None:
        client.sent("g", "anyone?")
        assert store.senders(slot(store.salt, "g", "").conversation, 9) == ()

    def test_a_repeated_reply_counts_once(self, client: Client, store: MemoryStore) -> None:
        client.receive("g", "hello", KAI)
        for _ in range(2):
            client.sent("g", Message("hi", id="1"))
        state = state_of(store, "g", "kai")
        assert state is not None
        assert state.messages == 2

    def test_a_reply_is_read_with_what_is_known_of_the_contact(
        self, open_toy: OpenToy, store: MemoryStore
    ) -> None:
        told, untold = MemoryStore(salt=store.salt), store
        for where, to in ((told, KAI), (untold, None)):
            client = open_toy(store=where)
            client.receive("c", "hello", KAI)
            client.sent("c", "hi", to)
        assert state_of(told, "c", "kai") == state_of(untold, "c", "kai")


class TestAnswers:
    def test_fine_quietens_gentle_nudges_of_that_kind(self, client: Client, clock: Clock) -> None:
        nudge = client.receive("c", "A", KAI)
        assert nudge is not None
        client.answer("c", nudge, KAI, "fine")
        clock.now += 3 * HOUR
        client.receive("c", "hello" * 3, KAI)
        clock.now += 3 * HOUR
        assert client.receive("c", "F", KAI) is None

    def test_without_it_the_same_chat_nudges_again(self, client: Client, clock: Clock) -> None:
        assert client.receive("c", "A", KAI)
        clock.now += 6 * HOUR
        assert client.receive("c", "F", KAI)

    def test_fine_never_quietens_the_floor(self, client: Client) -> None:
        client.answer("c", "coercion", "kai", "fine")
        client.receive("c", "U", KAI)
        client.answer("c", "coercion", "kai", "fine")
        nudge = client.receive("c", "T", KAI)
        assert nudge is not None
        assert nudge.level == "strong"

    def test_help_quietens_nothing(self, client: Client, clock: Clock) -> None:
        client.receive("c", "A", KAI)
        client.answer("c", "grooming", "kai", "help")
        clock.now += 6 * HOUR
        assert client.receive("c", "F", KAI)

    def test_an_answer_about_nothing_is_not_kept(self, client: Client, store: MemoryStore) -> None:
        client.answer("c", "grooming", "kai", "fine")
        assert state_of(store, "c", "kai") is None


class TestSwitch:
    def test_off_reads_nothing_and_changes_nothing(
        self, client: Client, store: MemoryStore
    ) -> None:
        client.switch = "off"
        assert client.receive("c", "T", KAI) is None
        client.sent("c", "hi", KAI)
        client.answer("c", "coercion", KAI, "fine")
        assert client.not_reading("c", KAI) is None
        assert state_of(store, "c", "kai") is None
        assert store.read([]).ledger.times == ()

    def test_off_does_not_even_run_the_graph(self, client: Client) -> None:
        client.switch = "off"
        assert client.receive("c", "#", KAI) is None

    def test_switching_on_again_starts_fresh(self, client: Client, store: MemoryStore) -> None:
        assert client.receive("c", "T", KAI)
        client.switch = "off"
        client.switch = "full"
        assert state_of(store, "c", "kai") is None
        assert client.receive("c", "T", KAI)

    def test_it_starts_fresh_after_a_restart_too(
        self, open_toy: OpenToy, store: MemoryStore
    ) -> None:
        open_toy(store=store).receive("c", "T", KAI)
        open_toy(store=store, switch="off")
        assert state_of(store, "c", "kai") is None

    def test_a_restart_under_on_goes_on(self, open_toy: OpenToy, store: MemoryStore) -> None:
        assert open_toy(store=store).receive("c", Message("T", id="1"), KAI)
        again = open_toy(store=store, switch="gentle")
        assert again.receive("c", Message("T", id="1"), KAI) is None

    def test_gentle_shows_inline_and_no_cover(self, client: Client) -> None:
        client.switch = "gentle"
        nudge = client.receive("c", "X", KAI)
        assert nudge is not None
        assert nudge.presentation == "inline"

    def test_full_may_advise_a_cover(self, client: Client) -> None:
        nudge = client.receive("c", "X", KAI)
        assert nudge is not None
        assert nudge.presentation == "cover"

    def test_gentle_and_full_share_one_memory(self, client: Client, store: MemoryStore) -> None:
        client.receive("c", "T", KAI)
        before = state_of(store, "c", "kai")
        client.switch = "gentle"
        assert client.switch == "gentle"
        assert state_of(store, "c", "kai") == before

    @pytest.mark.parametrize("value", ["on", "", None, True, []])
    def test_any_other_position_is_refused(self, client: Client, value: Any) -> None:
        with pytest.raises(UsageError, match="switch must be one of off, gentle, full"):
            client.switch = value
        assert client.switch == "full"


class TestMemory:
    def test_forgetting_a_chat_leaves_the_others(self, client: Client, store: MemoryStore) -> None:
        client.receive("c", "T", KAI)
        client.receive("d", "T", KAI)
        client.forget("c")
        assert state_of(store, "c", "kai") is None
        assert state_of(store, "d", "kai") is not None

    def test_a_wipe_leaves_nothing(self, client: Client, store: MemoryStore) -> None:
        client.receive("c", "T", KAI)
        client.wipe()
        assert state_of(store, "c", "kai") is None
        assert store.read([]).ledger.times == ()

    def test_two_chats_never_mix(self, client: Client, store: MemoryStore) -> None:
        client.receive("c", "A", KAI)
        client.receive("d", "hello", KAI)
        state = state_of(store, "d", "kai")
        assert state is not None
        assert state.seen == 0


def test_a_language_that_is_not_read_is_told(client: Client) -> None:
    assert client.not_reading("c", KAI) is None
    client.receive("c", "Z", KAI)
    assert client.not_reading("c", "kai") == "language"
    client.receive("c", "hello", KAI)
    assert client.not_reading("c", KAI) is None


@pytest.mark.parametrize(("text", "says"), [("#", "graph failed"), ("%", "not a probability")])
def test_a_failure_of_the_graph_changes_nothing(
    client: Client, store: MemoryStore, text: str, says: str
) -> None:
    client.receive("c", "hello", KAI)
    before = state_of(store, "c", "kai")
    for call in (client.receive, client.sent):
        with pytest.raises(ModelError, match=says):
            call("c", text, KAI)
    assert state_of(store, "c", "kai") == before
    assert client.receive("c", "T", KAI)


def test_about_names_the_bundle_its_hash_and_who_signed_it(client: Client) -> None:
    about = client.about()
    assert (about.bundle, about.version, about.release, about.switch) == ("toy", "0.3.0", 3, "full")
    assert len(about.model_sha256) == 64
    assert about.signer.startswith("sha256:")
    assert about.policy


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.receive(1, "x", KAI),
        lambda client: client.receive("c", b"x", KAI),
        lambda client: client.receive("c", None, KAI),
        lambda client: client.receive("c", "x", "kai"),
        lambda client: client.receive("c", "x", None),
        lambda client: client.sent("c", "x", "kai"),
        lambda client: client.sent("c", 1),
        lambda client: client.sent(None, "x"),
        lambda client: client.answer("c", "politics", KAI, "fine"),
        lambda client: client.answer("c", "grooming", KAI, "yes"),
        lambda client: client.answer("c", "grooming", 3, "fine"),
        lambda client: client.answer("c", None, KAI, "fine"),
        lambda client: client.deleted("c", 3),
        lambda client: client.not_reading("c", None),
        lambda client: client.forget(3),
    ],
)
def test_wrong_usage_is_named(client: Client, call: Any) -> None:
    with pytest.raises(UsageError):
        call(client)


@pytest.mark.parametrize("profile", [None, {"age": 13}])
def test_a_profile_is_needed(open_toy: OpenToy, profile: Any, toy_bundle: Path) -> None:
    with pytest.raises(UsageError, match="profile"):
        Client.open(profile, bundle=toy_bundle, pinned_keys=PINNED)


@pytest.mark.parametrize("now", [float("nan"), float("inf")])
def test_a_broken_clock_is_wrong_usage(client: Client, clock: Clock, now: float) -> None:
    clock.now = now
    with pytest.raises(UsageError, match="clock"):
        client.receive("c", "T", KAI)


def test_a_clock_before_the_epoch_counts_as_the_epoch(client: Client, clock: Clock) -> None:
    clock.now = -1e9
    assert client.receive("c", "T", KAI)


def test_a_clock_that_ran_ahead_does_not_silence_for_years(client: Client, clock: Clock) -> None:
    right, clock.now = clock.now, clock.now + 40 * 365 * DAY
    for chat in "abcdef":
        assert client.receive(chat, "A", KAI)
    clock.now = right
    assert client.receive("a", "F", KAI)
    assert client.receive("g", "A", KAI)


def test_an_older_bundle_is_refused_by_a_store_that_knew_a_newer_one(
    open_toy: OpenToy, store: MemoryStore, tmp_path: Path
) -> None:
    older = BundleSimulator(release=2).write(tmp_path / "older")
    open_toy(store=store, bundle=older)
    open_toy(store=store)
    with pytest.raises(BundleRollbackError):
        open_toy(store=store, bundle=older)
    store.wipe()
    with pytest.raises(BundleError):
        open_toy(store=store, bundle=older)


def test_a_refused_bundle_is_not_remembered(
    open_toy: OpenToy, store: MemoryStore, tmp_path: Path
) -> None:
    sim = BundleSimulator(release=99)
    sim.files["model.onnx"] = b"no graph"
    sim.list_files()
    sim.sign()
    with pytest.raises(BundleError):
        open_toy(store=store, bundle=sim.write(tmp_path / "broken"))
    assert store.accepted_release is None


def test_state_outlives_a_client(open_toy: OpenToy, store: MemoryStore, clock: Clock) -> None:
    assert open_toy(store=store).receive("c", "A", KAI)
    clock.now += 6 * HOUR
    assert open_toy(store=store).receive("c", "A", KAI) is None  # no new evidence
    assert open_toy(Profile(age=17), store=store).receive("c", "F", KAI)
