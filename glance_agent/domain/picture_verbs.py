"""The verbs that ask for a picture: found by words, chosen by taste, or named."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AliasChoices, Field, model_validator

from glance_agent.domain.artwork import ArtworkId
from glance_agent.domain.plain_text import AN_ID, AnArtworkOrWords, Text
from glance_agent.domain.values import (
    A_URL,
    A_YEAR,
    SOME_MOOD,
    SOME_WORDS,
    MoodWords,
    Orientation,
    Url,
    Whole,
    Wish,
    Words,
)
from glance_agent.domain.verb import AboutArtwork, AboutEither, Undoable, Verb

ON_ALL = "true to hang one work on all displays that are named, else false"


class Search(Verb):
    """Find artworks by words, and show the best one."""

    plain_text = Text("query")
    needs_one_of = ("query", "image_url", "like", "liked", "hidden")
    has_words_read = True
    undoable = frozenset({Undoable.PICTURE})
    goes_on_unkept = True

    verb: Literal["search"] = "search"
    query: Wish | None = Field(None, description=SOME_WORDS)
    image_url: Url | None = Field(None, description=A_URL)
    limit: Annotated[Whole, Field(ge=1, le=100)] = Field(
        10, description="a whole number from 1 to 100"
    )
    show: bool = Field(True, description="true or false")
    same: bool = Field(False, description=ON_ALL)
    avoid: Words | None = Field(
        None,
        description=SOME_WORDS,
        validation_alias=AliasChoices("not", "avoid"),
        serialization_alias="not",
    )
    like: ArtworkId | None = Field(None, description=AN_ID)
    artist: Words | None = Field(None, description=SOME_WORDS)
    source: Words | None = Field(None, description=SOME_WORDS)
    year_from: Annotated[Whole, Field(ge=-10_000, le=2_200)] | None = Field(
        None, description=A_YEAR
    )
    year_to: Annotated[Whole, Field(ge=-10_000, le=2_200)] | None = Field(None, description=A_YEAR)
    orientation: Orientation | None = Field(None, description="landscape, portrait or square")
    unseen: bool = Field(False, description="true or false")
    liked: bool = Field(False, description="true or false")
    hidden: bool = Field(False, description="true or false")

    @model_validator(mode="after")
    def _something_to_look_for(self) -> Search:
        if not (self.query or self.image_url or self.like or self.liked or self.hidden):
            raise ValueError("A search needs words: send for example “peaceful blue paintings”.")
        return self

    @property
    def hangs(self) -> bool:
        return self.show

    @property
    def only_looks(self) -> bool:
        return not self.show

    @property
    def address(self) -> str | None:
        return self.image_url


class Similar(AboutEither):
    """More like an artwork, or like what is on the display."""

    has_words_read = True
    undoable = frozenset({Undoable.PICTURE})
    goes_on_unkept = True

    verb: Literal["similar"] = "similar"
    query: Wish | None = Field(None, description=SOME_WORDS)
    limit: Annotated[Whole, Field(ge=1, le=100)] = Field(
        10, description="a whole number from 1 to 100"
    )
    show: bool = Field(True, description="true or false")
    same: bool = Field(False, description=ON_ALL)

    @property
    def hangs(self) -> bool:
        return self.show

    @property
    def only_looks(self) -> bool:
        return not self.show


class Next(Verb):
    """Another picture, chosen by taste."""

    has_words_read = True
    undoable = frozenset({Undoable.PICTURE})
    goes_on_unkept = True

    verb: Literal["next"] = "next"
    mood: MoodWords | None = Field(None, description=SOME_MOOD)
    same: bool = Field(False, description=ON_ALL)

    @property
    def hangs(self) -> bool:
        return True


class NextInstead(Next):
    """Another picture in the place of one that cannot be shown, which never came to the panel."""

    @property
    def is_urgent(self) -> bool:
        return True


class Previous(Verb):
    """The picture before this one."""

    undoable = frozenset({Undoable.PICTURE})
    goes_on_unkept = True

    verb: Literal["previous"] = "previous"
    unhide: bool = Field(
        False, description="true to take a hiding back instead, if that was the last change"
    )

    @property
    def hangs(self) -> bool:
        return True


class Show(AboutArtwork):
    """This very artwork, one of that title, or a picture from an allowed host."""

    plain_text = AnArtworkOrWords()
    needs_one_of = ("artwork", "image_url", "query")
    has_words_read = True
    undoable = frozenset({Undoable.PICTURE})
    goes_on_unkept = True

    verb: Literal["show"] = "show"
    image_url: Url | None = Field(None, description=A_URL)
    query: Wish | None = Field(None, description=SOME_WORDS)

    @model_validator(mode="after")
    def _something_to_show(self) -> Show:
        if not (self.artwork or self.image_url or self.query):
            raise ValueError(f"Show needs {AN_ID}.")
        return self

    @property
    def as_search(self) -> Search:
        """The search for the words that a work is to be shown by."""
        return Search(query=self.query, user=self.user, limit=1)

    @property
    def hangs(self) -> bool:
        return True

    @property
    def address(self) -> str | None:
        return self.image_url
