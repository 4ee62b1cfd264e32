"""Seeded mutations of every kind of picture, given to a real decoding process one after the other.

`python -m tools.campaigns.pictures.mutated` changes a file of each kind as storage, transfers and
people who mean harm do: bytes, lengths, blocks that are missing, twice there or of another kind. It
prints for each kind what came of them, and fails where an answer took more than 10 seconds or a
process more memory than it may, where a refusal has no known reason, or where this process, which
stands for the agent, has grown. `--seed` makes it another run, `--seconds` ends it in time; each
file is named by its number, so that `--only JPEG --number 17` makes it again.
"""

from __future__ import annotations

import argparse
import struct
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from io import BytesIO
from random import Random

from PIL import Image, TiffImagePlugin

from glance_agent.decoding.decoder import Decoder
from glance_agent.decoding.opening import Decoders
from glance_agent.domain.reasons import REASONS
from glance_agent.pictures.limits import Limits
from glance_agent.wiring.memory import keep_little_memory
from tools.campaigns.pictures.__main__ import MEGAPIXELS, MOST_GROWTH_BYTES, MOST_SECONDS, table
from tools.campaigns.pictures.containers import encoded
from tools.campaigns.pictures.sample import Sample, painting
from tools.campaigns.pictures.trial import Trial, resident_bytes, tried

EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
MOST_BYTES = Limits.of(MEGAPIXELS).process_bytes
_CHECKED = frozenset(("PNG", "palette", "deep"))
HEAD_BYTES = 400
"""Half of all changes are here, where files say what they are."""


def main() -> None:
    """Run the campaign, print the table, and fail where a promise was not kept."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--each", type=int, default=300, help="mutations of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=300.0, help="end it after so long")
    parser.add_argument("--only", default="", help="kinds to try, with commas between")
    parser.add_argument("--number", type=int, help="try only this one of each kind")
    options = parser.parse_args()
    kinds = {k: v for k, v in whole().items() if not options.only or k in options.only.split(",")}
    some = mutations(kinds, options.each, options.seed)
    if options.number is not None:
        some = (s for s in some if s.name == str(options.number))
    keep_little_memory()  # as the agent does
    with closing(Decoders(MEGAPIXELS)) as decoders:
        decoder = decoders.for_people
        for kind, data in kinds.items():  # what loads for good is loaded
            tried(decoder, Sample(kind, "whole", lambda d=data: d), data)
        before = resident_bytes()
        trials = list(until(time.monotonic() + options.seconds, some, decoder))
        grown = resident_bytes() - before
    print("\n".join(table(trials)))
    print(f"{len(trials)} files; this process grew by {grown / 1e6:.0f} MB")
    failures = list(failed(trials, grown))
    print("\n".join(failures) or "every promise was kept")
    sys.exit(1 if failures else 0)


def until(end: float, samples: Iterator[Sample], decoder: Decoder) -> Iterator[Trial]:
    """Each file tried, till the time is over."""
    for sample in samples:
        if time.monotonic() > end:
            return
        yield tried(decoder, sample, sample.make())


def failed(trials: list[Trial], grown: int) -> Iterator[str]:
    """What was promised and not kept."""
    for trial in trials:
        name = f"{trial.sample.kind} {trial.sample.name}"
        if trial.seconds > MOST_SECONDS:
            yield f"{name} took {trial.seconds:.1f} s"
        if trial.peak_bytes > MOST_BYTES:
            yield f"{name} took {trial.peak_bytes / 1e6:.0f} MB"
        if trial.refused and trial.refused not in REASONS:
            yield f"{name} was refused for {trial.refused!r}"
    if grown > MOST_GROWTH_BYTES:
        yield f"this process grew by {grown / 1e6:.0f} MB"


# -- files that are whole --------------------------------------------------------------------------


def whole() -> dict[str, bytes]:
    """A file of each kind that is read; HEIC where its extra is here."""
    picture = painting((320, 240))
    plain = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "JPEG2000", "PPM", "TGA", "ICO")
    found = {form: encoded(picture, form) for form in plain}
    frames = [painting((320, 240), seed=n) for n in range(3)]
    together = {"save_all": True, "append_images": frames[1:]}
    found |= {
        "progressive": encoded(picture, "JPEG", progressive=True),
        "cmyk": encoded(picture.convert("CMYK"), "JPEG"),
        "stereo": encoded(frames[0], "MPO", **together),
        "moving": encoded(picture, "JPEG") + b"\0\0\0\x18ftypmp42" + Random(1).randbytes(5_000),
        "lossless": encoded(picture, "WEBP", lossless=True),
        "palette": encoded(picture.quantize(64), "PNG"),
        "packed": encoded(picture, "TIFF", compression="tiff_lzw"),
        "in jpeg": encoded(picture, "TIFF", compression="jpeg"),
        "pages": _pages(frames),
        "deep": encoded(picture.convert("I;16"), "PNG"),
        "animated": encoded(frames[0], "WEBP", **together),
    }
    return found | _heic(picture)


def _pages(frames: list[Image.Image]) -> bytes:
    out = BytesIO()
    with TiffImagePlugin.AppendingTiffWriter(out) as pages:
        for kind, frame in zip((1, 0, 4), (frames[0].reduce(4), *frames[1:]), strict=True):
            frame.save(pages, "TIFF", tiffinfo={254: kind}, compression="tiff_lzw")
            pages.newFrame()
    return out.getvalue()


def _heic(picture: Image.Image) -> dict[str, bytes]:
    try:
        from pillow_heif import from_pillow
    except ImportError:
        return {}
    one, tiles = BytesIO(), BytesIO()
    from_pillow(picture).save(one, quality=60)
    from_pillow(picture).save(tiles, quality=60, tile_size=128)
    return {"HEIC": one.getvalue(), "HEIC in tiles": tiles.getvalue()}


# -- and what is made of them ----------------------------------------------------------------------


def mutations(kinds: dict[str, bytes], each: int, seed: int) -> Iterator[Sample]:
    """So many changed copies of each file, the kinds in turns; the same for the same seed."""
    donors = list(kinds.values())
    for number in range(each):
        for kind, data in kinds.items():
            yield Sample(kind, str(number), _maker(kind, number, seed, data, donors))


def _maker(
    kind: str, number: int, seed: int, data: bytes, donors: list[bytes]
) -> Callable[..., bytes]:
    def make() -> bytes:
        chance = Random(f"{seed} {kind} {number}")
        changed = bytearray(data)
        for _ in range(chance.choice((1, 1, 2, 3, 8, 40))):
            if changed:
                chance.choice(_CHANGES)(changed, chance, donors)
        if kind in _CHECKED and chance.random() < 0.7:
            return _with_right_sums(bytes(changed))
        return bytes(changed)

    return make


def _with_right_sums(png: bytes) -> bytes:
    """The same with the check sums that its chunks should have, so that they are looked into."""
    out, at = bytearray(png), 8
    while at + 12 <= len(out):
        end = at + 8 + int.from_bytes(out[at : at + 4], "big")
        if end + 4 > len(out):
            break
        out[end : end + 4] = struct.pack(">I", zlib.crc32(out[at + 4 : end]))
        at = end + 4
    return bytes(out)


def _place(changed: bytearray, chance: Random) -> int:
    near = chance.random() < 0.5
    return chance.randrange(min(len(changed), HEAD_BYTES) if near else len(changed))


def _byte(changed: bytearray, chance: Random, _donors: list[bytes]) -> None:
    changed[_place(changed, chance)] = chance.randrange(256)


def _bit(changed: bytearray, chance: Random, _donors: list[bytes]) -> None:
    changed[_place(changed, chance)] ^= 1 << chance.randrange(8)


def _number(changed: bytearray, chance: Random, _donors: list[bytes]) -> None:
    """A length, a size or an offset that leads astray."""
    form, most = chance.choice(((">H", 0xFFFF), ("<H", 0xFFFF), (">I", -1), ("<I", -1)))
    at, told = _place(changed, chance), struct.pack(form, chance.choice(EXTREMES) & most)
    changed[at : at + len(told)] = told


def _missing(changed: bytearray, chance: Random, _donors: list[bytes]) -> None:
    at = _place(changed, chance)
    del changed[at : at + chance.choice((1, 4, 64, 1_024))]


def _twice(changed: bytearray, chance: Random, _donors: list[bytes]) -> None:
    at, long = _place(changed, chance), chance.choice((4, 64, 1_024))
    changed[at:at] = changed[at : at + long] * chance.choice((1, 1, 20))


def _foreign(changed: bytearray, chance: Random, donors: list[bytes]) -> None:
    donor = chance.choice(donors)
    at, start = _place(changed, chance), chance.randrange(len(donor))
    part = donor[start : start + chance.choice((8, 256, 4_096))]
    changed[at : at + len(part)] = part


def _ends(changed: bytearray, chance: Random, _donors: list[bytes]) -> None:
    long = len(changed)
    del changed[chance.randrange(long) :]
    if chance.random() < 0.3:
        changed.extend(bytes(long - len(changed)))


_CHANGES = (_byte, _byte, _bit, _number, _number, _missing, _twice, _foreign, _ends)


if __name__ == "__main__":
    main()
