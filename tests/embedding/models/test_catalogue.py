"""The catalogue: complete where it promises to be, honest where it does not know."""

from __future__ import annotations

from pathlib import Path

import pytest

from glance_agent.domain.errors import ModelError
from glance_agent.embedding.models.catalogue import CatalogueModel, ModelFile, catalogue, find
from glance_agent.embedding.models.directory import (
    LOCK_FILE,
    ModelDirectory,
    default_models_directory,
    write_json,
)

PROMISED = {
    "clip-vit-b32",
    "clip-vit-b32-fp32",
    "clip-vit-b32-multilingual",
    "clip-vit-b16",
    "datacomp-b32-256",
    "siglip-b16",
    "siglip2-b16",
    "tinyclip-40m",
    "mobileclip-s0",
}


def test_every_promised_model_is_there() -> None:
    assert set(catalogue()) >= PROMISED


@pytest.mark.parametrize("name", sorted(PROMISED))
def test_nothing_that_is_known_to_be_broken_is_offered(name: str) -> None:
    entry = find(name)
    for file in entry.files:
        assert "fp16" not in file.path
        assert not ("mobileclip" in name and file.quantised)
    if entry.file("image").quantised:
        assert entry.max_batch == 1


@pytest.mark.parametrize("name", sorted(PROMISED - {"clip-vit-b16"}))
def test_revisions_are_commits(name: str) -> None:
    for file in find(name).files:
        assert len(file.revision or find(name).revision) == 40


def test_the_multilingual_words_share_the_space_of_their_pictures() -> None:
    multilingual, plain = find("clip-vit-b32-multilingual"), find("clip-vit-b32")
    assert multilingual.image_model == plain.name
    for field in ("sha256", "path", "quantised"):
        assert getattr(multilingual.file("image"), field) == getattr(plain.file("image"), field)
    for field in ("fit", "image_size_px", "mean", "std", "resample", "dimension"):
        assert getattr(multilingual, field) == getattr(plain, field)


def test_each_processor_gets_its_own_words(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = find("clip-vit-b32-multilingual")
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    assert entry.file("text").path == "onnx/model_qint8_arm64.onnx"
    monkeypatch.setattr("platform.machine", lambda: "AMD64")
    assert entry.file("text").path == "onnx/model_quint8_avx2.onnx"
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    with pytest.raises(ModelError, match="no text file for this processor"):
        entry.file("text")


EMBEDDED_FORM = """
name = "tiny"
revision = "1"
licence = "MIT"
dimension = 4
image_size_px = 8
fit = "squash"
resample = "bicubic"
mean = [0.5, 0.5, 0.5]
std = [0.5, 0.5, 0.5]
image_input = "image"
image_output = "vector"
text_input = "tokens"
text_output = "vector"
tokenizer = "wordpiece"
context_length = 32
pad_rule = "none"
max_batch = 16
"""
BY_NAME = """
[files."image.onnx"]
bytes = 1
[files."text.onnx"]
bytes = 2
[files."tokenizer.json"]
bytes = 3
"""
BY_LIST = """
[[files]]
name = "image.onnx"
bytes = 1
[[files]]
name = "text.onnx"
bytes = 2
[[files]]
name = "tokenizer.json"
bytes = 3
"""


@pytest.mark.parametrize("files", [BY_NAME, BY_LIST])
def test_one_entry_at_the_top_of_a_file(tmp_path: Path, files: str) -> None:
    (tmp_path / "catalogue.toml").write_text(EMBEDDED_FORM + files, encoding="utf-8")
    entry = find("tiny", tmp_path)
    assert entry.embedded
    assert entry.bytes == 6
    assert [f.role for f in entry.files] == ["image", "text", "tokenizer"]


def test_a_catalogue_may_tell_what_nothing_reads_any_more(tmp_path: Path) -> None:
    told = EMBEDDED_FORM + "logit_scale = 20.0\nlogit_bias = -12.9\n" + BY_NAME
    (tmp_path / "catalogue.toml").write_text(told, encoding="utf-8")
    assert find("tiny", tmp_path).bytes == 6


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", "a/../../x", "", "a\\b", "c:x"])
def test_paths_stay_inside(path: str) -> None:
    with pytest.raises(ValueError, match="inside the repository"):
        ModelFile(role="image", path=path)


def test_a_bad_catalogue_says_where(tmp_path: Path) -> None:
    (tmp_path / "catalogue.toml").write_text(EMBEDDED_FORM + BY_NAME + "bits = 8", "utf-8")
    with pytest.raises(ModelError, match=r"catalogue\.toml is not valid: files\.2\.bits"):
        find("tiny", tmp_path)
    (tmp_path / "catalogue.toml").write_text("name =", encoding="utf-8")
    with pytest.raises(ModelError, match="cannot be read"):
        find("tiny", tmp_path)


def test_the_lock_fills_in_only_what_is_open(tmp_path: Path) -> None:
    known, unknown = "a" * 64, "b" * 64
    pins = {"bytes": 7, "sha256": unknown}
    locked = {"revision": "c" * 40, "files": {"onnx/vision_model.onnx": pins}}
    write_json(tmp_path / LOCK_FILE, {"clip-vit-b16": locked, "clip-vit-b32": locked})
    image = ModelDirectory(tmp_path).find("clip-vit-b16").file("image")
    assert ModelDirectory(tmp_path).find("clip-vit-b16").revision == "c" * 40
    assert (image.bytes, image.sha256) == (7, unknown)
    pinned = ModelDirectory(tmp_path).find("clip-vit-b32")
    assert pinned == find("clip-vit-b32")
    assert known not in {f.sha256 for f in pinned.files}


def test_the_models_directory_follows_xdg(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_models_directory() == tmp_path / "glance-agent" / "models"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert default_models_directory() == Path.home() / ".cache" / "glance-agent" / "models"


def test_sizes_are_unknown_while_one_file_is(tmp_path: Path) -> None:
    assert find("clip-vit-b16").bytes is None
    assert find("clip-vit-b32").bytes == 88648915 + 254058553 + 2224119


def test_a_model_without_a_tower_is_refused() -> None:
    raw = find("clip-vit-b32").model_dump()
    with pytest.raises(ValueError, match="an image tower, a text tower and a tokenizer"):
        CatalogueModel.model_validate({**raw, "files": raw["files"][1:]})
