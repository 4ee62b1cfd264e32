"""The agent: commands from every door are carried out one by one, news goes to every door.

Deciding and storing is synchronous code in one worker thread; pictures are fetched and prepared
and sources are listed beside it, so that no command waits for either.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from concurrent.futures import Executor
from contextlib import aclosing
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Protocol, TypeVar, TypeVarTuple

from glance_agent.agent.beside import in_worker
from glance_agent.agent.frames import Easel, Hanging
from glance_agent.agent.learning import Learning
from glance_agent.agent.model_download import Obtain
from glance_agent.agent.outlets import Outlet, Telling
from glance_agent.agent.picture_url import Outside
from glance_agent.agent.words import Words
from glance_agent.commands.dispatch import Answers, refused
from glance_agent.commands.idempotency import Asked, Delivery
from glance_agent.commands.show import Curator
from glance_agent.domain.command import (
    Command,
    Hide,
    Next,
)
from glance_agent.domain.despite import despite_the_library
from glance_agent.domain.display import (
    About,
    Failed,
    Glance,
    News,
    Online,
    Outcome,
    Reply,
    Tuned,
    refusal,
)
from glance_agent.domain.errors import BadPicture, CommandError, ErrorCode, SourceError, our_fault
from glance_agent.ingest.progress import Progress
from glance_agent.ingest.reembed import REEMBEDDING

PROGRESS_SECONDS = 1.0
CATCH_UP_SECONDS = 10.0
"""How long it may stay unknown to a running agent what another process has written."""
AGAIN_SECONDS = 300.0
"""How long a library that hindered a run over a source may need until it can be written again."""
_log = logging.getLogger(__name__)
_T = TypeVarTuple("_T")
_R = TypeVar("_R")


class Marks(Protocol):
    """Keeps that a picture cannot be used."""

    def mark_unusable(self, artwork_id: str, reason: str) -> None: ...


class Sessions(Protocol):
    """Knows the deliveries of the broker's session."""

    def forget_deliveries(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Parts:
    """What the agent works with."""

    answers: Answers
    curator: Curator
    marks: Marks
    sessions: Sessions
    facts: Callable[[], dict[str, Any]]
    ingest: Callable[[str, int | None], AsyncGenerator[Progress, None]]
    outside: Outside
    changed_elsewhere: Callable[[], bool]
    """Whether another process wrote."""
    catch_up: Callable[[], None]
    """Takes up the vectors that it wrote, in any thread."""
    fetching: Obtain[Any] | None
    expect: Callable[[Any], Awaitable[None]]
    """Lets an encoder answer once it knows every work."""


class Agent:
    """Answers commands and keeps every display supplied."""

    def __init__(
        self,
        parts: Parts,
        easel: Easel,
        *,
        displays: Sequence[str],
        worker: Executor,
        again_seconds: float = AGAIN_SECONDS,
    ) -> None:
        """`worker` has one thread, the only one in which commands are carried out.

        A run over a source that the library has hindered is tried again after `again_seconds`.
        """
        self._parts = parts
        self._hanging = Hanging(easel, tell=self._announce, another=self._another)
        self._displays = displays
        self._again_seconds = again_seconds
        self._worker = worker
        self._tellings: list[Telling] = []
        self._learning = Learning(lambda: self._parts.curator, worker)
        self._words = Words(lambda: self._parts.answers, worker)
        self._wanted: asyncio.Queue[tuple[str, int | None]] = asyncio.Queue()
        self._waiting: set[tuple[str, int | None]] = set()

    def add_outlet(self, outlet: Outlet) -> Telling:
        """Tell this door all news from now on; what does so is to be run beside the agent."""
        telling = Telling(outlet)
        self._tellings.append(telling)
        return telling

    def adopt(self, parts: Parts) -> None:
        """Work with these from the next command on; one under way ends with the parts it has."""
        self._parts = parts

    # -- for the doors ------------------------------------------------------------------------

    async def handle(
        self, command: Command, delivery: Delivery | None = None, also: Sequence[Asked] = ()
    ) -> Reply:
        """Carry a command out and tell everyone; the effect is on disk when this returns.

        Raises nothing: what fails within is logged with its traceback, and answered.
        """
        started = perf_counter()
        try:
            outcome = await self._outcome(Asked(command, delivery), also)
        except Exception:
            # Whatever breaks on the way to the worker or back: whoever asked is answered.
            _log.exception("carrying out “%s” failed", command.verb)
            outcome = refused(our_fault(), command, started)
        try:
            await self._follow_up(command, outcome)
        except Exception:
            # It is done and kept: what goes wrong in telling of it changes no answer.
            _log.exception("telling of “%s” failed", command.verb)
        # Outlets that are quick tell what came of it before it is answered; none is waited for.
        await asyncio.sleep(0)
        return outcome.reply

    async def _follow_up(self, command: Command, outcome: Outcome) -> None:
        """Tell everyone what came of a command, and learn from it."""
        await self._tell(outcome)
        if command.changes_taste:
            self._learning.begin(command.user)
        elif isinstance(command, Hide):
            await self._announce_facts()

    async def _outcome(self, asked: Asked, also: Sequence[Asked]) -> Outcome:
        """What comes of a command, once a picture that it names by an address is here."""
        settled: Command | Outcome | None = None
        if asked.command.address is not None:
            ahead = await self._off_loop(self._parts.answers.ahead, asked)
            settled = ahead or await self._parts.outside.settled(asked.command)
        if isinstance(settled, Outcome):
            return settled
        return await self._answered(asked, also, settled)

    async def _answered(
        self, asked: Asked, also: Sequence[Asked] = (), settled: Command | None = None
    ) -> Outcome:
        """What comes of a command; what it needs of the model is read first, beside the worker."""
        answers = self._parts.answers
        read = await self._words.ahead(answers, settled or asked.command)

        def answer() -> Outcome:
            return answers.answer(asked.command, asked.delivery, also, settled=settled, read=read)

        outcome = await self._off_loop(answer)
        if asked.command.has_words_read:
            self._words.keep(answers)
        return outcome

    async def refuse(self, reply: Reply) -> None:
        """Tell everyone of a message that was no command."""
        await self._announce(Failed(reply))

    async def state(self) -> list[News]:
        """Everything that is retained, as it is now."""
        return [*await self._off_loop(self._state), *self._hanging.done()]

    async def tell_state(self) -> None:
        """Tell everyone everything that is retained."""
        for news in await self.state():
            await self._announce(news)

    async def new_session(self) -> None:
        """The broker has forgotten what it delivered; so can we."""
        await self._off_loop(self._parts.sessions.forget_deliveries)

    async def alive(self) -> None:
        """Return once the worker has answered; hangs where it does."""
        await self._off_loop(lambda: None)

    # -- in the background ----------------------------------------------------------------------

    async def run(self, sources: Sequence[str]) -> None:
        """Put up what was there before, then bring in what the sources have, for ever."""
        try:
            for display in self._displays:
                await despite_the_library(self._resume(display), f"resuming {display}")
            for news in await despite_the_library(self.state(), "what is retained") or ():
                await self._announce(news)
            await despite_the_library(self._prepare(), "preparing searches")
            for source in sources:
                self._want(source, None)
            while True:
                source, limit = await self._next_wanted()
                await despite_the_library(self._ingest(source, limit), f"bringing in {source}")
        finally:
            background = [
                *self._hanging.under_way(),
                *self._learning.under_way(),
                *self._words.under_way(),
            ]
            for task in background:
                task.cancel()
            await asyncio.gather(*background, return_exceptions=True)

    async def await_model(self) -> None:
        """Get the configured model where it is not here, and let it take over."""
        fetching = self._parts.fetching
        if fetching is not None:
            wanted = await fetching.run(self._tell_of_model)
            await despite_the_library(self._parts.expect(wanted), "changing the model")
            await self._announce_facts()
            self._wanted.put_nowait((REEMBEDDING, None))

    async def _tell_of_model(self, news: News) -> None:
        await self._announce(news)
        if isinstance(news, Failed):
            await self._announce_facts()

    async def _prepare(self) -> None:
        """Do what later commands would wait for, in slices that let commands in between."""
        await self._words.prepare()
        await self._learning.measure()
        await self._learning.finish()

    def want(self, source: str) -> None:
        """Bring in what is new of a source, or embed what lacks a vector, before long."""
        self._want(source, None)

    def _want(self, source: str, limit: int | None) -> None:
        """Bring in a source when those before it are done; one that waits already waits once."""
        if (source, limit) not in self._waiting:
            self._waiting.add((source, limit))
            self._wanted.put_nowait((source, limit))

    async def _next_wanted(self) -> tuple[str, int | None]:
        """The next source to bring in; meanwhile, what other processes did is taken up."""
        while True:
            try:
                async with asyncio.timeout(CATCH_UP_SECONDS):
                    wanted = await self._wanted.get()
                    self._waiting.discard(wanted)
                    return wanted
            except TimeoutError:
                await despite_the_library(self._catch_up(), "taking up what is new")

    async def _catch_up(self) -> None:
        """Take up what other processes did."""
        if await self._off_loop(self._parts.changed_elsewhere):
            await asyncio.to_thread(self._parts.catch_up)
            await self._announce_facts()
            for display in self._displays:
                glance = await self._off_loop(self._parts.curator.current, display)
                await self._hanging.follow(glance)
        await self._prepare()

    async def _resume(self, display: str) -> None:
        """Show what was shown last, or a first picture where there has been none."""
        glance = await self._off_loop(self._parts.curator.current, display)
        if glance is not None:
            self._hanging.begin(glance)
            return
        about = await self._off_loop(self._parts.facts)
        if about["artworks"]:
            await self.handle(Next(display=display))

    async def _ingest(self, source: str, limit: int | None) -> None:
        """Bring in one source, telling of it once a second and at the end.

        Now and then what is new is learned from, since a run may take hours.
        """
        loop = asyncio.get_running_loop()
        told_at = caught_up_at = loop.time()
        progress: Progress | None = None
        async with aclosing(self._parts.ingest(source, limit)) as steps:
            async for progress in steps:
                if progress.finished or loop.time() - told_at >= PROGRESS_SECONDS:
                    told_at = loop.time()
                    await self._tell_progress(progress)
                if loop.time() - caught_up_at >= CATCH_UP_SECONDS:
                    await despite_the_library(self._catch_up(), "taking up what is new")
                    caught_up_at = loop.time()
        if progress is not None:
            level = logging.WARNING if progress.stopped_by else logging.INFO
            _log.log(level, "%s", progress.summary())
            if progress.hindered:
                loop.call_later(self._again_seconds, self._want, source, limit)

    async def _tell_progress(self, progress: Progress) -> None:
        await self._announce(progress.event())
        await self._announce_facts()
        if progress.added:
            for display in self._displays:
                if await self._off_loop(self._parts.curator.current, display) is None:
                    await self.handle(Next(display=display))

    # -- telling --------------------------------------------------------------------------------

    async def _tell(self, outcome: Outcome) -> None:
        for glance in outcome.glances:
            await self._hanging.put_up(glance)
        for display in outcome.settings_of:
            settings = await self._off_loop(self._parts.curator.settings, display)
            await self._announce(Tuned(display, settings))
        for event in outcome.events:
            await self._announce(event)
        for source in outcome.ingest:
            self._want(source, outcome.ingest_limit)
        if outcome.republish:
            for news in (Online(), *await self.state()):
                await self._announce(news)
        if not outcome.reply.ok:
            await self._announce(Failed(outcome.reply))

    async def _announce_facts(self) -> None:
        await self._announce(About(await self._off_loop(self._parts.facts)))

    async def _announce(self, news: News) -> None:
        for telling in self._tellings:
            telling.put(news)

    def _state(self) -> list[News]:
        news: list[News] = [About(self._parts.facts())]
        for display in self._displays:
            news.append(Tuned(display, self._parts.curator.settings(display)))
            if (glance := self._parts.curator.current(display)) is not None:
                news.append(glance)
        return news

    async def _another(self, glance: Glance, error: BadPicture | SourceError) -> Glance | None:
        """Another work on the display; the unreadable one is kept out of choices."""
        _log.warning("the picture of %s cannot be shown: %s", glance.artwork.id, error)
        if isinstance(error, BadPicture):
            marks = self._parts.marks
            marking = self._off_loop(marks.mark_unusable, glance.artwork.id, error.reason)
            await despite_the_library(marking, "keeping an unreadable picture out")
        tried = "the next ingest of its source tries this one again"
        if isinstance(error, SourceError):
            tried = f"the source “{glance.artwork.source}” is away for now"
        why = CommandError(
            ErrorCode.PICTURE_UNREADABLE,
            f"The picture of {glance.artwork.label} cannot be read.",
            f"Another one is shown; {tried}.",
        )
        await self._announce(Failed(refusal("show", why, glance.display)))
        outcome = await self._answered(Asked(Next(display=glance.display)))
        if outcome.glance is not None:
            await self._announce(outcome.glance)
            for event in outcome.events:
                await self._announce(event)
        return outcome.glance

    async def _off_loop(self, work: Callable[[*_T], _R], *arguments: *_T) -> _R:
        return await in_worker(self._worker, work, *arguments)
