"""The sizes in which a IIIF image service hands out a picture (Image API 1.1, 2.x, 3.0)."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from glance_agent.domain.items import ImageCandidate
from glance_agent.sources.records.plain import address, at, many, pixels

BOXES_PX = (512, 1024, 2048, 3840)
Size = tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class Service:
    """An image service: its base address, version 1-3, level 0-2, and what it can give.

    `largest_px` and `largest_area_px` are its own limits, 0 where it names none; `sizes` are
    those it lists. `described` says that all this comes from its info.json.
    """

    base: str
    version: int = 2
    level: int = 2
    size_px: Size = (None, None)
    largest_px: Size = (None, None)
    largest_area_px: int | None = None
    sizes: tuple[tuple[int, int], ...] = ()
    described: bool = False


def service_of(value: object, *, described: bool = False) -> Service | None:
    """The image service that a manifest or an info.json describes; None where there is none."""
    if isinstance(value, list):
        some = [v for v in value[:10] if isinstance(v, dict)]
        found = [s for s in (service_of(v, described=described) for v in some) if s]
        return max(found, key=lambda s: s.version, default=None)
    base = address(at(value, "id")) or address(at(value, "@id"))
    if base is None or not _is_image_service(value):
        return None
    limits = value if isinstance(value, dict) and "maxWidth" in value else _limits(value)
    limits = value if at(value, "maxArea") else limits
    width = pixels(at(limits, "maxWidth"))
    return Service(
        base=base.removesuffix("/info.json").rstrip("/"),
        version=_version(value),
        level=_level(at(value, "profile")),
        size_px=(pixels(at(value, "width")), pixels(at(value, "height"))),
        largest_px=(width, pixels(at(limits, "maxHeight")) or width),
        largest_area_px=_area(at(limits, "maxArea")),
        sizes=_sizes(at(value, "sizes")),
        described=described,
    )


def renditions(service: Service) -> tuple[ImageCandidate, ...]:
    """The picture in useful sizes, smallest first; never larger than the original."""
    width, height = service.size_px
    if not width or not height:
        boxes = BOXES_PX[:3] if service.level == 2 else ()
        found = [ImageCandidate(_url(service, f"!{b},{b}"), b, b) for b in boxes]
        return tuple(found) or (ImageCandidate(_url(service, _whole(service))),)
    if service.level == 0:
        sizes = sorted(service.sizes)
        found = [ImageCandidate(_url(service, _exact(service, w, h)), w, h) for w, h in sizes]
        return tuple(found) or (ImageCandidate(_url(service, _whole(service)), width, height),)
    scales = _scales(width, height, _largest_scale(service, width, height))
    return tuple(_scaled(service, width, height, scale) for scale in scales)


def _scales(width: int, height: int, largest: float) -> list[float]:
    """The scales of the usual boxes below the largest allowed, and that one if it is near them."""
    long_side = max(width, height)
    below = [box / long_side for box in BOXES_PX if box < long_side * largest]
    return [*below, largest] if len(below) < len(BOXES_PX) else below


def _scaled(service: Service, width: int, height: int, scale: float) -> ImageCandidate:
    w, h = (max(1, math.floor(side * scale + 1e-6)) for side in (width, height))
    size = f"{w}," if service.level == 1 else f"!{max(w, h)},{max(w, h)}"
    return ImageCandidate(_url(service, size), w, h)


def _largest_scale(service: Service, width: int, height: int) -> float:
    most_w, most_h = service.largest_px
    limits = [1.0, (most_w or width) / width, (most_h or height) / height]
    if service.largest_area_px:
        limits.append(math.sqrt(service.largest_area_px / (width * height)))
    return min(limits)


def _url(service: Service, size: str) -> str:
    quality = "native" if service.version == 1 else "default"
    return f"{service.base}/full/{size}/0/{quality}.jpg"


def _whole(service: Service) -> str:
    return "max" if service.version == 3 else "full"


def _exact(service: Service, width: int, height: int) -> str:
    return f"{width},{height}" if service.version == 3 else f"{width},"


def _words(value: object) -> str:
    return " ".join(v for v in many(value) if isinstance(v, str))


def _is_image_service(value: object) -> bool:
    kind = _words(at(value, "type")) + _words(at(value, "@type"))
    words = " ".join(_words(at(value, k)) for k in ("@context", "profile", "protocol"))
    if "auth" in words.casefold() or "search" in words.casefold():
        return False
    return "ImageService" in kind or "image" in words or "level" in words


def _version(value: object) -> int:
    words = " ".join(_words(at(value, k)) for k in ("@context", "type", "@type"))
    match = re.search(r"(?:image/|image-api/|ImageService)(\d)", words)
    if match:
        return min(max(int(match[1]), 1), 3)
    return 3 if at(value, "id") else 2


def _level(profile: object) -> int:
    match = re.search(r"level(\d)", _words(profile))
    return min(int(match[1]), 2) if match else 1


def _limits(value: object) -> object:
    """Version 2 writes its limits into an object within `profile`."""
    return next((p for p in many(at(value, "profile")) if isinstance(p, dict)), None)


def _area(value: object) -> int | None:
    return value if isinstance(value, int) and 0 < value < 2**53 else None


def _sizes(value: object) -> tuple[tuple[int, int], ...]:
    found = [(pixels(at(s, "width")), pixels(at(s, "height"))) for s in many(value)[:50]]
    return tuple((w, h) for w, h in found if w and h)
