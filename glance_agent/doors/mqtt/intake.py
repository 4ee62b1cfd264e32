"""Commands in: carried out in turn, answered, and acknowledged once the broker has the answer.

What is held unacknowledged bounds the memory: beyond it a message is left to the broker, which
delivers it again on the next connection. What is done and not yet answered bounds the work: so
much is answered a second time at most when the power fails.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Final

from glance_agent.commands.idempotency import Asked, Delivery
from glance_agent.commands.parse import BadCommand, parse_command
from glance_agent.commands.speech.understanding import IsWord
from glance_agent.domain.command import Command
from glance_agent.domain.display_names import Place
from glance_agent.domain.errors import CommandError, ErrorCode, our_fault
from glance_agent.domain.languages import ENGLISH_ALONE, Languages, in_language
from glance_agent.domain.news import Failed, News
from glance_agent.domain.reply import Reply, refusal, spoken
from glance_agent.domain.said import say
from glance_agent.domain.strict_json import as_json
from glance_agent.domain.topics import Topics
from glance_agent.doors.handler import CommandTaker
from glance_agent.doors.health import Health
from glance_agent.doors.mqtt.answers import AnswerPublisher, Target
from glance_agent.doors.mqtt.link import Link, Received
from glance_agent.doors.mqtt.queue import Queue, Waiting
from glance_agent.doors.mqtt.response_topics import ResponseTopics

HELD_COMMANDS: Final = 1_000
HELD_BYTES: Final = 4 * 1024 * 1024
UNANSWERED_COMMANDS: Final = 100
"""So many commands may be done, or being done, whose answers the broker has not confirmed."""
_log = logging.getLogger(__name__)


class Intake:
    """Takes commands from every connection in turn, and sees that each is answered."""

    def __init__(
        self,
        topics: Topics,
        agent: CommandTaker,
        answers: AnswerPublisher,
        *,
        response_topics: ResponseTopics,
        queue: Queue,
        announce: Callable[[News], Awaitable[None]],
        places: Collection[Place] = (),
        is_word: IsWord = lambda word: False,
        languages: Languages = ENGLISH_ALONE,
    ) -> None:
        """`places` are the displays that a sentence may name, what `is_word` is not misspelt."""
        self._topics = topics
        self._agent = agent
        self._answers = answers
        self._response_topics = response_topics
        self._queue = queue
        self._announce = announce
        self._places = places
        self._is_word = is_word
        self._languages = languages
        self._health = Health()
        self._held: dict[Received, Waiting] = {}
        self._by_key: dict[str, Waiting] = {}
        self._held_bytes = 0
        self._left_on: Link | None = None
        self._link: Link | None = None
        self._unanswered = 0
        self._some_answered = asyncio.Event()

    @property
    def waiting(self) -> int:
        """How many commands have not been begun yet."""
        return len(self._queue)

    # -- messages in ----------------------------------------------------------------------

    def arrived(self, received: Received) -> None:
        """Hold a message until it is answered; beyond the bounds it is left to the broker."""
        delivery = _delivery(received)
        if delivery is not None and delivery.redelivered and delivery.key in self._by_key:
            self._came_again(self._by_key[delivery.key], received)
        elif self._is_full(received):
            self._leave(received)
        else:
            self._hold(received, delivery)

    def opened(self, link: Link) -> None:
        """A connection is open: what is answered waits on it for its repetition, and no longer."""
        recent = (self._link, link)
        for received, waiting in list(self._held.items()):
            if waiting.is_answered and received.link not in recent:
                self._let_go(received)
        self._link = link
        if self._left_on is not link:
            # All that was left there comes again here.
            self._left_on = None
        self._call_for_the_rest()

    def _hold(self, received: Received, delivery: Delivery | None) -> None:
        command = self._parsed(received, retained=received.retained)
        waiting = Waiting(received, command, delivery)
        self._held[received] = waiting
        self._held_bytes += len(received.payload)
        if delivery is not None:
            self._by_key[delivery.key] = waiting
        self._queue.put(waiting)

    def _parsed(self, received: Received, *, retained: bool) -> Command | BadCommand:
        return parse_command(
            self._topics,
            received.topic,
            received.payload,
            retained=retained,
            places=self._places,
            is_word=self._is_word,
            languages=self._languages,
        )

    def _came_again(self, waiting: Waiting, received: Received) -> None:
        """It is acknowledged where it came last."""
        del self._held[waiting.received]
        self._held[received] = waiting
        waiting.received = received
        if waiting.is_answered:
            self._acknowledge(waiting)

    def _is_full(self, received: Received) -> bool:
        if received.qos > 0 and received.link.has_left_messages:
            return True
        size = self._held_bytes + len(received.payload)
        return bool(self._held) and (len(self._held) >= HELD_COMMANDS or size > HELD_BYTES)

    def _leave(self, received: Received) -> None:
        if received.qos > 0:
            received.link.leave(received)
            self._left_on = received.link
            return
        command = self._parsed(received, retained=False)
        too_many = CommandError(
            ErrorCode.BUSY, say("Too many commands are waiting."), say("Send it again in a moment.")
        )
        reply = _with_transaction(refusal(command.verb, too_many, command.display), command)
        reply, targets = self._addressed(received, reply, command.language)
        for target in targets:
            received.link.sending.mention(target.topic, as_json(reply), target.correlation)

    # -- carried out ----------------------------------------------------------------------

    async def run(self) -> None:
        """Carry out what arrives, until told to finish."""
        async with asyncio.TaskGroup() as beside:
            while together := await self._next():
                # Nothing comes before the first word on a connection.
                await together[0].received.link.greeted.wait()
                command = together[0].command
                if isinstance(command, BadCommand) or command.address is None:
                    with self._health.at_work():
                        await self._finish(together, beside)
                else:
                    self._queue.fetching_for(command)
                    beside.create_task(self._fetch(together, beside))

    async def alive(self) -> None:
        """Return once no command, or another one, is being carried out; hangs where one does."""
        await self._health.alive()

    def finish(self) -> None:
        """Begin nothing more; `run` returns when what was begun is answered."""
        self._queue.close()

    async def _next(self) -> list[Waiting]:
        """What stands for the same, once so much may be unanswered."""
        while self._unanswered >= UNANSWERED_COMMANDS:
            self._some_answered.clear()
            await self._some_answered.wait()
        together = await self._queue.take(UNANSWERED_COMMANDS - self._unanswered)
        self._unanswered += len(together)
        return together

    async def _fetch(self, together: Sequence[Waiting], beside: asyncio.TaskGroup) -> None:
        """Carry out what a picture has to be fetched for, beside what need not wait for it."""
        await self._finish(together, beside)
        self._queue.fetching_for(None)

    async def _finish(self, together: Sequence[Waiting], beside: asyncio.TaskGroup) -> None:
        """Carry out what stands for the same; its answers find their way beside what follows."""
        try:
            reply = await self._carry_out(together)
        except Exception:
            # Whatever one command breaks, it is answered, and those after it are carried out.
            _log.exception("a command could not be carried out")
            command = together[0].command
            reply = _with_transaction(refusal(command.verb, our_fault()), command)
            await self._announce(Failed(reply))
        for waiting in together:
            beside.create_task(self._answer(waiting, _with_transaction(reply, waiting.command)))

    async def _carry_out(self, together: Sequence[Waiting]) -> Reply:
        first = together[0]
        if isinstance(first.command, BadCommand):
            reply = refusal(first.command.verb, first.command.error, first.command.display)
            await self._agent.refuse(_with_transaction(reply, first.command))
            return reply
        also = [
            Asked(w.command, w.delivery)
            for w in together[1:]
            if not isinstance(w.command, BadCommand)
        ]
        return await self._agent.handle(first.command, first.delivery, also)

    # -- answered, then acknowledged ------------------------------------------------------

    async def _answer(self, waiting: Waiting, reply: Reply) -> None:
        """Acknowledge a command when its answer has arrived, or cannot."""
        language = waiting.command.language
        try:
            if not await self._answers.bring(*self._addressed(waiting.received, reply, language)):
                await self._give_up(reply)
        except Exception:
            # One that cannot be answered would come again for ever, unless it is acknowledged.
            _log.exception("a command could not be answered")
        waiting.is_answered = True
        self._unanswered -= 1
        self._some_answered.set()
        self._acknowledge(waiting)

    async def _give_up(self, reply: Reply) -> None:
        error = CommandError(
            ErrorCode.ANSWER_REFUSED,
            say("The broker does not take the answer to “{verb}”.", verb=reply.verb),
            say(
                "The command was carried out all the same. Let the broker take larger messages, or "
                "ask for fewer results."
            )
            if reply.ok
            else say("It would have said: {message}", message=reply.message),
        )
        _log.error("%s", error)
        told = refusal(reply.verb, error, reply.display)
        await self._announce(Failed(told.model_copy(update={"transaction": reply.transaction})))

    def _acknowledge(self, waiting: Waiting) -> None:
        link = waiting.received.link
        for received in link.acknowledge(waiting.received):
            self._let_go(received)
        self._call_for_the_rest()

    def _call_for_the_rest(self) -> None:
        """With all answered that is held, let the broker deliver again what was left to it."""
        if self._left_on is not None and all(w.is_answered for w in self._held.values()):
            self._left_on.end()
            self._left_on = None

    def _let_go(self, received: Received) -> None:
        """Hold this message no more: the broker knows that it was dealt with."""
        waiting = self._held.pop(received)
        self._held_bytes -= len(received.payload)
        if waiting.delivery is not None and self._by_key.get(waiting.delivery.key) is waiting:
            del self._by_key[waiting.delivery.key]

    def _addressed(
        self, received: Received, reply: Reply, language: str | None
    ) -> tuple[Reply, list[Target]]:
        """The answer, for everyone and for the topic that the sender named; noted if it may not."""
        common, topic = self._topics.response, received.response_topic
        if not topic:
            return reply, [Target(common)]
        if topic == common:
            return reply, [Target(common, received.correlation)]
        if self._response_topics.may_be(topic):
            return reply, [Target(common), Target(topic, received.correlation)]
        note = in_language(self._response_topics.note(topic), language)
        return reply.model_copy(update={"note": note}), [Target(common)]


def _delivery(received: Received) -> Delivery | None:
    """What identifies a QoS 1 delivery: content, packet identifier and correlation data."""
    if received.qos == 0:
        return None
    parts = (
        received.topic.encode(),
        received.payload,
        str(received.mid).encode(),
        received.correlation or b"",
    )
    digest = hashlib.sha256(b"\0".join(parts)).hexdigest()
    return Delivery(digest, redelivered=received.redelivered)


def _with_transaction(reply: Reply, command: Command | BadCommand) -> Reply:
    told = {"transaction": command.transaction}
    return spoken(reply, command.language).model_copy(update=told)
