"""A command in, what comes of it out: what it needs of a host or a model is there before.

In the worker's thread, which alone carries commands out, nothing of the kind is waited for.

What a command puts up is kept first, looked for then, and answered last: a picture that is not
there is taken back with its receipt, before anybody was told. So that an answer does not wait for
a picture to be decoded, or fetched from a museum, those are found to fail later; the showing is
taken back then as well, and that is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter

from glance_agent.agent.common import Common
from glance_agent.agent.despite import despite_the_library
from glance_agent.agent.figures import Figures
from glance_agent.agent.words import QueryReader
from glance_agent.commands.dispatch import refused
from glance_agent.commands.idempotency import Asked, receipts_of
from glance_agent.commands.out_of_reach import unreadable
from glance_agent.domain.artwork import Artwork
from glance_agent.domain.command import Command
from glance_agent.domain.display import Glance
from glance_agent.domain.errors import BadPicture, CommandError, SourceError
from glance_agent.domain.outcome import Outcome
from glance_agent.domain.picture_verbs import Show
from glance_agent.domain.reply import Reply
from glance_agent.domain.taking_back import Undo
from glance_agent.search.reading import ReadWords, Unread

TRIES = 5
"""How many works in a row may turn out not to be there before a command is refused."""


class CarryingOut:
    """Has commands carried out, one by one."""

    def __init__(self, common: Common, words: QueryReader, figures: Figures) -> None:
        """`figures` count how long steps take."""
        self._common = common
        self._words = words
        self._figures = figures

    async def outcome(self, asked: Asked, also: Sequence[Asked]) -> Outcome:
        """What comes of a command, once a picture that it names by an address is here."""
        parts, settled = self._common.parts, None
        if asked.command.address is not None:
            ahead = await self._common.in_worker(parts.answers.ahead, asked)
            with self._figures.step("fetch"):
                settled = ahead or await parts.outside.settled(asked.command)
        if isinstance(settled, Outcome):
            return settled
        return await self.answered(asked, also, settled)

    async def answered(
        self, asked: Asked, also: Sequence[Asked] = (), settled: Command | None = None
    ) -> Outcome:
        """What comes of a command: of what it puts up, only what is there.

        `settled` is the command with an artwork in the place of its address.
        """
        started, refusal = perf_counter(), None
        if not asked.command.hangs:
            return await self._kept(asked, also, settled)
        if isinstance(asked.command, Undo):
            # What is taken back is forgotten: a picture that is away is found before.
            lacking = await self._cannot_hang_again(asked)
            return (
                refused(lacking, asked.command, started)
                if lacking
                else await self._kept(asked, also, None)
            )
        for _ in range(TRIES):
            outcome = await self._kept(asked, also, settled)
            repeats = outcome.glance is None and outcome.reply.ok
            if repeats and any(receipts_of(each) for each in (asked, *also)):
                # It was answered before; what it says may have been taken back, or has to be.
                hanging = self._hanging(outcome.reply)
                up = await despite_the_library(hanging, "looking what hangs there now")
                if up is not None:
                    await self._refusal(up)
                    outcome = await self._kept(asked, also, settled)
            refusal = await self._refusal(outcome.glances)
            if refusal is None:
                return outcome
            if isinstance(settled or asked.command, Show):
                break
        assert refusal is not None
        return refused(refusal, asked.command, started)

    async def _cannot_hang_again(self, asked: Asked) -> CommandError | None:
        """Why a work cannot hang again for now that a command would bring back; None where all can.

        Those whose pictures are gone for good are chosen no more, which the answer then tells.
        """
        parts = self._common.parts
        for work in await self._common.in_worker(parts.answers.hangs_again, asked):
            lacking = await parts.reach.lacking(work)
            if lacking is not None:
                await parts.reach.note(work, lacking)
                if isinstance(lacking, SourceError):
                    return unreadable(work, lacking, another=False)
        return None

    async def _refusal(self, glances: Sequence[Glance]) -> CommandError | None:
        """Why these cannot all be put up, which are taken back then; None where they can."""
        for glance, work in ((g, work) for g in glances for work in g.works):
            lacking = await self._common.parts.reach.lacking(work)
            if lacking is not None:
                for other in glances:
                    if other is not glance:
                        await self._undo(other)
                        await self.stays(other.display)
                await self.take_back(glance, lacking, work)
                await self.stays(glance.display)
                return unreadable(work, lacking, another=False)
        return None

    async def _hanging(self, reply: Reply) -> tuple[Glance, ...]:
        """What hangs on a display, where it is what an answer says."""
        if reply.display is None or reply.artwork is None:
            return ()
        current = await self._common.in_worker(self._common.parts.showing.current, reply.display)
        return (current,) if current and current.artwork.id == reply.artwork.id else ()

    async def take_back(
        self, glance: Glance, error: BadPicture | SourceError, work: Artwork | None = None
    ) -> bool:
        """Undo a showing whose picture cannot be had, and choose no such picture for now; of two,
        that of this `work`.

        False where the showing stays: its picture has been on the display before, or the library
        cannot be written.
        """
        away = isinstance(error, SourceError)
        work = work or glance.artwork
        undone = await self._undo(glance, source=work.source if away else None)
        await self._common.parts.reach.note(work, error)
        return undone

    async def stays(self, display: str) -> None:
        """A display stays as it was, since nothing came in the place of what was taken back."""
        staying = self._common.in_worker(self._common.parts.showings.stays, display)
        await despite_the_library(staying, "forgetting what was taken back")

    async def _undo(self, glance: Glance, *, source: str | None = None) -> bool:
        showings, away = self._common.parts.showings, self._common.parts.while_away

        def take_back() -> bool:
            if away is not None and away.take_back(glance.display, glance.position):
                return True
            return showings.take_back(glance.display, glance.position, source=source)

        undoing = self._common.in_worker(take_back)
        return bool(await despite_the_library(undoing, "taking a showing back"))

    async def _kept(self, asked: Asked, also: Sequence[Asked], settled: Command | None) -> Outcome:
        """What comes of a command; what it needs of the model is read first, beside the worker."""
        answers, command = self._common.parts.answers, settled or asked.command

        def answer(read: ReadWords) -> Outcome:
            return answers.answer(asked.command, asked.delivery, also, settled=settled, read=read)

        def at_once() -> Outcome | Unread:
            """The answer, where the model has nothing to read for it."""
            unread = answers.unread(command) if command.has_words_read else Unread()
            return unread or answer(ReadWords())

        with self._figures.step("answer"):
            done = await self._common.in_worker(at_once)
        if isinstance(done, Outcome):
            return done
        with self._figures.step("read"):
            read = await self._words.read(answers, done)
        with self._figures.step("answer"):
            outcome = await self._common.in_worker(answer, read)
        self._words.keep(answers)
        return outcome
