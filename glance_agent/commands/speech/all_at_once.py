"""What is said of all displays at once, as it would be said of one: “turn them all on”."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from glance_agent.commands.speech.patterns import reading
from glance_agent.commands.speech.phrasebook import Phrasebook
from glance_agent.commands.speech.sentence import Sentence

ALL_AT_ONCE = frozenset(
    {"next", "previous", "undo", "pause", "resume", "slideshow", "power", "status"}
)
"""Verbs that are meant so; an opinion is of one picture."""
MOST_WORDS = 7
"""So many words may mean all displays: “on all of our picture frames”."""


def said_of_one(
    sentence: Sentence, books: Collection[Phrasebook]
) -> Iterator[tuple[Sentence, str]]:
    """The sentence as it would be said of one display, with the language that has it of all: “turn
    the display on”, “turn it on” and “turn on”, of “turn them all on”; most words first.
    """
    said, count = sentence.said, len(sentence.words)
    begun = [(at, b) for at in range(count) for b in books if b.all_of_them.beginning(said[at])]
    for length in range(min(count - 1, MOST_WORDS) if begun else 0, 0, -1):
        for first, book in begun:
            if first + length > count:
                continue
            for of_one in _of_one(said[first : first + length], book):
                yield _with(sentence, first, first + length, of_one), book.language


def _of_one(words: tuple[str, ...], book: Phrasebook) -> Iterator[str]:
    """What would be said of one display, where these words mean all of them."""
    for pattern, of_one in book.all_of_them.beginning(words[0]):
        if reading(words).whole(pattern) is not None:
            yield from of_one


def _with(sentence: Sentence, first: int, last: int, said: str) -> Sentence:
    """The sentence with other words in place of these."""
    before, after = sentence.between(0, first), sentence.between(last, len(sentence.words))
    return Sentence(" ".join(part for part in (before, said, after) if part))
