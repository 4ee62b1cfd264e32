"""Answers on their way: published, confirmed by the broker, or tried again on the next connection.

An answer that ends the connection must not do so for ever: it is shortened at its second try and
given up at the third; those after it stay well below its length. Where several were on their way
when a connection ended, each is tried alone on the next one, so that none is blamed for another.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from glance_agent.commands.shorten import least, shortened
from glance_agent.domain.reply import Reply
from glance_agent.domain.strict_json import as_json
from glance_agent.doors.mqtt.link import Link
from glance_agent.doors.mqtt.outgoing import Fate, Publication

LEAST_BYTES = 1024
"""Answers are kept no shorter than this because another one was too long."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Target:
    """Where an answer goes, and the correlation data that its asker wants back."""

    topic: str
    correlation: bytes | None = None


class Links:
    """The connection there is now, and the one that comes after it."""

    def __init__(self) -> None:
        self._link: Link | None = None
        self._at_once = True
        self._opened = asyncio.Event()

    def opened(self, link: Link, *, at_once: bool) -> None:
        """From now on answers go here; `at_once` where the first attempt succeeded."""
        self._link = link
        self._at_once = at_once
        self._opened.set()
        self._opened = asyncio.Event()

    async def after(self, gone: Link | None) -> tuple[Link, bool]:
        """The first connection that is not this one, and whether it opened at the first attempt."""
        while self._link is None or self._link is gone:
            await self._opened.wait()
        return self._link, self._at_once


@dataclass(slots=True, eq=False)
class _Answer:
    """One reply, where it still has to go, and how often its publication ended a connection."""

    reply: Reply
    targets: list[Target]
    ended: int = 0
    lost: int = 0
    """How many connections ended while it was on its way, whatever the cause."""
    on_its_way: list[Publication] = field(default_factory=list)
    is_suspected: bool = False

    def form(self) -> Reply | None:
        """What is published at the next try; None where there is none."""
        return (self.reply, least(self.reply), None)[self.ended]

    def longest_bytes(self) -> int:
        """The length of what was published last."""
        return max((len(publication.payload) for publication in self.on_its_way), default=0)

    def is_too_long(self) -> bool:
        """Whether the broker said so of what was published last."""
        return any(publication.is_too_long for publication in self.on_its_way)


class AnswerPublisher:
    """Brings answers to the broker, whatever becomes of the connection meanwhile."""

    def __init__(self, links: Links) -> None:
        self._links = links
        self._suspects: set[_Answer] = set()
        self._nobody_suspected = asyncio.Event()
        self._nobody_suspected.set()
        self._alone = asyncio.Lock()
        self._most_bytes: int | None = None
        self._too_long_bytes: int | None = None

    async def bring(self, reply: Reply, targets: Sequence[Target]) -> bool:
        """Return when the broker has answered for it; False where it could not be brought."""
        answer = _Answer(reply, list(targets))
        try:
            link, _ = await self._links.after(None)
            while (form := answer.form()) is not None:
                async with self._turn(answer, link):
                    everywhere = await self._try(answer, form, link)
                if not answer.targets:
                    return everywhere
                if answer.is_too_long():
                    if answer.longest_bytes() <= LEAST_BYTES:
                        return False
                    self._shorten_all(answer.longest_bytes() // 2)
                    continue
                blamed = not link.ending.blameless and self._suspect(answer, link)
                link, at_once = await self._links.after(link)
                # A broker that could not be reached at first had other reasons to go.
                if blamed and at_once:
                    answer.ended += 1
                    self._learn_from(answer)
            return False
        finally:
            self._acquit(answer)

    async def _try(self, answer: _Answer, form: Reply, link: Link) -> bool:
        """Publish to the targets that are left; those that the answer is too large for go too."""
        publications: dict[Target, Publication] = {}
        fitting = True
        for target in answer.targets:
            limits = (link.sending.room_for(target.topic, target.correlation), self._most_bytes)
            room = min((limit for limit in limits if limit is not None), default=None)
            fits = form if room is None else shortened(form, room)
            if fits is None:
                fitting = False
                continue
            payload = as_json(fits)
            publications[target] = link.sending.answer(target.topic, payload, target.correlation)
        answer.on_its_way = list(publications.values())
        for publication in answer.on_its_way:
            await publication.fate
        answer.targets = [t for t, publication in publications.items() if _is_wanting(publication)]
        if not answer.targets and answer.longest_bytes() >= (self._too_long_bytes or 0):
            self._too_long_bytes = None
        return fitting

    @asynccontextmanager
    async def _turn(self, answer: _Answer, link: Link) -> AsyncIterator[None]:
        """A suspect goes alone, when nothing else is on its way; the others wait for that."""
        if not answer.is_suspected:
            await self._nobody_suspected.wait()
            yield
            return
        async with self._alone:
            while link.sending.unconfirmed and await link.confirmed():
                pass
            yield

    def _suspect(self, answer: _Answer, link: Link) -> bool:
        """Whether this answer, and no other publication, may have ended the connection."""
        mine = answer.on_its_way
        under_way = link.sending.under_way()
        if not any(publication in mine for publication in under_way):
            return False
        answer.lost += 1
        was_alone = answer.is_suspected and under_way[0] in mine
        answer.is_suspected = True
        self._suspects.add(answer)
        self._nobody_suspected.clear()
        return was_alone or all(publication in mine for publication in under_way)

    def _learn_from(self, answer: _Answer) -> None:
        """An answer that ended two connections, or the second in a row without one as long being
        taken between them, was too long for the broker: a quarter may do."""
        length = answer.longest_bytes()
        if answer.ended > 1 or length <= LEAST_BYTES:
            return
        if answer.lost > 1 or self._too_long_bytes is not None:
            self._shorten_all(min(length, self._too_long_bytes or length) // 4)
            self._too_long_bytes = None
        else:
            self._too_long_bytes = length

    def _shorten_all(self, most_bytes: int) -> None:
        """Have no answer longer than this from now on."""
        self._most_bytes = max(most_bytes, LEAST_BYTES)
        _log.warning(
            "the broker does not take long answers; from now on they have %d bytes at most "
            "(mqtt.max_payload_bytes tells the agent what the broker takes)",
            self._most_bytes,
        )

    def _acquit(self, answer: _Answer) -> None:
        self._suspects.discard(answer)
        if not self._suspects:
            self._nobody_suspected.set()


def _is_wanting(publication: Publication) -> bool:
    """Whether it has to be sent again, on the next connection or shorter."""
    return publication.fate.result() is Fate.LOST or publication.is_too_long
