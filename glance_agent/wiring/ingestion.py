"""Runs over sources beside the commands, each with a thread and a connection of its own."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from concurrent.futures import Executor
from contextlib import AbstractAsyncContextManager, aclosing, nullcontext
from dataclasses import replace
from functools import partial
from threading import Event
from typing import Any

from glance_agent.domain.encoder import READ_SECONDS, Encoder
from glance_agent.domain.errors import BadPicture, StoreError, Trouble
from glance_agent.domain.items import PictureReader
from glance_agent.domain.said import say
from glance_agent.embedding.hurry import Hurried
from glance_agent.embedding.pairing import AbsentEncoder
from glance_agent.ingest.ingest import PreparingDecoder, SourceIngest
from glance_agent.ingest.model_switch import complete
from glance_agent.ingest.progress import Progress
from glance_agent.ingest.reembed import REEMBEDDING, Reembed
from glance_agent.ingest.worker import in_worker
from glance_agent.pictures.fitting import SquareFit, fitting_of
from glance_agent.pictures.prepare import Preparation
from glance_agent.sources.folders.folder import FolderSource
from glance_agent.sources.web.museum import Museum
from glance_agent.store.database import Database
from glance_agent.store.library import Library
from glance_agent.store.opening import Patience
from glance_agent.store.source_leases import Lister
from glance_agent.store.work_leases import LEASE_SECONDS, WorkLeases
from glance_agent.wiring.identity import program_title
from glance_agent.wiring.rooms import Rooms
from glance_agent.wiring.run_threads import RunThreads, background, threads_of
from glance_agent.wiring.source_turns import SourceTurn, SourceTurns

_log = logging.getLogger(__name__)


class Ingestion:
    """Runs over sources in a thread and with a database connection of its own."""

    def __init__(
        self,
        rooms: Rooms,
        pictures: Mapping[str, PictureReader] | None = None,
        take_over: Callable[[Rooms], Awaitable[Rooms]] | None = None,
        patience: Patience | None = None,
        waits: Callable[[str], None] | None = None,
    ) -> None:
        """`take_over` lets the successor in these rooms answer, and gives the rooms then. With
        `patience` a run waits where it is while the library's server is away. Where it `waits` for
        other programs that are at a source, that is told."""
        self._rooms = rooms
        self._pictures = rooms.sources if pictures is None else pictures
        self._take_over = take_over
        self._patience = patience
        self._turns = SourceTurns(Lister(program_title(rooms.config)), waits)
        self._stopped: dict[str, str] = {}
        self._answers: str | None = None
        self._holder = f"{socket.gethostname()}/{os.getpid()}/{secrets.token_hex(4)}"
        self.out_of_reach: dict[str, int] = {}
        """How many works of which sources were left to other machines by the last embedding."""

    def stopped(self) -> dict[str, str]:
        """Why sources could not be looked through the last time: a sentence by its name."""
        return dict(self._stopped)

    async def expect(self, wanted: Encoder) -> None:
        """The model that was fetched is here; it answers once it knows every work.

        Where nothing answers it does so at once, with what it knows.
        """
        self._rooms = replace(self._rooms, successor=wanted)
        if isinstance(self._rooms.encoder, AbsentEncoder):
            await self._succeed()

    async def run(self, name: str, limit: int | None) -> AsyncGenerator[Progress, None]:
        """Bring in one source, or embed again; what was not durable yet is done again.

        A library that cannot be written ends the run with `stopped_by`, like a source that fails.
        """
        progress = Progress(name)
        try:
            async with aclosing(self._steps(name, limit)) as steps:
                async for progress in steps:
                    self._note(progress)
                    yield progress
            self._rooms.arrivals.hindered(None)
        except StoreError as error:
            if error.trouble is Trouble.REPLACED:
                raise
            self._rooms.arrivals.hindered(error)
            if error.trouble is Trouble.DAMAGED:
                self._rooms.library.suspect(str(error))
            progress.stopped_by = say("The library cannot be used now: {why}", why=error)
            progress.finished = progress.hindered = True
            yield progress

    def _note(self, progress: Progress) -> None:
        if progress.stopped_by:
            self._stopped[progress.source] = progress.stopped_by
        elif progress.finished:
            self._stopped.pop(progress.source, None)

    def _steps(self, name: str, limit: int | None) -> AsyncGenerator[Progress, None]:
        if name == REEMBEDDING:
            return self._reembed()
        own = next((s.limit for s in self._rooms.config.sources if s.name == name), None)
        source, decoder = self._rooms.sources[name], self._rooms.decoders.in_background
        # What has come into a folder since another one has listed it was told to this one, too.
        again = limit is not None or isinstance(source, FolderSource)
        taken = partial(self._turns.take, source=name, again=again)
        return self._bring_in(source, decoder, taken, limit=limit or own)

    async def bring(self, url: str) -> None:
        """Bring in the picture at an address. Raises AddressRefused, SourceError, BadPicture."""
        picture = self._rooms.outside.at(url)
        decoder = _Telling(self._rooms.decoders.for_people)
        bringing = self._bring_in(picture, decoder, _by_itself, seconds=READ_SECONDS)
        async with aclosing(bringing) as steps:
            async for _ in steps:
                pass
        if (failure := picture.failure or decoder.failure) is not None:
            raise failure

    async def _bring_in(
        self,
        source: FolderSource | Museum[Any],
        decoder: PreparingDecoder,
        taken: Callable[[Database, Executor], AbstractAsyncContextManager[SourceTurn]],
        *,
        limit: int | None = None,
        seconds: float | None = None,
    ) -> AsyncGenerator[Progress, None]:
        """What is not embedded in so many seconds is kept without a vector, until it has one."""
        self._rooms.decoders.in_background.fitting = fitting_of(self._rooms.encoder)
        async with (
            self._threads() as threads,
            taken(threads.database, threads.executor) as turn,
        ):
            if not turn.is_ours():
                yield left_to(source.name, turn)
                return
            library = Library(threads.database)
            ingest = SourceIngest(
                library,
                self._waited_for(self._rooms.encoder, threads.given_up, seconds),
                self._rooms.growing,
                executor=threads.executor,
                decoder=decoder,
                decoders=threads.decoders,
                clock=time.monotonic,
            )
            arrivals = self._rooms.arrivals
            before = await in_worker(threads.executor, library.count)
            try:
                async with aclosing(ingest.run(source, limit=limit)) as steps:
                    async for progress in steps:
                        arrivals.note(progress.so_far(before, limit))
                        if not turn.is_ours():
                            yield left_to(source.name, turn)
                            return
                        turn.done = progress.is_all(limit)
                        yield progress
            finally:
                arrivals.note(None)

    async def _reembed(self) -> AsyncGenerator[Progress, None]:
        """Fill the space of the wanted model; once it is full, that model answers."""
        with background(1, "embed") as embedder:
            async with aclosing(self._embedded(embedder)) as steps:
                async for progress in steps:
                    yield progress

    async def _embedded(self, embedder: Executor) -> AsyncGenerator[Progress, None]:
        wanted = self._rooms.successor or self._rooms.encoder
        async with self._threads() as threads:
            leases = WorkLeases(threads.database, self._holder, LEASE_SECONDS)
            work = Reembed(
                leases,
                self._waited_for(wanted, threads.given_up),
                self._pictures,
                executor=threads.executor,
                decoder=self._rooms.decoders.in_background,
                decoders=threads.decoders,
                embedder=embedder,
                clock=time.monotonic,
            )
            async with aclosing(work.run()) as steps:
                async for progress in steps:
                    same = self._rooms.successor is None
                    if complete(progress) or (progress.finished and same):
                        await self._succeed()
                    yield progress
            self.out_of_reach = await in_worker(
                threads.executor, leases.lacking_of, wanted.space, work.out_of_reach
            )

    async def _succeed(self) -> None:
        """Nothing else writes vectors meanwhile: runs come one after the other."""
        if self._take_over is not None:
            self._rooms = await self._take_over(self._rooms)
        else:
            self._rooms = self._rooms.succeeded()
            if self._rooms.thinks:
                self._rooms.follower.prepare()
        if (space := self._rooms.encoder.space) != self._answers:
            self._answers = space
            _log.info("vectors of the space %s answer now", space)

    def _waited_for(
        self, encoder: Encoder, given_up: Event, seconds: float | None = None
    ) -> Encoder:
        """The encoder; one on another machine, which may be silent, as it is waited for."""
        if self._rooms.config.model.remote is None:
            return encoder
        return Hurried(encoder, seconds=seconds, given_up=given_up)

    def _threads(self) -> AbstractAsyncContextManager[RunThreads]:
        return threads_of(self._rooms.config.library.place, self._patience)


def left_to(source: str, turn: SourceTurn) -> Progress:
    """What is told of a source that another program is bringing in, or has brought in."""
    return Progress(source, finished=turn.has_ended, left_to=turn.left_to)


def _by_itself(*_: object) -> AbstractAsyncContextManager[SourceTurn]:
    """The turn with what nobody else brings in."""
    return nullcontext(SourceTurn())


class _Telling:
    """A decoder that tells whoever sent an address why its picture could not be used.

    That passes: who sends the address again wants it.
    """

    def __init__(self, decoder: PreparingDecoder) -> None:
        self._decoder = decoder
        self.failure: BadPicture | None = None

    @property
    def limit(self) -> str:
        return self._decoder.limit

    def prepare(
        self, data: bytes, *, colours: bool, fitting: SquareFit | None = None
    ) -> Preparation:
        try:
            return self._decoder.prepare(data, colours=colours, fitting=fitting)
        except BadPicture as bad:
            self.failure = BadPicture(bad.reason, bad.detail, passing=True)
            raise self.failure from bad
