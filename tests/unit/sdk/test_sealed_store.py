"""The sealed file: what shows, rotation and wipe, formats, changed files, threads and forks."""

from __future__ import annotations

import os
import sqlite3
import threading
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nudge_sdk.errors import (
    StateError,
    StoreDamagedError,
    StoreError,
    StoreKeyError,
    StoreSchemaError,
    StoreWarning,
    UsageError,
)
from nudge_sdk.sealed import HostKey, SealedStore, schema
from nudge_sdk.sealed.record import Sealer
from nudge_sdk.state import ConversationState
from tests.sealing import (
    KEY,
    OTHER_KEY,
    START,
    Keys,
    all_bytes,
    copied,
    damage,
    got,
    ledger,
    name,
    open_store,
    put,
    raw,
    state,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "s"


@pytest.fixture
def store(path: Path) -> SealedStore:
    return open_store(path)


class TestWhatShows:
    def test_no_identifier_time_or_value_stands_in_clear(
        self, store: SealedStore, path: Path
    ) -> None:
        mark = ConversationState(model_id=b"modelone", graph=np.full(20, 1.5, dtype=np.float32))
        where = name(store, "chat with zqxjkvb", "zqxjkvb")
        before = store.read([where])
        store.swap(before, [replace(mark, newest=START)], before.ledger.with_nudge(START))
        shown = all_bytes(path)
        hidden = [
            b"zqxjkvb", b"modelone", where.conversation, where.sender, store.salt, KEY,
            mark.to_bytes()[-80:], np.float64(START).tobytes(), int(START).to_bytes(4, "little"),
            int(START).to_bytes(4, "big"), str(int(START)).encode(),
        ]  # fmt: skip
        assert len(shown) > 8192
        assert [item for item in hidden if item in shown] == []

    def test_the_search_finds_what_is_there(self, store: SealedStore, path: Path) -> None:
        with raw(path) as connection:
            connection.execute("INSERT INTO rows VALUES (?, ?)", (b"n" * 32, b"zqxjkvb"))
        assert b"zqxjkvb" in all_bytes(path)

    def test_the_same_state_never_looks_the_same(self, store: SealedStore, path: Path) -> None:
        seen: Counter[bytes] = Counter()
        for _ in range(50):
            put(store, "c", 1)
            with raw(path) as connection:
                seen.update(sealed for (sealed,) in connection.execute("SELECT sealed FROM rows"))
        assert len(seen) == 50
        assert len({sealed[:12] for sealed in seen}) == 50

    def test_the_file_is_for_its_owner_only(self, store: SealedStore, path: Path) -> None:
        put(store, "c", 1)
        for file in path.parent.iterdir():
            assert file.stat().st_mode & 0o077 == 0, file.name

    def test_nothing_is_written_but_the_file_and_what_is_beside_it(
        self, store: SealedStore, path: Path
    ) -> None:
        put(store, "c", 1)
        store.rotate()
        store.forget(name(store, "c").conversation)
        store.wipe()
        assert {file.name for file in path.parent.iterdir()} == {"s", "s-wal", "s-shm"}
        store.close()
        assert {file.name for file in path.parent.iterdir()} == {"s"}

    def test_one_commit_for_each_message_at_most(self, store: SealedStore, path: Path) -> None:
        """`PRAGMA data_version` of an onlooker changes with each commit of somebody else."""
        put(store, "c", 1)
        with raw(path) as onlooker:

            def version() -> int:
                return int(onlooker.execute("PRAGMA data_version").fetchone()[0])

            for number in range(2, 12):
                before = version()
                put(store, "c", number, nudged=START + number)
                assert version() == before + 1
            before = version()
            snapshot = store.read([name(store, "c")])
            put(store, "c", 20)
            assert version() == before + 1
            assert not store.swap(snapshot, [state(21)], snapshot.ledger)
            assert version() == before + 1  # what is refused writes nothing


def test_everything_is_there_after_reopening(store: SealedStore, path: Path) -> None:
    put(store, "c", 3, "mia")
    put(store, "c", 5, "kai", nudged=START)
    store.accept_release(9)
    store.close()
    again = open_store(path)
    assert [got(again, "c", sender) for sender in ("mia", "kai", "new")] == [3, 5, None]
    assert again.salt == store.salt
    assert ledger(again).times == (int(START),)
    assert again.accepted_release == 9
    chat = name(again, "c").conversation
    assert again.senders(chat, 9) == (name(again, "c", "kai"), name(again, "c", "mia"))


class TestRotation:
    def test_everything_stays_and_the_old_key_opens_nothing(
        self, store: SealedStore, path: Path
    ) -> None:
        put(store, "c", 3, nudged=START)
        store.accept_release(9)
        with raw(path) as connection:
            before = connection.execute("SELECT name, sealed FROM rows").fetchall()
        store.rotate(HostKey(OTHER_KEY))
        with raw(path) as connection:
            after = connection.execute("SELECT name, sealed FROM rows").fetchall()
        assert len(before) == len(after) == 1
        assert before[0][0][:16] != after[0][0][:16]
        for shop in (store, open_store(path, keys=HostKey(OTHER_KEY))):
            assert got(shop, "c") == 3
            assert ledger(shop).times == (int(START),)
            assert shop.accepted_release == 9
        with pytest.raises(StoreKeyError):
            open_store(path)
        assert not any(bytes(value) in all_bytes(path) for row in before for value in row)

    def test_with_the_same_key_it_still_changes_every_subkey(
        self, store: SealedStore, path: Path
    ) -> None:
        with raw(path) as connection:
            before = connection.execute("SELECT * FROM store").fetchone()
        store.rotate()
        with raw(path) as connection:
            after = connection.execute("SELECT * FROM store").fetchone()
        changed = [one != two for one, two in zip(before, after, strict=True)]
        assert changed == [False, False, True, True, True, True]  # id and the host's key stay

    def test_another_process_follows_by_itself(self, path: Path) -> None:
        shared: dict[bytes, bytes] = {}
        one, two = (open_store(path, keys=Keys(shared)) for _ in range(2))
        put(one, "c", 1)
        before = two.read([name(two, "c")])
        one.rotate()
        assert len(shared) == 1
        assert not two.swap(before, [state(2)], before.ledger)
        assert got(two, "c") == 1
        put(two, "c", 2)
        two.rotate()
        assert got(one, "c") == 2

    def test_one_that_has_not_the_new_key_says_so(self, store: SealedStore, path: Path) -> None:
        other = open_store(path)
        store.rotate(HostKey(OTHER_KEY))
        with pytest.raises(StoreKeyError):
            other.read([])

    def test_a_key_that_was_not_destroyed_is_destroyed_by_the_next_one(self, path: Path) -> None:
        keys = Keys()
        store = open_store(path, keys=keys)
        put(store, "c", 1)
        (old,) = keys.kept
        kept = dict(keys.kept)
        store.rotate()
        keys.kept.update(kept)  # as if the process had been killed right before
        assert got(open_store(path, keys=keys), "c") == 1
        assert old not in keys.kept

    def test_when_it_fails_all_is_as_it_was(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        keys = Keys()
        store = open_store(path, keys=keys)
        put(store, "c", 1)
        before = dict(keys.kept)

        def fail(*_: Any) -> None:
            raise sqlite3.OperationalError

        with monkeypatch.context() as patch:
            patch.setattr(schema, "put_store", fail)  # after the rows have been written
            with pytest.raises(StoreError):
                store.rotate()
        assert keys.kept == before
        assert got(store, "c") == 1
        store.rotate()
        assert got(open_store(path, keys=keys), "c") == 1

    def test_no_update_is_lost_while_it_runs(self, path: Path) -> None:
        keys = Keys()
        store, other = open_store(path, keys=keys), open_store(path, keys=keys)
        failures: list[BaseException] = []

        def add(shop: SealedStore) -> None:
            try:
                for _ in range(20):
                    while True:
                        before = shop.read([name(shop, "c")])
                        old = before.states[0]
                        new = state(1 if old is None else old.messages + 1)
                        if shop.swap(before, [new], before.ledger):
                            break
            except BaseException as error:  # noqa: BLE001  handed on below
                failures.append(error)

        threads = [threading.Thread(target=add, args=(shop,)) for shop in (store, other)]
        for thread in threads:
            thread.start()
        for _ in range(8):
            store.rotate()
        for thread in threads:
            thread.join()
        assert failures == []
        assert got(store, "c") == 40
        assert len(keys.kept) == 1


class TestWipe:
    def test_no_copy_of_the_file_can_be_read_any_more(self, path: Path, tmp_path: Path) -> None:
        keys = Keys()
        store = open_store(path, keys=keys)
        put(store, "c", 3, nudged=START)
        backup = copied(path, tmp_path / "backup")
        readable = copied(path, tmp_path / "readable")
        assert got(open_store(readable, keys=keys), "c") == 3  # the control
        store.wipe()
        with pytest.raises(StoreKeyError):
            open_store(backup, keys=keys)
        assert len(keys.kept) == 1

    def test_nothing_of_it_stays_in_the_file(self, store: SealedStore, path: Path) -> None:
        put(store, "c", 3)
        with raw(path) as connection:
            rows = connection.execute("SELECT name, sealed FROM rows").fetchall()
            own = connection.execute("SELECT salt, header, ledger FROM store").fetchone()
        assert rows[0][1] in all_bytes(path)
        store.wipe()
        shown = all_bytes(path)
        assert not any(value in shown for value in (*rows[0], *own))

    def test_the_store_goes_on_and_names_change(self, store: SealedStore, path: Path) -> None:
        put(store, "c", 3)
        with raw(path) as connection:
            (before,) = connection.execute("SELECT name FROM rows").fetchone()
        salt = store.salt
        store.wipe()
        assert store.salt == salt  # a message that is on its way still finds its row
        put(store, "c", 1)
        with raw(path) as connection:
            (after,) = connection.execute("SELECT name FROM rows").fetchone()
        assert before[:16] != after[:16]

    def test_another_process_finds_nothing_left(self, path: Path) -> None:
        shared: dict[bytes, bytes] = {}
        one, two = (open_store(path, keys=Keys(shared)) for _ in range(2))
        put(two, "c", 3)
        one.wipe()
        assert got(two, "c") is None
        put(two, "c", 1)
        assert got(one, "c") == 1

    def test_it_needs_no_old_key(self, path: Path) -> None:
        store = open_store(path)
        open_store(path).rotate(HostKey(OTHER_KEY))  # and this key is lost
        with pytest.raises(StoreKeyError):
            store.read([])
        store.wipe()
        put(store, "c", 1)
        assert got(open_store(path), "c") == 1

    @pytest.mark.parametrize("content", [b"", b"x" * 10_000, b"SQLite format 3\0" + b"\xff" * 5000])
    def test_it_is_the_way_out_of_a_damaged_file(
        self, store: SealedStore, path: Path, content: bytes
    ) -> None:
        salt = store.salt
        store.close()
        path.write_bytes(content)
        again = open_store(path)  # opening is no error: see `SealedStore`
        again.wipe()
        put(again, "c", 1)
        assert got(again, "c") == 1
        assert again.salt != salt

    def test_a_key_that_cannot_be_destroyed_is_said(self, path: Path) -> None:
        class Clinging(Keys):
            def destroy(self, key_id: bytes) -> None:
                raise OSError

        store = open_store(path, keys=Clinging())
        put(store, "c", 1)
        with pytest.raises(StoreKeyError):
            store.wipe()
        assert got(store, "c") is None


def test_what_is_forgotten_is_overwritten(store: SealedStore, path: Path) -> None:
    for chat in ("c", "d"):
        put(store, chat, 3)
    with raw(path) as connection:
        rows = connection.execute("SELECT name, sealed FROM rows").fetchall()
    store.forget(name(store, "c").conversation)
    shown = all_bytes(path)
    assert sum(sealed in shown for _, sealed in rows) == 1
    assert got(store, "d") == 3


class TestFormats:
    def step(self, connection: sqlite3.Connection, old: Sealer, new: Sealer) -> None:
        connection.execute("ALTER TABLE rows ADD COLUMN later INTEGER")
        schema.reseal(connection, old, new)

    @pytest.fixture
    def later(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
        """An SDK whose format is one further on: an older file is brought forward for real."""

        def go() -> None:
            with_column = schema.TABLES["rows"].replace(" NOT NULL)", " NOT NULL, later INTEGER)")
            monkeypatch.setattr(schema, "SCHEMA", schema.SCHEMA + 1)
            monkeypatch.setattr(schema, "TABLES", {**schema.TABLES, "rows": with_column})
            monkeypatch.setattr(schema, "STEPS", {schema.SCHEMA - 1: self.step})

        return go

    def names(self, path: Path) -> list[bytes]:
        with raw(path) as connection:
            return [row[0] for row in connection.execute("SELECT name FROM rows")]

    def test_an_older_file_is_brought_forward(self, path: Path, later: Callable[[], None]) -> None:
        store = open_store(path)
        put(store, "c", 3, nudged=START)
        store.accept_release(4)
        store.close()
        before = self.names(path)
        later()
        again = open_store(path)
        assert again.accepted_release == 4
        assert got(again, "c") == 3
        assert ledger(again).times == (int(START),)
        assert self.names(path) != before  # all of it is sealed anew
        with raw(path) as connection:
            assert connection.execute("PRAGMA user_version").fetchone() == (schema.SCHEMA,)

    def test_a_step_that_fails_leaves_the_older_file(
        self, path: Path, later: Callable[[], None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        store = open_store(path)
        put(store, "c", 3)
        store.close()
        before = self.names(path)
        with monkeypatch.context():
            later()

            def fails(connection: sqlite3.Connection, old: Sealer, new: Sealer) -> None:
                self.step(connection, old, new)
                raise sqlite3.OperationalError

            monkeypatch.setattr(schema, "STEPS", {schema.SCHEMA - 1: fails})
            with pytest.raises(StoreError):
                open_store(path).read([])
        assert self.names(path) == before
        with raw(path) as connection:
            assert connection.execute("PRAGMA user_version").fetchone() == (schema.SCHEMA - 1,)

    def test_a_later_file_is_refused_and_left_alone(self, store: SealedStore, path: Path) -> None:
        put(store, "c", 3)
        store.close()
        with raw(path) as connection:
            schema.set_version(connection, schema.SCHEMA + 1)
        again = open_store(path)
        with pytest.raises(StoreSchemaError, match="of format 2, this SDK reads 1"):
            again.read([])
        with raw(path) as connection:
            schema.set_version(connection, schema.SCHEMA)
        assert got(again, "c") == 3


class TestChangedFiles:
    def test_rows_cannot_be_swapped(self, store: SealedStore, path: Path) -> None:
        put(store, "c", 3)
        put(store, "d", 7)
        with raw(path) as connection:
            (one, two) = connection.execute("SELECT name, sealed FROM rows").fetchall()
            connection.execute("UPDATE rows SET sealed = ? WHERE name = ?", (two[1], one[0]))
            connection.execute("UPDATE rows SET sealed = ? WHERE name = ?", (one[1], two[0]))
        with pytest.warns(StoreWarning, match="a value was damaged"):
            assert [got(store, "c"), got(store, "d")] == [None, None]

    @pytest.mark.parametrize("sealed", [b"", b"short", bytes(600), "text", 7, 1.5])
    def test_a_damaged_row_starts_anew_and_is_said_once(
        self, store: SealedStore, path: Path, sealed: object
    ) -> None:
        put(store, "c", 3)
        put(store, "d", 7)
        with raw(path) as connection:
            hidden = connection.execute("SELECT name FROM rows").fetchone()[0]
            connection.execute("UPDATE rows SET sealed = ? WHERE name = ?", (sealed, hidden))
        with pytest.warns(StoreWarning) as caught:
            found = [got(store, chat) for chat in "cdcd"]
        assert len(caught) == 1
        assert found in ([None, 7] * 2, [3, None] * 2)
        for chat in ("c", "d"):
            put(store, chat, 9)
            assert got(store, chat) == 9

    def test_damaged_rows_go_with_the_next_sweep(self, store: SealedStore, path: Path) -> None:
        put(store, "c", 3)
        with raw(path) as connection:
            connection.execute("INSERT INTO rows VALUES (?, ?)", (b"n" * 32, b"junk"))
            connection.execute("INSERT INTO rows VALUES ('text', 'junk')")
        store.expire()
        with raw(path) as connection:
            assert connection.execute("SELECT count(*) FROM rows").fetchone() == (1,)
        assert got(store, "c") == 3

    def test_damaged_rows_and_ledger_do_not_stop_a_rotation(
        self, store: SealedStore, path: Path
    ) -> None:
        put(store, "c", 3, nudged=START)
        with raw(path) as connection:
            connection.execute("INSERT INTO rows VALUES (?, ?)", (b"n" * 32, b"junk"))
            connection.execute("UPDATE store SET ledger = ?", (b"junk",))
        store.rotate()
        assert got(store, "c") == 3
        assert ledger(store).times == ()

    def test_a_damaged_ledger_starts_anew(self, store: SealedStore, path: Path) -> None:
        put(store, "c", 3, nudged=START)
        with raw(path) as connection:
            connection.execute("UPDATE store SET ledger = ?", (b"junk" * 40,))
        with pytest.warns(StoreWarning):
            put(store, "c", 4)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert open_store(path).read([]).ledger.times == ()

    @pytest.mark.parametrize(
        "change",
        [
            "UPDATE store SET header = x'00'",
            "UPDATE store SET ledger = 7",
            "UPDATE store SET key_id = NULL WHERE 0",
            "DELETE FROM store",
            "CREATE TABLE more (x)",
            "CREATE TRIGGER spy AFTER INSERT ON rows BEGIN DELETE FROM store; END",
            "CREATE VIEW spy AS SELECT * FROM rows",
            "CREATE INDEX more ON rows (sealed)",
            "DROP TABLE rows",
            "PRAGMA application_id = 7",
        ],
    )
    def test_a_changed_file_is_named_damage(self, path: Path, change: str) -> None:
        open_store(path).close()
        with raw(path) as connection:
            connection.execute(change)
        again = open_store(path)
        if "WHERE 0" in change:  # the control: changes nothing
            assert got(again, "c") is None
        else:
            with pytest.raises(StoreDamagedError):
                again.accept_release(1)

    def test_somebody_elses_database_is_left_alone(self, path: Path) -> None:
        with raw(path) as connection:
            connection.execute("CREATE TABLE theirs (x)")
        with pytest.raises(StoreDamagedError):
            open_store(path).read([])
        with raw(path) as connection:
            assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("theirs",)]

    def test_a_key_id_that_was_changed_is_a_key_error(self, path: Path) -> None:
        open_store(path).close()
        with raw(path) as connection:
            connection.execute("UPDATE store SET key_id = zeroblob(16)")
        with pytest.raises(StoreKeyError):
            open_store(path)

    def test_no_flipped_bit_goes_unnoticed(self, path: Path, tmp_path: Path) -> None:
        """A bit anywhere in the file: the value, a named error, or a warning and a new start."""
        store = open_store(path)
        put(store, "c", 3, nudged=START)
        store.close()
        whole = path.read_bytes()
        rng = np.random.default_rng(0)
        seen: Counter[str] = Counter()
        for number in rng.choice(8 * len(whole), 250, replace=False):
            changed = bytearray(whole)
            changed[number // 8] ^= 1 << int(number % 8)
            other = tmp_path / f"flipped{number}"
            other.write_bytes(changed)
            try:
                with warnings.catch_warnings(record=True) as said:
                    warnings.simplefilter("always")
                    shop = open_store(other)
                    found = got(shop, "c"), ledger(shop).times
                    shop.close()
                assert found == (3, (int(START),)) or (said and None in found) or found[1] == ()
                seen["same" if found == (3, (int(START),)) else "anew"] += 1
            except StateError as error:
                seen[type(error).__name__] += 1
        assert seen["same"] > 0 and len(seen) > 1

    @pytest.mark.parametrize("share", [0.0, 0.2, 0.4, 0.6, 0.8, 0.99])
    def test_a_truncated_file_is_named_or_made_anew(self, path: Path, share: float) -> None:
        store = open_store(path)
        for chat in range(40):
            put(store, str(chat), 3)
        store.close()
        damage(path, lambda content: content.__delitem__(slice(int(share * len(content)), None)))
        again = open_store(path)
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            try:
                found = {got(again, str(chat)) for chat in range(40)}
            except StateError:
                return
        assert found <= {None, 3}
        assert said or share == 0.0  # an empty file is a new one


class TestArguments:
    @pytest.mark.parametrize("path", [None, 7, b"bytes"])
    def test_a_path_is_one(self, path: Any) -> None:
        with pytest.raises(UsageError, match="path must be"):
            SealedStore(path, HostKey(KEY))

    @pytest.mark.parametrize("patience", [-1, 61, None, "1", float("nan")])
    def test_patience_is_within_bounds(self, path: Path, patience: Any) -> None:
        with pytest.raises(UsageError, match="patience must be"):
            open_store(path, patience=patience)

    def test_a_name_that_sqlite_reads_otherwise_is_a_file(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        store = open_store(Path(":memory:"))
        put(store, "c", 1)
        assert (tmp_path / ":memory:").stat().st_size > 0
        monkeypatch.chdir("/")
        store.close()
        assert got(store, "c") == 1

    def test_a_release_beyond_64_bits_is_the_highest(self, store: SealedStore) -> None:
        store.accept_release(2**70)
        assert store.accepted_release == 2**63 - 1


def test_a_fork_opens_its_own(store: SealedStore, path: Path) -> None:
    put(store, "c", 1)
    child = os.fork()
    if child == 0:
        try:
            put(store, "c", 2)
            store.close()
            os._exit(0 if got(store, "c") == 2 else 1)
        finally:
            os._exit(2)
    _, status = os.waitpid(child, 0)
    assert status == 0
    put(store, "d", 3)
    assert [got(store, "c"), got(store, "d")] == [2, 3]
    assert got(open_store(path), "d") == 3
