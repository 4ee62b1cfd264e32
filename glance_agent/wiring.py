"""Builds every part, opens them in order, runs the doors together, closes in reverse."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Iterator,
    Mapping,
    Sequence,
)
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from shutil import disk_usage
from typing import Any

from glance_agent import __version__
from glance_agent.adjust import Dial
from glance_agent.agent import Agent, Parts
from glance_agent.answer import Answers
from glance_agent.config import Config, ModelSettings, read_secret
from glance_agent.discovery import DiscoveryFacts, DisplayFacts
from glance_agent.doors.clock import ClockDoor
from glance_agent.doors.homeassistant import HomeAssistantDoor
from glance_agent.doors.mqtt import MqttDoor
from glance_agent.doors.systemd import feed_watchdog, notify, watchdog_seconds
from glance_agent.embedding.absent import AbsentEncoder
from glance_agent.embedding.encoder import open_encoder
from glance_agent.embedding.pairing import Encoder
from glance_agent.embedding.shelf import default_models_directory
from glance_agent.errors import ModelError
from glance_agent.glance import DisplaySettings
from glance_agent.hang import Easel, Pictures, Surface
from glance_agent.ingest import Ingest, Progress
from glance_agent.introduce import Introduction
from glance_agent.keep import Keeper
from glance_agent.outside import Outside
from glance_agent.react import Critic
from glance_agent.reembed import REEMBEDDING, Reembed
from glance_agent.show import Choices, Curator, Shelves
from glance_agent.sources.folder import FolderSource
from glance_agent.sources.museum import Museum
from glance_agent.sources.opening import Opening, open_web
from glance_agent.sources.outside import OutsidePicture
from glance_agent.sources.settings import WebSource
from glance_agent.sources.web import Web
from glance_agent.store.connection import open_database
from glance_agent.store.history import History
from glance_agent.store.index import VectorIndex
from glance_agent.store.labels import Labels
from glance_agent.store.library import Library
from glance_agent.store.phrasebook import Phrasebook
from glance_agent.store.pictures import PictureShelf
from glance_agent.store.spaces import Answering, Spaces
from glance_agent.succession import complete, reign
from glance_agent.topics import Topics

_log = logging.getLogger(__name__)


def utc_now() -> datetime:
    """The time of day, with its zone."""
    return datetime.now(UTC)


# -- the rooms that need no loop ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rooms:
    """The open library, and the use cases that work in it; for one thread at a time."""

    config: Config
    library: Library
    history: History
    encoder: Encoder
    index: VectorIndex
    curator: Curator
    answers: Answers
    sources: Mapping[str, FolderSource | Museum]
    web: Web
    outside: OutsidePicture
    successor: Encoder | None = None

    def facts(self) -> dict[str, Any]:
        """What the agent topic says, without what only a running agent knows."""
        return {
            "version": __version__,
            "model": self._model(),
            "dimension": self.encoder.dimension if len(self.index) else None,
            "artworks": self.library.count(),
            "embedded": len(self.index),
            "displays": [
                {"name": d.name, "title": d.title, "width": d.width_px, "height": d.height_px}
                for d in self.config.displays
            ],
            "sources": list(self.sources),
            "free_disk_bytes": disk_usage(self.config.library.path.absolute().parent).free,
            **({"away": away} if (away := self.away()) else {}),
            **({"spent": cost} if (cost := getattr(self.encoder, "cost", None)) else {}),
        }

    def _model(self) -> str | None:
        """What the vectors come from: a model here or on another machine; None for nothing."""
        if isinstance(self.encoder, AbsentEncoder):
            return None
        last = Spaces(self.library.db).answering()
        return (last and last.model) or self.encoder.space

    def duties(self) -> list[str]:
        """What there is to run over: works without a vector of the model, then every source."""
        wanted = self.successor or self.encoder
        if isinstance(wanted, AbsentEncoder) or not Spaces(self.library.db).lacking(wanted.space):
            return list(self.sources)
        return [REEMBEDDING, *self.sources]

    def succeeded(self) -> Rooms:
        """The same rooms once the model that was waited for answers, or knows more."""
        wanted = self.successor or self.encoder
        _keep_answering(self.config, Spaces(self.library.db), wanted)
        minds = _minds(self.config, self.library, self.history, wanted, list(self.sources))
        index, curator, answers = minds
        return replace(
            self, encoder=wanted, index=index, curator=curator, answers=answers, successor=None
        )

    def away(self) -> list[str]:
        """The hosts that are left alone because they refused programs, in a sentence each."""
        return [str(away) for away in self.web.away()]

    def pictures(self, liked: Callable[[], Awaitable[Collection[str]]]) -> dict[str, Pictures]:
        """What reads each source's pictures; those of the web are kept for the next time."""
        shelf = PictureShelf(
            web_directory(self.config) / "pictures",
            max_bytes=self.config.fetching.max_pictures_megabytes * 1_000_000,
        )
        return {
            name: Keeper(source, shelf, liked) if isinstance(source, Museum) else source
            for name, source in {**self.sources, self.outside.name: self.outside}.items()
        }

    def catch_up(self) -> bool:
        """Take in the vectors that another process has written since; whether there were any."""
        if self.library.unchanged_by_others():
            return False
        ids, matrix = self.library.vectors(self.index.space, self.index.dimension)
        if ids == sorted(self.index.snapshot().ids):
            return False
        self.index.load(ids, matrix)
        return True

    def adopt_outside(self, url: str) -> str | None:
        """The id of the picture that came from an address, kept out of choices; None for none."""
        artwork = self.library.work_of(self.outside.name, url)
        if artwork is not None and artwork.startswith(f"{self.outside.name}:"):
            self.library.hide(artwork)
        return artwork


@contextmanager
def open_rooms(config: Config) -> Iterator[Rooms]:
    """The library of a configuration and what works in it. Raises StoreError."""
    with ExitStack() as closing:
        database = open_database(config.library.path)
        closing.callback(database.close)
        library, history = Library(database), History(database)
        web = open_web(config.fetching, version=__version__, directory=web_directory(config))
        sources = sources_of(config, library.folders(), web)
        spaces, wanted = Spaces(database), encoder_of(config)
        now = reign(spaces, wanted, lambda name: _encoder(_local(config.model, name)))
        if now.successor is None:
            _keep_answering(config, spaces, wanted)
        minds = _minds(config, library, history, now.encoder, list(sources))
        index, curator, answers = minds
        yield Rooms(
            config,
            library,
            history,
            now.encoder,
            index,
            curator,
            answers,
            sources,
            web,
            _opening(config, web).outside(config.fetching.picture_hosts),
            now.successor,
        )


def _minds(
    config: Config, library: Library, history: History, encoder: Encoder, sources: Sequence[str]
) -> tuple[VectorIndex, Curator, Answers]:
    """What depends on the space: the vectors in memory, and what thinks with them."""
    index = VectorIndex(encoder.space, encoder.dimension)
    index.load(*library.vectors(encoder.space, encoder.dimension))
    curator = Curator(
        Shelves(library, history, Labels(library.db), Phrasebook(library.db)),
        index,
        encoder,
        choices=Choices(
            config.choice.no_repeat_showings,
            _defaults(config),
            {d.name: d.orientation for d in config.displays},
        ),
        clock=utc_now,
        chance=Random(config.choice.seed),  # noqa: S311 - which picture comes next is no secret
    )
    answers = Answers(
        curator,
        Critic(curator, library, history, clock=utc_now),
        Dial(history, curator.settings, clock=utc_now),
        history,
        displays=[d.name for d in config.displays],
        sources=sources,
        clock=utc_now,
    )
    return index, curator, answers


def _keep_answering(config: Config, spaces: Spaces, encoder: Encoder) -> None:
    """Remember what answers, so that it can go on when another model is configured."""
    if not isinstance(encoder, AbsentEncoder):
        name = config.model.name if config.model.remote is None else None
        spaces.answer_with(Answering(encoder.space, name))


def _local(model: ModelSettings, name: str) -> ModelSettings:
    return model.model_copy(update={"name": name, "remote": None})


def encoder_of(config: Config) -> Encoder:
    """The configured model, or a stand-in that says why there is none."""
    try:
        return _encoder(config.model)
    except ModelError as error:
        _log.warning("no model: %s Searching by keywords only.", error)
        return AbsentEncoder(str(error))


def _encoder(model: ModelSettings) -> Encoder:
    """The remote encoder of the settings, else the local model; raises ModelError."""

    def local() -> Encoder:
        return open_encoder(
            model.name,
            model.directory,
            threads=model.threads,
            memory_arena=model.memory_arena,
            prepacking=model.prepacking,
        )

    if model.remote is None:
        return local()
    from glance_agent.embedding.remote import open_remote

    directory = model.directory or default_models_directory()
    return open_remote(model.remote, model.remote_token(), directory, local)


def _defaults(config: Config) -> DisplaySettings:
    choice = config.choice
    return DisplaySettings(
        slideshow=choice.slideshow,
        interval_seconds=choice.interval_seconds,
        discovery=choice.discovery,
    )


# -- sources ------------------------------------------------------------------------------------


def sources_of(
    config: Config, folders: Mapping[str, str], web: Web
) -> dict[str, FolderSource | Museum]:
    """All sources by name: the configured ones, and the folders that were ingested by hand."""
    opening = _opening(config, web)
    by_hand = {name: FolderSource(name, Path(path)) for name, path in folders.items()}
    return by_hand | {s.name: opening.open(s) for s in config.sources}


def _opening(config: Config, web: Web) -> Opening:
    return Opening(
        web,
        web_directory(config),
        display_px=max(max(d.width_px, d.height_px) for d in config.displays),
        max_picture_bytes=config.fetching.max_picture_megabytes * 1_000_000,
        read_secret=read_secret,
    )


def web_directory(config: Config) -> Path:
    """Where answers and pictures from the web are kept."""
    path = config.library.path
    return config.fetching.cache_directory or path.with_name(f"{path.stem}.web")


def rhythms_of(config: Config) -> dict[str, float]:
    """The seconds between two listings of a source, for those on the web."""
    return {s.name: s.every_hours * 3600.0 for s in config.sources if isinstance(s, WebSource)}


class Ingestion:
    """Runs over sources in a thread and with a database connection of its own."""

    def __init__(
        self,
        rooms: Rooms,
        pictures: Mapping[str, Pictures] | None = None,
        take_over: Callable[[], Awaitable[Rooms]] | None = None,
    ) -> None:
        """`take_over` lets the model that was waited for answer, and gives the rooms then."""
        self._rooms = rooms
        self._pictures = rooms.sources if pictures is None else pictures
        self._take_over = take_over

    async def run(self, name: str, limit: int | None) -> AsyncGenerator[Progress, None]:
        """Bring in one source, or embed again; what was not durable yet is done again."""
        if name == REEMBEDDING:
            async with aclosing(self._reembed()) as steps:
                async for progress in steps:
                    yield progress
            return
        own = next((s.limit for s in self._rooms.config.sources if s.name == name), None)
        async with aclosing(self._bring_in(self._rooms.sources[name], limit or own)) as steps:
            async for progress in steps:
                yield progress

    async def bring(self, url: str) -> AsyncGenerator[Progress, None]:
        """Bring in the picture at an address, if its host is allowed."""
        async with aclosing(self._bring_in(self._rooms.outside.at(url), None)) as steps:
            async for progress in steps:
                yield progress

    async def _bring_in(
        self, source: FolderSource | Museum, limit: int | None
    ) -> AsyncGenerator[Progress, None]:
        config = self._rooms.config
        async with self._database() as (executor, database):
            ingest = Ingest(
                Library(database),
                self._rooms.encoder,
                self._rooms.index,
                executor=executor,
                clock=time.monotonic,
                max_pixels=config.library.max_picture_megapixels * 1_000_000,
            )
            async for progress in ingest.run(source, limit=limit):
                yield progress

    async def _reembed(self) -> AsyncGenerator[Progress, None]:
        """Fill the space of the wanted model; once it is full, that model answers."""
        wanted = self._rooms.successor or self._rooms.encoder
        async with self._database() as (executor, database):
            work = Reembed(
                Spaces(database),
                wanted,
                self._pictures,
                executor=executor,
                clock=time.monotonic,
                max_pixels=self._rooms.config.library.max_picture_megapixels * 1_000_000,
            )
            async for progress in work.run():
                same = self._rooms.successor is None
                if complete(progress) or (progress.finished and same):
                    await self._succeed()
                yield progress

    async def _succeed(self) -> None:
        """Nothing else writes vectors meanwhile: runs come one after the other."""
        if self._take_over is not None:
            self._rooms = await self._take_over()
        else:
            self._rooms = self._rooms.succeeded()
        _log.info("vectors of the space %s answer now", self._rooms.encoder.space)

    @asynccontextmanager
    async def _database(self) -> AsyncIterator[tuple[ThreadPoolExecutor, Any]]:
        """A thread, and a connection that only it uses."""
        path = self._rooms.config.library.path
        with ThreadPoolExecutor(1, thread_name_prefix="ingest") as executor:
            loop = asyncio.get_running_loop()
            database = await loop.run_in_executor(
                executor, lambda: open_database(path, synchronous="NORMAL")
            )
            try:
                yield executor, database
            finally:
                executor.submit(database.close)


# -- the running agent ----------------------------------------------------------------------------


async def run(config: Config) -> None:
    """Run the agent until SIGTERM or SIGINT. Raises StoreError and ConfigError."""
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    await serve(config, stopping)


async def serve(config: Config, stopping: asyncio.Event) -> None:
    """Run the agent until it is told to stop. Raises StoreError and ConfigError."""
    config.mqtt.secret()
    with open_rooms(config) as rooms, ThreadPoolExecutor(1, "commands") as worker:
        async with rooms.web, asyncio.TaskGroup() as tasks:
            running = [
                tasks.create_task(work, name=name) for name, work in _doors(rooms, worker).items()
            ]
            notify("READY=1")
            await stopping.wait()
            notify("STOPPING=1")
            _log.info("stopping")
            for task in running:
                task.cancel()


def _doors(rooms: Rooms, worker: ThreadPoolExecutor) -> dict[str, Any]:
    """Everything that runs together, by name: the agent, its doors and its watchdog."""
    config = rooms.config
    agent = _agent(rooms, worker)
    mqtt = MqttDoor(
        config.mqtt,
        agent,
        client_id=config.mqtt.client_id or f"glance-agent-{rooms.history.instance_id}",
        chance=Random(),  # noqa: S311 - only spreads reconnections
        homeassistant=_homeassistant(rooms, worker),
    )
    clock = ClockDoor(
        agent,
        displays=[d.name for d in config.displays],
        rhythms=rhythms_of(config),
        wall=utc_now,
    )
    agent.add_outlet(mqtt)
    agent.add_outlet(clock)
    doors: dict[str, Any] = {
        "agent": agent.run(rooms.duties()),
        "mqtt": mqtt.run(),
        "clock": clock.run(),
    }
    if (seconds := watchdog_seconds()) is not None:
        doors["watchdog"] = feed_watchdog(agent.alive, seconds)
    return doors


def _homeassistant(rooms: Rooms, worker: ThreadPoolExecutor) -> HomeAssistantDoor:
    settings = rooms.config.homeassistant
    return HomeAssistantDoor(
        Introduction(rooms.history, discovery_facts(rooms) if settings.enabled else None),
        birth_topic=settings.birth_topic,
        worker=worker,
        chance=Random(),  # noqa: S311 - only spreads publications
    )


def discovery_facts(rooms: Rooms) -> DiscoveryFacts:
    """What Home Assistant is to know of this agent."""
    config = rooms.config
    return DiscoveryFacts(
        instance=rooms.history.instance_id,
        version=__version__,
        displays=tuple(DisplayFacts(d.name, d.title) for d in config.displays),
        topics=Topics(config.mqtt.base_topic),
        prefix=config.homeassistant.discovery_prefix,
        moods=config.homeassistant.moods,
    )


def _agent(rooms: Rooms, worker: ThreadPoolExecutor) -> Agent:
    since = utc_now().isoformat(timespec="seconds")

    async def locate(artwork_id: str) -> str | None:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(worker, rooms.library.location, artwork_id)

    async def liked() -> Collection[str]:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(worker, rooms.library.liked_locations)

    async def take_over() -> Rooms:
        loop = asyncio.get_running_loop()
        succeeded = await loop.run_in_executor(worker, rooms.succeeded)
        agent.adopt(parts_of(succeeded))
        return succeeded

    pictures = rooms.pictures(liked)
    ingestion = Ingestion(rooms, pictures, take_over)
    easel = Easel(
        surfaces_of(rooms.config),
        pictures,
        locate,
        max_pixels=rooms.config.library.max_picture_megapixels * 1_000_000,
    )

    async def adopt_outside(url: str) -> str | None:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(worker, rooms.adopt_outside, url)

    def parts_of(rooms: Rooms) -> Parts:
        return Parts(
            answers=rooms.answers,
            curator=rooms.curator,
            easel=easel,
            marks=rooms.library,
            sessions=rooms.history,
            facts=lambda: {**rooms.facts(), "since": since},
            ingest=ingestion.run,
            outside=Outside(ingestion.bring, adopt_outside),
            catch_up=rooms.catch_up,
        )

    displays = [d.name for d in rooms.config.displays]
    agent = Agent(parts_of(rooms), displays=displays, worker=worker)
    return agent


def surfaces_of(config: Config) -> dict[str, Surface]:
    return {
        d.name: Surface((d.width_px, d.height_px), d.fit, d.mat, d.max_image_bytes)
        for d in config.displays
    }
