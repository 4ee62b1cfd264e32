"""What the program writes is for its owner alone, also outside systemd."""

from __future__ import annotations

import ast
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

import glance_agent
from glance_agent.cli.files import leave_file, write_file
from glance_agent.sources.web.answer_cache import AnswerCache
from glance_agent.sources.web.request_log import RequestLog
from glance_agent.store.picture_cache import PictureCache

PACKAGE = Path(glance_agent.__file__).parent
FOR_EVERYONE = {
    "cli/sources.py": "the configuration, which keeps the mode that it has",
    "embedding/models/placing.py": "models hold no secret, and the service may be another user",
    "embedding/models/inventory.py": "the same, copied from a stick",
}


def writing(path: Path) -> Iterator[str]:
    """The calls by which a file is made without a mode."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute | ast.Name):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
        modes = [a.value for a in node.args if isinstance(a, ast.Constant)]
        to_write = any(isinstance(mode, str) and mode[:1] in "wax" and mode for mode in modes)
        if name in ("write_text", "write_bytes") or (name == "open" and to_write):
            yield ast.unparse(node)


def test_nobody_writes_a_file_for_everyone_but_who_must() -> None:
    found = {p.relative_to(PACKAGE).as_posix() for p in PACKAGE.rglob("*.py") if [*writing(p)]}
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
