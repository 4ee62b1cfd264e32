"""What is done with a stranger's picture while it is decoded; all of it happens in the process.

`limits` say how large a picture may be, `admit` is told how many bytes decoding takes before it
begins. Everything raises BadPicture.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PIL import Image

from glance_agent.pictures.colours import dominant_colours
from glance_agent.pictures.decode import (
    DecodedPicture,
    decode,
    decode_and_measure,
)
from glance_agent.pictures.fitting import SquareFit, fitted, shows_all
from glance_agent.pictures.fleeting import PictureFile
from glance_agent.pictures.limits import NO_MEMORY_LIMIT, Limits
from glance_agent.pictures.look import look_of
from glance_agent.pictures.prepare import EMBEDDED_PX, SMALL_PX, Preparation
from glance_agent.pictures.thumbnail import thumbnail

if TYPE_CHECKING:
    from glance_agent.domain.frame import Beside, Frame
    from glance_agent.domain.panel import PanelProfile
    from glance_agent.domain.wall_label import LabelText
    from glance_agent.pictures.metadata import RawMetadata
    from glance_agent.pictures.thumbnail import ThumbnailFormat

Admit = Callable[[int], None]


def small(
    data: PictureFile,
    wanted_px: int,
    *,
    limits: Limits = NO_MEMORY_LIMIT,
    admit: Admit | None = None,
) -> Image.Image:
    """The picture, its long side at least `wanted_px` and at most twice that; smaller where the
    picture is."""
    return _measured(data, wanted_px, limits, admit).image


def preparation(
    data: PictureFile,
    *,
    colours: bool = True,
    fitting: SquareFit | None = None,
    limits: Limits = NO_MEMORY_LIMIT,
    admit: Admit | None = None,
) -> tuple[Preparation, RawMetadata]:
    """All that an ingest needs of a picture: its colours where they are asked for, and what its
    header says; the square of a model where that is known."""
    image, size, cut, metadata = _measured(data, EMBEDDED_PX, limits, admit, metadata=True)
    square = image if fitting is None else fitted(image, fitting)
    glimpse = square if fitting and shows_all(fitting) else _glimpse(image)
    found = dominant_colours(glimpse) if colours else ()
    look = look_of(glimpse, image.width / image.height)
    return Preparation(square, size, found, look, cut, fitting), metadata


def rendered(
    data: PictureFile,
    profile: PanelProfile,
    text: LabelText | None = None,
    beside: Beside | None = None,
    *,
    limits: Limits = NO_MEMORY_LIMIT,
    admit: Admit | None = None,
) -> Frame:
    """The picture as a display shows it, with this label where it has one; beside another one."""
    # A quarter of what there is to load, and of no use to whoever only looks at pictures.
    from glance_agent.pictures.rendering.render import render, render_pair

    wanted_px = max(profile.size_px) * (1 if profile.layout.fit == "contain" else 2)
    if beside is None:
        return render(decode(data, limits=limits, wanted_px=wanted_px, admit=admit), profile, text)
    if admit is not None:
        admit(2 * len(beside.pixels))
    second = Image.frombytes("RGB", beside.size_px, beside.pixels)
    first = decode(data, limits=limits, wanted_px=wanted_px, admit=admit)
    return render_pair((first, second), profile, (text, beside.text))


def thumbnail_of(
    data: PictureFile,
    size_px: int,
    kind: ThumbnailFormat,
    *,
    limits: Limits = NO_MEMORY_LIMIT,
    admit: Admit | None = None,
) -> bytes:
    """The picture with a long side of at most `size_px`, encoded."""
    image = decode(data, limits=limits, wanted_px=size_px, admit=admit)
    return thumbnail(image, size_px, kind)


def warm_up() -> None:
    """Do once what allocates or loads something for good."""
    ramp = Image.linear_gradient("L")
    image = Image.merge("RGB", (ramp, ramp.rotate(90), ramp))
    dominant_colours(image)
    look_of(image, 1.0)


def _glimpse(image: Image.Image) -> Image.Image:
    return image.reduce(max(1, min(image.size) // SMALL_PX))


def _measured(
    data: PictureFile,
    wanted_px: int,
    limits: Limits,
    admit: Admit | None,
    *,
    metadata: bool = False,
) -> DecodedPicture:
    """A small picture, and what is known of the whole."""
    found = decode_and_measure(
        data, limits=limits, wanted_px=wanted_px, admit=admit, metadata=metadata
    )
    found.image.thumbnail((2 * wanted_px, 2 * wanted_px), reducing_gap=2.0)
    return found
