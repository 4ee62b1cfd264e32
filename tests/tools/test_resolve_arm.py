"""How the resolving for ARM finds its indexes, and which extras it leaves out; it asks nobody."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from tools.resolve_arm import ROOT, extras_of, index_options, settings_of


def test_the_indexes_are_those_of_pip() -> None:
    listed = (
        "global.index-url='https://pypi.example/simple'\n"
        "global.extra-index-url='file:///a/simple file:///b/simple'\n"
        "global.cert='/etc/ssl/ca.crt'\n"
        "install.constraint='/etc/constraints.txt'\n"
        ":env:.index-url='https://nearer.example/simple'\n"
    )
    assert list(index_options(settings_of(listed))) == [
        *("--default-index", "https://nearer.example/simple"),
        *("--index", "file:///a/simple", "--index", "file:///b/simple"),
        *("--constraint", "/etc/constraints.txt"),
        *("--index-strategy", "unsafe-best-match"),
    ]
    assert list(index_options(settings_of(""))) == ["--index-strategy", "unsafe-best-match"]


def test_an_extra_for_x86_alone_is_left_out_with_its_reason() -> None:
    extras: dict[str, list[str]] = {"demo": [], "gpu": []}
    project: dict[str, Any] = {"project": {"optional-dependencies": extras}, "tool": {}}
    assert extras_of(project) == (["demo", "gpu"], {})
    why = {"gpu": "there are no wheels of it"}
    project["tool"] = {"glance-agent": {"x86-only": why}}
    assert extras_of(project) == (["demo"], why)
    project["tool"] = {"glance-agent": {"x86-only": {"gone": "…"}}}
    with pytest.raises(SystemExit, match="names no extra: gone"):
        extras_of(project)


def test_every_extra_of_this_package_is_resolved_or_has_a_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    resolved, left_out = extras_of(project)
    assert {*resolved, *left_out} == project["project"]["optional-dependencies"].keys()
    assert all(left_out.values())
