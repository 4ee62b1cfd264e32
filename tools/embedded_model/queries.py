"""Labelled art queries: what somebody might ask, and which pictures are right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.embedded_model.captions import Facts

WATER = ("water", "river", "sea", "lake", "beach", "harbor", "ship", "venice", "water lilies")
SEA = ("sea", "ship", "beach", "harbor", "storm")
TOWN = ("city", "street", "venice", "square")
SACRED = ("saint", "christ", "madonna", "bible", "angel")


@dataclass(frozen=True, slots=True)
class Query:
    """A text, its class, and one set of alternatives per aspect that must all be met; empty means
    any.
    """

    text: str
    kind: str
    styles: tuple[str, ...] = ()
    genres: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    colours: tuple[str, ...] = ()
    moods: tuple[str, ...] = ()

    def judged(self, told: Facts) -> bool:
        """Whether the labels of this picture can tell: a genre query is not held against an
        unlabelled picture.
        """
        return not (self.genres and told.genre is None) and not (self.styles and told.style is None)

    def relevant(self, told: Facts) -> bool:
        """Whether every aspect is met."""
        return (
            (not self.styles or told.style in self.styles)
            and (not self.genres or told.genre in self.genres)
            and _meets(self.tags, told.tags)
            and _meets(self.colours, told.colours)
            and _meets(self.moods, told.moods)
        )


def _meets(wanted: tuple[str, ...], there: tuple[str, ...]) -> bool:
    return not wanted or not set(wanted).isdisjoint(there)


def truth(
    queries: tuple[Query, ...], all_facts: list[Facts]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Relevant and judged, each (queries, pictures)."""
    relevant = np.array([[query.relevant(told) for told in all_facts] for query in queries])
    judged = np.array([[query.judged(told) for told in all_facts] for query in queries])
    return relevant & judged, judged


def _subject(text: str, *tags: str, genres: tuple[str, ...] = ()) -> Query:
    return Query(text, "subject", genres=genres, tags=tags)


def _look(text: str, *, colours: tuple[str, ...] = (), moods: tuple[str, ...] = ()) -> Query:
    return Query(text, "mood and colour", colours=colours, moods=moods)


SUBJECT = (
    _subject("landscape", genres=("landscape",)),
    _subject("portrait of a person", genres=("portrait",)),
    _subject("portrait of a woman", "woman", "madonna", genres=("portrait", "genre_painting")),
    _subject("portrait of a man", "man", "self portrait", "old person", genres=("portrait",)),
    _subject("still life", genres=("still_life",)),
    _subject("a vase of flowers", "flowers", genres=("still_life", "genre_painting", "landscape")),
    _subject("cityscape with buildings", genres=("cityscape",)),
    _subject("religious painting", genres=("religious_painting",)),
    _subject("scene of everyday life", genres=("genre_painting",)),
    _subject("nude", "nude"),
    _subject("seascape with boats", *SEA),
    _subject("river with reflections", *WATER),
    _subject("bridge over a river", "bridge"),
    _subject("village street", "village", "street", "house"),
    _subject("garden", "garden", "flowers"),
    _subject("trees in a forest", "forest"),
    _subject("snow in winter", "snow", "winter"),
    _subject("children", "child", "mother and child", "family"),
    _subject("mountains", "mountains"),
    _subject("canal in venice", "venice"),
    _subject("interior of a room", "interior"),
    _subject("madonna and child", *SACRED),
)
LOOKS = (
    _look("dark painting", moods=("dark",)),
    _look("bright airy painting", moods=("bright",)),
    _look("vivid colourful picture", moods=("vivid",)),
    _look("muted subdued colours", moods=("muted", "monochrome")),
    _look("warm golden light", moods=("warm",)),
    _look("cool fresh colours", moods=("cool",)),
    _look("calm and peaceful", moods=("calm",)),
    _look("dramatic light and shadow", moods=("dramatic",)),
    _look("soft and dreamy", moods=("soft",)),
    _look("cheerful and sunny", moods=("joyful", "sunny")),
    _look("melancholy and gloomy", moods=("melancholy",)),
    _look("busy and full of detail", moods=("busy",)),
    _look("mysterious shadows", moods=("mysterious", "dark")),
    _look("cosy warm room", moods=("cosy",)),
    _look("black and white", moods=("monochrome", "muted")),
    _look("blue painting", colours=("blue",)),
    _look("green painting", colours=("green",)),
    _look("red painting", colours=("red",)),
    _look("golden yellow", colours=("yellow",)),
    _look("orange and amber", colours=("orange",)),
    _look("brown earth tones", colours=("brown",)),
    _look("white picture", colours=("white",)),
)
STYLE = (
    Query("impressionist painting", "style", styles=("Impressionism",)),
    Query("baroque painting", "style", styles=("Baroque",)),
    Query("rococo painting", "style", styles=("Rococo",)),
    Query("japanese woodblock print", "style", styles=("Ukiyo e",)),
    Query("cubist painting", "style", styles=("Cubism",)),
    Query("naive folk art", "style", styles=("Naive Art Primitivism",)),
    Query("fauvist painting", "style", styles=("Fauvism",)),
    Query("pointillist dots of colour", "style", styles=("Pointillism",)),
    Query("old master painting", "style", styles=("Baroque", "Rococo")),
    Query(
        "modern art",
        "style",
        styles=("Cubism", "Fauvism", "Abstract Expressionism", "Naive Art Primitivism"),
    ),
    Query("seventeenth century portrait", "style", styles=("Baroque",), genres=("portrait",)),
)
COMPOSED = (
    Query("blue impressionist landscape", "composed", styles=("Impressionism",), colours=("blue",)),
    Query(
        "peaceful blue water",
        "composed",
        tags=WATER,
        colours=("blue", "turquoise", "gray"),
        moods=("calm", "cool"),
    ),
    Query("calm green landscape", "composed", genres=("landscape",), colours=("green",)),
    Query(
        "dark baroque portrait",
        "composed",
        styles=("Baroque",),
        genres=("portrait",),
        moods=("dark",),
    ),
    Query(
        "dark dramatic religious painting",
        "composed",
        genres=("religious_painting",),
        moods=("dark", "dramatic"),
    ),
    Query(
        "sunny impressionist garden",
        "composed",
        styles=("Impressionism",),
        tags=("garden", "flowers", "sunlight"),
    ),
    Query("impressionist street in a city", "composed", styles=("Impressionism",), tags=TOWN),
    Query("impressionist boats on the sea", "composed", styles=("Impressionism",), tags=SEA),
    Query(
        "impressionist portrait of a woman", "composed", styles=("Impressionism",), tags=("woman",)
    ),
    Query("rococo portrait of a lady", "composed", styles=("Rococo",), genres=("portrait",)),
    Query("cubist still life", "composed", styles=("Cubism",), genres=("still_life",)),
    Query("grey misty morning", "composed", genres=("landscape", "cityscape"), colours=("gray",)),
    Query(
        "bright landscape in summer light",
        "composed",
        genres=("landscape",),
        moods=("bright", "sunny", "joyful"),
    ),
    Query(
        "cold winter landscape",
        "composed",
        tags=("snow", "winter"),
        genres=("landscape", "cityscape"),
    ),
    Query("warm evening landscape", "composed", genres=("landscape", "cityscape"), moods=("warm",)),
    Query(
        "colourful still life with fruit",
        "composed",
        genres=("still_life",),
        moods=("vivid", "warm", "joyful"),
    ),
    Query("dark portrait of a man", "composed", genres=("portrait",), moods=("dark", "mysterious")),
    Query(
        "japanese woman in a kimono",
        "composed",
        styles=("Ukiyo e",),
        genres=("genre_painting", "portrait"),
    ),
)
ART_QUERIES = SUBJECT + LOOKS + STYLE + COMPOSED
