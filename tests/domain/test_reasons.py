"""Every reason for which something is left out can be said in other languages."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from glance_agent.domain.items import UNREADABLE_FOLDER
from glance_agent.domain.languages import in_language
from glance_agent.domain.reasons import AT_THE_TERMINAL, HINTS, REASONS, hint_in_words
from glance_agent.ingest.reembed import OUT_OF_REACH
from glance_agent.pictures import heif
from glance_agent.sources.folders import walking
from glance_agent.sources.folders.kinds import not_read
from glance_agent.sources.records import licence
from tests.source_code import PACKAGE, nodes

WHICH = {"BadPicture": 0, "NotRead": 0, "Skipped": 1}
"""What leaves things out, and which of its arguments is the reason."""


def test_whatever_is_left_out_is_left_out_for_a_known_reason() -> None:
    found = {*_written(), walking.NOT_FOLLOWED, walking.NOT_UTF8, UNREADABLE_FOLDER}
    found |= {licence.UNKNOWN_REASON, licence.CLOSED_REASON, heif.UNKNOWN_KIND, "unreadable"}
    assert found == {*REASONS, "unreadable"}
    assert {*AT_THE_TERMINAL} == {"duplicate", "unreadable", *OUT_OF_REACH}


def test_whatever_a_folder_tells_beside_a_reason_can_be_said_in_any_language() -> None:
    hints = {*_hints("sources/folders"), *_hints("pictures"), *_hints("sources/web", "dav*.py")}
    hints |= {walking.FOLLOW, walking.NOWHERE, heif.HINT}
    hints |= {walking.why_not(error) for error in (PermissionError(), ValueError())}
    hints |= {said.hint for name in ("a.cr2", "a.svg", "a.jpg.gpg") if (said := not_read(name))}
    assert hints == set(HINTS)


@pytest.mark.parametrize(
    ("detail", "german"),
    [
        ("rename it", "benenne es um"),
        ("46 % of its rows are there", "46 % seiner Zeilen sind da"),
        ("the system says: Input/output error", None),
        ("", None),
    ],
)
def test_a_hint_is_said_in_the_language_of_who_reads_it(detail: str, german: str | None) -> None:
    assert in_language(hint_in_words(detail), "de") == german


def _written() -> Iterator[str]:
    for arguments, place in _calls(PACKAGE, "*.py"):
        yield from (text for argument in arguments[place : place + 1] for text in _texts(argument))


def _hints(folder: str, files: str = "*.py") -> Iterator[str]:
    """What is told beside reasons, where it is the same for all items."""
    for arguments, place in _calls(PACKAGE / folder, files):
        for argument in arguments[place + 1 : place + 2]:
            if not isinstance(argument, ast.JoinedStr):
                yield from (text for text in _texts(argument) if text.strip("; "))


def _calls(below: Path, files: str) -> Iterator[tuple[list[ast.expr], int]]:
    """The arguments of whatever leaves something out, and where among them the reason is."""
    for _, node in nodes(*WHICH, below=below, files=files):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            place = WHICH.get(node.func.id)
            if place is not None:
                yield node.args, place


def _texts(argument: ast.expr) -> Iterator[str]:
    for node in ast.walk(argument):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
