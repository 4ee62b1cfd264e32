"""Words -> expressions for the full-text index, and what a hit on a label is worth."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from glance_agent.search.reference_queries import COMMON_WORDS, names_kind

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*", re.UNICODE)
_ARTICLES = "the|a|an|le|la|les|der|die|das"
_SILENT = re.compile(
    rf"{_ARTICLES}|of|in|on|at|by|with|and|or|to|for|from|is|are|its|his|her|some|any|this|"
    r"that|de|du|des|van|von|den|painting|paintings|picture|pictures|image|"
    r"images|art|artwork|artworks|work|works|piece|pieces"
)
MOST_TOKENS = 12


@dataclass(frozen=True, slots=True)
class LabelAnswer:
    """What the labels answer: works meant by name, with all of the words, with some of them.

    `descriptive` where all words are of style, genre, colour or mood, which labels seldom say;
    `of_kind` where some are, so that the others alone do not say what is meant. `unordered` where
    so many labels carry all words that none of them says it better than another.
    """

    titled: tuple[str, ...] = ()
    by_artist: tuple[str, ...] = ()
    full: tuple[str, ...] = ()
    some: tuple[str, ...] = ()
    descriptive: bool = False
    of_kind: bool = False
    unordered: bool = False

    @property
    def any(self) -> bool:
        return bool(self.titled or self.by_artist or self.full or self.some)


def folded(text: str | None) -> str:
    """Letters and digits without case, diacritics and punctuation, one space between words."""
    decomposed = unicodedata.normalize("NFKD", text or "")
    plain = "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()
    plain = plain.replace("’", "'")
    return " ".join(_WORD.findall(plain))


def tokens_of(words: str) -> tuple[str, ...]:
    """The words that say something, each once; all of them where none does."""
    found = folded(words).split()
    telling = [token for token in found if not _SILENT.fullmatch(token)] or found
    return tuple(dict.fromkeys(telling))[:MOST_TOKENS]


def quoted(token: str) -> str:
    """A token that the index takes literally, whatever its characters mean in its syntax."""
    return '"' + token.replace('"', '""') + '"'


def every(tokens: Sequence[str], column: str | None = None) -> str:
    """The expression for labels (or one of their columns) that carry every token."""
    joined = " AND ".join(quoted(token) for token in tokens)
    return f"{column} : ({joined})" if column else joined


def some(tokens: Sequence[str]) -> str:
    """The expression for labels that carry any of the tokens."""
    return " OR ".join(quoted(token) for token in tokens)


def any_artist(tokens: Sequence[str]) -> str:
    """The expression for labels with any of the tokens in the artist's name."""
    return f"artist : ({some(tokens)})"


def titled(words: str) -> str | None:
    """The expression for titles with these very words in a row, but for an article in front."""
    found = _without_article(folded(words))
    return f"title : {quoted(found)}" if found else None


def may_be_artist(token: str) -> bool:
    """Whether a word could name an artist: not one that describes pictures, nor a short one."""
    return len(token) > 2 and token not in COMMON_WORDS and not token.isdigit()


def names_artist(by_artist: int, elsewhere: int) -> bool:
    """Whether a word that this many labels have as artist, and elsewhere, is meant as a name."""
    return by_artist > 0 and by_artist >= 2 * elsewhere


def is_descriptive(tokens: Sequence[str]) -> bool:
    """Whether all words say how a picture looks, feels or of which kind it is."""
    return all(names_kind(token) for token in tokens)


def is_of_kind(tokens: Sequence[str]) -> bool:
    """Whether some of the words say of which kind a picture is, which labels seldom say."""
    return any(names_kind(token) for token in tokens)


def same_title(words: str, title: str) -> bool:
    """Whether the words are exactly this title, but for an article in front."""
    return _without_article(folded(words)) == _without_article(folded(title)) != ""


def _without_article(text: str) -> str:
    return re.sub(rf"^(?:{_ARTICLES}) ", "", text)
