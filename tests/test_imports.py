"""The house's import rules, and what an import may cost."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "glance_agent"
HANDS = ("embedding", "store", "sources")

NOUNS = {
    "errors",
    "artwork",
    "command",
    "glance",
    "listing",
    "vectors",
    "picture",
    "colours",
    "srgb",
    "strict_json",
}
ROOMS_THAT_RUN = {"wiring", "cli", "demo", "doctor", "terminal", "__main__", "news"}
OUTSIDE_OF_RULES = {"asyncio", "aiohttp", "onnxruntime", "paho", "sqlite3", "sqlite_utils"}
ONLY_IN = {
    "paho": ("doors/mqtt_link.py", "doors/mqtt_wire.py"),
    "onnxruntime": ("embedding/",),
    "aiohttp": ("sources/connections.py", "embedding/", "doors/encoder_http.py"),
    "sqlite_utils": ("store/",),
    "sqlite3": ("store/", "doctor.py"),
    "tokenizers": ("embedding/",),
    "typer": ("cli.py", "_cli.py", "terminal.py"),
    "amqtt": ("demo.py",),
    "watchfiles": ("sources/watch.py",),
}


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Every module of the package by its path, parsed."""
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path.relative_to(PACKAGE).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def imports(tree: ast.AST) -> Iterator[str]:
    """The dotted names a module imports, wherever in it; not those for type checkers only."""
    skip: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            skip.update(n for child in node.body for n in ast.walk(child))
    for node in ast.walk(tree):
        if node in skip:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.module == "glance_agent":
                yield from (f"glance_agent.{alias.name}" for alias in node.names)
            else:
                yield node.module


def own(name: str) -> str | None:
    """`glance_agent.store.index` -> `store.index`; None for what is not ours."""
    return name.removeprefix("glance_agent.") if name.startswith("glance_agent.") else None


def room(path: str) -> str:
    return path.split("/", 1)[0].removesuffix(".py")


MODULES = dict(modules())


@pytest.mark.parametrize("path", [p for p in MODULES if room(p) in NOUNS])
def test_nouns_know_only_nouns(path: str) -> None:
    for name in imports(MODULES[path]):
        mine = own(name)
        assert mine is None or mine in NOUNS, f"{path} imports {name}"
        assert name.split(".")[0] not in OUTSIDE_OF_RULES, f"{path} imports {name}"


@pytest.mark.parametrize("path", [p for p in MODULES if room(p) in HANDS])
def test_hands_know_only_nouns_and_their_own_folder(path: str) -> None:
    for name in imports(MODULES[path]):
        mine = own(name)
        if mine is None:
            continue
        top = mine.split(".")[0]
        assert top == room(path) or top in NOUNS | {"starter"}, f"{path} imports {name}"


@pytest.mark.parametrize("path", [p for p in MODULES if room(p) == "doors"])
def test_doors_never_touch_hands(path: str) -> None:
    for name in imports(MODULES[path]):
        mine = own(name)
        assert mine is None or mine.split(".")[0] not in HANDS, f"{path} imports {name}"


@pytest.mark.parametrize(
    "path",
    [
        p
        for p in MODULES
        if "/" not in p
        and room(p) not in NOUNS | ROOMS_THAT_RUN | {"config", "config_faults", "__init__"}
        and not p.endswith("_cli.py")
    ],
)
def test_what_thinks_never_touches_hands_or_doors(path: str) -> None:
    for name in imports(MODULES[path]):
        mine = own(name)
        if mine is not None:
            assert mine.split(".")[0] not in {*HANDS, "doors", "wiring", "cli"}, (
                f"{path} imports {name}"
            )


@pytest.mark.parametrize("path", [p for p in MODULES if room(p) == "wiring"])
def test_wiring_never_knows_the_terminal(path: str) -> None:
    for name in imports(MODULES[path]):
        mine = own(name) or ""
        assert mine != "terminal", f"{path} imports {name}"
        assert not mine.endswith("cli"), f"{path} imports {name}"


@pytest.mark.parametrize("library", ONLY_IN)
def test_each_outside_library_has_its_place(library: str) -> None:
    for path, tree in MODULES.items():
        uses = any(name.split(".")[0] == library for name in imports(tree))
        allowed = any(path.startswith(p) or path.endswith(p) for p in ONLY_IN[library])
        assert not uses or allowed, f"{path} imports {library}"


def succeeds(script: str) -> None:
    """A fresh interpreter carries it out."""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["run", "--help"], ["search", "--help"], ["taste", "--help"], ["--version"]],
)
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    script = (
        "import sys\n"
        f"sys.argv = ['glance-agent', *{arguments!r}]\n"
        "from glance_agent.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        "heavy = {'onnxruntime', 'numpy', 'PIL', 'aiohttp', 'tokenizers', 'sqlite_utils'}\n"
        "loaded = heavy & set(sys.modules)\n"
        "assert not loaded, loaded\n"
    )
    succeeds(script)


def test_the_agent_starts_without_what_it_may_never_need() -> None:
    script = (
        "import sys\n"
        "import glance_agent.wiring.running\n"
        "loaded = {'onnxruntime', 'aiohttp', 'tokenizers'} & set(sys.modules)\n"
        "assert not loaded, loaded\n"
    )
    succeeds(script)
