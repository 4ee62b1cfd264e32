"""What people may ask for: one frozen model per verb, and their union, Command.

The verbs and their JSON keys follow the contract; `parse.py` makes commands from bytes.
"""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator, Field, PrivateAttr, model_validator

from glance_agent.domain.picture_verbs import Next, Previous, Search, Show, Similar
from glance_agent.domain.plain_text import Number, OnOff, OnOffOrSeconds, Text
from glance_agent.domain.taking_back import Undo, Unhide
from glance_agent.domain.values import (
    A_SENTENCE,
    SOME_MOOD,
    MoodWords,
    Name,
    Spoken,
    Whole,
    _no_boolean,
)
from glance_agent.domain.verb import AboutOnePicture, Undoable, Verb
from glance_agent.domain.web_key import WebRole


class _Judging(AboutOnePicture):
    """What somebody thinks of a work, and what is to hang after it."""

    changes_taste = True
    has_words_read = True  # of the mood, where another work is to come
    undoable = frozenset({Undoable.OPINION, Undoable.PICTURE})

    then: Literal["next", "similar", "previous"] | None = Field(
        None, description="next, similar or previous, to be done after it"
    )

    @property
    def hangs(self) -> bool:
        return self.then is not None


class Like(_Judging):
    """This is good."""

    verb: Literal["like"] = "like"


class Dislike(_Judging):
    """This is not for me."""

    verb: Literal["dislike"] = "dislike"


class Forget(AboutOnePicture):
    """Take my reaction back."""

    changes_taste = True
    undoable = frozenset({Undoable.OPINION})

    verb: Literal["forget"] = "forget"


class Hide(AboutOnePicture):
    """Never show this again, to anyone."""

    has_words_read = True  # of the mood, since another work comes in its place
    changes_collection = True
    undoable = frozenset({Undoable.HIDING, Undoable.PICTURE})

    verb: Literal["hide"] = "hide"

    @property
    def role(self) -> WebRole:
        return WebRole.ADMIN


class Mood(Verb):
    """Words that colour every later choice; no words end the mood."""

    plain_text = Text("mood", "the words; empty ends the mood")
    undoable = frozenset({Undoable.SETTINGS})

    verb: Literal["mood"] = "mood"
    mood: MoodWords = Field("", description=SOME_MOOD)
    minutes: Annotated[float, BeforeValidator(_no_boolean), Field(gt=0, le=525_600)] | None = Field(
        None, description="a number of minutes, at most a year"
    )


class Slideshow(Verb):
    """A new picture every so often, or not."""

    plain_text = OnOffOrSeconds()
    undoable = frozenset({Undoable.SETTINGS})
    needs_one_of = ("on", "interval_seconds", "liked")

    verb: Literal["slideshow"] = "slideshow"
    on: bool | None = Field(None, description="true or false")
    interval_seconds: Annotated[Whole, Field(ge=10, le=604_800)] | None = Field(
        None, description="a whole number of seconds from 10 to 604800 (a week)"
    )
    liked: bool | None = Field(
        None, description="true to choose only from what its user likes, false from everything"
    )

    @model_validator(mode="after")
    def _something_to_set(self) -> Slideshow:
        if self.on is None and self.interval_seconds is None and self.liked is None:
            raise ValueError("A slideshow needs “on”, “off” or a number of seconds.")
        return self


class Discovery(Verb):
    """How much surprise: 0 is only what I am known to like, 100 is surprise me."""

    plain_text = Number("percent", "a number from 0 to 100")
    undoable = frozenset({Undoable.SETTINGS})
    needs_one_of = ("percent", "by")

    verb: Literal["discovery"] = "discovery"
    percent: Annotated[Whole, Field(ge=0, le=100)] | None = Field(
        None, description="a whole number from 0 to 100"
    )
    by: Annotated[Whole, Field(ge=-100, le=100)] | None = Field(
        None, description="a whole number from -100 to 100, by which it changes"
    )

    @model_validator(mode="after")
    def _something_to_change(self) -> Discovery:
        if self.percent is None and self.by is None:
            raise ValueError("“discovery” needs “percent”, a whole number from 0 to 100.")
        return self


class Pause(Verb):
    """Change nothing by yourself until I say “resume”; what I ask for still hangs."""

    undoable = frozenset({Undoable.SETTINGS})

    verb: Literal["pause"] = "pause"


class Resume(Verb):
    """Change by yourself again."""

    undoable = frozenset({Undoable.SETTINGS})

    verb: Literal["resume"] = "resume"


class Power(Verb):
    """Switch a display off, which then stays dark and is brought nothing; or on again."""

    plain_text = OnOff()
    undoable = frozenset({Undoable.SETTINGS})

    verb: Literal["power"] = "power"
    on: bool = Field(description="true or false")


class Describe(AboutOnePicture):
    """What am I looking at?"""

    is_told_once = False

    verb: Literal["describe"] = "describe"
    about: Literal["why", "artist", "date", "place", "title"] | None = Field(
        None,
        description="“why”: only why it hangs, if it does; “artist”, “date”, “place” or “title”: "
        "only that",
    )

    @property
    def only_looks(self) -> bool:
        return True


class Ingest(Verb):
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

    @property
    def role(self) -> WebRole:
        return WebRole.ADMIN


class Status(Verb):
    """Publish every retained state again."""

    is_told_once = False

    verb: Literal["status"] = "status"
    about: Literal["power"] | None = Field(
        None, description="“power”: only whether displays are on, off or paused"
    )

    @property
    def only_looks(self) -> bool:
        return True

    @property
    def role(self) -> WebRole:
        return WebRole.USE


class Say(Verb):
    """Anything in your own words: understood as one of the other verbs, or searched for."""

    plain_text = Text("text", "any sentence")

    is_told_once = False

    verb: Literal["say"] = "say"
    text: Spoken = Field(description=A_SENTENCE)
    _answer: str = PrivateAttr("")

    @property
    def answer(self) -> str:
        """What the tables of phrases name as the answer to it; nothing where they name none."""
        return self._answer

    def answered(self, answer: str) -> Say:
        """The same with what its words are answered."""
        said = self.model_copy()
        said._answer = answer
        return said

    @property
    def only_looks(self) -> bool:
        """What is left of it once it is understood is a greeting."""
        return True


class Help(Verb):
    """What can be said."""

    is_told_once = False

    verb: Literal["help"] = "help"

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
    | Unhide
    | Undo
    | Mood
    | Slideshow
    | Discovery
    | Pause
    | Resume
    | Power
    | Describe
    | Ingest
    | Status
    | Say
    | Help
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
