"""Every kind of panel beside six pictures, and panels with six pairs, on one sheet to look at.

`python -m tools.panel_gallery sheet.png` renders as the agent does and shows what comes out;
e-paper in the colours that its inks have, not in those that are sent.
"""

from __future__ import annotations

import argparse
from io import BytesIO
from pathlib import Path

from PIL import Image

from glance_agent.domain.frame import Frame
from glance_agent.domain.panel import Encoding, Layout, Mat, PanelProfile, Tone
from glance_agent.domain.wall_label import Label, LabelLine, LabelText
from glance_agent.pictures.contact_sheet import contact_sheet
from glance_agent.pictures.rendering.dithering import as_inks, load_ditherer
from glance_agent.pictures.rendering.inks import PANELS
from glance_agent.pictures.rendering.render import render, render_pair
from glance_agent.sources.starter import folder

PICTURES = (
    "lavender-field-at-sunset", "moonlit-sea", "crane-before-the-red-sun", "beato-nagasaki-boats",
    "water-lilies", "blossfeldt-acanthus-mollis",
)  # fmt: skip
UPRIGHT = (
    ("moonlit-sea", "geese-across-the-moon"), ("blossfeldt-acanthus-mollis", "birches-in-october"),
    ("blossfeldt-acanthus-mollis", "blossfeldt-allium-oreophilum"),
    ("crane-before-the-red-sun", "blue-ranges-and-a-red-sun"),
    ("red-tulips-in-a-vase", "sunflowers-in-a-vase"),
    ("rain-on-the-bridge", "red-gate-in-the-snow"),
)  # fmt: skip
LYING = (
    ("stormy-sea", "calm-sea-at-dawn"), ("snowy-peaks", "alpenglow-on-the-lake"),
    ("poppy-field", "lavender-field-at-sunset"),
    ("wave-and-far-mountain", "osullivan-black-canyon"),
    ("water-lilies", "wild-flower-meadow"), ("beato-nagasaki-boats", "azari-airplane-from-above"),
)  # fmt: skip
CELL_PX = 300
MUCH = 10_000_000


def profiles() -> dict[str, PanelProfile]:
    """Panels by what is said of them."""
    framed, wide = Layout(mat=Mat("framed")), (1920, 1080)
    screens = {
        "1080p plain": PanelProfile(wide, MUCH),
        "1080p cover": PanelProfile(wide, MUCH, Layout("cover")),
        "1080p framed": PanelProfile(wide, MUCH, framed),
        "1080p framed, smart": PanelProfile(wide, MUCH, Layout("smart", mat=Mat("framed"))),
        "4K blur": PanelProfile((3840, 2160), MUCH, Layout(mat=Mat("blur"))),
        "upright OLED, varied mats": PanelProfile(
            (1080, 1920), MUCH, Layout(mat=Mat("framed", varies=True))
        ),
        "8K, small pictures": PanelProfile((4096, 2304), MUCH, Layout(max_enlargement=1.0)),
        "1080p at night": PanelProfile(wide, MUCH, framed, Tone(0.4, 1.0)),
    }
    white = Layout(mat=Mat(colour="#ffffff"))
    papers = {
        f"{panel} {size[0]}x{size[1]}": PanelProfile(
            size, MUCH, white, panel=panel, encoding=Encoding("png")
        )
        for panel, size in (
            ("spectra6", (800, 480)), ("spectra6", (1600, 1200)), ("acep7", (800, 480)),
            ("uc8159", (600, 448)), ("bwr", (800, 480)), ("bwry", (296, 152)),
            ("mono", (800, 480)), ("grey4", (800, 480)), ("grey16", (1872, 1404)),
        )
    }  # fmt: skip
    return screens | papers


def pairs() -> dict[str, PanelProfile]:
    """Panels on which two pictures hang together."""
    framed, wide, label = Layout(mat=Mat("framed")), (1920, 1080), Label()
    white = Layout(mat=Mat(colour="#ffffff"))
    return {
        "1080p pair": PanelProfile(wide, MUCH, label=label),
        "1080p pair, framed": PanelProfile(wide, MUCH, framed, label=label),
        "1080p pair, smart": PanelProfile(wide, MUCH, Layout("smart", mat=Mat("framed"))),
        "1080p pair, blur": PanelProfile(wide, MUCH, Layout(mat=Mat("blur")), label=label),
        "upright pair, framed": PanelProfile((1080, 1920), MUCH, framed, label=label),
        "spectra6 pair 800x480": PanelProfile(
            (800, 480), MUCH, white, panel="spectra6", encoding=Encoding("png"), label=label
        ),
    }


def seen(frame: Frame, profile: PanelProfile) -> Image.Image:
    """What is seen on the wall."""
    return as_seen(Image.open(BytesIO(frame.data)), profile)


def as_seen(frame: Image.Image, profile: PanelProfile) -> Image.Image:
    """A decoded frame in the colours that its panel has."""
    inks = PANELS.get(profile.panel)
    if inks is not None and frame.mode == "P":
        return as_inks(frame, inks.measured).convert("RGB")
    return frame.convert("RGB")


def together(names: tuple[str, str], profile: PanelProfile) -> Frame:
    """Two pictures of the starter gallery, labelled by their names where the panel has labels."""
    texts = [LabelText((LabelLine(n.replace("-", " ").capitalize(), True),)) for n in names]
    return render_pair([original(name) for name in names], profile, texts)


def original(name: str) -> Image.Image:
    """A picture of the starter gallery."""
    return Image.open(folder() / f"{name}.webp").convert("RGB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--only", default="", help="panels whose name has this in it")
    parser.add_argument("--cell", type=int, default=CELL_PX, help="pixels of one picture")
    arguments = parser.parse_args()
    load_ditherer()
    originals = [original(name) for name in PICTURES]
    cells = [
        (seen(render(image, profile), profile), name)
        for name, profile in profiles().items()
        if arguments.only in name
        for image in originals
    ]
    for name, profile in pairs().items():
        if arguments.only in name:
            kinds = LYING if profile.size_px[0] < profile.size_px[1] else UPRIGHT
            cells += [(seen(together(two, profile), profile), name) for two in kinds]
    contact_sheet(cells, columns=len(PICTURES), cell_px=arguments.cell).save(arguments.file)
    print(f"{len(cells)} pictures are in {arguments.file}.")


if __name__ == "__main__":
    main()
