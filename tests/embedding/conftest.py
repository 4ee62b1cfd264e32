"""Toy models, built once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.embedding.toy import Toy, install, write_files


@pytest.fixture(scope="session")
def colour_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a toy model that reads CLIP tokens."""
    return write_files(tmp_path_factory.mktemp("colours"), Toy())


@pytest.fixture(scope="session")
def word_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a toy model that reads word pieces; small."""
    return write_files(tmp_path_factory.mktemp("words"), Toy(tokenizer="wordpiece"))


@pytest.fixture
def models(tmp_path: Path, colour_files: dict[str, bytes]) -> Path:
    """A models directory where the toy model `colours` is installed."""
    install(tmp_path / "models", Toy(), colour_files)
    return tmp_path / "models"
