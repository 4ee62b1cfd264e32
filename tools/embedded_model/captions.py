"""From a record and its look to the short texts with which somebody might ask for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tools.embedded_model.colours import COLOURS, Look
from tools.embedded_model.records import Record
from tools.embedded_model.words import (
    COLOUR_WORDS,
    GENRE_WORDS,
    MOOD_WORDS,
    NOUNS_OF_PICTURES,
    STYLE_WORDS,
    TAG_WORDS,
)

COMMON_COLOURS = {"brown": 0.45, "gray": 0.45, "beige": 0.3, "black": 0.3, "white": 0.25}
COLOUR_FLOOR = 0.16
OUTDOORS = {"landscape", "cityscape"}
SEASIDE = {"sea", "ship", "harbor", "beach", "storm"}


@dataclass(frozen=True, slots=True)
class Facts:
    """What can be said about one picture: keys of the word tables, and its plain title and
    artist.
    """

    title: str
    artist: str
    style: str | None
    genre: str | None
    tags: tuple[str, ...]
    colours: tuple[str, ...]
    moods: tuple[str, ...]


def facts(record: Record, look: Look) -> Facts:
    """Everything sayable about a record that looks like that."""
    return Facts(
        title=re.sub(r"[^a-z ]", " ", record.title.lower()).strip(),
        artist=record.artist.lower(),
        style=record.style,
        genre=record.genre,
        tags=record.tags,
        colours=colours(look),
        moods=moods(look, record),
    )


def colours(look: Look) -> tuple[str, ...]:
    """Colours a viewer would name, most present first."""
    named = [
        name for name in COLOURS if look.shares[name] >= COMMON_COLOURS.get(name, COLOUR_FLOOR)
    ]
    return tuple(sorted(named, key=lambda name: -look.shares[name]))


def moods(look: Look, record: Record) -> tuple[str, ...]:
    """Keys of MOOD_WORDS that fit; the bounds are rough deciles of the training pictures."""
    outdoors = record.genre in OUTDOORS or bool(SEASIDE & set(record.tags))
    dim, light = look.lightness < 0.33, look.lightness > 0.6
    grey, coloured = look.chroma < 0.1, look.chroma > 0.2
    still, rough, flat = look.edges < 0.055, look.edges > 0.1, look.contrast < 0.15
    found = {
        "dark": look.lightness < 0.29,
        "bright": look.lightness > 0.64,
        "vivid": look.chroma > 0.25,
        "muted": look.chroma < 0.085,
        "monochrome": look.chroma < 0.045,
        "warm": look.warm > 0.75 and look.chroma > 0.13,
        "cool": look.cool > 0.15,
        "calm": (look.edges < 0.065 and flat and not dim)
        or (outdoors and look.edges < 0.07 and look.contrast < 0.19),
        "dramatic": look.contrast > 0.21 and look.lightness < 0.45,
        "soft": flat and look.lightness > 0.5 and look.edges < 0.085,
        "joyful": look.lightness > 0.52 and coloured,
        "melancholy": look.lightness < 0.42 and look.chroma < 0.12,
        "stormy": ("storm" in record.tags)
        or (outdoors and look.lightness < 0.42 and look.chroma < 0.14),
        "busy": look.edges > 0.112,
        "plain": still and flat,
        "cosy": look.warm > 0.65
        and 0.25 < look.lightness < 0.5
        and look.chroma > 0.13
        and not outdoors,
        "mysterious": dim and look.chroma < 0.13 and not rough,
        "romantic": (look.shares["pink"] > 0.04)
        or ("couple" in record.tags)
        or (record.style == "Rococo" and light),
        "sunny": outdoors and look.lightness > 0.52 and look.chroma > 0.17,
        "wintry": bool({"snow", "winter"} & set(record.tags))
        or (outdoors and light and grey and look.cool > 0.05),
    }
    return tuple(mood for mood, fits in found.items() if fits)


@dataclass(frozen=True, slots=True)
class Caption:
    """A text and the facts a picture must have for the text to be true of it."""

    text: str
    needs: frozenset[str]


def fact_keys(told: Facts) -> frozenset[str]:
    """Every fact of a picture as a key that `Caption.needs` may hold."""
    pairs = (
        ("title", (told.title,) if told.title else ()),
        ("artist", (told.artist,) if told.artist else ()),
        ("style", (told.style,) if told.style else ()),
        ("genre", (told.genre,) if told.genre else ()),
        ("tag", told.tags),
        ("colour", told.colours),
        ("mood", told.moods),
    )
    return frozenset(f"{aspect}:{value}" for aspect, values in pairs for value in values)


class Captioner:
    """Draws captions; rare tags and moods come up more often than their share."""

    def __init__(self, all_facts: list[Facts]) -> None:
        counts: dict[str, int] = {}
        for one in all_facts:
            for word in (*one.tags, *one.moods, *one.colours):
                counts[word] = counts.get(word, 0) + 1
        self._weights = {word: count**-0.5 for word, count in counts.items()}

    def draw(self, told: Facts, chance: np.random.Generator) -> Caption:
        """One caption; always at least one word."""
        for index in chance.permutation(len(TEMPLATES)):
            speaker = _Speaker(told, chance, self._weights)
            parts = TEMPLATES[index](speaker)
            if parts:
                return Caption(" ".join(parts), frozenset(speaker.said))
        return Caption("painting", frozenset())


class _Speaker:
    """Finds one word for each aspect of one picture; empty where there is nothing to say."""

    def __init__(self, told: Facts, chance: np.random.Generator, weights: dict[str, float]) -> None:
        self.told, self.chance, self.weights = told, chance, weights
        self.said: set[str] = set()

    def pick(self, options: tuple[str, ...]) -> str:
        return options[int(self.chance.integers(len(options)))] if options else ""

    def first_or_any(self, options: tuple[str, ...]) -> str:
        """The usual word half of the time, else a synonym."""
        return options[0] if options and self.chance.random() < 0.5 else self.pick(options)

    def rare(self, keys: tuple[str, ...]) -> str:
        if not keys:
            return ""
        weights = np.array([self.weights.get(key, 1.0) for key in keys])
        return keys[int(self.chance.choice(len(keys), p=weights / weights.sum()))]

    def word(self, aspect: str, key: str | None, words: dict[str, tuple[str, ...]]) -> str:
        """A word for one fact, which is noted as said."""
        if not key:
            return ""
        self.said.add(f"{aspect}:{key}")
        return self.first_or_any(words.get(key, (key,)))

    def title(self) -> str:
        return self.word("title", self.told.title, {})

    def artist(self) -> str:
        return self.word("artist", self.told.artist, {})

    def style(self) -> str:
        return self.word("style", self.told.style, STYLE_WORDS)

    def genre(self) -> str:
        return self.word("genre", self.told.genre, GENRE_WORDS)

    def tag(self) -> str:
        return self.word("tag", self.rare(self.told.tags), TAG_WORDS)

    def colour(self) -> str:
        return self.word("colour", self.rare(self.told.colours), COLOUR_WORDS)

    def mood(self) -> str:
        return self.word("mood", self.rare(self.told.moods), MOOD_WORDS)

    def subject(self) -> str:
        return self.tag() or self.genre()

    def noun(self) -> str:
        return self.pick(NOUNS_OF_PICTURES)

    def maybe(self, word: str) -> str:
        return word if self.chance.random() < 0.5 else ""


Parts = list[str]


def _all(*words: str) -> Parts:
    """The words, or nothing if one is missing."""
    return list(words) if all(words) else []


def _some(*words: str) -> Parts:
    """The words that are there."""
    return [word for word in words if word]


TEMPLATES: tuple[Callable[[_Speaker], Parts], ...] = (
    lambda s: _all(s.title()),
    lambda s: _all(s.title(), "by", s.artist()),
    lambda s: _all(s.style(), s.genre()),
    lambda s: _all(s.style(), s.subject()),
    lambda s: _all(s.style(), "painting", "of", s.subject()),
    lambda s: _all(s.genre(), "in the style of", s.style()),
    lambda s: _all(s.genre()),
    lambda s: _all(s.style()),
    lambda s: _all(s.tag()),
    lambda s: _all(s.tag()),
    lambda s: _all("a painting of", s.tag()),
    lambda s: _all(s.tag(), "and", s.tag()) if len(s.told.tags) > 1 else [],
    lambda s: _all(s.mood(), s.noun()),
    lambda s: _all(s.mood(), s.genre()),
    lambda s: _all(s.mood(), s.tag()),
    lambda s: _all(s.mood(), s.colour(), s.subject()),
    lambda s: _all(s.mood(), s.style(), s.genre()),
    lambda s: _all(s.mood(), s.mood(), s.noun()) if len(s.told.moods) > 1 else [],
    lambda s: _all(s.colour(), s.noun()),
    lambda s: _all(s.colour(), s.subject()),
    lambda s: _all(s.colour(), s.style(), s.genre()),
    lambda s: _all(s.colour(), "and", s.colour()) if len(s.told.colours) > 1 else [],
    lambda s: _all(s.artist(), s.subject() if s.chance.random() < 0.5 else s.noun()),
    lambda s: _some(s.mood(), s.colour(), s.style(), s.subject(), s.maybe(s.noun())),
)
