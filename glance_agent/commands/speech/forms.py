"""A sentence in, what is left of it without courtesy, chatter and fillers out."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from glance_agent.commands.speech.patterns import reading
from glance_agent.commands.speech.phrasebook import phrasebooks
from glance_agent.commands.speech.sentence import Sentence

MOST_FORMS = 12
"""So many shorter forms of a sentence are tried."""
DENYING = frozenset({"no", "non"})
"""Where no comma parts them from what follows, these are the “not” of Spanish and Italian."""


def shorter_forms(sentence: Sentence, *, chatter: bool) -> tuple[Sentence, ...]:
    """The sentence, and what is left of it with less and less at its ends and within."""
    found = [sentence]
    for form in found:
        if len(found) >= MOST_FORMS:
            break
        shorter = [*_trimmed(form, chatter=chatter), _without_fillers(form)]
        found += [form for form in dict.fromkeys(shorter) if form not in found]
    return tuple(found)


def without_courtesy(sentence: Sentence, *, chatter: bool = False) -> Sentence:
    """The sentence without “could you” and “please” at its ends, where anything else is left.

    Of `chatter`, only what means nothing in a command is left out as well: “boring, next”.
    """
    left = sentence
    while (shorter := next(_trimmed(left, chatter=chatter), None)) is not None:
        left = shorter
    return left


def _trimmed(sentence: Sentence, *, chatter: bool) -> Iterator[Sentence]:
    """The sentence with something less at one of its ends."""
    for book in phrasebooks():
        for kind in (False, True) if chatter else (False,):
            for first, last in book.trimmings(reading(sentence.said), chatter=kind):
                if not _denies(sentence, last) and (rest := sentence.without(first, last)).words:
                    yield rest


def _denies(sentence: Sentence, last: int) -> bool:
    """Whether the words before one end in a “no” that belongs to it: Spanish “no apagues …”."""
    denied = last < len(sentence.words) and sentence.said[last - 1] in DENYING
    return denied and not any(mark in sentence.gap(last) for mark in ",;:.!…—–")


def _without_fillers(sentence: Sentence) -> Sentence:
    """The sentence without the “please” within."""
    at = [i for i, word in enumerate(sentence.said) if word in fillers()]
    for i in reversed(at):
        if len(sentence.words) > 1:
            sentence = sentence.without(i, i + 1)
    return sentence


@cache
def fillers() -> frozenset[str]:
    """Words that mean nothing wherever they stand in a command, in any language."""
    return frozenset(word for book in phrasebooks() for word in book.inside)
