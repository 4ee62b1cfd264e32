"""Letters as they are compared, in every script: one form for what is printed and what is asked.

Case and accents do not count, nor do vowel points; letters with a plainer spelling (ß, ø, ł) have
that one. Marks that make another letter stay: й, the voicing of kana, the vowels of Indic scripts.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_PLAIN = str.maketrans(
    {
        "ø": "o", "đ": "d", "ł": "l", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d",
        "þ": "th", "ŧ": "t", "ŋ": "n", "ى": "ي", "ة": "ه", "ک": "ك", "ی": "ي",
        "’": "'", "ʼ": "'", "ʻ": "'", "ʹ": "'",
    }
)  # fmt: skip
_SPELLED_OUT = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "’": None, "'": None}
)
"""How letters are written where a keyboard lacks them, or nobody types them."""
_NOT_COUNTED = re.compile(
    r"(?<![иу])\u0306|[\u0300-\u0305\u0307-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u0640"
    r"\u064b-\u065f\u0670\u06d6-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\u200b-\u200f\u20d0-\u20ff"
    r"\ufe00-\ufe0f\ufe20-\ufe2f\u00ad]"
)
"""Accents, points and invisible signs; the breve counts in й and ў alone."""
_UNSPACED = (
    r"([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    r"\uf900-\ufaff\U00020000-\U0003ffff])"
)
"""A character of a script that puts no space between words."""
_ASCII_WORD = re.compile(r"[a-z0-9]+(?:'[a-z0-9]+)*")


def folded_words(text: str | None) -> list[str]:
    """The words of a text, as they are compared.

    Where a script has no spaces between words, all that stands together is one, its characters
    parted by spaces: whatever follows each other in it is found as words in a row.
    """
    letters = folded_letters(text or "")
    if letters.isascii():
        return _ASCII_WORD.findall(letters)
    marked = "".join(c if _is_of_word(c) else " " for c in letters)
    words = (word.strip("'") for word in marked.split())
    return [" ".join(re.sub(_UNSPACED, r" \1 ", word).split()) for word in words if word]


@lru_cache(maxsize=4096)
def folded(text: str | None) -> str:
    """The words of a text as they are compared, with one space between them."""
    return " ".join(folded_words(text))


def findable(text: str | None) -> str:
    """What a label is found by: its words, and after them other spellings of some.

    “Nürnberg” is also found as nuernberg, “O’Keeffe” as okeeffe.
    """
    if not text:
        return ""
    lower = unicodedata.normalize("NFC", text).lower()
    others = [word for word in lower.split() if word.translate(_SPELLED_OUT) != word]
    return " ".join(folded_words(text) + [folded(word.translate(_SPELLED_OUT)) for word in others])


def folded_letters(text: str) -> str:
    """The text in small letters, as they are compared; all that is no letter stays."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKC", text).casefold()
    counted = _NOT_COUNTED.sub("", unicodedata.normalize("NFKD", plain))
    return unicodedata.normalize("NFC", counted).translate(_PLAIN)


def _is_of_word(char: str) -> bool:
    return char.isalnum() or char == "'" or unicodedata.category(char)[0] == "M"
