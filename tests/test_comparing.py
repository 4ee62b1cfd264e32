"""Arrays are not compared by value: `==` between two of them is an array, which has no truth."""

from __future__ import annotations

import builtins
import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from inspect import getmembers, isclass
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints

import numpy as np
import pytest

import glance_agent
from glance_agent.domain.vectors import Vector


class Something:
    """Stands for what a module imports for type checkers alone, with parameters or without."""

    def __class_getitem__(cls, _parameters: object) -> type:
        return cls


class Names(dict[str, Any]):
    """A module's names, and something for those that it imports for type checkers alone."""

    def __missing__(self, name: str) -> Any:
        if name.startswith("__"):  # what pytest asks of a frame that fails
            raise KeyError(name)
        return getattr(builtins, name, Something)


def classes() -> Iterator[type]:
    """Every class that the package defines."""
    for found in pkgutil.walk_packages(glance_agent.__path__, "glance_agent."):
        if not found.name.endswith("__main__"):
            module = importlib.import_module(found.name)
            for _, kind in getmembers(module, isclass):
                if kind.__module__ == module.__name__:
                    yield kind


def holds_arrays(hint: object) -> bool:
    """Whether a value of this type is an array, or contains one that is compared with it."""
    return get_origin(hint) is np.ndarray or any(holds_arrays(part) for part in get_args(hint))


def fields_of(kind: type) -> list[str]:
    """By which fields two of these are equal; none where each is equal to itself alone."""
    if is_dataclass(kind):
        by_value = kind.__dataclass_params__.eq  # type: ignore[attr-defined]
        return [f.name for f in fields(kind) if by_value and f.compare]
    return list(getattr(kind, "_fields", ())) if issubclass(kind, tuple) else []


def compared_arrays(kind: type) -> list[str]:
    """The arrays that comparing two of these would compare."""
    names = Names(vars(importlib.import_module(kind.__module__)))
    hints = get_type_hints(kind, globalns={}, localns=names) if fields_of(kind) else {}
    return [name for name in fields_of(kind) if holds_arrays(hints.get(name))]


@dataclass(frozen=True)
class Faulty:
    word: str
    vectors: tuple[Vector | None, ...]


class FaultyPair(NamedTuple):
    vector: Vector
    word: str


@dataclass(frozen=True, eq=False)
class Sound:
    vector: Vector


@pytest.mark.parametrize(
    ("kind", "faults"), [(Faulty, ["vectors"]), (FaultyPair, ["vector"]), (Sound, [])]
)
def test_the_check_finds_what_it_looks_for(kind: type, faults: list[str]) -> None:
    assert compared_arrays(kind) == faults


def test_nothing_that_holds_arrays_is_compared_by_value() -> None:
    """`eq=False` makes such a class equal to itself alone."""
    faults = {f"{c.__module__}.{c.__qualname__}": f for c in classes() if (f := compared_arrays(c))}
    assert faults == {}
