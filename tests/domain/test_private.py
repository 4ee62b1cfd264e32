"""What the program writes is for its owner alone, also outside systemd."""

from __future__ import annotations

import ast
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from glance_agent.cli.files import leave_file, write_file
from glance_agent.sources.web.answer_cache import AnswerCache
from glance_agent.sources.web.request_log import RequestLog
from glance_agent.store.picture_cache import PictureCache
from tests.source_code import PACKAGE, nodes

FOR_EVERYONE = {
    "cli/sources.py": "the configuration, which keeps the mode that it has",
    "embedding/models/placing.py": "models hold no secret, and the service may be another user",
    "embedding/models/inventory.py": "the same, copied from a stick",
}


def writing() -> Iterator[Path]:
    """The files of the package by whose calls files are made without a mode."""
    for path, node in nodes("write_text", "write_bytes", "open"):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute | ast.Name):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
        modes = [a.value for a in node.args if isinstance(a, ast.Constant)]
        to_write = any(isinstance(mode, str) and mode[:1] in "wax" and mode for mode in modes)
        if name in ("write_text", "write_bytes") or (name == "open" and to_write):
            yield path


def test_nobody_writes_a_file_for_everyone_but_who_must() -> None:
    found = {path.relative_to(PACKAGE).as_posix() for path in writing()}
    assert found == set(FOR_EVERYONE)


@pytest.fixture
def everyone_may_read() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.usefixtures("everyone_may_read")
def test_pictures_answers_notes_and_exports_are_private(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    PictureCache(tmp_path / "pictures", max_bytes=1000).put("/a", b"data", liked=())
    AnswerCache(tmp_path / "answers", lambda: 0.0, max_bytes=1000).put("https://a/b", 200, b"data")
    RequestLog(tmp_path / "notes.json").put("away", "host", {"until": 1})
    write_file(tmp_path / "likes.json", b"{}")
    monkeypatch.chdir(tmp_path)
    leave_file("taste.png", b"data")
    made = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(made) == 5
    assert {stat.S_IMODE(path.stat().st_mode) for path in made} == {0o600}
