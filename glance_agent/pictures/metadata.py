"""What is embedded in a file beside its picture."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RawMetadata:
    """What a file says about itself, unread: EXIF tags, IPTC datasets, XMP and text chunks.

    Of EXIF there are the texts, bytes and whole numbers; nobody asks for what has many values.
    """

    exif: dict[int, str | bytes | int] = field(default_factory=dict)
    iptc: dict[tuple[int, int], list[bytes]] = field(default_factory=dict)
    xmp: bytes = b""
    text: dict[str, str] = field(default_factory=dict)
