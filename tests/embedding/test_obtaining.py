"""From the hub to a model that answers: counted, examined, and remembered where it failed."""

from __future__ import annotations

import errno
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from glance_agent.domain.errors import ModelError
from glance_agent.embedding.encoder import open_encoder
from glance_agent.embedding.models.directory import ModelDirectory, part_of
from glance_agent.embedding.obtaining import Obtaining, standing
from tests.embedding.loopback_hub import Fault, LoopbackHub
from tests.embedding.toy import Toy, entry_of, write_catalogue

TOY = Toy(tokenizer="wordpiece")


@pytest.fixture
async def hub(word_files: dict[str, bytes]) -> AsyncIterator[LoopbackHub]:
    async with LoopbackHub(dict(word_files)).serving() as serving:
        yield serving


@pytest.fixture
def model_directory(tmp_path: Path, word_files: dict[str, bytes]) -> ModelDirectory:
    write_catalogue(tmp_path, entry_of(TOY, word_files))
    return ModelDirectory(tmp_path)


def obtaining(model_directory: ModelDirectory, hub: LoopbackHub) -> Obtaining:
    return Obtaining(
        "colours",
        model_directory,
        lambda: open_encoder(
            "colours", model_directory.directory, threads=1, memory_arena=False, prepacking=True
        ),
        {"HF_ENDPOINT": hub.endpoint},
    )


async def test_all_files_are_counted_together_and_what_is_here_counts(
    model_directory: ModelDirectory, hub: LoopbackHub
) -> None:
    entry = model_directory.find("colours")
    part = part_of(model_directory.path(entry, entry.file("text")))
    part.parent.mkdir(parents=True)
    part.write_bytes(hub.files["text.onnx"][:40])
    amounts: list[tuple[int, int | None]] = []
    encoder = await obtaining(model_directory, hub)(
        lambda done, total: amounts.append((done, total))
    )
    whole = sum(len(data) for data in hub.files.values())
    assert amounts[0] == (40, whole)
    assert amounts[-1] == (whole, whole)
    assert sorted(amounts) == amounts
    assert encoder.embed_text("red").shape == (3,)


async def test_sizes_that_nobody_knows_are_counted_when_they_are(
    model_directory: ModelDirectory, hub: LoopbackHub, word_files: dict[str, bytes]
) -> None:
    entry = entry_of(TOY, word_files)
    unknown = {"bytes": None, "sha256": None}
    files = tuple(f.model_copy(update=unknown) for f in entry.files)
    write_catalogue(model_directory.directory, entry.model_copy(update={"files": files}))
    amounts: list[tuple[int, int | None]] = []
    await obtaining(model_directory, hub)(lambda done, total: amounts.append((done, total)))
    whole = sum(len(data) for data in hub.files.values())
    assert amounts[0] == (0, None)
    assert amounts[-1] == (whole, whole)


async def test_a_failure_is_remembered_until_it_went_well(
    model_directory: ModelDirectory, hub: LoopbackHub
) -> None:
    hub.faults["text.onnx"] = [Fault(body=lambda data: bytes(len(data)))]
    with pytest.raises(ModelError, match=r"text\.onnx of colours is not the file"):
        await obtaining(model_directory, hub)(lambda *_: None)
    said = standing("colours", model_directory.directory)
    assert "of 0 MB are here. The last attempt failed: text.onnx of colours" in said
    await obtaining(model_directory, hub)(lambda *_: None)
    assert "failed" not in standing("colours", model_directory.directory)


async def test_a_model_that_fails_its_self_test_is_refused_and_not_fetched_again(
    model_directory: ModelDirectory, hub: LoopbackHub, word_files: dict[str, bytes]
) -> None:
    blind = Toy(tokenizer="wordpiece", changes={"mean": [9.0, 9.0, 9.0]})
    write_catalogue(model_directory.directory, entry_of(blind, word_files))
    with pytest.raises(ModelError, match=r"only \d of 6 plain colours"):
        await obtaining(model_directory, hub)(lambda *_: None)
    asked = len(hub.seen)
    with pytest.raises(ModelError, match=r"only \d of 6 plain .* models check colours"):
        await obtaining(model_directory, hub)(lambda *_: None)
    assert len(hub.seen) == asked


async def test_a_disk_that_fills_up_is_a_sentence_and_what_came_is_kept(
    model_directory: ModelDirectory, hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(ModelError, match=r"cannot be written: No space left .* Make room"):
            await obtaining(model_directory, hub)(lambda *_: None)
    await obtaining(model_directory, hub)(lambda *_: None)
    assert len(hub.bodies("image.onnx")) == 1 + len(hub.bodies("text.onnx"))


async def test_a_directory_that_cannot_be_written_is_a_sentence_without_its_path(
    hub: LoopbackHub, tmp_path: Path, word_files: dict[str, bytes]
) -> None:
    write_catalogue(tmp_path, entry_of(TOY, word_files))
    (tmp_path / "toys--colours").write_text("in the way")
    with pytest.raises(ModelError, match="The models directory cannot be written") as refused:
        await obtaining(ModelDirectory(tmp_path), hub)(lambda *_: None)
    assert str(tmp_path) not in str(refused.value)
