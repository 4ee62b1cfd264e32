"""One file of the corpus, what lies beside it, and what is expected of it; how files are made."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from PIL import Image

Colour = tuple[int, int, int]
RED, BLUE = (200, 60, 40), (40, 70, 190)
SIZES = {"landscape": (96, 64), "portrait": (64, 96), "square": (64, 64)}


@dataclass(frozen=True)
class Expected:
    """What is known of a picture that is taken; its left third has this colour when upright."""

    title: str
    artist: str | None = None
    date: str | None = None
    orientation: str = "landscape"
    colour: Colour = RED


@dataclass(frozen=True)
class Case:
    """A file by its path, with its content, and what is to become of it.

    `expected` is what a picture is labelled, the reason why it is left out, or None for what is
    left alone without a word. `link` is where it leads, where it is a link.
    """

    kind: str
    key: str
    data: bytes
    expected: Expected | str | None
    beside: dict[str, bytes] = field(default_factory=dict)
    link: str | None = None


def upright(shape: str = "landscape", colour: Colour = RED, seed: int = 0) -> Image.Image:
    """A picture whose left half has this colour, and whose right half is blue; each is another."""
    image = Image.new("RGB", SIZES[shape], BLUE)
    width, height = image.size
    image.paste(colour, (0, 0, width // 2, height))
    image.paste((seed % 256, seed // 256, 128), (width - 8, 0, width, 8))
    return image


def encoded(image: Image.Image, form: str, **options: Any) -> bytes:
    """The picture in a format of Pillow, as well as that keeps it."""
    if form == "JPEG":
        options = {"quality": 95, "subsampling": 0, **options}
    if form == "GIF":
        image = image.quantize(64)
    if form == "ICO":
        options = {"sizes": [image.size], **options}
    out = BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def clicked(day: str) -> Image.Exif:
    """EXIF of a camera that clicked on this day (2019:07:04)."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Canon", "Canon EOS R6"
    exif.get_ifd(0x8769)[0x9003] = f"{day} 12:00:00"
    return exif


def with_iptc(jpeg: bytes, datasets: list[tuple[int, int, bytes]]) -> bytes:
    """A JPEG with these IPTC datasets (record, number, value) in its Photoshop segment."""
    iptc = b"".join(
        struct.pack(">BBBH", 0x1C, record, number, len(value)) + value
        for record, number, value in datasets
    )
    block = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(iptc)) + iptc + b"\0" * (len(iptc) % 2)
    body = b"Photoshop 3.0\0" + block
    return jpeg[:2] + b"\xff\xed" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


def xmp(properties: str) -> bytes:
    """An XMP packet with these properties."""
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:digiKam="http://www.digikam.org/ns/1.0/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
        'xmlns:lr="http://ns.adobe.com/lightroom/1.0/" '
        f'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/">{properties}'
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()
