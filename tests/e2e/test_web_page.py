"""The page with the shipped bundle: accessibility, types, figures and the README's pictures."""

from __future__ import annotations

import json
import os
import shutil
from importlib import resources
from pathlib import Path
from statistics import median
from typing import Any, Final

import onnx
import pytest
from nudge_harness.bench.noop import IR_VERSION, OPSET, noop_graph
from onnx import TensorProto, helper
from playwright.sync_api import Browser, expect

from nudge_sdk import Client, Contact, Profile
from nudge_sdk.bundle import load_bundle, shipped_directory
from nudge_sdk.values import CUES, RISKS
from tests import toy
from tests.e2e.browser import run
from tests.e2e.conftest import Runtime, Serve, Served
from tests.e2e.web_chat import PATIENCE, Device, devices
from tests.programs import program
from tests.simulator import PINNED, BundleSimulator

IMAGES: Final = "NUDGE_IMAGES"  # environment variable: a folder for the pictures
DESKTOP: Final = {"width": 1240, "height": 860}
PHONE: Final = {"width": 390, "height": 844}
LOOKS: Final = [
    (n, s, c) for n, s in (("desktop", DESKTOP), ("phone", PHONE)) for c in ("light", "dark")
]
SHOW_NUDGE: Final = "document.querySelector('.nudge').scrollIntoView({block: 'end'})"
ROUNDS: Final = 5
CALLS: Final = 300


def told() -> int:
    """The first story in which the shipped model says something."""
    folder = resources.files("nudge_sdk").joinpath("demo_chats")
    for index, path in enumerate(sorted(folder.iterdir(), key=lambda path: path.name)):
        chat = json.loads(path.read_text(encoding="utf-8"))
        client = Client.open(Profile(band="13_15"))
        contact = Contact(id="c", **chat["contact"])
        for message in chat["messages"]:
            if message["from"] == "user":
                client.sent("chat", message["text"], contact)
            elif client.receive("chat", message["text"], contact):
                return index
    raise AssertionError("the shipped model says nothing in any story")


def play(device: Device) -> None:
    """A story from its start to its end."""
    device.open(f"?pace=0&story={told()}")
    device.ready()
    expect(device.find(".nudge").first).to_be_visible(timeout=PATIENCE)
    expect(device.find(".end")).to_be_visible(timeout=PATIENCE)


def pane(device: Device, name: str) -> None:
    """On a phone, one of the two views."""
    if device.find(f"[data-show={name}]").is_visible():
        device.find(f"[data-show={name}]").click()


@pytest.mark.parametrize(("name", "size", "scheme"), LOOKS)
def test_the_page_is_accessible_and_has_its_picture_taken(
    name: str,
    size: Any,
    scheme: str,
    browser: Browser,
    served: Served,
    node_modules: Path,
    tmp_path: Path,
) -> None:
    axe = (node_modules / "axe-core" / "axe.min.js").read_text("utf-8")
    folder = Path(os.environ.get(IMAGES, tmp_path))
    options = {"viewport": size, "color_scheme": scheme, "reduced_motion": "reduce"}
    with devices(browser, served.url, 1, **options) as (device,):
        device.open()
        device.ready()
        violations(device, axe)
        play(device)
        for view in ("chat", "hood"):
            pane(device, view)
            violations(device, axe)
            if view == "hood" and name == "desktop":
                continue  # it is in the picture already
            device.page.evaluate(SHOW_NUDGE)
            suffix = "-hood" if view == "hood" else ""
            device.page.screenshot(path=folder / f"web-{name}-{scheme}{suffix}.png")
        wide = device.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0  # nothing sticks out to the side
    assert len(list(folder.glob(f"web-{name}-{scheme}*.png"))) == (2 if name == "phone" else 1)


def violations(device: Device, axe: str) -> None:
    """Every rule of axe-core, and its best practices."""
    device.page.evaluate(axe)
    found = device.page.evaluate(
        """axe.run().then(({violations}) =>
          violations.map((v) => [v.id, v.nodes.map((n) => n.html)]))"""
    )
    assert found == []


def test_everything_can_be_done_by_the_keyboard(browser: Browser, served: Served) -> None:
    with devices(browser, served.url, 1) as (device,):
        page = device.open("?pace=0")
        device.ready()
        page.keyboard.press("Tab")
        expect(device.find(".skip")).to_be_focused()
        device.find("#switch input[value=full]").focus()
        page.keyboard.press("ArrowLeft")
        expect(device.find("#switch input[value=gentle]")).to_be_checked()
        for _ in range(12):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.dataset.story") == "0":
                break
        page.keyboard.press("Enter")
        expect(device.find(".end")).to_be_visible(timeout=PATIENCE)


SCRIPTS: Final = ("nudge.js", "e2ee.js", "view.js", "hood.js", "chat.js")
STRICT: Final = {
    "checkJs": True,
    "allowJs": True,
    "noEmit": True,
    "strict": True,
    "target": "es2023",
    "module": "esnext",
    "moduleResolution": "bundler",
    "lib": ["es2023", "dom", "dom.iterable"],
    "types": [],
}


def test_types_hold(web: Path, node_modules: Path, tmp_path: Path) -> None:
    for name in SCRIPTS:
        shutil.copy(web / name, tmp_path / name)
    (tmp_path / "ort").mkdir()  # as served; its types are onnxruntime-web's own
    declared = 'export * from "onnxruntime-web";\n'
    (tmp_path / "ort" / "ort.wasm.min.d.mts").write_text(declared, encoding="utf-8")
    (tmp_path / "node_modules").symlink_to(node_modules)
    config = {"compilerOptions": STRICT, "files": list(SCRIPTS)}
    (tmp_path / "tsconfig.json").write_text(json.dumps(config), encoding="utf-8")
    node = program("node")
    run(node, str(node_modules / "typescript" / "bin" / "tsc"), "-p", str(tmp_path))


def silent_bundle(folder: Path) -> Path:
    """A signed bundle whose graph computes nothing: constants, and the state as it was."""
    bundle = load_bundle(shipped_directory())
    size = bundle.spec.state_size
    cues = [1.0 if cue == "secrecy" else 0.0 for cue in CUES] + [0.0]
    constants = {"cues": cues, "risk": [1.0] + [0.0] * (len(RISKS) - 1)}
    nodes = [
        helper.make_node("Constant", [], [name], value_floats=values)
        for name, values in constants.items()
    ]
    ports: list[tuple[str, int, str | int]] = [
        ("codepoints", TensorProto.INT32, "n"),
        ("context", TensorProto.FLOAT, 32),
        ("state", TensorProto.FLOAT, size),
    ]
    outs = [("cues", len(cues)), ("risk", len(RISKS)), ("next_state", size)]
    graph = helper.make_graph(
        [*nodes, helper.make_node("Identity", ["state"], ["next_state"])],
        "silent",
        [helper.make_tensor_value_info(name, kind, [n]) for name, kind, n in ports],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, [n]) for name, n in outs],
    )
    opset = helper.make_opsetid("", OPSET)
    model = helper.make_model(graph, opset_imports=[opset], ir_version=IR_VERSION)
    onnx.checker.check_model(model)
    simulator = BundleSimulator()
    simulator.files["model.onnx"] = model.SerializeToString()
    simulator.config = toy.config() | {"state_size": size}
    simulator.list_files()
    simulator.sign()
    return simulator.write(folder)


def first_nudge(browser: Browser, url: str, story: int) -> float:
    """Milliseconds from navigation to the first nudge, on a device that knows nothing yet."""
    with devices(browser, url, 1) as (device,):
        device.open(f"?pace=0&story={story}")
        expect(device.find(".nudge").first).to_be_attached(timeout=PATIENCE)
        return float(device.watched("firstNudge"))


def test_the_first_nudge_comes_soon(
    browser: Browser, served: Served, serve: Serve, tmp_path: Path,
    record_property: Any, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    silent = serve("--bundle", str(silent_bundle(tmp_path / "silent")), "--key", PINNED[0].hex())
    story = told()
    first_nudge(browser, silent.url, story)  # the files come from the disk's cache from now on
    pairs = [
        (first_nudge(browser, served.url, story), first_nudge(browser, silent.url, story))
        for _ in range(ROUNDS)
    ]
    ratio = median(model / noop for model, noop in pairs)
    record_property("first_nudge_ratio", ratio)
    with capsys.disabled():
        print(f"\nfirst nudge: {ratio:.2f} of the no-op page, ms: {pairs}")  # noqa: T201  the figure
    assert ratio <= 6  # a sound one; 2 is aimed at, and the figure is what is reported


def test_a_call_costs_little(
    runtime: Runtime, record_property: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    noop = list(noop_graph(32, load_bundle(shipped_directory()).spec.state_size))
    took = runtime.call("time", {"noop": noop, "calls": CALLS, "points": 60})
    ratios = {name: took[name] / took["noop"] for name in ("graph", "message")}
    record_property("call_ratio", ratios)
    with capsys.disabled():
        print(f"\na call: {ratios} of a no-op call, us: {took}")  # noqa: T201  the figure
    # Sound ones for a busy machine; 10 is aimed at, and the figure is what is reported.
    assert ratios["graph"] <= 40
    assert ratios["message"] <= 40


def test_the_result_is_there_in_the_next_frame(
    runtime: Runtime, capsys: pytest.CaptureFixture[str]
) -> None:
    frames = runtime.call("frames", 60)
    with capsys.disabled():
        print(f"\nframes to a result: median {median(frames)}, most {max(frames)}")  # noqa: T201
    assert median(frames) <= 3
