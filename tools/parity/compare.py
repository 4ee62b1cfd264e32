"""How close our whole way from a file or a text to a vector comes to open_clip's, on torch.

`python -m tools.parity.compare` draws weights for three architectures, exports both towers to ONNX,
and sends the same picture files and texts down both ways: ours (decoding, `Pixels`, `Words`,
`OnnxEncoder`) and open_clip's (its transforms, its tokenizer, torch). It fails below LEAST_COSINE.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from glance_agent.domain.vectors import Matrix, unit_rows
from glance_agent.embedding.encoder import OnnxEncoder
from glance_agent.embedding.models.catalogue import CatalogueModel, Fit, find
from glance_agent.embedding.pixels import Pixels
from glance_agent.embedding.runtime import RuntimeOptions
from glance_agent.pictures.decode import decode
from glance_agent.pictures.prepare import EMBEDDED_PX
from tests.embedding.toy import clip_rules
from tools.parity.reference import Architecture, Reference

LEAST_COSINE = 0.9999
FITS: dict[str, Fit] = {"shortest": "crop", "longest": "pad", "squash": "squash"}
ARCHITECTURES = {
    "clip-vit-b32-fp32": Architecture("ViT-B-32-quickgelu", "openai", 77, True),
    "siglip-b16": Architecture("ViT-B-16-SigLIP", "webli", 64, False),
    "mobileclip-s0": Architecture("MobileCLIP-S1", "datacompdr", 77, True),
}
"""The entry of our catalogue, and the architecture of open_clip that it describes."""
TEXTS = (
    "a photo of a cat",
    "a painting of a stormy sea",
    "Claude Monet's water lilies, 1906",
    "naïve café — “quoted”",
    "日本の波",
    "  two   spaces &amp; an entity ",
    "🎨 red!!!",
    "the moon over snow " * 30,
)


@dataclass(frozen=True)
class Closeness:
    """The least cosine of pairs, theirs with ours; and the same with the common part taken off.

    `spread` is the mean cosine of different rows: where it is near 1, only the centred one tells.
    """

    cosine: float
    centred: float
    spread: float


def main() -> None:
    """Compare all architectures, print the figures, and fail where one is too low."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    files = picture_files()
    failed = False
    print(f"{'':20} {'':24}   cosine  centred  different rows")
    for name, architecture in ARCHITECTURES.items():
        for what, found in compared(name, architecture, files):
            good = min(found.cosine, found.centred) >= LEAST_COSINE
            failed |= not good and not what.endswith("(as ingested)")
            print(
                f"{architecture.name:20} {what:24} {found.cosine:.6f} {found.centred:.6f} "
                f"{found.spread:6.3f}"
            )
    sys.exit(1 if failed else 0)


def compared(
    name: str, architecture: Architecture, files: Sequence[bytes]
) -> list[tuple[str, Closeness]]:
    """What was compared, and how close it came."""
    reference = Reference(architecture)
    theirs = [Image.open(BytesIO(data)).convert("RGB") for data in files]
    ours = [decode(data) for data in files]
    trained = reference.quantities["resize_mode"]
    rows: list[tuple[str, Closeness]] = []
    with tempfile.TemporaryDirectory() as folder:
        reference.export(Path(folder))
        for mode in (trained, "longest") if trained == "shortest" else (trained,):
            encoder = our_encoder(name, Path(folder), reference, FITS[mode])
            pixels = reference.images(theirs, mode)
            wanted = reference.embed_images(pixels).numpy()
            off = np.abs(Pixels(encoder.entry).batch(ours) - pixels.numpy()).max()
            print(f"{architecture.name:20} {mode}: pixels differ by at most {off:.2g}")
            rows.append((f"pictures, {FITS[mode]}", closeness(encoder.embed_images(ours), wanted)))
            seen = [decode(data, wanted_px=EMBEDDED_PX) for data in files]
            again = closeness(encoder.embed_images(seen), wanted)
            rows.append((f"{FITS[mode]} (as ingested)", again))
        rows.append(("texts", texts_compared(encoder, architecture, reference)))
    return rows


def texts_compared(
    encoder: OnnxEncoder, architecture: Architecture, reference: Reference
) -> Closeness:
    """Texts both ways; where no vocabulary can be had, the same generated token numbers."""
    tokens = reference.tokens(TEXTS)
    wanted = reference.embed_tokens(tokens).numpy()
    if not architecture.reads_clip_tokens:
        tower = encoder._tower("text")
        rows = [tower.run_text(row.tolist(), encoder.entry)[0] for row in tokens]
        return closeness(unit_rows(np.stack(rows)), wanted)
    for text, row in zip(TEXTS, tokens.tolist(), strict=True):
        ours = encoder._words.ids(text)
        if ours != row[: len(ours)] or any(row[len(ours) :]):
            raise SystemExit(f"{architecture.name}: other tokens for {text!r}: {ours} and {row}")
    return closeness(np.stack([encoder.embed_text(text) for text in TEXTS]), wanted)


def our_encoder(name: str, folder: Path, reference: Reference, fit: Fit) -> OnnxEncoder:
    """The encoder of a catalogue entry, run on the exported towers."""
    about = find(name).model_dump()
    files = [{"role": r, "path": f"{r}.onnx"} for r in ("image", "text")]
    (folder / "tokenizer.json").write_text(clip_rules(), encoding="utf-8")
    width = int(reference.embed_tokens(reference.tokens(["a"])).shape[1])
    changes = {
        "files": [*files, {"role": "tokenizer", "path": "tokenizer.json"}],
        "fit": fit,
        "dimension": width,
        "image_output": "embeds",
        "text_output": "embeds",
        "max_batch": 1,
        # The exported tower takes rows of the whole context; causal ones read them as ours.
        "pad_rule": "to_context",
    }
    entry = CatalogueModel.model_validate(about | changes)
    paths = {file.role: folder / file.path for file in entry.files}
    return OnnxEncoder(entry, paths, RuntimeOptions(), folder)


def closeness(ours: Matrix, theirs: Matrix) -> Closeness:
    """How close unit rows (n, d) are, pair by pair."""
    middle = theirs.mean(axis=0)
    pairs = np.einsum("nd,nd->n", ours, theirs)
    centred = np.einsum("nd,nd->n", unit_rows(ours - middle), unit_rows(theirs - middle))
    among = theirs @ theirs.T
    others = among[~np.eye(len(theirs), dtype=bool)]
    return Closeness(float(pairs.min()), float(centred.min()), float(others.mean()))


def picture_files() -> list[bytes]:
    """Pictures with structure at every scale, of several shapes, as JPEG and PNG."""
    chance = np.random.default_rng(3)
    shapes = ((1200, 900), (640, 853), (200, 1600), (97, 61), (224, 224), (1920, 1080))
    files = []
    for number, size in enumerate(shapes):
        image = Image.new("RGB", size, tuple(int(c) for c in chance.integers(0, 255, 3)))
        for side in (3, 12, 60, 300):
            noise = chance.integers(0, 255, (side, side, 3), np.uint8)
            layer = Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC)
            image = Image.blend(image, layer, 0.4)
        out = BytesIO()
        image.save(out, "PNG" if number % 3 == 1 else "JPEG", quality=90)
        files.append(out.getvalue())
    return files


if __name__ == "__main__":
    main()
