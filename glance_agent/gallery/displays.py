"""What hangs on the displays, and how they are set."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from glance_agent.commands.showings import Hangings
from glance_agent.domain.display import Glance, TimedSettings
from glance_agent.domain.timing import timed
from glance_agent.gallery.answers import DisplayNow, Displays, Hanging
from glance_agent.gallery.rows import row
from glance_agent.gallery.stores import House, ReadStores, Wall


def displays(
    house: House, stores: ReadStores, user: str, *, told: Mapping[str, Glance], now: datetime
) -> Displays:
    """All displays. What was `told` of one counts before what is kept, where that is older."""
    return Displays(
        displays=tuple(
            _display(wall, _settings(wall, house, stores, now=now, glance=glance), hanging)
            for wall in house.walls
            for glance in [_newest(wall, stores, told)]
            for hanging in [_hanging(glance, stores, user)]
        )
    )


def _settings(
    wall: Wall, house: House, stores: ReadStores, *, now: datetime, glance: Glance | None
) -> TimedSettings:
    kept = (stores.past.settings(wall.name) or house.defaults).at(now)
    wish = stores.past.wish(wall.name)
    return timed(
        kept,
        wall.timing,
        now,
        shown_at=glance.shown_at if glance else None,
        waiting=wish.artwork_id if wish else None,
    )


def _display(wall: Wall, settings: TimedSettings, hanging: Hanging | None) -> DisplayNow:
    return DisplayNow(
        name=wall.name,
        title=wall.title,
        width=wall.width,
        height=wall.height,
        picture=f"display/{wall.name}",
        mood=settings.mood,
        mood_until=settings.mood_until,
        slideshow=settings.slideshow,
        interval_seconds=settings.interval_seconds,
        discovery=settings.discovery,
        paused=settings.paused,
        power=settings.power,
        quiet_until=settings.quiet_until,
        next_change_at=settings.next_change_at,
        waiting=settings.waiting,
        hangs=hanging,
    )


def _newest(wall: Wall, stores: ReadStores, told: Mapping[str, Glance]) -> Glance | None:
    """What hangs there: while nothing can be kept, only those who were told know."""
    kept = Hangings(stores.works, stores.past).current(wall.name)
    heard = told.get(wall.name)
    if heard is None or (kept is not None and kept.position > heard.position):
        return kept
    return heard


def _hanging(glance: Glance | None, stores: ReadStores, user: str) -> Hanging | None:
    if glance is None:
        return None
    ids = [work.id for work in glance.works]
    rows = {work.artwork.id: row(work) for work in stores.lists.by_id(ids, user)}
    if ids[0] not in rows:
        return None
    return Hanging(
        work=rows[ids[0]],
        pair=rows.get(glance.pair.id) if glance.pair else None,
        shown_at=glance.shown_at,
        why=glance.why,
        position=glance.position,
        match=glance.match,
        parts=glance.parts,
    )
