"""Reactions as JSON, to be kept or taken along: written whole, read item by item."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from glance_agent.domain.artwork import ArtworkId
from glance_agent.domain.display import Reaction
from glance_agent.domain.errors import GlanceError
from glance_agent.domain.foreign import JsonLimits, json_value
from glance_agent.domain.plain_text import AN_ID
from glance_agent.domain.values import HOUSEHOLD, User

_LIMITS = JsonLimits(bytes=200_000_000, values=20_000_000, holders=2_000_000)
"""A household's likes of decades."""
CLOCKS_DIFFER = timedelta(days=1)
"""A reaction may be this far in the future: two machines need not have the same time."""
SHAPE = "A file of reactions is JSON as `glance-agent taste export` writes it."


class _Item(BaseModel):
    """One reaction as it is written. A field's description completes “… must be”."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    user: User = Field(HOUSEHOLD, description="a name of 1 to 64 characters")
    artwork: ArtworkId = Field(description=AN_ID)
    kind: Literal["like", "dislike"] = Field(description="“like” or “dislike”")
    at: AwareDatetime = Field(
        description="a time with its zone, such as “2026-05-01T12:00:00+00:00”"
    )


@dataclass(frozen=True, slots=True)
class ImportedReactions:
    """The reactions of a file, and a sentence about each item that is none."""

    reactions: tuple[Reaction, ...]
    problems: tuple[str, ...]


def written(reactions: Iterable[Reaction], titles: Mapping[str, str]) -> str:
    """The reactions as a JSON document, with titles where they are known, for people."""
    items = []
    for r in reactions:
        item = {"user": r.user, "artwork": r.artwork_id, "kind": r.kind, "at": r.at.isoformat()}
        if r.artwork_id in titles:
            item["title"] = titles[r.artwork_id]
        items.append(item)
    return json.dumps({"reactions": items}, indent=1, ensure_ascii=False) + "\n"


def read(text: str, *, now: datetime) -> ImportedReactions:
    """The reactions of a document; what is no reaction is told and left out.

    Raises GlanceError where the whole is no such document.
    """
    try:
        document = json_value(text.encode("utf-8", "replace"), _LIMITS)
    except ValueError:
        raise GlanceError(f"This is no JSON. {SHAPE}") from None
    items = document.get("reactions") if isinstance(document, dict) else None
    if not isinstance(items, list):
        raise GlanceError(f"There is no list of “reactions” in it. {SHAPE}")
    reactions, problems = list[Reaction](), list[str]()
    for number, item in enumerate(items, 1):
        found = _reaction(item, now)
        if isinstance(found, Reaction):
            reactions.append(found)
        else:
            problems.append(f"Reaction {number}: {found}")
    return ImportedReactions(tuple(reactions), tuple(problems))


def _reaction(item: Any, now: datetime) -> Reaction | str:
    """The reaction that an item is, or a sentence that says why it is none."""
    try:
        told = _Item.model_validate(item)
    except ValidationError as error:
        where = error.errors()[0]["loc"]
        if not where:
            return "it must be an object with “artwork”, “kind” and “at”."
        name = str(where[0])
        return f"“{name}” must be {_Item.model_fields[name].description}."
    if told.at > now + CLOCKS_DIFFER:
        return "“at” must not be in the future."
    return Reaction(told.user, told.artwork, told.kind, told.at.astimezone(UTC))
