"""Every reason for which something is left out can be said in other languages."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import glance_agent
from glance_agent.domain.reasons import AT_THE_TERMINAL, REASONS
from glance_agent.ingest.reembed import OUT_OF_REACH
from glance_agent.pictures import heif
from glance_agent.sources.folders import walking
from glance_agent.sources.records import licence

WHICH = {"BadPicture": 0, "NotRead": 0, "Skipped": 1}
"""What leaves things out, and which of its arguments is the reason."""


def test_whatever_is_left_out_is_left_out_for_a_known_reason() -> None:
    found = {*_written(), walking.NOT_FOLLOWED, walking.UNREADABLE_FOLDER}
    found |= {licence.UNKNOWN_REASON, licence.CLOSED_REASON, heif.UNKNOWN_KIND, "unreadable"}
    assert found == {*REASONS, "unreadable"}
    assert {*AT_THE_TERMINAL} == {"duplicate", "unreadable", *OUT_OF_REACH}


def _written() -> Iterator[str]:
    for path in Path(glance_agent.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                place = WHICH.get(node.func.id)
                said = node.args[place : place + 1] if place is not None else []
                yield from (text for argument in said for text in _texts(argument))


def _texts(argument: ast.expr) -> Iterator[str]:
    for node in ast.walk(argument):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
