"""Every file of the corpus in a folder, read as the agent reads it, and compared with what is due.

`python -m tools.campaigns.own_pictures` writes the files, lists and fetches them with the source
of folders, decodes them in a decoding process, and says of which file what is wrong. With `--keep`
a folder is named that the files are left in.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

from PIL import Image

from glance_agent.decoding.decoder import Decoder
from glance_agent.decoding.opening import Decoders
from glance_agent.domain.artwork import Artwork
from glance_agent.domain.errors import BadPicture
from glance_agent.domain.items import Listed, Skipped
from glance_agent.sources.folders.folder import FolderSource
from tools.campaigns.own_pictures.case import Case, Colour, Expected
from tools.campaigns.own_pictures.corpus import corpus

OFF = 14
"""How far a colour may be off: what is compressed is."""
MEGAPIXELS = 80


def main() -> None:
    """Run the campaign, and fail where a file was not dealt with as it should be."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--keep", type=Path, help="a folder that the files are left in")
    options = parser.parse_args()
    cases = list(corpus())
    with tempfile.TemporaryDirectory() as folder, closing(Decoders(MEGAPIXELS)) as decoders:
        faults = asyncio.run(campaign(cases, options.keep or Path(folder), decoders.in_background))
    print(", ".join(f"{n} {kind}" for kind, n in Counter(case.kind for case in cases).items()))
    print("\n".join(faults) or f"all {len(cases)} files are right")
    sys.exit(1 if faults else 0)


async def campaign(cases: Iterable[Case], folder: Path, decoder: Decoder) -> list[str]:
    """What is wrong, a sentence for each fault, of these files written into the folder."""
    cases = list(cases)
    for case in cases:
        write(case, folder)
    source = FolderSource("own", folder, decoder.look, see=decoder.see)
    found = {item.key: item async for page in source.pages(None) for item in page.items}
    faults = [fault for case in cases for fault in await _judged(case, found, source, decoder)]
    strays = found.keys() - {case.key for case in cases}
    return [*faults, *(f"{key}: nobody put it there" for key in sorted(strays))]


def write(case: Case, folder: Path) -> None:
    """The file of a case and what lies beside it, below the folder."""
    for key, content in {case.key: case.data, **case.beside}.items():
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        if case.link is not None and key == case.key:
            path.symlink_to(case.link)
        else:
            path.write_bytes(content)


async def _judged(
    case: Case, found: dict[str, Listed | Skipped], source: FolderSource, decoder: Decoder
) -> list[str]:
    item = found.get(case.key)
    if item is None or isinstance(item, Skipped):
        became = None if item is None else item.reason
        return [] if became == case.expected else [f"{case.key}: {became}, not {case.expected}"]
    try:
        fetched = await source.fetch(item, wanted_px=448)
        data = await source.read(fetched.location)
        image = await asyncio.to_thread(decoder.small, data, 448)
    except BadPicture as bad:
        right = bad.reason == case.expected
        return [] if right else [f"{case.key}: {bad.reason} ({bad.detail}), not {case.expected}"]
    if not isinstance(case.expected, Expected):
        return [f"{case.key}: taken, not {case.expected}"]
    return [f"{case.key}: {fault}" for fault in _differences(case.expected, fetched.artwork, image)]


def _differences(due: Expected, work: Artwork, image: Image.Image) -> Iterator[str]:
    for name in ("title", "artist", "date", "orientation"):
        if (got := getattr(work, name)) != (wanted := getattr(due, name)):
            yield f"{name} {got!r}, not {wanted!r}"
    seen = image.getpixel((image.width // 6, image.height // 2))
    if not isinstance(seen, tuple) or not _near(seen, due.colour):
        yield f"colour {seen}, not {due.colour}"


def _near(seen: tuple[int, ...], colour: Colour) -> bool:
    return all(abs(one - other) <= OFF for one, other in zip(seen, colour, strict=True))


if __name__ == "__main__":
    main()
