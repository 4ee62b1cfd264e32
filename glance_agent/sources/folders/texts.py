"""Text as strangers' programs wrote it: bytes of an encoding that mostly nobody names.

UTF-8 where it is that; else Windows-1252, which is what “Latin-1” is in the wild; and where hardly
a letter would be one of ASCII then, what a detector makes of it: no Western language is so written.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_MARKED: Final = {b"\x1b%G": "utf-8", b"\x1b%/I": "utf-8", b"\x1b.A": "cp1252"}
"""What IPTC-IIM 1:90 names, by ISO 2022: UTF-8 and Latin-1."""
_FOREIGN: Final = 0.5
"""From this share of letters beyond ASCII on, Windows-1252 is doubted."""
_ENOUGH: Final = 8
"""With fewer letters than these nothing can be told."""
_WRITTEN: Final = (
    "cp1251", "koi8_r", "cp1250", "cp1253", "cp1254", "cp1255", "cp1256", "cp932", "gb18030",
    "big5", "cp949", "euc_jp", "cp1252",
)  # fmt: skip
"""The encodings that programs of the last decades wrote labels in."""
_MOST_BYTES: Final = 4_000
"""Of so many bytes the encoding is told: telling takes time."""


def encoding_of(texts: Iterable[bytes], mark: bytes = b"") -> str:
    """The encoding that all of these texts have; `mark` is how IPTC names it, if it does."""
    whole = b"\n".join(texts)[:_MOST_BYTES]
    if _decodes(whole, "utf-8"):
        return "utf-8"
    if (named := _MARKED.get(mark)) is not None and named != "utf-8":
        return named
    signs = whole.decode("cp1252", "replace")
    foreign, letters = sum(not c.isascii() for c in signs), sum(map(str.isalpha, signs))
    western = foreign < max(_ENOUGH, _FOREIGN * letters)
    return "cp1252" if western else _detected(whole)


def decoded(text: bytes, encoding: str) -> str:
    """The text: as UTF-8 where it is that by itself, else in the encoding, as far as it goes."""
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return text.decode("cp1252" if encoding == "utf-8" else encoding, "ignore")


def text_of(value: object) -> str | None:
    """EXIF text, which Pillow hands over as Latin-1 whatever it is; None for what is no text."""
    if isinstance(value, str):
        try:
            value = value.encode("latin-1")
        except UnicodeEncodeError:
            return str(value)
    return decoded(value, encoding_of([value])) if isinstance(value, bytes) else None


def windows_text(value: object) -> str | None:
    """One of the XP… tags of EXIF, UTF-16 little-endian up to its first zero."""
    if not isinstance(value, bytes):
        return None
    return value.decode("utf-16-le", "ignore").partition("\x00")[0]


def _decodes(text: bytes, encoding: str) -> bool:
    """Whether the text is of this encoding, but for a letter that is cut in two at its end."""
    try:
        text.decode(encoding)
    except UnicodeDecodeError as error:
        return error.start >= len(text) - 3 and len(text) == _MOST_BYTES
    return True


def _detected(text: bytes) -> str:
    from charset_normalizer import from_bytes  # for the few that need it; it takes time to load

    found = from_bytes(text, cp_isolation=list(_WRITTEN)).best()
    return found.encoding if found is not None else "cp1252"
