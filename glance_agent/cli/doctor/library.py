"""Whether the library can be read, and what is in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from glance_agent.cli.doctor.finding import Finding, Patient
from glance_agent.domain.errors import GlanceError
from glance_agent.domain.library_place import spelled
from glance_agent.domain.said import listed, many, say
from glance_agent.store.display_leases import holders
from glance_agent.store.opening import check_driver, is_there, served_by, unserved
from glance_agent.wiring.facts import facts_of
from glance_agent.wiring.looking import look_around
from glance_agent.wiring.rooms import Rooms


async def check(patient: Patient) -> AsyncIterator[Finding]:
    """The engine's own examination of it, and how many works it holds."""
    place = patient.config.library.place
    if not is_there(place):
        said = say(
            "there is none yet at {place}; fill it with: glance-agent ingest", place=spelled(place)
        )
        yield Finding(say("library"), True, said)
        return
    try:
        check_driver(place)
        with look_around(patient.config) as rooms:
            fault, facts = rooms.library.fault(), facts_of(rooms)
            unfit = len(rooms.library.off_wall())
            held_by = holders(rooms.library.db)
            search = _search(rooms) if patient.config.library.search == "pgvector" else None
    except GlanceError as error:
        yield Finding(say("library"), False, error.said)
        return
    if fault:
        said = say("{fault}. Restore it from a backup.", fault=fault)
        yield Finding(say("library"), False, said)
    else:
        yield Finding(say("library"), True, _holds(facts["artworks"], facts["embedded"], unfit))
    if search:
        yield search
    if held_by:
        yield _held(held_by)


def _holds(count: int, embedded: int, unfit: int) -> str:
    """How many works there are, with a vector, and not fit to come up by themselves."""
    if not count:
        return say("it is empty; fill it with: glance-agent ingest")
    works = many(
        "1 artwork, {embedded} of them embedded",
        "{n} artworks, {embedded} of them embedded",
        n=count,
        embedded=embedded,
    )
    if not unfit:
        return works
    return say(
        "{works}; {unfit} too small, too narrow or of a screen to come up by themselves",
        works=works,
        unfit=unfit,
    )


def _held(by: Mapping[str, str]) -> Finding:
    """Which displays are shown on now, and by which agents."""
    held = [say("{display} by {agent}", display=name, agent=title) for name, title in by.items()]
    said = say("shown on now: {displays}", displays=listed(held))
    return Finding(say("displays of the library"), True, said)


def _search(rooms: Rooms) -> Finding:
    """Whether the server looks through vectors, where it is to do so."""
    if (why := unserved(rooms.library.db)) is not None:
        return Finding(say("search"), False, why)
    said = say(
        "{extension} looks through vectors on the server; this machine holds none",
        extension=served_by(rooms.library.db),
    )
    return Finding(say("search"), True, said)
