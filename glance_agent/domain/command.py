"""What people may ask for: one frozen model per verb, and their union, Command.

The verbs and their JSON keys follow the contract; `parse.py` makes commands from bytes.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, get_args

from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from glance_agent.domain.artwork import ArtworkId
from glance_agent.domain.plain_text import (
    AN_ID,
    AnArtwork,
    Nothing,
    Number,
    OnOffOrSeconds,
    PlainText,
    Text,
)
from glance_agent.domain.strict_json import LARGEST_NUMBER
from glance_agent.domain.values import (
    A_URL,
    A_YEAR,
    HOUSEHOLD,
    SOME_WORDS,
    DisplayName,
    MoodWords,
    Name,
    Orientation,
    Url,
    User,
    Whole,
    Wish,
    Words,
    _no_boolean,
)


class _Command(BaseModel):
    """What every command may carry, and the facts of a verb.

    The docstring of a verb's class is what the documents say of it; a field's description
    completes “… must be”. A key that is needed has no default, or a validator that says so.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    plain_text: ClassVar[PlainText] = Nothing()
    """What text behind the verb stands for."""
    phrases: ClassVar[tuple[str, ...]] = ()
    """Whole phrases that mean the verb."""
    has_words_read: ClassVar[bool] = False
    """Whether the model may have to read words before it can be carried out."""
    changes_taste: ClassVar[bool] = False
    """Whether it says of a work how much somebody likes it."""
    is_told_once: ClassVar[bool] = True
    """Whether a delivery that is repeated changes nothing, for which a receipt is kept."""

    display: DisplayName | None = Field(
        None, description="the name of a configured display (a–z, 0–9, _ and -)"
    )
    user: User = Field(HOUSEHOLD, description="a name of 1 to 64 characters")
    transaction: (
        Annotated[str, StringConstraints(strict=True, min_length=1, max_length=200)]
        | Annotated[int, Field(strict=True, gt=-LARGEST_NUMBER, lt=LARGEST_NUMBER)]
        | Annotated[float, Field(strict=True, gt=-LARGEST_NUMBER, lt=LARGEST_NUMBER)]
        | None
    ) = Field(None, description="a number or a text of 1 to 200 characters")

    @property
    def hangs(self) -> bool:
        """Whether it puts a picture on a display."""
        return False

    @property
    def only_looks(self) -> bool:
        """Whether nothing changes by it, on no display and in no taste."""
        return False

    @property
    def address(self) -> str | None:
        """The address of a picture that has to be fetched before it can be carried out."""
        return None


class _AboutArtwork(_Command):
    plain_text = AnArtwork()

    artwork: ArtworkId | None = Field(None, description=AN_ID)


class Search(_Command):
    """Find artworks by words, and show the best one."""

    plain_text = Text("query")
    has_words_read = True

    verb: Literal["search"] = "search"
    query: Wish | None = Field(None, description=SOME_WORDS)
    image_url: Url | None = Field(None, description=A_URL)
    limit: Annotated[Whole, Field(ge=1, le=100)] = Field(
        10, description="a whole number from 1 to 100"
    )
    show: bool = Field(True, description="true or false")
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

    @model_validator(mode="after")
    def _something_to_look_for(self) -> Search:
        if not (self.query or self.image_url or self.like):
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


class Similar(_AboutArtwork):
    """More like an artwork, or like what is on the display."""

    phrases = ("more like this",)
    has_words_read = True

    verb: Literal["similar"] = "similar"
    query: Wish | None = Field(None, description=SOME_WORDS)
    limit: Annotated[Whole, Field(ge=1, le=100)] = Field(
        10, description="a whole number from 1 to 100"
    )
    show: bool = Field(True, description="true or false")

    @property
    def hangs(self) -> bool:
        return self.show

    @property
    def only_looks(self) -> bool:
        return not self.show


class Next(_Command):
    """Another picture, chosen by taste."""

    has_words_read = True

    verb: Literal["next"] = "next"
    mood: MoodWords | None = Field(None, description=SOME_WORDS)

    @property
    def hangs(self) -> bool:
        return True


class Previous(_Command):
    """The picture before this one."""

    verb: Literal["previous"] = "previous"

    @property
    def hangs(self) -> bool:
        return True


class Show(_AboutArtwork):
    """This very artwork, or a picture from an allowed host."""

    plain_text = AnArtwork("an artwork id", "Send the words with “search” to find a work by them.")

    verb: Literal["show"] = "show"
    image_url: Url | None = Field(None, description=A_URL)

    @model_validator(mode="after")
    def _something_to_show(self) -> Show:
        if not (self.artwork or self.image_url):
            raise ValueError(f"Show needs {AN_ID}.")
        return self

    @property
    def hangs(self) -> bool:
        return True

    @property
    def address(self) -> str | None:
        return self.image_url


class Like(_AboutArtwork):
    """This is good."""

    changes_taste = True

    verb: Literal["like"] = "like"


class Dislike(_AboutArtwork):
    """This is not for me."""

    changes_taste = True

    verb: Literal["dislike"] = "dislike"


class Forget(_AboutArtwork):
    """Take my reaction back."""

    changes_taste = True

    verb: Literal["forget"] = "forget"


class Hide(_AboutArtwork):
    """Never show this again, to anyone."""

    has_words_read = True  # of the mood, since another work comes in its place

    verb: Literal["hide"] = "hide"


class Mood(_Command):
    """Words that colour every later choice; no words end the mood."""

    plain_text = Text("mood", "the words; empty ends the mood")

    verb: Literal["mood"] = "mood"
    mood: MoodWords = Field("", description=SOME_WORDS)
    minutes: Annotated[float, BeforeValidator(_no_boolean), Field(gt=0, le=525_600)] | None = Field(
        None, description="a number of minutes, at most a year"
    )


class Slideshow(_Command):
    """A new picture every so often, or not."""

    plain_text = OnOffOrSeconds()

    verb: Literal["slideshow"] = "slideshow"
    on: bool | None = Field(None, description="true or false")
    interval_seconds: Annotated[Whole, Field(ge=10, le=604_800)] | None = Field(
        None, description="a whole number of seconds from 10 to 604800 (a week)"
    )

    @model_validator(mode="after")
    def _something_to_set(self) -> Slideshow:
        if self.on is None and self.interval_seconds is None:
            raise ValueError("A slideshow needs “on”, “off” or a number of seconds.")
        return self


class Discovery(_Command):
    """How much surprise: 0 is only what I am known to like, 100 is surprise me."""

    plain_text = Number("percent", "a number from 0 to 100")

    verb: Literal["discovery"] = "discovery"
    percent: Annotated[Whole, Field(ge=0, le=100)] = Field(
        description="a whole number from 0 to 100"
    )


class Describe(_AboutArtwork):
    """What am I looking at?"""

    phrases = ("what is this", "what's this")
    is_told_once = False

    verb: Literal["describe"] = "describe"

    @property
    def only_looks(self) -> bool:
        return True


class Ingest(_Command):
    """Fetch pictures from one source, or from all."""

    plain_text = Text("source", "the name of a source; empty = all", may_be_empty=False)

    verb: Literal["ingest"] = "ingest"
    source: Name | None = Field(None, description="the name of a configured source")
    limit: Annotated[Whole, Field(ge=1, le=10_000_000)] | None = Field(
        None, description="a whole number from 1 up"
    )

    @property
    def only_looks(self) -> bool:
        return True


class Status(_Command):
    """Publish every retained state again."""

    is_told_once = False

    verb: Literal["status"] = "status"

    @property
    def only_looks(self) -> bool:
        return True


Command = (
    Search
    | Similar
    | Next
    | Previous
    | Show
    | Like
    | Dislike
    | Forget
    | Hide
    | Mood
    | Slideshow
    | Discovery
    | Describe
    | Ingest
    | Status
)

COMMANDS: dict[str, type[Command]] = {
    kind.model_fields["verb"].default: kind for kind in get_args(Command)
}


def keys_of(kind: type[Command]) -> dict[str, str]:
    """The JSON keys that a verb knows, as spelled on the wire, and what each must be."""
    return {
        field.serialization_alias or name: field.description or ""
        for name, field in kind.model_fields.items()
        if name != "verb"
    }
