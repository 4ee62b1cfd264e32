"""What rendering costs beside bare Pillow, and how true e-paper is, panel by panel.

`python -m tools.bench.panels` prints two tables. The first has ratios to the calls of Pillow, or of
epaper-dithering, that make the same picture in the same run: machines differ and are busy, ratios
less so; and the most memory that the process took. The second has the errors of five pictures of
the starter gallery against the picture fitted between the panel's black and white, both seen from
afar (a blur of two pixels in linear light), in OKLab times 100: lightness, colour, and whether it
is too bright. Panels are simulated by their measured inks.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the program does, before numpy loads

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from glance_agent.domain.panel import Encoding, Layout, Mat, PanelProfile, Tone
from glance_agent.pictures.oklab import oklab
from glance_agent.pictures.rendering import dithering
from glance_agent.pictures.rendering.calibration import adapted, panel_range
from glance_agent.pictures.rendering.inks import PANELS, Inks
from glance_agent.pictures.rendering.laying_out import laid_out
from glance_agent.pictures.rendering.render import render
from glance_agent.sources.starter import folder

PICTURES = (
    "lavender-field-at-sunset", "moonlit-sea", "crane-before-the-red-sun", "beato-nagasaki-boats",
    "water-lilies",
)  # fmt: skip
ROUNDS = 5
MUCH = 20_000_000
Values = NDArray[np.float64]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    rounds = parser.parse_args().rounds
    has_extra = dithering.load_ditherer()
    print(f"Inks are spread by {dithering.ditherer()}.\n")
    _print_costs(rounds)
    _print_errors(has_extra=has_extra)


# -- cost ----------------------------------------------------------------------------------------


def _print_costs(rounds: int) -> None:
    print(f"{'':34}{'ms':>8}{'bare':>8}{'ratio':>8}")
    for name, profile in _screens():
        image = original(profile.size_px)
        _print_cost(name, partial(render, image, profile), partial(_bare, image, profile), rounds)
    for name, size in (("Spectra 800x480", (800, 480)), ("Spectra 1600x1200", (1600, 1200))):
        png, image = Encoding("png"), original(size)
        paper = PanelProfile(size, MUCH, Layout("cover"), panel="spectra6", encoding=png)
        alone = partial(
            dithering.dithered, laid_out(image, size, paper.layout)[0], PANELS["spectra6"]
        )
        _print_cost(f"{name}, by dithering alone", partial(render, image, paper), alone, rounds)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"\nThe process took {most / 1024:.0f} MB at most.\n")


def _screens() -> Iterator[tuple[str, PanelProfile]]:
    for name, size in (("1080p", (1920, 1080)), ("4K", (3840, 2160)), ("800x480", (800, 480))):
        for how, layout in (("plain", Layout()), ("framed", Layout(mat=Mat("framed")))):
            baseline = Encoding(progressive=False)
            yield f"{name} {how}, baseline", PanelProfile(size, MUCH, layout, encoding=baseline)
            yield f"{name} {how}, progressive", PanelProfile(size, MUCH, layout)


def _bare(image: Image.Image, profile: PanelProfile) -> None:
    """What Pillow alone takes: a resize, a canvas, and one encoding."""
    width, height = profile.size_px
    scale = min(width / image.width, height / image.height)
    size = round(image.width * scale), round(image.height * scale)
    shown = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    canvas = Image.new("RGB", profile.size_px, (20, 20, 20))
    canvas.paste(shown, ((width - size[0]) // 2, (height - size[1]) // 2))
    slow = {"optimize": True, "progressive": True} if profile.encoding.progressive else {}
    canvas.save(BytesIO(), "JPEG", quality=90, subsampling="4:4:4", **slow)


def _print_cost(
    name: str, ours: Callable[[], object], bare: Callable[[], object], rounds: int
) -> None:
    """Both take turns, so that whatever else the machine does hits both."""
    ours(), bare()
    times = [(_seconds(ours), _seconds(bare)) for _ in range(rounds)]
    one, other = (statistics.median(column) for column in zip(*times, strict=True))
    print(f"{name:34}{one * 1000:8.0f}{other * 1000:8.0f}{one / other:8.2f}", flush=True)


def _seconds(work: Callable[[], object]) -> float:
    """Of the processor, of this process."""
    started = time.process_time()
    work()
    return time.process_time() - started


def original(size: tuple[int, int]) -> Image.Image:
    """A picture as it comes from the decoder, which shrinks it to about twice the panel."""
    image = picture(PICTURES[0])
    return image.resize((2 * size[0], 2 * size[0] * image.height // image.width))


# -- errors --------------------------------------------------------------------------------------


def _print_errors(*, has_extra: bool) -> None:
    print(f"{'':44}{'lightness':>10}{'colour':>8}{'bias':>8}")
    library = dithering._library
    for panel in ("spectra6", "acep7", "uc8159", "bwr", "bwry", "mono", "grey4", "grey16"):
        inks = PANELS[panel]
        for name, spread in _methods(inks):
            for ditherer in (library, None) if has_extra else (None,):
                dithering._library = ditherer
                found = np.mean([errors(spread(one), one, inks) for one in _fitted()], axis=0)
                said = f"{panel}, {name}, {dithering.ditherer()}"
                print(f"{said:44}{found[0]:10.2f}{found[1]:8.2f}{found[2]:+8.2f}", flush=True)
    dithering._library = library


def _methods(inks: Inks) -> Iterator[tuple[str, Callable[[Image.Image], Image.Image]]]:
    if not inks.are_grey:
        pure = Inks(inks.nominal, inks.nominal)
        yield "nominal", lambda image: dithering.dithered(image, pure)
        yield "measured", lambda image: dithering.dithered(image, inks)
    yield "ours", lambda image: dithering.dithered(adapted(image, inks, Tone(), "auto"), inks)


def _fitted() -> Iterator[Image.Image]:
    for name in PICTURES:
        yield laid_out(picture(name), (400, 240), Layout("cover"))[0]


def picture(name: str) -> Image.Image:
    """A picture of the starter gallery."""
    return Image.open(folder() / f"{name}.webp").convert("RGB")


def errors(shown: Image.Image, image: Image.Image, inks: Inks) -> tuple[float, float, float]:
    """Of lightness, of colour, and how much too bright, on average and times 100."""
    black, white = panel_range(inks)
    meant = _from_afar(image)
    meant[..., 0] = black + meant[..., 0] * (white - black)
    meant[..., 1:] *= 0.0 if inks.are_grey else white - black
    off = _from_afar(dithering.as_inks(shown, inks.measured).convert("RGB")) - meant
    colour = np.sqrt((off[..., 1:] ** 2).sum(axis=-1)).mean()
    return (
        100 * float(np.abs(off[..., 0]).mean()),
        100 * float(colour),
        100 * float(off[..., 0].mean()),
    )


def _from_afar(image: Image.Image) -> Values:
    """The picture in OKLab, blurred in linear light with a deviation of two pixels."""
    encoded = np.asarray(image, dtype=np.float64) / 255
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    kernel = np.exp(-(np.arange(-6, 7) ** 2) / 8.0)
    for axis in (0, 1):
        padding = [(6, 6) if a == axis else (0, 0) for a in range(3)]
        padded = np.pad(linear, padding, mode="edge")
        length = linear.shape[axis]
        linear = sum(
            weight * np.take(padded, range(at, at + length), axis=axis)
            for at, weight in enumerate(kernel / kernel.sum())
        )
    high = 1.055 * np.maximum(linear, 0.0) ** (1 / 2.4) - 0.055
    return oklab(np.where(linear <= 0.0031308, linear * 12.92, high))


if __name__ == "__main__":
    main()
