"""Write down what the shipped model does with the starter gallery, for the regression test.

Run it only after new weights, and read the ranking that it prints before committing it.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from PIL import Image

from glance_agent.sources import starter
from tools.embedded_model.evaluate import open_model
from tools.embedded_model.workplace import EMBEDDED, REPOSITORY

QUERIES = (
    "peaceful blue water",
    "dark night sky",
    "stormy sea",
    "sunny garden",
    "cheerful flowers",
    "flowers in a vase",
    "calm green landscape",
    "red painting",
    "red abstract",
    "blue abstract",
    "geometric shapes",
    "still life with fruit",
    "impressionist landscape",
)
TOP = 3
PICTURES_WITH_VECTORS = 8


def record(gallery: Path, folder: Path) -> None:
    """Write ranking.json and vectors.npz."""
    model = open_model(EMBEDDED)
    entries = json.loads((gallery / "gallery.json").read_text("utf-8"))
    files = [entry["file"] for entry in entries]
    images = model.embed_images([Image.open(gallery / file).convert("RGB") for file in files])
    texts = np.stack([model.embed_text(query) for query in QUERIES])
    best = np.argsort(-(texts @ images.T), axis=1)[:, :TOP]
    ranking = {
        query: [files[number] for number in row] for query, row in zip(QUERIES, best, strict=True)
    }
    for query, first in ranking.items():
        print(f"{query:<30} {', '.join(first)}")
    folder.mkdir(parents=True, exist_ok=True)
    told = {"revision": model.entry.revision, "top": ranking}
    (folder / "ranking.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    chosen = list(range(0, len(files), len(files) // PICTURES_WITH_VECTORS))
    np.savez_compressed(
        folder / "vectors.npz",
        files=np.array([files[number] for number in chosen]),
        images=images[chosen].astype(np.float16),
        queries=np.array(QUERIES),
        texts=texts.astype(np.float16),
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="record rankings and vectors for the test")
    parser.add_argument("--starter", type=Path, default=starter.folder())
    fixtures = REPOSITORY / "tests" / "fixtures" / "embedded"
    parser.add_argument("--out", type=Path, default=fixtures)
    options = parser.parse_args()
    record(options.starter, options.out)
