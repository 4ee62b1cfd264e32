"""The settings of every kind of source: one class per kind, told apart by `kind`."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    model_validator,
)

from glance_agent.domain.spelling import HttpUrl, Place, PublicHost

ASKING_FOR_CONTACT = frozenset({"wikimedia"})
"""The kinds of sources that turn away programs which name nobody to write to."""
SourceName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,32}$")]


class FetchingSettings(BaseModel):
    """How pictures are fetched from the web."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    contact: str | None = Field(
        None,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="An e-mail or web address that museums may write to; sent with requests.",
    )
    cache_directory: Place | None = Field(
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


class _Source(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: SourceName = Field(
        description="Its name, the first part of its artworks' ids: a–z, 0–9, _ and -."
    )
    limit: int | None = Field(None, ge=1, description="At most this many works in one go.")


class FolderSettings(_Source):
    """Pictures in a folder."""

    kind: Literal["folder"]
    path: Place = Field(description="The folder.")
    recursive: bool = Field(True, description="Also look into folders below.")
    watch: bool = Field(
        True,
        description="Bring in changes as they happen; on a network share every ten minutes.",
    )


class StarterSettings(_Source):
    """The gallery that comes with the program."""

    kind: Literal["starter"]


class WebSource(_Source):
    """What all sources on the web have in common."""

    every_hours: int = Field(24, ge=1, le=24 * 365, description="Hours between two looks.")
    daily_requests: int = Field(
        300, ge=1, le=100_000, description="At most this many requests in one day."
    )
    daily_megabytes: int = Field(
        200, ge=1, le=100_000, description="At most this much data in one day."
    )


class ClevelandSettings(WebSource):
    """The Cleveland Museum of Art: CC0 works, no key."""

    kind: Literal["cleveland"]
    query: str = Field("", description="Words to look for; all works when empty.")
    type: str = Field("Painting", description="Painting, Print, Drawing …; all when empty.")
    department: str = Field("", description="One department only.")
    skip_titles: tuple[str, ...] = Field(
        ("Text, Folio", "Tuti-nama", "sutra", "palm-leaf"),
        description="Works whose title holds one of these are left out (pages of writing).",
    )


class SmkSettings(WebSource):
    """Statens Museum for Kunst, Copenhagen: public-domain works, no key."""

    kind: Literal["smk"]
    query: str = Field("*", min_length=1, description="Words to look for; * is all works.")
    object_name: str = Field(
        "maleri", description="What it is, in Danish (maleri is painting); all when empty."
    )


class MetSettings(WebSource):
    """The Metropolitan Museum of Art, New York: CC0 works, no key."""

    kind: Literal["met"]
    query: str = Field("painting", min_length=1, description="Words to look for.")
    medium: str = Field("Paintings", description="Paintings, Prints …; all when empty.")
    department_id: int | None = Field(None, ge=1, description="11 is European Paintings.")
    highlights: bool = Field(False, description="Only the museum's highlights.")


class RijksmuseumSettings(WebSource):
    """Rijksmuseum, Amsterdam: public-domain works, no key."""

    kind: Literal["rijksmuseum"]
    query: str = Field("", description="Words to look for in titles, makers and descriptions.")
    type: str = Field("painting", description="painting, print, drawing …; all when empty.")
    creator: str = Field("", description="One maker only.")


class AicSettings(WebSource):
    """The Art Institute of Chicago: CC0 works, no key; its image host may refuse programs."""

    kind: Literal["aic"]
    query: str = Field("", description="Words to look for; all works when empty.")
    type: str = Field("Painting", description="Painting, Print …; all when empty.")


class IiifSettings(WebSource):
    """Any IIIF manifests, collections of manifests or single image services."""

    kind: Literal["iiif"]
    urls: tuple[HttpUrl, ...] = Field(
        min_length=1, description="Manifests, collections, or image services (info.json)."
    )
    hosts: tuple[PublicHost, ...] = Field(
        (), description="Further hosts that the manifests' pictures may come from."
    )
    every_canvas: bool = Field(
        False, description="Take all pictures of a manifest, not only its first."
    )
    licence: str | None = Field(
        None, description="The rights URI that holds where a manifest names none."
    )


class WikimediaSettings(WebSource):
    """Wikimedia Commons: a category, or what a Wikidata query finds."""

    kind: Literal["wikimedia"]
    category: str | None = Field(None, min_length=1, description="A category of Commons.")
    sparql: str | None = Field(
        None, min_length=1, description="A Wikidata query that selects ?item and ?image."
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> WikimediaSettings:
        if (self.category is None) == (self.sparql is None):
            raise ValueError("a source of kind wikimedia needs either a category or sparql")
        return self


class NgaSettings(WebSource):
    """The National Gallery of Art, Washington: CC0 works from its open data files."""

    kind: Literal["nga"]
    daily_megabytes: int = Field(
        500, ge=1, le=100_000, description="At most this much data in one day."
    )
    classification: str = Field("Painting", description="Painting, Print …; all when empty.")


class KeyedSource(WebSource):
    """A source that gives every user a key."""

    api_key: SecretStr | None = Field(None, description="The key; better in api_key_file.")
    api_key_file: Place | None = Field(None, description="A file that holds the key.")

    @model_validator(mode="after")
    def _has_key(self) -> KeyedSource:
        if not self.api_key and self.api_key_file is None:
            raise ValueError("this kind of source needs an api_key or an api_key_file")
        return self


class HarvardSettings(KeyedSource):
    """Harvard Art Museums: needs a key; its pictures are not openly licensed."""

    kind: Literal["harvard"]
    query: str = Field("", description="Words to look for; all works when empty.")
    classification: str = Field("Paintings", description="Kind of work, such as Prints.")
    accept_terms: bool = Field(
        False, description="You have read the museum's terms and show its pictures privately."
    )


class SmithsonianSettings(KeyedSource):
    """Smithsonian Open Access: CC0 pictures; needs a key."""

    kind: Literal["smithsonian"]
    query: str = Field("painting", min_length=1, description="Words to look for.")
    unit: str = Field("SAAM", description="One museum's code: SAAM, NPG, CHNDM …; all when empty.")


class EuropeanaSettings(KeyedSource):
    """Europeana: openly licensed works of many museums; needs a key."""

    kind: Literal["europeana"]
    query: str = Field("painting", min_length=1, description="Words to look for.")
    hosts: tuple[PublicHost, ...] = Field(
        (), description="Hosts that large pictures may come from; previews serve for the others."
    )


class VamSettings(WebSource):
    """Victoria and Albert Museum, London: for private, non-commercial showing only."""

    kind: Literal["vam"]
    query: str = Field("painting", min_length=1, description="Words to look for.")
    accept_non_commercial: bool = Field(
        False, description="You show the pictures privately and earn nothing with them."
    )


SourceSettings = Annotated[
    FolderSettings
    | StarterSettings
    | ClevelandSettings
    | SmkSettings
    | MetSettings
    | RijksmuseumSettings
    | AicSettings
    | IiifSettings
    | WikimediaSettings
    | NgaSettings
    | HarvardSettings
    | SmithsonianSettings
    | EuropeanaSettings
    | VamSettings,
    Field(discriminator="kind"),
]
"""One `[[sources]]` table."""


def source_kinds() -> dict[str, type[BaseModel]]:
    """The settings class of every kind of source."""
    classes = get_args(get_args(SourceSettings)[0])
    return {get_args(c.model_fields["kind"].annotation)[0]: c for c in classes}
