"""The sources of pictures: what came of each, what was left out and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from glance_agent.domain.errors import CommandError, ErrorCode
from glance_agent.domain.reasons import hint_in_words
from glance_agent.domain.said import say
from glance_agent.gallery.answers import LeftOutItem, LeftOutPage, SourceNow, Sources
from glance_agent.gallery.questions import LeftOutQuestion
from glance_agent.gallery.stores import House, ReadStores


def sources(house: House, stores: ReadStores, progress: Mapping[str, dict[str, Any]]) -> Sources:
    """All sources; `progress` is what was told last of runs over them, by name."""
    return Sources(
        artworks=stores.works.count(),
        sources=tuple(
            SourceNow(
                name=name,
                kind=kind,
                works=stores.works.count_of(name),
                left_out=stores.lists.reasons(name),
                progress=progress.get(name),
            )
            for name, kind in house.sources.items()
        ),
        away=tuple(house.away),
    )


def left_out(
    source: str, question: LeftOutQuestion, house: House, stores: ReadStores
) -> LeftOutPage:
    """What of a source is no work of its own. Raises CommandError where there is no such source."""
    if source not in house.sources:
        raise CommandError(
            ErrorCode.UNKNOWN_SOURCE,
            say("There is no source “{source}”.", source=source),
            say("Sources: {sources}.", sources=", ".join(house.sources) or say("none")),
        )
    items = stores.lists.left_out(source, question.offset, question.limit)
    return LeftOutPage(
        source=source,
        total=sum(stores.lists.reasons(source).values()),
        offset=question.offset,
        items=tuple(
            LeftOutItem(
                item=item.key,
                reason=item.reason,
                duplicate_of=item.detail or None if item.reason == "duplicate" else None,
                hint=hint_in_words(item.detail),
            )
            for item in items
        ),
    )
