"""An examination of everything the agent needs; each finding says what to do about it."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace

from glance_agent.config.load import Config, ModelSettings
from glance_agent.domain.errors import GlanceError, SourceError, StoreError
from glance_agent.doors.mqtt.client import reachable
from glance_agent.doors.mqtt.probe import largest_payload
from glance_agent.doors.mqtt.reasons import LinkError
from glance_agent.embedding.absent import AbsentEncoder
from glance_agent.embedding.obtaining import standing
from glance_agent.ingest.ingest import Source
from glance_agent.sources.folders.watch import LOOK_SECONDS, WatchedFolder, most_watches, network_of
from glance_agent.wiring.encoding import encoder_of
from glance_agent.wiring.gathering import watched_of
from glance_agent.wiring.rooms import open_rooms

LEAST_FREE_MEGABYTES = 200


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    ok: bool
    said: str


async def examine(config: Config) -> list[Finding]:
    """Look at the model, the library, the disk, the sources and the broker, in this order."""
    findings = [*_model(config), *_library(config), _disk(config)]
    findings += [finding async for finding in _sources(config)]
    broker = await _broker(config)
    findings.append(broker)
    if broker.ok:
        findings.append(await _messages(config))
    return findings


def _model(config: Config) -> Iterator[Finding]:
    name = config.model.name
    encoder = encoder_of(config)
    if isinstance(encoder, AbsentEncoder):
        yield Finding("model", False, f"{encoder.reason}{_fetching(config.model)}")
        return
    try:
        started = time.perf_counter()
        encoder.embed_text("peaceful blue water")
        first_ms = (time.perf_counter() - started) * 1000
        yield Finding("model", True, f"{name} understands words (loaded in {first_ms:.0f} ms)")
    except GlanceError as error:
        yield Finding("model", False, str(error))


def _fetching(model: ModelSettings) -> str:
    """How far the fetching of the model is, where a running agent fetches it."""
    if not model.pull:
        return ""
    try:
        here = standing(model.name, model.directory)
    except GlanceError:
        return ""
    return f". As model.pull is set, a running agent fetches it: {here}"


def _library(config: Config) -> Iterator[Finding]:
    try:
        with open_rooms(config) as rooms:
            fault = rooms.library.fault()
            if fault:
                yield Finding("library", False, f"{fault}. Restore it from a backup.")
                return
            facts = rooms.facts()
    except GlanceError as error:
        yield Finding("library", False, str(error))
        return
    count, embedded = facts["artworks"], facts["embedded"]
    if not count:
        yield Finding("library", True, "it is empty; fill it with: glance-agent ingest")
    else:
        yield Finding("library", True, f"{count} artworks, {embedded} of them embedded")


def _disk(config: Config) -> Finding:
    try:
        free = shutil.disk_usage(config.library.path.absolute().parent).free // 1_000_000
    except OSError as error:
        return Finding("disk", False, f"the library's folder cannot be read: {error.strerror}")
    said = f"{free} MB are free beside the library"
    if free < LEAST_FREE_MEGABYTES:
        return Finding("disk", False, f"only {said}; make room, or move library.path")
    return Finding("disk", True, said)


async def _sources(config: Config) -> AsyncIterator[Finding]:
    """Each source; none where the library cannot be opened, which its own finding tells."""
    try:
        with open_rooms(config) as rooms:
            folders = watched_of(config, rooms.library.folders())
            async with rooms.web:
                for name, source in rooms.sources.items():
                    finding = await _first_page(f"source {name}", source)
                    if finding.ok and name in folders:
                        finding = await asyncio.to_thread(watched, finding, folders[name])
                    yield finding
    except StoreError:
        return


def watched(finding: Finding, folder: WatchedFolder) -> Finding:
    """The finding about a folder, with how its changes are noticed."""
    if share := network_of(folder.path):
        minutes = f"{LOOK_SECONDS / 60:.0f} minutes"
        said = f"looked through every {minutes}, as it is on a network share ({share})"
        return replace(finding, said=f"{finding.said}; {said}")
    there, allowed = folder.folders(), most_watches()
    if allowed is not None and there > allowed:
        said = (
            f"it has {there} folders, but the kernel watches no more than {allowed}: raise "
            "fs.inotify.max_user_watches with sysctl, or set watch = false"
        )
        return replace(finding, ok=False, said=said)
    return replace(finding, said=f"{finding.said}; watched for changes")


async def _first_page(what: str, source: Source) -> Finding:
    try:
        async for page in source.pages(None):
            total = page.total if page.total is not None else f"at least {len(page.items)}"
            return Finding(what, True, f"{total} items")
    except SourceError as error:
        return Finding(what, False, f"{str(error).rstrip('.')}.")
    return Finding(what, True, "nothing in it")


async def _broker(config: Config) -> Finding:
    mqtt = config.mqtt
    where = f"{mqtt.host}:{mqtt.effective_port}"
    try:
        async with asyncio.timeout(15):
            await reachable(mqtt)
    except (LinkError, TimeoutError, GlanceError) as error:
        said = str(error) or "it does not answer"
        return Finding(
            "broker", False, f"{where}: {said}. Check mqtt.host, mqtt.port and the credentials"
        )
    return Finding("broker", True, f"{where} lets us in")


async def _messages(config: Config) -> Finding:
    """Whether what the agent publishes comes through the broker, however large."""
    mqtt = config.mqtt
    largest = max(display.max_image_bytes for display in config.displays)
    wanted = min(largest, mqtt.max_payload_bytes or largest)
    try:
        through = await largest_payload(mqtt, wanted)
    except LinkError as error:
        return Finding("messages", False, f"{str(error).rstrip('.')}.")
    if through is None:
        said = f"none comes back on {mqtt.base_topic}/probe/+: allow it as in config/mosquitto.acl"
        return Finding("messages", False, said)
    if through < wanted:
        said = (
            f"the broker takes {through:,} bytes at most, and pictures may have {wanted:,}: raise "
            f"its limit (docs/broker.md), or set mqtt.max_payload_bytes = {through}"
        )
        return Finding("messages", False, said)
    return Finding("messages", True, f"those of {through:,} bytes come through the broker")
