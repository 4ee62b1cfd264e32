"""The text teacher: all-MiniLM-L6-v2, read straight from its safetensors file."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from tools.embedded_model.progress import Progress

LAYERS = 6
HEADS = 12
WIDTH = 384
BATCH = 256
EPSILON = 1e-12


def read_safetensors(path: Path) -> dict[str, Tensor]:
    """Every float32 tensor of the file by name."""
    raw = path.read_bytes()
    header_bytes = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8 : 8 + header_bytes])
    body = raw[8 + header_bytes :]
    found: dict[str, Tensor] = {}
    for name, entry in header.items():
        if name != "__metadata__" and entry["dtype"] == "F32":
            start, end = entry["data_offsets"]
            values = np.frombuffer(body[start:end], np.float32).reshape(entry["shape"])
            found[name] = torch.from_numpy(values.copy())
    return found


class MiniLm:
    """`embed` gives unit sentence vectors (N, 384); `embed_ids` the same for rows of token ids."""

    def __init__(self, folder: Path) -> None:
        self._weights = read_safetensors(folder / "model.safetensors")
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(64)

    def _linear(self, x: Tensor, name: str) -> Tensor:
        return functional.linear(x, self._weights[f"{name}.weight"], self._weights[f"{name}.bias"])

    def _norm(self, x: Tensor, name: str) -> Tensor:
        return functional.layer_norm(
            x, (WIDTH,), self._weights[f"{name}.weight"], self._weights[f"{name}.bias"], EPSILON
        )

    def _start(self, ids: Tensor) -> Tensor:
        table = self._weights["embeddings.word_embeddings.weight"]
        places = self._weights["embeddings.position_embeddings.weight"][: ids.shape[1]]
        kind = self._weights["embeddings.token_type_embeddings.weight"][0]
        return self._norm(table[ids] + places + kind, "embeddings.LayerNorm")

    def _attend(self, x: Tensor, prefix: str) -> Tensor:
        rows, length, _ = x.shape
        parts = (self._linear(x, f"{prefix}.self.{part}") for part in ("query", "key", "value"))
        query, key, value = (p.view(rows, length, HEADS, -1).transpose(1, 2) for p in parts)
        mixed = (
            functional.scaled_dot_product_attention(query, key, value)
            .transpose(1, 2)
            .reshape(rows, length, WIDTH)
        )
        return self._norm(
            x + self._linear(mixed, f"{prefix}.output.dense"), f"{prefix}.output.LayerNorm"
        )

    @torch.inference_mode()
    def embed_ids(self, ids: Tensor) -> Tensor:
        """Unit vectors (N, 384) of rows of equally many token ids (N, L), special tokens
        included.
        """
        x = self._start(ids)
        for layer in range(LAYERS):
            prefix = f"encoder.layer.{layer}"
            x = self._attend(x, f"{prefix}.attention")
            wide = functional.gelu(self._linear(x, f"{prefix}.intermediate.dense"))
            x = self._norm(
                x + self._linear(wide, f"{prefix}.output.dense"), f"{prefix}.output.LayerNorm"
            )
        return functional.normalize(x.mean(1), dim=-1)

    def embed(self, texts: list[str], job: str) -> Tensor:
        """Unit vectors (N, 384), in the order of the texts; rows of equal length go together, so
        nothing is padded.
        """
        rows = [encoding.ids for encoding in self.tokenizer.encode_batch(texts)]
        order = sorted(range(len(rows)), key=lambda index: len(rows[index]))
        vectors = torch.zeros(len(rows), WIDTH)
        progress, done = Progress(job, len(rows)), 0
        while done < len(order):
            length = len(rows[order[done]])
            batch = [index for index in order[done : done + BATCH] if len(rows[index]) == length]
            vectors[batch] = self.embed_ids(torch.tensor([rows[index] for index in batch]))
            done += len(batch)
            progress.show(done)
        return vectors
