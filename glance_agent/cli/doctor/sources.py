"""Whether the sources of pictures can be read: by whoever asks, and by the service."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

from glance_agent.cli import systemd_unit
from glance_agent.cli.doctor.finding import Finding, Patient
from glance_agent.domain.errors import SourceError, StoreError
from glance_agent.domain.said import many, say
from glance_agent.ingest.asking import Source
from glance_agent.ingest.ingest import without_pictures
from glance_agent.sources.folders.watch import LOOK_SECONDS, WatchedFolder, most_watches, network_of
from glance_agent.wiring.gathering import folders_of, watched_of
from glance_agent.wiring.looking import look_around
from glance_agent.wiring.rooms import Rooms


async def check(patient: Patient) -> AsyncIterator[Finding]:
    """Each source; none where the library cannot be opened, which its own finding tells."""
    try:
        with look_around(patient.config) as rooms:
            async with rooms.web:
                for name, source in rooms.sources.items():
                    yield await _examined(rooms, name, source)
            for finding in _misnamed(rooms):
                yield finding
    except StoreError:
        return


def _misnamed(rooms: Rooms) -> Iterator[Finding]:
    """The displays that show works of sources which are not there."""
    for display in rooms.config.displays:
        if unknown := sorted(set(display.sources) - rooms.sources.keys()):
            said = say(
                "it shows works of “{name}”, and no source is called so: {there}.",
                name=unknown[0],
                there=", ".join(rooms.sources) or say("none"),
            )
            yield Finding(say("sources of {name}", name=display.name), False, said)


async def _examined(rooms: Rooms, name: str, source: Source) -> Finding:
    by_hand = rooms.library.folders()
    folder, watch = folders_of(rooms.config, by_hand).get(name), watched_of(rooms.config, by_hand)
    finding = await _listed(say("source {name}", name=name), source, rooms.library.count_of(name))
    if folder is not None and (said := systemd_unit.advice(folder.absolute())):
        return replace(finding, ok=False, also=(said,))
    if finding.ok and name in watch:
        return await asyncio.to_thread(watched, finding, watch[name])
    return finding


async def _listed(what: str, source: Source, known: int) -> Finding:
    """What the first page of a source says, beside how many of its works are known."""
    try:
        async for page in source.pages(None):
            if known and source.lists_everything and not page.items:
                lost = without_pictures(source.name, known)
                return Finding(what, False, say("{why}.", why=lost))
            if page.total is not None:
                return Finding(what, True, many("1 item", "{n} items", n=page.total))
            least = many("at least 1 item", "at least {n} items", n=len(page.items))
            return Finding(what, True, least)
    except SourceError as error:
        said = error.said
        return Finding(what, False, said if said.endswith(".") else say("{why}.", why=said))
    return Finding(what, True, say("nothing in it"))


def watched(finding: Finding, folder: WatchedFolder) -> Finding:
    """The finding about a folder, with how its changes are noticed."""
    if share := network_of(folder.path):
        said = many(
            "{found}; looked through every minute, as it is on a network share ({share})",
            "{found}; looked through every {n} minutes, as it is on a network share ({share})",
            n=round(LOOK_SECONDS / 60),
            found=finding.said,
            share=share,
        )
        return replace(finding, said=said)
    there, allowed = folder.folders(), most_watches()
    if allowed is not None and there > allowed:
        said = say(
            "it has {there} folders, but the kernel watches no more than {allowed}: raise "
            "fs.inotify.max_user_watches with sysctl, or set watch = false",
            there=str(there),
            allowed=str(allowed),
        )
        return replace(finding, ok=False, said=said)
    return replace(finding, said=say("{found}; watched for changes", found=finding.said))
