"""What every verb has: the keys that any command may carry, and the facts known of a verb."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from glance_agent.domain.artwork import ArtworkId
from glance_agent.domain.languages import A_LANGUAGE, LanguageTag
from glance_agent.domain.plain_text import AN_ID, AnArtwork, AnArtworkOrSide, Nothing, PlainText
from glance_agent.domain.strict_json import LARGEST_NUMBER
from glance_agent.domain.values import A_SIDE, HOUSEHOLD, DisplayName, Side, User
from glance_agent.domain.web_key import WebRole


class Undoable(StrEnum):
    """What a command may change that `undo` takes back."""

    PICTURE = "what hangs on the display"
    SETTINGS = "how the display is set"
    OPINION = "what its user thinks of a work"
    HIDING = "which works are hidden"


class Verb(BaseModel):
    """What every command may carry, and the facts of a verb.

    The docstring of a verb's class is what the documents say of it; a field's description
    completes “… must be”. A key that is needed has no default, or a validator that says so.
    """

    # What checks a command is made when the first of its kind comes: most processes see one or two.
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, defer_build=True)

    plain_text: ClassVar[PlainText] = Nothing()
    """What text behind the verb stands for."""
    needs_one_of: ClassVar[tuple[str, ...]] = ()
    """Keys of which at least one has to be there; a validator of the class says so in words."""
    has_words_read: ClassVar[bool] = False
    """Whether the model may have to read words before it can be carried out."""
    changes_taste: ClassVar[bool] = False
    """Whether it says of a work how much somebody likes it."""
    changes_collection: ClassVar[bool] = False
    """Whether more or fewer works may be shown after it."""
    goes_on_unkept: ClassVar[bool] = False
    """Whether a display can go on with it while nothing can be kept."""
    undoable: ClassVar[frozenset[Undoable]] = frozenset()
    """What it may change that can be taken back: that alone is looked at before and after it."""
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

    language: LanguageTag | None = Field(None, description=A_LANGUAGE)

    @property
    def hangs(self) -> bool:
        """Whether it puts a picture on a display."""
        return False

    @property
    def is_about_what_hangs(self) -> bool:
        """Whether it is about the one picture that hangs, and so about one display."""
        return False

    @property
    def is_urgent(self) -> bool:
        """Whether its picture hangs although the panel has only just changed."""
        return False

    @property
    def only_looks(self) -> bool:
        """Whether nothing changes by it, on no display and in no taste."""
        return False

    @property
    def address(self) -> str | None:
        """The address of a picture that has to be fetched before it can be carried out."""
        return None

    @property
    def role(self) -> WebRole:
        """What whoever asks for it over HTTP has to be."""
        return WebRole.VIEW if self.only_looks else WebRole.USE


class AboutArtwork(Verb):
    plain_text: ClassVar[PlainText] = AnArtwork()

    artwork: ArtworkId | None = Field(None, description=AN_ID)


class AboutEither(AboutArtwork):
    """About a work that is named, or about what hangs: of two, about one or both."""

    plain_text: ClassVar[PlainText] = AnArtworkOrSide()

    side: Side | None = Field(None, description=A_SIDE)


class AboutOnePicture(AboutEither):
    """About a work that is named, or about what hangs on one display."""

    @property
    def is_about_what_hangs(self) -> bool:
        return self.artwork is None
