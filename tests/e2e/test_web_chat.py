"""The page for two in a real browser, with the toy model: a capital letter shows a cue.

S is secrecy, V another app, X something for adults (`tests.toy`): so nothing here depends on what
the shipped model thinks of a sentence.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.e2e.conftest import Serve, Served
from tests.e2e.web_chat import PATIENCE, Device, devices, two
from tests.simulator import PINNED, BundleSimulator

MARKER: Final = "zq-marmalade-on-the-windowsill"
KEY: Final = ("--key", PINNED[0].hex())


@pytest.fixture(scope="module")
def toy(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Served:
    """The server with the toy bundle, and its key pinned."""
    folder = BundleSimulator().write(tmp_path_factory.mktemp("toy") / "toy")
    return serve("--bundle", str(folder), *KEY)


@pytest.fixture
def pair(browser: Browser, toy: Served) -> Iterator[tuple[Device, Device]]:
    with two(browser, toy.url) as found:
        yield found


def test_a_nudge_appears_for_the_reader_alone(pair: tuple[Device, Device]) -> None:
    young, other = pair
    other.say("hello there")
    young.hears("hello there")
    expect(young.find(".nudge")).to_have_count(0)
    other.say("can you keep a S")
    expect(young.find(".nudge.gentle")).to_be_visible(timeout=PATIENCE)
    assert young.watched("together") == [True]  # painted in the same frame as its message
    expect(young.find("#reason")).to_contain_text("A tip")
    young.say("i do not want to")
    other.hears("i do not want to")
    expect(other.find(".nudge")).to_have_count(0)
    young.find(".nudge [data-action=what_to_say]").click()
    expect(young.find("#draft")).not_to_have_value("")
    young.find(".nudge > [data-action=dismiss]").press("Enter")
    expect(young.find(".nudge")).to_have_count(0)


def test_a_cover_hides_before_display_until_tapped(pair: tuple[Device, Device]) -> None:
    young, other = pair
    other.say(f"X {MARKER}")
    expect(young.find(".covered")).to_be_visible(timeout=PATIENCE)
    expect(young.find(".nudge.cover")).to_be_visible()
    texts = young.watched("texts")
    assert len(texts) > 0 and not any(MARKER in text for text in texts)
    young.find(".uncover").click()
    young.hears(MARKER)
    assert MARKER in young.watched("texts")[-1]


def test_the_switch_is_the_young_persons(pair: tuple[Device, Device]) -> None:
    young, other = pair
    young.find("#switch input[value=gentle]").check(force=True)
    other.say(f"X {MARKER}")
    young.hears(MARKER)
    expect(young.find(".nudge.inline")).to_be_visible(timeout=PATIENCE)
    expect(young.find(".covered")).to_have_count(0)
    young.find("#switch input[value=off]").check(force=True)
    expect(young.find("#facts")).to_contain_text("nothing", timeout=PATIENCE)
    other.say("T and S and V")
    young.hears("T and S and V")
    expect(young.find(".nudge")).to_have_count(1)  # the one from before


def test_the_relay_sees_ciphertext_and_nothing_else(
    pair: tuple[Device, Device], toy: Served
) -> None:
    young, other = pair
    other.say(MARKER)
    young.hears(MARKER)
    young.say(f"{MARKER} indeed")
    other.hears(f"{MARKER} indeed")
    for device in pair:
        envelopes = [body for body in device.posted if body]
        assert len(envelopes) >= 2
        assert not any(MARKER in body for body in envelopes)
        assert all(set(body) <= set(ENVELOPE) for body in envelopes)
    assert occurrences(toy.process.pid, MARKER) == 0
    control = MARKER[::-1]  # never written anywhere else in clear
    young.page.evaluate(
        """(text) => fetch("relay/" + "0".repeat(32), {method: "POST", body: text})""", control
    )
    assert occurrences(toy.process.pid, control) > 0


ENVELOPE: Final = (
    'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/={}":,'
)  # fmt: skip


def occurrences(pid: int, text: str) -> int:
    """How often a text stands in another process's memory (proc(5))."""
    found, raw = 0, text.encode()
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text("ascii").splitlines():
            span, rights, *_ = line.split()
            start, end = (int(value, 16) for value in span.split("-"))
            if not rights.startswith("rw") or "[vvar" in line:
                continue
            try:
                memory.seek(start)
                found += memory.read(end - start).count(raw)
            except (OSError, OverflowError):
                continue  # a page that cannot be read
    return found


def test_state_survives_a_reload_and_cannot_be_read(pair: tuple[Device, Device]) -> None:
    young, other = pair
    other.say(f"S {MARKER}")
    expect(young.find(".nudge")).to_be_visible(timeout=PATIENCE)
    expect(young.find("#facts")).to_contain_text("after 1 messages", timeout=PATIENCE)
    young.page.reload()
    young.ready()
    young.connected()
    expect(young.find("#facts")).to_contain_text("after 1 messages", timeout=PATIENCE)
    other.say("S again")
    young.hears("S again")
    expect(young.find("#reason")).to_contain_text("already told", timeout=PATIENCE)
    expect(young.find(".nudge")).to_have_count(0)
    kept = young.page.evaluate(READ_STORE)
    assert kept["extractable"] == [False, False] and kept["rows"] > 0
    assert MARKER not in kept["bytes"]


READ_STORE: Final = """async () => {
  const db = await new Promise((resolve) => {
    const request = indexedDB.open("nudge-host");
    request.onsuccess = () => resolve(request.result);
  });
  const get = (store) => new Promise((resolve) => {
    const request = db.transaction(store).objectStore(store).getAll();
    request.onsuccess = () => resolve(request.result);
  });
  const [keys, rows] = [(await get("keys"))[0], await get("rows")];
  const boxes = rows.filter((row) => row?.box).map((row) => new Uint8Array(row.box));
  const text = (bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return {extractable: [keys.seal.extractable, keys.names.extractable], rows: boxes.length,
    bytes: boxes.map(text).join()};
}"""


def test_a_changed_bundle_is_refused_and_the_chat_goes_on(
    browser: Browser, serve: Serve, tmp_path: Path
) -> None:
    folder = BundleSimulator().write(tmp_path / "toy")
    model = (folder / "model.onnx").read_bytes()
    (folder / "model.onnx").write_bytes(model[:-1] + bytes([model[-1] ^ 1]))
    served = serve("--bundle", str(folder), *KEY)
    with devices(browser, served.url, 2) as (young, other):
        young.open()
        expect(young.find("#status")).to_contain_text("another SHA-256", timeout=PATIENCE)
        other.open(young.invite())
        young.connected()
        other.connected()
        other.say("S and V and T")
        young.hears("S and V and T")
        expect(young.find(".nudge")).to_have_count(0)


def test_a_bundle_of_another_key_is_refused(browser: Browser, toy: Served, serve: Serve) -> None:
    command = toy.process.args
    assert isinstance(command, list)
    folder = command[command.index("--bundle") + 1]
    served = serve("--bundle", str(folder))  # the release key is pinned
    with devices(browser, served.url, 1) as (young,):
        young.open()
        expect(young.find("#status")).to_contain_text("no pinned key", timeout=PATIENCE)


def test_the_chat_works_while_the_model_loads(browser: Browser, toy: Served) -> None:
    held: list[Route] = []
    with devices(browser, toy.url, 2) as (young, other):

        def hold(route: Route) -> None:
            held.append(route)

        young.context.route("**/bundle/model.onnx", hold)
        young.open()
        other.open(young.invite())
        young.connected()
        other.connected()
        other.say(f"X {MARKER}")
        young.hears(MARKER)  # in clear: a message is never held back
        expect(young.find("body[data-model=loading]")).to_be_attached()
        for route in held:
            route.continue_()
        young.ready()
        expect(young.find(".nudge")).to_be_visible(timeout=PATIENCE)
        expect(young.find(".covered")).to_be_visible()


def test_nothing_else_can_be_reached_from_the_page(browser: Browser, toy: Served) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(toy.url)
        blocked = page.evaluate(
            """() => new Promise((done) => {
              addEventListener("securitypolicyviolation", (e) => done(e.effectiveDirective));
              fetch("http://127.0.0.1:9/").catch(() => undefined);
            })"""
        )
        assert blocked == "connect-src"


def test_two_phones_on_one_network(browser: Browser, serve: Serve) -> None:
    served = serve("--lan")
    assert served.url.startswith("https://")
    port = served.url.rstrip("/").rpartition(":")[2]
    with two(browser, f"https://127.0.0.1:{port}/", ignore_https_errors=True) as (young, other):
        other.say(MARKER)
        young.hears(MARKER)
