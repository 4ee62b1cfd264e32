"""What somebody might ask, and which works are right; truth is never what the search can read.

Labels of style and genre come from lists, those of colour and mood from the pixels. Labels of
subjects come from titles: they flatter keyword search, and are reported apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tools.evaluation.paintings import Labelled

Test = Callable[[Labelled], bool]


@dataclass(frozen=True, slots=True)
class Question:
    """A query, its class, which works are right, and which can be judged at all."""

    text: str
    kind: str
    right: Test
    judged: Test


def _anything(_: Labelled) -> bool:
    return True


def _style(*names: str) -> Test:
    return lambda work: work.style in names


def _genre(*names: str) -> Test:
    return lambda work: work.genre in names


def _tags(*names: str) -> Test:
    return lambda work: not work.tags.isdisjoint(names)


def _colour(name: str) -> Test:
    return lambda work: name in work.colours


def _stat(name: str, *, least: float = -1.0, most: float = 2.0) -> Test:
    return lambda work: least <= work.stats.get(name, -2.0) <= most


def _both(*tests: Test) -> Test:
    return lambda work: all(test(work) for test in tests)


def _but(test: Test, without: Test) -> Test:
    return lambda work: test(work) and not without(work)


def _has_genre(work: Labelled) -> bool:
    return work.genre is not None


DARK = _stat("L", most=0.33)
BRIGHT = _stat("L", least=0.62)
VIVID = _stat("S", least=0.4)
MUTED = _stat("S", most=0.12)
WARM = _stat("warm", least=0.75)
COOL = _stat("cool", least=0.25)
STARK = _stat("C", least=0.24)
WATER = _tags("water", "river", "sea", "lake", "beach", "harbor", "ship", "venice", "water lilies")
PEOPLE = _tags("woman", "man", "child", "family", "couple", "mother and child", "portrait")


def _looks() -> list[Question]:
    named = {
        "dark painting": DARK,
        "bright airy painting": BRIGHT,
        "vivid saturated colours": VIVID,
        "muted subdued colours": MUTED,
        "warm golden tones": WARM,
        "cool fresh colours": COOL,
        "strong contrast of light and shadow": STARK,
        "gloomy and dark": DARK,
        "blue painting": _colour("blue"),
        "green painting": _colour("green"),
        "red painting": _colour("red"),
        "yellow": _colour("yellow"),
        "orange glow": _colour("orange"),
        "mostly white": _colour("white"),
        "black": _colour("black"),
    }
    return [Question(text, "mood and colour", test, _anything) for text, test in named.items()]


def _styles() -> list[Question]:
    named = {
        "impressionist painting": _style("Impressionism"),
        "baroque painting": _style("Baroque"),
        "rococo painting": _style("Rococo"),
        "japanese woodblock print": _style("Ukiyo e"),
        "cubist painting": _style("Cubism"),
        "naive art": _style("Naive Art Primitivism"),
        "fauvism": _style("Fauvism"),
        "pointillism": _style("Pointillism"),
        "old master painting": _style("Baroque", "Rococo"),
    }
    return [Question(text, "style", test, _anything) for text, test in named.items()]


def _genres() -> list[Question]:
    named = {
        "landscape": _genre("landscape"),
        "portrait of a person": _genre("portrait"),
        "still life": _genre("still_life"),
        "cityscape with buildings": _genre("cityscape"),
        "religious painting": _genre("religious_painting"),
        "scene of everyday life": _genre("genre_painting"),
        "nude": _genre("nude_painting"),
        "sketch or study": _genre("sketch_and_study"),
    }
    return [Question(text, "genre", test, _has_genre) for text, test in named.items()]


def _subjects() -> list[Question]:
    named = {
        "boats on the sea": ("sea", "ship", "harbor", "beach"),
        "a river": ("river",),
        "a bridge": ("bridge",),
        "a garden": ("garden",),
        "trees in a forest": ("forest",),
        "snow in winter": ("snow", "winter"),
        "children": ("child", "mother and child"),
        "mountains": ("mountains",),
        "venice": ("venice",),
        "interior of a room": ("interior",),
        "flowers": ("flowers",),
        "fruit": ("fruit",),
        "a street in the city": ("street", "city"),
        "village houses": ("village", "house"),
        "madonna and child": ("madonna",),
        "a woman": ("woman",),
        "fields": ("fields",),
        "a church": ("church",),
        "sunset": ("sunset",),
        "self portrait": ("self portrait",),
    }
    return [Question(t, "subject (titles)", _tags(*n), _anything) for t, n in named.items()]


def negatives() -> list[Question]:
    landscape, portrait = _genre("landscape"), _genre("portrait")
    named = {
        "landscape without water": _but(landscape, WATER),
        "landscape, not dark": _but(landscape, DARK),
        "portrait, not dark": _but(portrait, DARK),
        "portrait -woman": _but(portrait, _tags("woman")),
        "still life without flowers": _but(_genre("still_life"), _tags("flowers")),
        "bright painting, no people": _but(
            _both(BRIGHT, _has_genre),
            lambda w: PEOPLE(w) or w.genre in {"portrait", "genre_painting"},
        ),
        "baroque painting, not religious": _but(_style("Baroque"), _genre("religious_painting")),
        "impressionist painting without landscape": _but(_style("Impressionism"), landscape),
    }
    return [Question(text, "negative", test, _has_genre) for text, test in named.items()]


def _composed() -> list[Question]:
    named = {
        "blue impressionist landscape": _both(_style("Impressionism"), _colour("blue")),
        "dark baroque portrait": _both(_style("Baroque"), _genre("portrait"), DARK),
        "bright impressionist landscape": _both(
            _style("Impressionism"), _genre("landscape"), BRIGHT
        ),
        "rococo portrait": _both(_style("Rococo"), _genre("portrait")),
        "cubist still life": _both(_style("Cubism"), _genre("still_life")),
        "impressionist city street": _both(_style("Impressionism"), _genre("cityscape")),
        "green landscape": _both(_genre("landscape"), _colour("green")),
        "warm impressionist portrait": _both(
            _style("Impressionism"), _genre("portrait"), _stat("warm", least=0.6)
        ),
        "2:still life, dark": _both(_genre("still_life"), _stat("L", most=0.4)),
    }
    return [Question(text, "composed", test, _has_genre) for text, test in named.items()]


def _names(works: Sequence[Labelled]) -> list[Question]:
    """Artists with some works, and titles that only one work has."""
    artists = Counter(w.artwork.artist for w in works if w.artwork.artist)
    asked = [a for a, n in artists.most_common(12) if a and n >= 5]
    questions = [Question(a.lower(), "artist or title", _by(a), _anything) for a in asked]
    questions += [
        Question(f"paintings by {a.split()[-1].lower()}", "artist or title", _by(a), _anything)
        for a in asked[:6]
    ]
    titles = Counter(w.artwork.title for w in works)
    unique = [t for t, n in titles.items() if n == 1 and 2 <= len(t.split()) <= 5][
        :: max(1, len(titles) // 12)
    ]
    return questions + [Question(t, "artist or title", _called(t), _anything) for t in unique]


def _by(artist: str) -> Test:
    return lambda work: work.artwork.artist == artist


def _called(title: str) -> Test:
    return lambda work: work.artwork.title == title


def about_paintings(works: Sequence[Labelled]) -> list[Question]:
    """All questions that at least three works answer (one, where a title is asked for)."""
    fixed = [*_looks(), *_styles(), *_genres(), *_subjects(), *negatives(), *_composed()]
    answered = [q for q in fixed if sum(q.right(w) and q.judged(w) for w in works) >= 3]
    return answered + _names(works)


def about_gallery(works: Sequence[Labelled]) -> list[Question]:
    """One question for each tag that three works or more have."""
    tags = Counter(tag for work in works for tag in work.tags)
    return [Question(t, "starter gallery", _tags(t), _anything) for t, n in tags.items() if n >= 3]


BY_TITLES = frozenset({"subject (titles)", "artist or title"})
"""The classes whose labels the search may read."""
