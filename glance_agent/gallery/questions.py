"""What a page may ask for, with its limits: the parameters of an address."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from glance_agent.domain.artwork import ArtworkId
from glance_agent.domain.languages import LanguageTag
from glance_agent.domain.listing import ListName
from glance_agent.domain.values import HOUSEHOLD, DisplayName, Name, User, Wish

MOST_AT_ONCE = 200
MOST_OFFSET = 100_000_000
ResultId = Annotated[str, StringConstraints(max_length=64)]
Offset = Annotated[int, Field(ge=0, le=MOST_OFFSET, description="how many to leave out")]
Limit = Annotated[int, Field(ge=1, le=MOST_AT_ONCE, description="how many at most")]


class PageQuestion(BaseModel):
    """Parameters; one that is not known is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ForUser(PageQuestion):
    """A question whose answer depends on who looks."""

    user: User = Field(HOUSEHOLD, description="whose likes are told")


class ArtworksQuestion(ForUser):
    """Which works to list, and which part of the list."""

    q: Wish = Field("", description="words and filters, as for the verb search")
    list: ListName = Field("all", description="which works; with words, among which")
    like: ArtworkId | None = Field(None, description="the id of a work to resemble")
    picture: ResultId | None = Field(
        None, description="the id of a picture that was sent, to resemble it"
    )
    source: Name | None = Field(None, description="only works of this source")
    display: DisplayName | None = Field(
        None, description="what it has shown, and what “this” means; else any, and the first"
    )
    result: ResultId | None = Field(None, description="the `result` of an earlier answer")
    language: LanguageTag | None = Field(
        None, description="the language of the words, such as “nl”; else that of the request"
    )
    offset: Offset = 0
    limit: Limit = 60

    @property
    def asked(self) -> ArtworksQuestion:
        """The question, whichever part of its answer is wanted."""
        return self.model_copy(update={"result": None, "offset": 0, "limit": 60})


class ArtworkQuestion(ForUser):
    """What to tell of one work beside itself."""

    result: ResultId | None = Field(None, description="the search that it was found by")


class MapQuestion(ForUser):
    """How much of the map to tell."""

    limit: Annotated[int, Field(ge=1, le=20_000)] = Field(
        4_000, description="how many works at most, beside those that the user likes"
    )


class LeftOutQuestion(PageQuestion):
    """Which part of what was left out."""

    offset: Offset = 0
    limit: Limit = 60
