"""The plan of the house: rooms at the top, each told in a sentence; one name for one class."""

from __future__ import annotations

import ast
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "glance_agent"
ROOMS = sorted(PACKAGE.rglob("__init__.py"))

CONTRACTS = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text("utf-8"))["tool"][
    "importlinter"
]["contracts"]


@pytest.fixture(scope="module")
def trees() -> dict[Path, ast.Module]:
    """All of the package, read."""
    return {path: _tree(path) for path in PACKAGE.rglob("*.py")}


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def test_only_rooms_lie_at_the_top() -> None:
    assert {path.name for path in PACKAGE.glob("*.py")} == {"__init__.py", "__main__.py"}


@pytest.mark.parametrize("room", ROOMS, ids=lambda path: path.parent.name)
def test_every_room_says_in_a_sentence_what_it_is_for(room: Path) -> None:
    told = ast.get_docstring(_tree(room)) or ""
    assert told.partition("\n")[0].endswith((".", ":")), room


def test_no_two_classes_have_one_name(trees: dict[Path, ast.Module]) -> None:
    places = defaultdict(list)
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(path.relative_to(PACKAGE).as_posix())
    assert {name: paths for name, paths in places.items() if len(paths) > 1} == {}


def test_every_module_says_what_it_is_for(trees: dict[Path, ast.Module]) -> None:
    assert [path for path, tree in trees.items() if not ast.get_docstring(tree)] == []


def test_what_decides_waits_for_nothing(trees: dict[Path, ast.Module]) -> None:
    # The contract forbids importing asyncio; a coroutine needs no import. A Protocol may name one.
    [contract] = [one for one in CONTRACTS if one["name"] == "What decides is not asynchronous"]
    rooms = [PACKAGE.parent.joinpath(*name.split(".")) for name in contract["source_modules"]]
    waits = (ast.Await, ast.AsyncFor, ast.AsyncWith)
    waiting = {
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path, tree in trees.items()
        if any(path.is_relative_to(room) for room in rooms)
        for node in ast.walk(tree)
        if isinstance(node, waits)
    }
    assert waiting == set()
