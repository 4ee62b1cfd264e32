"""One loaded tower: named inputs in, one named output out."""

from __future__ import annotations

import json
import logging
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from glance_agent.domain.errors import ModelError
from glance_agent.domain.said import say
from glance_agent.embedding.models.catalogue import CatalogueModel

if TYPE_CHECKING:
    import onnxruntime

_NUMBERS: Final[dict[str, np.dtype[Any]]] = {
    "tensor(int64)": np.dtype(np.int64),
    "tensor(int32)": np.dtype(np.int32),
    "tensor(float)": np.dtype(np.float32),
    "tensor(float16)": np.dtype(np.float16),
}
_log = logging.getLogger(__name__)


class Tower:
    """A session with the number formats that its inputs want."""

    def __init__(self, session: onnxruntime.InferenceSession, file_name: str) -> None:
        self._session = session
        self._file = file_name
        self._formats = {i.name: self._format(i.name, i.type) for i in session.get_inputs()}
        self._outputs = [o.name for o in session.get_outputs()]

    def run_text(self, ids: Sequence[int], entry: CatalogueModel) -> NDArray[np.float32]:
        """The text output for one row of token numbers: float32 (1, d), or (1, L, w) by token."""
        numbers = np.asarray([ids])
        given = {
            entry.text_input: numbers,
            "attention_mask": np.ones_like(numbers),
            "token_type_ids": np.zeros_like(numbers),
        }
        if entry.image_input in self._formats.keys() - given.keys():
            size = entry.image_size_px  # a graph of both towers wants a picture, any
            given[entry.image_input] = np.zeros((1, 3, size, size), np.float32)
        return self._run(given, entry.text_input, entry.text_output)

    def run_images(self, pixels: NDArray[np.float32], entry: CatalogueModel) -> NDArray[np.float32]:
        """The picture output, float32 (n, d), for pixels of shape (n, 3, S, S)."""
        filler = np.zeros((1, 2), np.int64)  # a graph of both towers wants words, any
        given: dict[str, NDArray[Any]] = {
            entry.text_input: filler,
            "attention_mask": np.ones_like(filler),
        }
        given[entry.image_input] = pixels
        return self._run(given, entry.image_input, entry.image_output)

    def _run(
        self, given: Mapping[str, NDArray[Any]], needed: str, output: str
    ) -> NDArray[np.float32]:
        unknown = [name for name in self._formats if name not in given]
        if unknown or needed not in self._formats or output not in self._outputs:
            raise ModelError(
                say(
                    "{file} does not fit the catalogue: it takes {takes} and gives "
                    "{gives}, but {needed} and {output} are expected.",
                    file=self._file,
                    takes=", ".join(self._formats),
                    gives=", ".join(self._outputs),
                    needed=needed,
                    output=output,
                )
            )
        feed = {name: given[name].astype(kind, copy=False) for name, kind in self._formats.items()}
        try:
            (found,) = self._session.run([output], feed)
        except Exception as error:  # the binding raises its own classes, straight under Exception
            _log.warning("%s: %s", self._file, error)
            raise ModelError(
                say(
                    "ONNX Runtime failed on {file}; the log says why. Run: glance-agent "
                    "models check",
                    file=self._file,
                )
            ) from error
        return np.asarray(found, np.float32)

    def _format(self, name: str, kind: str) -> np.dtype[Any]:
        if kind not in _NUMBERS:
            raise ModelError(
                say(
                    "{file} wants {kind} for {name}, which is not supported.",
                    file=self._file,
                    kind=kind,
                    name=name,
                )
            )
        return _NUMBERS[kind]


def read_matrix(path: Path, name: str) -> NDArray[np.float32]:
    """A float32 array of a safetensors file, by name, in the shape that it has there.

    Raises ModelError. The format (github.com/huggingface/safetensors): eight bytes with the length
    of a JSON header, the header, the numbers.
    """
    try:
        data = path.read_bytes()
        (length,) = struct.unpack_from("<Q", data)
        about = json.loads(data[8 : 8 + length])[name]
        first, last = (8 + length + offset for offset in about["data_offsets"])
        if about["dtype"] != "F32":
            raise ValueError(f"its numbers are {about['dtype']}, not F32")
        return np.frombuffer(data[first:last], "<f4").reshape(about["shape"])
    except (OSError, ValueError, KeyError, TypeError, struct.error) as error:
        raise ModelError(
            say("{file} holds no matrix {name}: {why}.", file=path.name, name=name, why=error)
        ) from error
