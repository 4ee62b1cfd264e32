"""Facts that a file name tells: "Artist - Title (1906).jpg", "claude-monet_water-lilies_1906.jpg".

    what it looks like                    title             artist          date
    Claude Monet - Water Lilies (1906)    Water Lilies      Claude Monet    1906
    claude-monet_water-lilies_1906        Water Lilies      Claude Monet    1906
    Water Lilies, by Claude Monet         Water Lilies      Claude Monet
    stormy_sea-1875                       Stormy Sea                        1875
    IMG_1234, 3f2504e04f8941d3, 001       (none)
    IMG_20190704_1011                     (none)                            2019-07-04
    Screenshot_20190704-1011_Chrome       (none)                            2019-07-04
    IMG_1234 Grandma                      Grandma
    2019-07-04 Grandma 012, 012 Grandma   Grandma                           2019-07-04
    Sunset - edited, Sunset (1)           Sunset

Underscores part the fields of a name only where hyphens part its words; elsewhere both are
spaces. Names written without capitals get them.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import unquote

from glance_agent.domain.naming import EDITED, without_copy_marks
from glance_agent.domain.wall_rule import is_screenshot
from glance_agent.domain.wording import SCREENSHOT
from glance_agent.sources.records.facts import Facts, tidy

_CAMERA: Final = re.compile(
    r"^(?:thumbnail_|resized_|\d{5}(?=IMG))?_?(?:(?:FB_|LRM_EXPORT_)?IMG(?:_[EO](?=\d))?|MG|DSC[NF]?|"
    r"CSC|PXL|MVIMG|SAM|GOPR|DJI|CIMG|KIMG|IMAG|PICT|HPIM|EPSN|YDXJ|PANO|BURST|WP|WIN|VID|C360|"
    r"SCAN|PHOTO(?: ON)?|IMAGE(?:JPEG)?|BILD|FOTO|IMAGEN|IMMAGINE|AFBEELDING|FULLSIZERENDER|"
    r"LRM_EXPORT|PSX|VSCO|RESIZED|RECEIVED|SNAPCHAT|SCREENSHOT|SIGNAL|"
    r"WHATSAPP (?:IMAGE|PHOTO|BILD|FOTO|AFBEELDING|IMMAGINE|IMAGEN)|"
    r"(?:P|IMGP?|S)(?=\d{4})|[RLG](?=\d{7}$))[-_ ]*\d[\d_.\- ]*",
    re.IGNORECASE,
)
"""How cameras, phones, scanners and programs begin a name, with all of its numbers."""
_CLOCK: Final = re.compile(
    r"^(?:19|20)\d\d([-_.]?)\d\d\1\d\d(?:[-_. T]+\d\d[\d\-_. h:m]*)?(?:~\d{1,2})?$"
)
_KODAK: Final = re.compile(r"^\d{3}_\d{4}$")
_CAMERA_TAIL: Final = re.compile(
    r"^(?:[\d\W_]|WA|AT|UM|AM|PM|HDR|MP|COVER|PORTRAIT|NIGHT|BURST|PANO|TOP|PRO|ORIGINAL|E|V|"
    r"ENHANCED|NR|SNAPSEED|DNG|HEIC|JPE?G)*$",
    re.IGNORECASE,
)
"""What they write behind it: WA0001, “at 10.11.12”, HDR … Each sign is passed in one way only:
names are strangers', and may be long."""
_NAMELESS: Final = re.compile(
    r"^(?:unnamed|untitled|unbenannt|ohne titel|sans titre|sin título|senza titolo|naamloos|"
    r"image|photo|bild|foto|download|fullsizerender|snapseed)(?:[-_ ]\d{1,4})?$",
    re.IGNORECASE,
)
"""What programs write where nobody has given a name."""
_DAY: Final = re.compile(
    r"(?<!\d)((?:19|20)\d\d)([-_.]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?!\d)"
)
_DAY_BEFORE: Final = re.compile(rf"^{_DAY.pattern}(?:[T ]\d\d[.:h-]?\d\d)?[\s_-]+(?=.*[^\W\d_])")
"""The day before a name: “2019-07-04 Garden”."""
_COUNTED: Final = re.compile(r"(?<=[^\W\d_])[-_ ]+0\d{1,3}$")
"""A number behind a name that counts its pictures: “Garden 012”."""
_COUNTER: Final = re.compile(r"^(?!(?:1\d|20)\d\d$)[\d\W_]+$")
"""A name that only counts; a year alone may be what a picture is called."""
_COUNTED_BEFORE: Final = re.compile(r"^0\d{1,3}(?:[-_.) ]+|(?=[^\W\d_]))(?=.*[^\W\d_])")
"""The same before it: “012 Garden”."""
_HASH: Final = re.compile(
    r"^(?=.*\d)[0-9a-f]{12,}$|^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(_\d+_\d+_\w)?$", re.I
)
_SIZE: Final = re.compile(r"(?<![^\W_])\d{3,5} ?[x×] ?\d{3,5}(?:px)?(?![^\W_])", re.IGNORECASE)
_EDITED_AT_END: Final = re.compile(rf"\s*[-–]\s*(?:{EDITED})(?=(?:\(\d{{1,3}}\))?$)", re.IGNORECASE)
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
    """Title, artist and date as the last part of the path tells them; any text will do.

    The day in a camera's own name is when it clicked (`taken`).
    """
    stem = PurePosixPath(key).stem if key else ""
    stem = tidy(unquote(stem) if "%" in stem else stem) or ""
    bare = _bare(stem)
    if _HASH.match(stem) or _NAMELESS.match(bare):
        return Facts()
    if is_screenshot(stem):
        return Facts(taken=_day(bare), medium=SCREENSHOT)
    if is_camera_name(bare) or _COUNTER.match(bare):
        return Facts(taken=_day(bare))
    taken = None
    if (camera := _CAMERA.match(bare)) is not None:
        bare, taken = bare[camera.end() :].strip(" _-,"), _day(camera[0])
    elif (before := _DAY_BEFORE.match(bare)) is not None:
        bare, taken = bare[before.end() :], _day(before[0])
    bare, date = _without_year(_COUNTED.sub("", _COUNTED_BEFORE.sub("", bare)))
    artist, title = _split(bare)
    title_words, artist_words = readable(title), readable(artist)
    date = date or (taken if artist else None)
    return Facts(title=title_words, artist=artist_words, date=date, taken=taken).with_years()


def is_camera_name(words: str) -> bool:
    """Whether these words are a name that a camera, a phone or a scanner counts up by itself."""
    bare = _bare(words)
    found = _CAMERA.match(bare)
    if found is None:
        return bool(_CLOCK.match(bare) or _KODAK.match(bare))
    return len(bare) < 100 and bool(_CAMERA_TAIL.match(bare[found.end() :]))


def without_edited(stem: str) -> str:
    """The name of the picture that an edited one was made from; a number behind it stays."""
    return _EDITED_AT_END.sub("", stem)


def _bare(stem: str) -> str:
    """A name without its size, and without what says that it is a copy or was edited."""
    return without_copy_marks(_SIZE.sub("", stem)) or stem


def _day(name: str) -> str | None:
    found = _DAY.search(name)
    return "-".join(found.group(1, 3, 4)) if found else None


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


def readable(text: str | None) -> str | None:
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
