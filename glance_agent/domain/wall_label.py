"""What a museum's label beside a picture says."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from glance_agent.domain.wording import is_untitled, said_credit, said_date, said_medium

if TYPE_CHECKING:
    from glance_agent.domain.artwork import Artwork

LabelField = Literal["artist", "title", "date", "medium", "credit"]
LABEL_FIELDS: Final[tuple[LabelField, ...]] = ("artist", "title", "date", "medium")

_FILE_NAME: Final = (
    r"^[\W_]*(?:(?:FB_)?IMG|MG|DSC[NF]?|PXL|MVIMG|SAM|GOPR|DJI|CIMG|KIMG|PANO|VID|SCAN|SCREENSHOT|"
    r"WHATSAPP IMAGE|(?:P|IMGP?|S)(?=\d{4}))[-_ ]*\d|"
    r"\.(?:jpe?g|png|webp|tiff?|heic|avif|gif|bmp|raw|dng)$|"
    r"^[\d_.\- ]+$|^(?=.*\d)[0-9a-f-]{12,}$|^\d{8}[-_]\d{4,6}"
)
"""Names that cameras, phones and programs give, not people."""


@dataclass(frozen=True, slots=True)
class Label:
    """How a display labels its pictures. `height` is that of a line, as a share of the panel's."""

    fields: tuple[LabelField, ...] = LABEL_FIELDS
    height: float = 0.022
    code: bool = False
    """Whether a code leads phones to the museum's page."""
    font: str | None = None
    """A font file in the place of the one that comes along."""
    language: str = "en"
    """What its own words and days are said in."""


@dataclass(frozen=True, slots=True)
class LabelLine:
    """One line, in italics or not; it may be broken."""

    text: str
    italic: bool = False


@dataclass(frozen=True, slots=True)
class LabelText:
    """What one label says, line by line, and the address that its code leads to."""

    lines: tuple[LabelLine, ...] = ()
    address: str | None = None


def label_text(work: Artwork, label: Label, spoken: Callable[[str], str] = str) -> LabelText:
    """The label of a work, in the order of museums: who, what and when, of what, whose.

    `spoken` says words of the agent's own in the label's language. Nothing is invented: what is not
    known is not there, nor is a title that is the name of a file.
    """
    wanted = set(label.fields)
    credit = spoken(said_credit(work.credit) or "") if "credit" in wanted else None
    title = work.title if "title" in wanted and is_a_title(work.title) else None
    date = spoken(said_date(work.date)) if work.date and "date" in wanted else None
    medium = spoken(said_medium(work.medium)) if work.medium and "medium" in wanted else None
    when = LabelLine(date) if date and not title else None
    named = LabelLine(f"{title}, {date}" if date else title, italic=True) if title else when
    lines = [
        LabelLine(work.artist) if work.artist and "artist" in wanted else None,
        named,
        LabelLine(medium) if medium else None,
        LabelLine(credit) if credit else None,
    ]
    is_page = work.page_url is not None and work.page_url.startswith(("https://", "http://"))
    address = work.page_url if label.code and is_page else None
    return LabelText(tuple(line for line in lines if line is not None), address)


def is_a_title(text: str) -> bool:
    """Whether somebody called a work this."""
    text = text.strip()
    return bool(text) and not is_untitled(text) and not re.search(_FILE_NAME, text, re.I)


def label_text_from_json(told: dict[str, Any]) -> LabelText:
    """The text that `dataclasses.asdict` made this of. Raises TypeError, KeyError."""
    return LabelText(tuple(LabelLine(**line) for line in told["lines"]), told["address"])
