"""What labels in English call a thing that is asked for in another language: “Schnee” is “snow”."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

IN_ENGLISH: Final = Path(__file__).with_name("in_english.txt")
"""A folded word, and what it is in English, in a line each; words that mean it together are joined
by a low line, on either side. What a word means in one language alone, where another one's meaning
stands first or English has the word as well, is behind “nl:meer”, “de:tag”. `tools/label_words.py`
makes it."""
MOST_JOINED = 3
"""So many words may mean something together."""
Meanings = tuple[tuple[str, ...], ...]
"""What is meant, each in its words, the likeliest first."""


def in_english(*words: str, language: str | None = None) -> Meanings:
    """What folded words of another language are in English, taken together; nothing where that is
    not known. What they mean in the language of whoever asks stands first."""
    own = in_english_alone(*words, language=language)
    return tuple(dict.fromkeys((*own, *_meant("_".join(words)))))


def in_english_alone(*words: str, language: str | None) -> Meanings:
    """What they mean to whoever asks in this language and to nobody else: “Tag” is a day."""
    return _meant(f"{language}:{'_'.join(words)}") if language else ()


def _meant(said: str) -> Meanings:
    begins = f"\n{said} ".encode()
    at = _lines().find(begins)
    if at < 0:
        return ()
    meant = _lines()[at + len(begins) : _lines().index(b"\n", at + 1)].decode()
    return tuple(tuple(each.split("_")) for each in meant.split())


@cache
def _lines() -> bytes:
    """All lines, each with an end before and behind it; read when first asked for.

    To look through them takes a fraction of a millisecond; to take them apart, fifty, and 5 MB.
    """
    return b"\n" + IN_ENGLISH.read_bytes().strip() + b"\n"
