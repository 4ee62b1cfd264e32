"""What all kinds of sources can be told, and the two that no museum stands behind."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    model_validator,
)

from glance_agent.domain.said import say
from glance_agent.domain.spelling import PathSetting, PublicHost
from glance_agent.domain.values import SourceName, user_name
from glance_agent.domain.wall_rule import ANYTHING, USUAL, WallRule
from glance_agent.sources.folders.wanted import WantedFiles, pattern_fault


def _fit(pattern: str) -> str:
    if fault := pattern_fault(pattern):
        raise ValueError(fault)
    return pattern


Pattern = Annotated[str, AfterValidator(_fit)]
"""One pattern as gitignore(5) describes them."""
UserName = Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(user_name)]


class FetchingSettings(BaseModel):
    """How pictures are fetched from the web."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="forbid")

    contact: str | None = Field(
        None,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="An e-mail or web address that museums may write to; sent with requests.",
    )
    cache_directory: PathSetting | None = Field(
        None, description="Where museums' answers are kept; beside the library by default."
    )
    max_answers_megabytes: int = Field(
        200, ge=1, le=100_000, description="Room for museums' answers (lists and descriptions)."
    )
    max_pictures_megabytes: int = Field(
        1000, ge=10, le=1_000_000, description="Room for display-size pictures from the web."
    )
    max_picture_megabytes: int = Field(
        25, ge=1, le=500, description="Larger files are not fetched."
    )
    picture_hosts: tuple[PublicHost, ...] = Field(
        (),
        description="Hosts whose pictures may be shown by their address (image_url); none. "
        "Private addresses (your own network) are never asked, also where they stand here.",
    )


class SourceSettings(BaseModel):
    """What every source has."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="forbid")

    asks_for_contact: ClassVar[bool] = False
    """Whether this kind turns away programs that name nobody to write to."""

    kind: str = Field(description="Which kind of source.")
    name: SourceName = Field(
        description="Its name, the first part of its artworks' ids: a–z, 0–9, _ and -."
    )
    limit: int | None = Field(None, ge=1, description="At most this many works in one go.")

    @property
    def wall_rule(self) -> WallRule:
        """What works need in order to come up by themselves."""
        return ANYTHING


class OwnPictures(BaseModel):
    """What can be said of the pictures of a household, in whichever place they are."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="forbid")

    min_px: int = Field(
        USUAL.min_px,
        ge=0,
        le=20_000,
        description="Pictures whose shorter side has fewer pixels do not come up by themselves; "
        "they are still found and shown to who asks for them.",
    )
    max_aspect: float = Field(
        USUAL.max_aspect,
        ge=1,
        le=1_000_000,
        description="So are pictures that are more than so many times as long as broad.",
    )
    screenshots: bool = Field(
        USUAL.screenshots,
        description="Whether what was on a screen, as its file's name says, comes up by itself.",
    )
    favourites_as: UserName | None = Field(
        None,
        description="The user who likes what is called a favourite: five stars in XMP or Windows, "
        "a favourite of Google Photos or Immich. What the user says otherwise stands; nobody when "
        "not given.",
    )

    @property
    def wall_rule(self) -> WallRule:
        """What works need in order to come up by themselves."""
        return WallRule(self.min_px, self.max_aspect, self.screenshots)


class HomeServer(BaseModel):
    """What can be said of a server at home."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="forbid")

    check_certificate: bool = Field(
        True, description="false for an https address whose certificate nobody has signed."
    )


class FolderSettings(OwnPictures, SourceSettings):
    """Pictures in a folder."""

    kind: Literal["folder"]
    path: PathSetting = Field(description="The folder.")
    recursive: bool = Field(True, description="Also look into folders below.")
    watch: bool = Field(
        True,
        description="Bring in changes as they happen; on a network share every ten minutes.",
    )
    exclude: tuple[Pattern, ...] = Field(
        (), description="What is not wanted: patterns as .gitignore has them, from the folder on."
    )
    include: tuple[Pattern, ...] = Field(
        (), description="Only files that one of these patterns names; all when empty."
    )
    follow_links: bool | tuple[PathSetting, ...] = Field(
        False,
        description="Follow links to folders: true within the folder, or a list of the folders "
        "that links may also lead to. Whoever may put a link there could show all of them.",
    )

    @property
    def wanted(self) -> WantedFiles:
        """Which files of the folder are wanted."""
        links = self.follow_links
        linked = (() if links else None) if isinstance(links, bool) else links
        return WantedFiles(self.include, self.exclude, linked)


class StarterSettings(SourceSettings):
    """The gallery that comes with the program."""

    kind: Literal["starter"]


class WebSource(SourceSettings):
    """What all sources on the web have in common."""

    every_hours: int = Field(24, ge=1, le=24 * 365, description="Hours between two looks.")
    daily_requests: int = Field(
        300, ge=1, le=100_000, description="At most this many requests in one day."
    )
    daily_megabytes: int = Field(
        200, ge=1, le=100_000, description="At most this much data in one day."
    )


class KeyedSource(WebSource):
    """A source that gives every user a key."""

    api_key: SecretStr | None = Field(None, description="The key; better in api_key_file.")
    api_key_file: PathSetting | None = Field(None, description="A file that holds the key.")

    @model_validator(mode="after")
    def _has_key(self) -> KeyedSource:
        if not self.api_key and self.api_key_file is None:
            raise ValueError(say("this kind of source needs an api_key or an api_key_file"))
        return self
