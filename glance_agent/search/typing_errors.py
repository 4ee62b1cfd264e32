"""Words that are misspelt, read as those that are meant: by how few letters they differ."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

_LEAST_LETTERS = 4
"""Shorter words are only read as one with a letter more."""
_ALONE_FROM = 7
_LONG_FROM = 8
_LEAST_ON_LABEL = 5
_CERTAIN_FROM = 7
_VERY_LONG_FROM = 10
_MOST_WRONG = 2
"""No word is read as one from which more letters differ."""


def corrected(
    said: Sequence[str],
    known: Collection[str],
    is_right: Callable[[str], bool] = lambda word: False,
) -> tuple[str, ...]:
    """The words, those that are neither known nor right replaced by the nearest that is known.

    A word alone is replaced only where hardly another can be meant.
    """
    near = nearest_alone if len(said) == 1 else nearest
    kept = (word in known or is_right(word) for word in said)
    return tuple(
        word if keep else near(word, known) or word for word, keep in zip(said, kept, strict=True)
    )


def nearest(word: str, known: Collection[str]) -> str | None:
    """The known word that this one is meant for; None where none is near, or several are.

    Short words differ from each other by one letter: “nest” is no misspelt “next”, “nxet” is.
    """
    return _nearest(word, known, lambda other: differ(word, other) <= letters_allowed(word))


def nearest_alone(word: str, known: Collection[str]) -> str | None:
    """The same for a word that is all that was said: one letter of a long one, or two are swapped.

    “Inscription” is no description, “diable” would not disable anything.
    """
    if len(word) >= _ALONE_FROM:
        return _nearest(word, known, lambda other: differ(word, other) <= 1)
    return _nearest(word, known, lambda other: is_swapped(word, other))


def letters_allowed(word: str) -> int:
    """How many letters may be wrong, missing, added or swapped in a word of this length."""
    return (len(word) >= _LEAST_LETTERS - 1) + (len(word) >= _LONG_FROM)


def differ(word: str, other: str) -> int:
    """By how many letters two words differ; a wrong letter in a short word makes another word."""
    if len(word) < _LEAST_LETTERS and len(other) <= len(word):
        return len(word)
    if len(word) == len(other) and word[:-1] == other[:-1]:
        # Another ending is no slip: “blaues” and “blauer”.
        return len(word)
    by = _distance(word, other)
    short = len(word) == len(other) == _LEAST_LETTERS
    return by + 1 if short and by == 1 and not is_swapped(word, other) else by


def is_swapped(word: str, other: str) -> bool:
    """Whether two letters have changed places, and nothing else is different."""
    return (
        len(word) >= _LEAST_LETTERS
        and sorted(word) == sorted(other)
        and _distance(word, other) == 1
    )


def nearest_on_label(word: str, known: Collection[str]) -> str | None:
    """The same for a word of a wish, which may well be right although no label has it.

    Of short words none has a wrong letter (Manet is not Monet), and only long ones have two; in
    rather long ones two may be left out.
    """
    letters = len(word)
    if letters < _LEAST_ON_LABEL:
        return None

    def is_near(other: str) -> bool:
        by = _distance(word, other)
        if letters < _CERTAIN_FROM and letters == len(other) and not is_swapped(word, other):
            return False
        left_out = letters >= _LONG_FROM and len(other) - letters == 2
        return by <= 1 + (letters >= _VERY_LONG_FROM or left_out)

    return _nearest(word, known, is_near)


def _nearest(word: str, known: Collection[str], is_near: Callable[[str], bool]) -> str | None:
    if len(word) < _LEAST_LETTERS - 1 or not word.replace(" ", "").isalpha():
        return None
    near = [other for other in _alike(word, known) if is_near(other)]
    if not near:
        return None

    def rank(other: str) -> tuple[int, bool, int]:
        """The first letter is seldom wrong, and letters are left out more often than added."""
        return _distance(word, other), other[0] != word[0], -len(other)

    best, *others = sorted(near, key=rank)
    return None if others and rank(others[0]) == rank(best) else best


def _alike(word: str, known: Collection[str]) -> list[str]:
    """The known words that differ by few letters, in no order."""
    from rapidfuzz.distance import OSA
    from rapidfuzz.process import extract

    found = extract(word, [*known], scorer=OSA.distance, score_cutoff=_MOST_WRONG, limit=None)
    return [other for other, *_ in found]


def _distance(word: str, other: str) -> int:
    """How many letters are wrong, missing, added or swapped with the next."""
    # Loaded with the first word that is not known: it takes 3 MB.
    from rapidfuzz.distance import OSA

    return int(OSA.distance(word, other))
