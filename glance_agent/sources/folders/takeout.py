"""What Google Takeout writes beside a picture, in its present and former file names.

Google tells of no format; seen since 2012 are, for `IMG_1.jpg`:

    IMG_1.jpg.json                          until 2024; the name before .json is cut at 46 letters
    IMG_1.jpg.supplemental-metadata.json    since then; cut at 46 letters too, so that of a long
                                            name as little as `.s` is left
    IMG_1.jpg(1).json                       for `IMG_1(1).jpg`, in the present names likewise
    IMG_1.jpg.json                          for `IMG_1-edited.jpg`, which has none of its own; of
                                            a long name as little as `-e` is left of that, too

People whom Google has recognised are named there, and are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from glance_agent.sources.folders.file_names import facts_from_name, is_camera_name, without_edited
from glance_agent.sources.records.facts import Facts, tidy

_LONGEST: Final = 46
_EDITED: Final = ("edited", "bearbeitet", "modifié", "editado", "editada", "ha editado",
                  "modificato", "bewerkt", "edytowane", "redigeret", "redigert", "redigerad",
                  "muokattu", "編集済み", "effects", "collage")  # fmt: skip
"""What Google writes behind the name of a picture that somebody has edited there."""
_NUMBERED: Final = re.compile(r"\((\d{1,3})\)$")
_FILE: Final = re.compile(r"\.(?:jpe?g|png|heic|webp|gif|tiff?|bmp|avif|mp4|dng)$", re.IGNORECASE)


def takeout_names(name: str) -> Iterator[str]:
    """What Takeout may call the JSON file of a picture of this name, the likeliest first."""
    stem, suffix = stem_and_suffix(name)
    for part in dict.fromkeys((stem, without_edited(stem), _without_cut_off_edited(stem))):
        number = _NUMBERED.search(part)
        bare = f"{part[: number.start()]}{suffix}" if number else f"{part}{suffix}"
        again = number[0] if number else ""
        yield f"{(bare + '.supplemental-metadata')[:_LONGEST]}{again}.json"
        yield f"{bare[:_LONGEST]}{again}.json"


def stem_and_suffix(name: str) -> tuple[str, str]:
    """A file's name in two, as `pathlib` parts it, which takes ten times as long for many names."""
    at = name.rfind(".")
    return (name[:at], name[at:]) if 0 < at < len(name) - 1 else (name, "")


def _without_cut_off_edited(stem: str) -> str:
    """A long name without what is left of `-edited`, in any language, where it was cut off."""
    before, hyphen, rest = stem.rpartition("-")
    cut = len(stem) >= _LONGEST - 1 and any(word.startswith(rest) for word in _EDITED)
    return before if hyphen and cut else stem


def is_takeout(content: Mapping[str, Any]) -> bool:
    """Whether a JSON object is one that Takeout wrote."""
    return "photoTakenTime" in content or {"creationTime", "url", "title"} <= content.keys()


def takeout_facts(content: Mapping[str, Any]) -> Facts:
    """Title, description, day and whether it is a favourite; a file's name is no title."""
    title = tidy(content.get("title"))
    if title and (_FILE.search(title) or is_camera_name(title)):
        # Of a name that Google has cut off, the whole is told here alone.
        title = facts_from_name(title).title if len(title) > _LONGEST else None
    return Facts(
        title=title,
        description=tidy(content.get("description"), limit=4_000),
        taken=_day(content.get("photoTakenTime")),
        favourite=content.get("favorited") is True,
    )


def _day(taken: object) -> str | None:
    """The day in UTC: nothing tells in which zone the picture was taken."""
    stamp = taken.get("timestamp") if isinstance(taken, dict) else None
    try:
        found = datetime.fromtimestamp(int(str(stamp)), UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return found.date().isoformat() if 1800 < found.year < 2200 else None
