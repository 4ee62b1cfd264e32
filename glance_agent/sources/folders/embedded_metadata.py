"""Facts that a picture file carries inside: XMP, IPTC, PNG text and EXIF.

XMP's and IPTC's "date created" is the work's date. EXIF's DateTimeOriginal is when a camera was
pointed at something: it dates the work only where nothing but the camera tells anything, that
is, for a photograph of one's own (see `labelling.py`).
"""

from __future__ import annotations

import re
from typing import Final

from glance_agent.pictures.metadata import RawMetadata
from glance_agent.sources.folders.file_names import is_camera_name
from glance_agent.sources.folders.texts import decoded, encoding_of, text_of, windows_text
from glance_agent.sources.folders.xmp import FAVOURITE_STARS, shown_date, xmp_facts
from glance_agent.sources.records.facts import NOTHING_TOLD, Facts, tidy

_CAMERA_WORDS: Final = re.compile(
    r"^(olympus digital camera|samsung|kodak|minolta|sony dsc|dcim|dji|default|untitled|"
    r"digital camera|.*\.(jpe?g|png|tiff?))$",
    re.IGNORECASE,
)
_DESCRIPTION, _MAKE, _MODEL, _ARTIST, _COPYRIGHT = 0x010E, 0x010F, 0x0110, 0x013B, 0x8298
_CLICKED, _RATING = 0x9003, 0x4746
_XP_TITLE, _XP_COMMENT, _XP_AUTHOR, _XP_KEYWORDS, _XP_SUBJECT = range(0x9C9B, 0x9CA0)


def embedded_facts(raw: RawMetadata) -> Facts:
    """What XMP, IPTC and PNG text say, in this order."""
    facts = xmp_facts(raw.xmp).or_else(_from_iptc(raw)).or_else(_from_text(raw.text))
    return facts.with_years()


def camera_facts(raw: RawMetadata) -> Facts:
    """What EXIF says: description, artist and copyright, what Windows adds to it, the camera,
    and as date when it clicked."""
    if not raw.exif:
        return NOTHING_TOLD
    windows = {tag: windows_text(raw.exif.get(tag)) for tag in range(_XP_TITLE, _XP_SUBJECT + 1)}
    titles = (tidy(windows[_XP_TITLE]), tidy(text_of(raw.exif.get(_DESCRIPTION)), limit=4_000),
              tidy(windows[_XP_SUBJECT]))  # fmt: skip
    words = next((w for w in titles if w and not is_no_title(w)), None)
    is_title = words is not None and len(words) <= 120
    keywords = (windows[_XP_KEYWORDS] or "").split(";")
    return Facts(
        title=words if is_title else None,
        description=tidy(windows[_XP_COMMENT], limit=4_000) or (None if is_title else words),
        artist=tidy(text_of(raw.exif.get(_ARTIST))) or tidy(windows[_XP_AUTHOR]),
        licence=tidy(text_of(raw.exif.get(_COPYRIGHT))),
        taken=_clicked(raw),
        tags=tuple(dict.fromkeys(tag for word in keywords if (tag := tidy(word, limit=60)))),
        camera=_camera(raw),
        favourite=raw.exif.get(_RATING) == FAVOURITE_STARS,
    ).with_years()


def is_no_title(words: str) -> bool:
    """Whether a camera or a program wrote these words because it had to write some."""
    return bool(_CAMERA_WORDS.match(words)) or is_camera_name(words)


def _clicked(raw: RawMetadata) -> str | None:
    found = re.match(r"(\d{4}):(\d\d):(\d\d)", str(raw.exif.get(_CLICKED) or ""))
    return "-".join(found.groups()) if found and "1800" < found.group(1) < "2200" else None


def _camera(raw: RawMetadata) -> str | None:
    """Maker and model, the maker once: “Apple iPhone 12”, “Canon EOS R6”."""
    make, model = (tidy(text_of(raw.exif.get(tag)), limit=60) for tag in (_MAKE, _MODEL))
    if not make or not model:
        return model or make
    first = make.split()[0]
    return model if model.casefold().startswith(first.casefold()) else f"{first.title()} {model}"


def _from_iptc(raw: RawMetadata) -> Facts:
    """IPTC-IIM 4.2: 1:90 coded character set; record 2: 5 object name, 25 keywords, 55 date
    created, 80 by-line, 90 city, 101 country, 105 headline, 110 credit, 116 copyright notice,
    120 caption."""
    if not raw.iptc:
        return NOTHING_TOLD
    of_application = [v for (record, _), values in raw.iptc.items() if record == 2 for v in values]
    encoding = encoding_of(of_application, b"".join(raw.iptc.get((1, 90), [])))

    def several(dataset: int, limit: int = 300) -> list[str]:
        texts = (decoded(value, encoding) for value in raw.iptc.get((2, dataset), []))
        return [text for found in texts if (text := tidy(found, limit=limit))]

    def words(dataset: int) -> str | None:
        return ", ".join(several(dataset)) or None

    created = re.fullmatch(r"(\d{4})(\d\d)(\d\d)", words(55) or "")
    return Facts(
        title=next((t for t in (words(5), words(105)) if t and not is_no_title(t)), None),
        artist=words(80),
        date=shown_date("-".join(created.groups())) if created else None,
        credit=words(110),
        licence=words(116),
        tags=tuple(several(25, limit=60)),
        description=", ".join(several(120, limit=4_000)) or None,
        place=", ".join(place for dataset in (90, 101) if (place := words(dataset))) or None,
    )


def _from_text(text: dict[str, str]) -> Facts:
    """The keywords of the PNG specification."""
    if not text:
        return NOTHING_TOLD
    return Facts(
        title=tidy(text.get("Title")),
        artist=tidy(text.get("Author")),
        licence=tidy(text.get("Copyright")),
        credit=tidy(text.get("Source")),
        description=tidy(text.get("Description"), limit=4_000),
    )
