"""Small two-tower models with the real names of inputs and outputs, which know six colours.

The image tower is the mean of the normalised pixels, so its vector is a colour; the text tower
is the sum of one row a token, and the rows of colour words are those colours.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tokenizers import Tokenizer

from glance_agent.embedding.models.catalogue import CatalogueModel, ModelFile
from glance_agent.embedding.models.directory import ModelDirectory

DATA = Path(__file__).parent / "data"
COLOURS: dict[str, tuple[int, int, int]] = {
    "red": (230, 20, 20),
    "green": (20, 200, 30),
    "blue": (20, 40, 230),
    "yellow": (240, 230, 20),
    "black": (5, 5, 5),
    "white": (250, 250, 250),
}
MEAN = np.array([0.48145466, 0.4578275, 0.40821073])
STD = np.array([0.26862954, 0.26130258, 0.27577711])
CLIP_SPLIT = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"


@dataclass(frozen=True)
class Toy:
    """What a toy model calls its inputs and outputs, and what it reads."""

    name: str = "colours"
    tokenizer: str = "clip-bpe"
    image_input: str = "pixel_values"
    image_output: str = "image_embeds"
    text_input: str = "input_ids"
    text_output: str = "text_embeds"
    text_format: str = "INT64"
    extra_text_inputs: tuple[str, ...] = ()
    changes: Mapping[str, Any] = field(default_factory=dict)


@cache
def clip_rules() -> str:
    """A tokenizer.json with OpenAI's own vocabulary (merges under the MIT licence)."""
    merges = gzip.decompress((DATA / "clip_merges.txt.gz").read_bytes()).decode().split("\n")
    letters = _byte_letters()
    words = [*letters, *(f"{c}</w>" for c in letters), *("".join(m.split()) for m in merges)]
    vocabulary = {word: number for number, word in enumerate(words)}
    vocabulary |= {"<|startoftext|>": 49406, "<|endoftext|>": 49407}
    about = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": True}
    special = [
        {"id": vocabulary[t], "content": t, "special": True, **about}
        for t in ("<|startoftext|>", "<|endoftext|>")
    ]
    rules = {
        "version": "1.0",
        "added_tokens": special,
        "normalizer": {
            "type": "Sequence",
            "normalizers": [
                {"type": "NFC"},
                {"type": "Replace", "pattern": {"Regex": r"\s+"}, "content": " "},
                {"type": "Lowercase"},
            ],
        },
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [
                {
                    "type": "Split",
                    "pattern": {"Regex": CLIP_SPLIT},
                    "behavior": "Removed",
                    "invert": True,
                },
                {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True},
            ],
        },
        "post_processor": {
            "type": "RobertaProcessing",
            "sep": ["<|endoftext|>", 49407],
            "cls": ["<|startoftext|>", 49406],
            "trim_offsets": False,
            "add_prefix_space": False,
        },
        "model": {
            "type": "BPE",
            "unk_token": "<|endoftext|>",
            "end_of_word_suffix": "</w>",
            "continuing_subword_prefix": "",
            "fuse_unk": False,
            "vocab": vocabulary,
            "merges": merges,
        },
    }
    return json.dumps(rules)


@cache
def wordpiece_rules() -> str:
    """A tokenizer.json that knows the colours, `a`, `sea` and pieces of `seaside`."""
    words = ["[UNK]", "[CLS]", "[SEP]", "[PAD]", *COLOURS, "a", "sea", "##side", "of"]
    rules = {
        "version": "1.0",
        "added_tokens": [
            {
                "id": 0,
                "content": "[UNK]",
                "special": True,
                "single_word": False,
                "lstrip": False,
                "rstrip": False,
                "normalized": False,
            }
        ],
        "normalizer": {"type": "Lowercase"},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "model": {
            "type": "WordPiece",
            "unk_token": "[UNK]",
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": {word: number for number, word in enumerate(words)},
        },
    }
    return json.dumps(rules)


def rules_of(toy: Toy) -> str:
    return clip_rules() if toy.tokenizer == "clip-bpe" else wordpiece_rules()


def normalised(colour: tuple[int, int, int]) -> NDArray[np.float32]:
    """The colour as the image tower sees it, (3,)."""
    seen: NDArray[np.float32] = ((np.array(colour) / 255.0 - MEAN) / STD).astype(np.float32)
    return seen


def token_table(rules: str) -> NDArray[np.float32]:
    """One row (3,) a token: the colour words are colours, all others next to nothing."""
    tokenizer = Tokenizer.from_str(rules)
    table = np.full((tokenizer.get_vocab_size(), 3), 1e-4, np.float32)
    for word, colour in COLOURS.items():
        (number,) = tokenizer.encode(word, add_special_tokens=False).ids
        table[number] = normalised(colour)
    return table


def write_image_tower(path: Path, toy: Toy) -> None:
    onnx = pytest.importorskip("onnx")
    helper, kinds = onnx.helper, onnx.TensorProto
    axes = helper.make_tensor("axes", kinds.INT64, [2], [2, 3])
    graph = helper.make_graph(
        [helper.make_node("ReduceMean", [toy.image_input, "axes"], [toy.image_output], keepdims=0)],
        "image",
        [helper.make_tensor_value_info(toy.image_input, kinds.FLOAT, ["n", 3, "h", "w"])],
        [helper.make_tensor_value_info(toy.image_output, kinds.FLOAT, ["n", 3])],
        [axes],
    )
    _save(onnx, graph, path)


def write_text_tower(path: Path, toy: Toy) -> None:
    onnx = pytest.importorskip("onnx")
    helper, kinds = onnx.helper, onnx.TensorProto
    table = token_table(rules_of(toy))
    number = getattr(kinds, toy.text_format)
    names = [toy.text_input, *toy.extra_text_inputs]
    graph = helper.make_graph(
        [
            helper.make_node("Gather", ["table", toy.text_input], ["rows"]),
            helper.make_node("ReduceSum", ["rows", "axes"], [toy.text_output], keepdims=0),
        ],
        "text",
        [helper.make_tensor_value_info(name, number, ["n", "length"]) for name in names],
        [helper.make_tensor_value_info(toy.text_output, kinds.FLOAT, ["n", 3])],
        [
            onnx.numpy_helper.from_array(table, "table"),
            helper.make_tensor("axes", kinds.INT64, [1], [1]),
        ],
    )
    _save(onnx, graph, path)


def write_files(folder: Path, toy: Toy) -> dict[str, bytes]:
    """The three files of a toy model in a folder; also returned, by path."""
    folder.mkdir(parents=True, exist_ok=True)
    write_image_tower(folder / "image.onnx", toy)
    write_text_tower(folder / "text.onnx", toy)
    (folder / "tokenizer.json").write_text(rules_of(toy), encoding="utf-8")
    return {n: (folder / n).read_bytes() for n in ("image.onnx", "text.onnx", "tokenizer.json")}


def entry_of(toy: Toy, files: Mapping[str, bytes]) -> CatalogueModel:
    """The catalogue entry of a toy model, sizes and hashes as they are."""
    listed = [
        ModelFile.model_validate(
            {
                "role": path.partition(".")[0],
                "path": path,
                "bytes": len(data),
                "sha256": hashlib.sha256(data).hexdigest(),
            }
        )
        for path, data in files.items()
    ]
    about: dict[str, Any] = {
        "name": toy.name,
        "repository": "toys/colours",
        "revision": "0123456789abcdef0123456789abcdef01234567",
        "licence": "MIT",
        "dimension": 3,
        "image_size_px": 8,
        "fit": "squash",
        "image_input": toy.image_input,
        "image_output": toy.image_output,
        "text_input": toy.text_input,
        "text_output": toy.text_output,
        "tokenizer": toy.tokenizer,
        "context_length": 16,
        "pad_rule": "none",
        "max_batch": 4,
        "files": listed,
    }
    return CatalogueModel.model_validate({**about, **toy.changes})


def write_catalogue(directory: Path, *entries: CatalogueModel) -> None:
    """A catalogue.toml in a models directory (JSON values are TOML values here)."""
    lines: list[str] = []
    for entry in entries:
        data = entry.model_dump(exclude_none=True, mode="json")
        files = data.pop("files")
        lines += ["[[models]]", *(f"{k} = {json.dumps(v)}" for k, v in data.items())]
        for file in files:
            lines += ["[[models.files]]", *(f"{k} = {json.dumps(v)}" for k, v in file.items())]
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "catalogue.toml").write_text("\n".join(lines), encoding="utf-8")


def install(directory: Path, toy: Toy, files: Mapping[str, bytes]) -> CatalogueModel:
    """A toy model in the model directory below this, its files marked as verified."""
    entry, model_directory = entry_of(toy, files), ModelDirectory(directory)
    for file in entry.files:
        path = model_directory.path(entry, file)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(files[file.path])
        model_directory.mark(path, str(file.sha256))
    write_catalogue(directory, entry)
    return entry


def _save(onnx: Any, graph: Any, path: Path) -> None:
    opset = [onnx.helper.make_opsetid("", 18)]
    model = onnx.helper.make_model(graph, opset_imports=opset, ir_version=9)
    onnx.save(model, str(path))


def _byte_letters() -> list[str]:
    """The printable stand-ins of the 256 bytes, in the order of OpenAI's vocabulary."""
    kept = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [b for b in range(256) if b not in kept]
    return [chr(b) for b in kept] + [chr(256 + n) for n in range(len(rest))]
