"""Facts that a file name tells: "Artist - Title (1906).jpg", "claude-monet_water-lilies_1906.jpg".

    what it looks like                    title             artist          date
    Claude Monet - Water Lilies (1906)    Water Lilies      Claude Monet    1906
    claude-monet_water-lilies_1906        Water Lilies      Claude Monet    1906
    Water Lilies, by Claude Monet         Water Lilies      Claude Monet
    stormy_sea-1875                       Stormy Sea                        1875
    IMG_1234                              Img 1234
    3f2504e04f8941d3                      (none)

Underscores part the fields of a name only where hyphens part its words; elsewhere both are
spaces. Names written without capitals get them.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import unquote

from glance_agent.sources.records.facts import Facts, tidy

_CAMERA: Final = re.compile(
    r"^_?(?:IMG|MG|DSC[NF]?|PXL|MVIMG|SAM|GOPR|DJI|CIMG|KIMG|P|PANO|BURST|WP|VID|SCAN|"
    r"PHOTO|IMAGE|SCREENSHOT|WHATSAPP IMAGE)[-_ ]*\d",
    re.IGNORECASE,
)
_HASH: Final = re.compile(
    r"^(?=.*\d)[0-9a-f]{12,}$|^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", re.I
)
_SIZE: Final = re.compile(r"(?<![^\W_])\d{3,5} ?[x×] ?\d{3,5}(?:px)?(?![^\W_])", re.IGNORECASE)
_COPY: Final = re.compile(r"[\s_]*\(\d{1,2}\)$")
_YEARS: Final = r"(?:c(?:a|irca)?\.? ?)?1?\d{3}s?(?: ?[-–] ?\d{2,4})?|20\d\d(?: ?[-–] ?\d{2,4})?"
_YEAR_IN_BRACKETS: Final = re.compile(rf"[\s_-]*[(\[]({_YEARS})[)\]]", re.IGNORECASE)
_YEAR_AT_END: Final = re.compile(
    r"[\s_,-]+((?:c\.? ?|ca\.? ?)?(?:1[0-9]|20)\d\d(?:[-–](?:1[0-9]|20)?\d\d)?)$", re.IGNORECASE
)
_BY: Final = re.compile(r"^(.+?),? by ([A-Z][^,]+)(?:,.*)?$")
_NOISE: Final = re.compile(r"\s+[-–—]\s+Google Art Project(?:\s+\d+)?$", re.IGNORECASE)
_SMALL: Final = re.compile(
    r"an?|and|at|by|for|from|in|into|of|on|or|over|the|to|under|with|"
    r"da|de|del|della|der|des|di|du|la|le|les|van|von|den|ter|zu|et|und|y"
)


def facts_from_name(key: str) -> Facts:
    """Title, artist and date as the last part of the path tells them; any text will do."""
    stem = PurePosixPath(key).stem if key else ""
    stem = tidy(unquote(stem) if "%" in stem else stem) or ""
    if _HASH.match(stem):
        return Facts()
    if _CAMERA.match(stem):
        return Facts(title=tidy(re.sub(r"[\W_]+", " ", stem).strip().capitalize()))
    bare = _COPY.sub("", _SIZE.sub("", stem)).strip(" _-,") or stem
    bare, date = _without_year(bare)
    artist, title = _split(bare)
    return Facts(title=_readable(title), artist=_readable(artist), date=date).with_years()


def _without_year(name: str) -> tuple[str, str | None]:
    """The name without its year, and the year as written; a name of nothing else stays whole."""
    found = _YEAR_IN_BRACKETS.search(name) or _YEAR_AT_END.search(name)
    rest = (name[: found.start()] + name[found.end() :]).strip(" _-,") if found else ""
    return (rest, tidy(found.group(1).replace("_", " "))) if found and rest else (name, None)


def _split(name: str) -> tuple[str | None, str]:
    """Artist and title by the separator that stands between them."""
    if " " not in name and "_" in name and "-" in name and "_-_" not in name:
        artist, _, title = name.partition("_")
        if "-" in artist:
            return artist, title
    spaced = _NOISE.sub("", name.replace("_", " "))
    for separator in (" - ", " – ", " — "):
        artist, found, title = spaced.partition(separator)
        if found and artist.strip() and title.strip() and not artist.strip().isdigit():
            return artist, title
    by = _BY.match(spaced)
    if by:
        return by.group(2), by.group(1)
    return None, spaced.replace("-", " ") if " " not in name and name.islower() else spaced


def _readable(text: str | None) -> str | None:
    """Words between single spaces, with capitals where the name has none."""
    if text is None:
        return None
    words = text.replace("_", " ")
    if " " not in words.strip() and (words.islower() or words.count("-") > 1):
        words = words.replace("-", " ")
    words = " ".join(words.split()).strip(" -_,")
    if words == words.lower():
        first, *others = words.split(" ")
        cased = [w if _SMALL.fullmatch(w) else w[:1].upper() + w[1:] for w in others]
        words = " ".join([first[:1].upper() + first[1:], *cased])
    return tidy(words)
