"""The trial import of ONNX Runtime: once per build, in a process of its own."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from glance_agent.domain.errors import ModelError
from glance_agent.embedding import runtime
from glance_agent.embedding.models.directory import read_json

DIES = "import os, signal; os.kill(os.getpid(), signal.SIGILL)"


@pytest.fixture(autouse=True)
def _not_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "onnxruntime", raising=False)


def test_a_build_that_works_is_tried_once(tmp_path: Path) -> None:
    runtime.require_runtime(tmp_path, "pass")
    assert list(read_json(tmp_path / "runtime.json").values()) == ["works"]
    runtime.require_runtime(tmp_path, "raise SystemExit('never run')")


def test_a_build_that_kills_the_process_does_not_kill_ours(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="dies with SIGILL on this machine"):
        runtime.require_runtime(tmp_path, DIES)
    assert not (tmp_path / "runtime.json").exists()


def test_a_build_that_cannot_be_imported_says_why(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be imported: ImportError: no libgomp"):
        runtime.require_runtime(tmp_path, "raise ImportError('no libgomp')")


def test_another_build_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runtime.require_runtime(tmp_path, "pass")
    monkeypatch.setattr("importlib.metadata.version", lambda _name: "1.21.0")
    with pytest.raises(ModelError, match="SIGILL"):
        runtime.require_runtime(tmp_path, DIES)


def test_a_directory_that_cannot_be_written_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    runtime.require_runtime(tmp_path / "file" / "models", "pass")


def test_an_imported_runtime_needs_no_trial(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", runtime)
    runtime.require_runtime(tmp_path, DIES)
