"""The local encoder: colours by their words, errors as sentences, nothing loaded early."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from glance_agent.domain.errors import ModelError
from glance_agent.embedding.encoder import OnnxEncoder, open_encoder, space_of
from tests.embedding.toy import COLOURS, Toy, entry_of, install, write_files


def opened(directory: Path, name: str = "colours") -> OnnxEncoder:
    return open_encoder(name, directory, threads=1, memory_arena=False, prepacking=True)


def plain(name: str, size: tuple[int, int] = (20, 12)) -> Image.Image:
    return Image.new("RGB", size, COLOURS[name])


def test_words_find_pictures_of_their_colour(models: Path) -> None:
    encoder = opened(models)
    pictures = encoder.embed_images([plain(name) for name in COLOURS])
    for row, name in enumerate(COLOURS):
        scores = pictures @ encoder.embed_text(f"a {name} picture")
        assert int(scores.argmax()) == row
        assert scores[row] > 0.999


def test_vectors_are_unit_float32(models: Path) -> None:
    encoder = opened(models)
    text, pictures = encoder.embed_text("red"), encoder.embed_images([plain("red")] * 9)
    assert text.dtype == pictures.dtype == np.float32
    assert text.shape == (3,)
    assert pictures.shape == (9, 3)
    np.testing.assert_allclose(np.linalg.norm(pictures, axis=1), 1.0, atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(text), 1.0, atol=1e-6)


def test_no_pictures_give_no_rows(models: Path) -> None:
    assert opened(models).embed_images([]).shape == (0, 3)


def test_batches_change_nothing(models: Path) -> None:
    encoder = opened(models)
    several = [plain(name) for name in COLOURS]
    together = encoder.embed_images(several)
    apart = np.concatenate([encoder.embed_images([one]) for one in several])
    np.testing.assert_allclose(together, apart, atol=1e-6)


def test_several_threads_share_one_encoder(models: Path) -> None:
    encoder = opened(models)
    expected = encoder.embed_text("blue")
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: opened(models).embed_text("blue"), range(4)))
        found += list(threads.map(lambda _: encoder.embed_text("blue"), range(20)))
    assert all(np.array_equal(one, expected) for one in found)


def test_int32_tokens_and_a_mask_are_fed_as_the_tower_asks(tmp_path: Path) -> None:
    toy = Toy(tokenizer="wordpiece", text_format="INT32", extra_text_inputs=("attention_mask",))
    install(tmp_path, toy, write_files(tmp_path / "made", toy))
    assert opened(tmp_path).embed_text("red").shape == (3,)


def test_one_input_name_for_both_towers(tmp_path: Path) -> None:
    toy = Toy(image_input="input", text_input="input", tokenizer="wordpiece")
    install(tmp_path, toy, write_files(tmp_path / "made", toy))
    encoder = opened(tmp_path)
    (picture,) = encoder.embed_images([plain("red")])
    assert float(picture @ encoder.embed_text("red")) > 0.999


def test_unknown_names_list_the_known(models: Path) -> None:
    with pytest.raises(
        ModelError, match=r"no model colour\. Did you mean “colours”\? Known are: .*colours"
    ):
        opened(models, "colour")


def test_missing_files_name_the_command(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="Run: glance-agent models pull clip-vit-b32"):
        opened(tmp_path, "clip-vit-b32")


def test_a_file_changed_after_its_check_is_not_used(models: Path) -> None:
    (path,) = models.glob("*/*/image.onnx")
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(ModelError, match=r"image\.onnx is not verified\. Run: .* models check"):
        opened(models)


def test_a_broken_tower_is_a_model_error(tmp_path: Path, word_files: dict[str, bytes]) -> None:
    toy = Toy(tokenizer="wordpiece")
    install(tmp_path, toy, {**word_files, "image.onnx": b"not a model"})
    with pytest.raises(ModelError, match=r"cannot load image\.onnx"):
        opened(tmp_path).embed_images([plain("red")])


def test_a_tower_of_another_model_is_a_model_error(
    tmp_path: Path, word_files: dict[str, bytes]
) -> None:
    toy = Toy(tokenizer="wordpiece", changes={"dimension": 512})
    install(tmp_path, toy, word_files)
    with pytest.raises(ModelError, match=r"shape \(1, 3\) in place of \(1, 512\)"):
        opened(tmp_path).embed_images([plain("red")])
    install(tmp_path, Toy(tokenizer="wordpiece", text_output="other"), word_files)
    with pytest.raises(ModelError, match="gives text_embeds, but input_ids and other are expected"):
        opened(tmp_path).embed_text("red")


def test_a_broken_tokenizer_is_a_model_error(tmp_path: Path, word_files: dict[str, bytes]) -> None:
    install(tmp_path, Toy(tokenizer="wordpiece"), {**word_files, "tokenizer.json": b"{}"})
    with pytest.raises(ModelError, match="tokenizer of the model colours cannot be read"):
        opened(tmp_path).embed_text("red")


def test_spaces_tell_what_makes_vectors_differ(word_files: dict[str, bytes]) -> None:
    def space(**changes: object) -> str:
        return space_of(entry_of(Toy(tokenizer="wordpiece", changes=changes), word_files))

    assert space() == space(max_batch=1)
    assert len({space(), space(fit="crop"), space(image_size_px=16), space(name="other")}) == 4
    assert space(name="other", image_model="colours") == space()
    changed = {**word_files, "image.onnx": word_files["image.onnx"] + b" "}
    assert space_of(entry_of(Toy(tokenizer="wordpiece"), changed)) != space()


def test_spaces_of_8_bit_towers_name_the_processor(
    word_files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = entry_of(Toy(tokenizer="wordpiece"), word_files)
    image = entry.file("image").model_copy(update={"quantised": True})
    eight_bit = entry.model_copy(update={"files": (image, *entry.files[1:])})
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    on_a_pi = space_of(eight_bit)
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    assert on_a_pi.endswith("-arm")
    assert space_of(eight_bit).endswith("-x86")


def test_opening_loads_neither_runtime_nor_tokenizers(models: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from glance_agent.embedding.encoder import open_encoder\n"
        "open_encoder('colours', Path(sys.argv[1]), threads=1, memory_arena=False,"
        " prepacking=True)\n"
        "sys.exit(bool({'onnxruntime', 'tokenizers', 'PIL', 'aiohttp'} & set(sys.modules)))\n"
    )
    subprocess.run([sys.executable, "-c", code, str(models)], check=True)
