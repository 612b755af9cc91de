"""The architecture as lint: who may import whom and what, how long a file is, what the root shows.

``pyproject.toml`` bans most of these for ruff, too; here the one file that may is named, and the
order of the modules is law.
"""

from __future__ import annotations

import ast
import doctest
import sys
from importlib import import_module
from pathlib import Path
from typing import Final

import pytest

import nudge_sdk
from nudge_sdk import errors

PACKAGE: Final = Path(nudge_sdk.__file__).parent
FILES: Final = sorted(PACKAGE.rglob("*.py"))

LAYERS: Final = (
    ("errors",),
    ("_checks", "_stays", "_keyed", "_packaged"),
    ("values", "_ledger"),
    ("_codepoints", "_context", "state", "policy_table", "age", "_phones"),
    ("_private",),
    ("policy",),
    ("_copy",),
    ("_help",),
    ("engine", "nudges"),
    ("drafts",),
    ("catalogue",),
    ("bundle._fields", "bundle._digest", "_tables", "_telemetry"),
    ("bundle.keys",),
    ("bundle.config", "bundle.manifest"),
    ("bundle.verify",),
    ("bundle.load",),
    ("bundle",),
    ("_session", "store", "about"),
    ("_onnx",),
    ("golden", "_recent", "_outage"),
    ("_steady",),
    ("_turns",),
    ("client",),
    ("",),  # the root
    ("_written",),
    ("testing",),
    ("sealed.randomness", "sealed.retention", "sealed.record", "sealed.database"),
    ("sealed.layout", "sealed.keys", "sealed.keystore"),
    ("sealed.schema",),
    ("sealed.contents",),
    ("sealed.expiry", "sealed.vault"),
    ("sealed.store",),
    ("sealed",),
    ("_terminal", "policy_page"),
    ("_phone",),
    ("_stage",),
    ("demo",),
    ("cli",),
    ("__main__",),
)
"""A module imports only from the layers above its own."""

CORE: Final = {name for layer in LAYERS[:11] for name in layer} - {"_phones"}
"""Without I/O: no file but packaged JSON, no clock, thread, randomness, network or onnxruntime.
`_phones` asks a library that may be there."""

ONLY_IN: Final = {
    "onnxruntime": {"_session"},
    "cryptography": {"bundle.verify", "bundle._digest", "sealed.record", "sealed.keys"},
    "time": {"client", "demo", "sealed.store"},
    "secrets": {"sealed.randomness"},
    "threading": {"store", "_recent", "_steady", "sealed.database"},
    "argparse": {"cli", "demo"},
    "phonenumbers": {"_phones"},  # the extra `drafts`
    "sqlite3": {"sealed.database"},
    # A closed pipe; the terminal; telemetry off; the bundle's files; a salt; the process after a
    # fork, a path's type.
    "os": {
        "cli",
        "demo",
        "_telemetry",
        "bundle.load",
        "store",
        "sealed.database",
        "sealed.store",
    },
}
NEVER: Final = {
    "aiohttp", "asyncio", "concurrent", "ctypes", "datetime", "ftplib", "http", "httpx", "imaplib",
    "logging", "marshal", "multiprocessing", "nudge_harness", "models", "pickle", "poplib",
    "random", "requests", "select", "selectors", "shelve", "smtplib", "socket", "socketserver",
    "ssl", "subprocess", "telnetlib", "torch", "urllib", "urllib3", "uuid", "webbrowser", "xmlrpc",
}  # fmt: skip
THIRD_PARTY: Final = {"numpy", "onnxruntime", "cryptography"}
EXTRAS: Final = {"phonenumbers"}
PRINTS: Final = {"cli"}
LONGEST: Final = 250  # lines
CORE_LONGEST: Final = {"policy": 400, "engine": 300, "client": 300}
"""Three files are one idea that takes longer: the table's interpreter, what happens to a message,
and the public API, whose docstrings are its manual."""


def name_of(path: Path) -> str:
    """Module name within the package; empty for the root."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


MODULES: Final = {name_of(path) for path in FILES}


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports_of(path: Path) -> set[str]:
    """Every module that a file imports, wherever in the file, but for type checking only."""
    tree = tree_of(path)
    typing_only = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for statement in block.body
        for node in ast.walk(statement)
    }
    found = set()
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            found |= {item.name for item in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names = {f"{node.module}.{item.name}" for item in node.names}
            modules = {name for name in names if name.removeprefix("nudge_sdk.") in MODULES}
            found |= modules if len(modules) == len(names) else {str(node.module), *modules}
    return found


def own_imports(path: Path) -> set[str]:
    """Modules of the package that a file imports."""
    ours = {item for item in imports_of(path) if item.partition(".")[0] == "nudge_sdk"}
    return {item.removeprefix("nudge_sdk").removeprefix(".") for item in ours}


def layer_of(name: str) -> int:
    return next(i for i, layer in enumerate(LAYERS) if name in layer)


@pytest.fixture(params=FILES, ids=lambda path: name_of(path) or "root")
def path(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


def test_every_module_has_its_layer() -> None:
    named = [name for layer in LAYERS for name in layer]
    assert sorted(named) == sorted(MODULES)


def test_imports_run_one_way(path: Path) -> None:
    name = name_of(path)
    for other in own_imports(path):
        assert layer_of(other) < layer_of(name), f"{name} imports {other}"


def test_only_the_named_file_imports_what_is_delicate(path: Path) -> None:
    name = name_of(path)
    heads = {item.partition(".")[0] for item in imports_of(path)}
    assert not heads & NEVER
    for banned, allowed in ONLY_IN.items():
        assert banned not in heads or name in allowed, f"{name} imports {banned}"


def test_nothing_but_the_three_dependencies_is_imported(path: Path) -> None:
    heads = {item.partition(".")[0] for item in imports_of(path)}
    assert heads <= THIRD_PARTY | EXTRAS | set(sys.stdlib_module_names) | {"nudge_sdk"}


def test_the_core_touches_nothing(path: Path) -> None:
    if name_of(path) in CORE:
        heads = {item.partition(".")[0] for item in imports_of(path)}
        delicate = set(ONLY_IN) | {"pathlib", "io", "sys", "shutil", "tempfile"}
        assert not heads & delicate


def test_only_the_command_line_prints(path: Path) -> None:
    calls = {
        node.func.id
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not calls & {"eval", "exec", "compile", "__import__", "input", "breakpoint"}
    assert "print" not in calls or name_of(path) in PRINTS
    assert "open" not in calls or name_of(path) == "bundle.load"


def test_no_assert_checks_an_input(path: Path) -> None:
    assert not any(isinstance(node, ast.Assert) for node in ast.walk(tree_of(path)))


def test_files_are_short(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= CORE_LONGEST.get(name_of(path), LONGEST)


def test_every_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(tree_of(path))


def test_the_root_shows_the_promise_and_nothing_else() -> None:
    assert sorted(nudge_sdk.__all__) == [
        "About",
        "Action",
        "BundleError",
        "Client",
        "Contact",
        "Message",
        "ModelError",
        "Nudge",
        "NudgeError",
        "Profile",
        "StateError",
        "UsageError",
    ]
    assert set(dir(nudge_sdk)) == {*nudge_sdk.__all__, "__version__"}
    assert all(hasattr(nudge_sdk, name) for name in dir(nudge_sdk))


def test_every_error_has_one_root() -> None:
    kinds = {item for item in vars(errors).values() if isinstance(item, type)}
    assert len(kinds) > 1
    kinds -= {errors.StoreWarning, errors.TelemetryWarning}  # say something, stop nothing
    assert all(issubclass(kind, nudge_sdk.NudgeError) for kind in kinds)


def test_no_method_of_the_client_reports_to_anybody() -> None:
    """DESIGN.md, section 1, item 1: no callback, count or alert for parent, vendor or police."""
    public = {name for name in vars(nudge_sdk.Client) if not name.startswith("_")}
    assert public == {
        "about", "answer", "check_draft", "deleted", "forget", "not_reading", "open", "receive",
        "sent", "switch", "wipe",
    }  # fmt: skip


@pytest.mark.parametrize(("name", "least"), [("nudge_sdk", 8), ("nudge_sdk.sealed", 6)])
def test_the_docstring_example_runs(name: str, least: int) -> None:
    assert doctest.testmod(import_module(name), raise_on_error=True).attempted >= least
