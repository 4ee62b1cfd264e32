"""What is published, one message after the other; what the broker does not take is said."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from dataclasses import dataclass

from glance_agent.domain.errors import CommandError, ErrorCode
from glance_agent.domain.languages import ENGLISH
from glance_agent.domain.news import Failed
from glance_agent.domain.reply import refusal
from glance_agent.domain.said import in_a_row, say
from glance_agent.domain.topics import Topics
from glance_agent.doors.mqtt.link import Link
from glance_agent.doors.mqtt.messages import Message, message_of
from glance_agent.doors.mqtt.outgoing import Fate, Publication
from glance_agent.doors.mqtt.suspects import Sent, Suspects, Verdict

VERB = "publish"
TRIAL_SECONDS = 10.0
"""So long we say at most that we are not here, while it is tried what ends the connection."""
COMPLAINTS = 50
"""So many sentences wait at most for a connection on which they can be said."""
_ENDS = say("the connection ends whenever it is sent")
_SIZES = say(
    "Compare the broker's size limits (in Mosquitto message_size_limit and max_packet_size) with "
    "max_image_bytes of the display."
)
_ACCESS = say("Compare the broker's access list with config/mosquitto.acl.")
_HINTS = {"Not authorized": _ACCESS, "Packet too large": _SIZES, "at most": _SIZES}
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Complaint:
    """A sentence for everyone, and how often it is said again where its connection ended."""

    message: Message
    tries_left: int = 2


class Outbox:
    """Publishes on whatever link there is, and never twice what ends each of them."""

    def __init__(self, topics: Topics, language: str = ENGLISH) -> None:
        """`language` is that of what is told to all."""
        self._topics = topics
        self._language = language
        self._suspects = Suspects()
        self._alone: dict[str, Message] = {}
        self._complaints: deque[_Complaint] = deque(maxlen=COMPLAINTS)
        self._said: dict[str, str] = {}
        self._more = asyncio.Event()
        self._online: Message | None = None
        self._refused_last: Sent | None = None
        self._held_until: asyncio.TimerHandle | None = None

    def publish(self, link: Link, message: Message) -> None:
        """Send a message, now or when the others have arrived; or leave it out and say so."""
        if message.topic == self._topics.status and self._suspects.untried():
            self._hold(message)
            return
        sent = Sent(message.topic, message.size_bytes, message.retain)
        match self._suspects.verdict(sent):
            case Verdict.FREELY:
                link.publish(message.topic, message.payload, retain=message.retain)
            case Verdict.ALONE:
                self._alone[message.topic] = message
                self._more.set()
            case Verdict.NOT:
                self._complain(sent, _ENDS)

    def _hold(self, online: Message) -> None:
        """Say that we are here when what may end the connection has not: or whoever watches the
        status would see us come and go."""
        self._online = online
        if self._held_until is None:
            loop = asyncio.get_running_loop()
            self._held_until = loop.call_later(TRIAL_SECONDS, self._try_no_longer)

    def _try_no_longer(self) -> None:
        self._held_until = None
        self._suspects.forget_untried()
        self._more.set()

    def settled(self, publication: Publication) -> None:
        """The broker has taken a message, or does not take it."""
        sent = _sent(publication)
        if publication.fate.result() is Fate.CONFIRMED:
            self._refused_last = sent if publication.refused is not None else None
        if publication.refused is None:
            self._suspects.arrived(sent)
            self._said.pop(sent.topic, None)
            if self._online is not None:
                self._more.set()
        elif not (publication.is_answer and publication.is_too_long):
            # Such an answer is sent again, and shorter.
            self._complain(sent, publication.refused)

    async def attend(self, link: Link) -> None:
        """Send what waits, as long as the link lives."""
        while True:
            await self._more.wait()
            self._more.clear()
            while self._complaints:
                self._send_complaint(link, self._complaints.popleft())
            await self._send_alone(link)
            if self._online is not None and not self._suspects.untried():
                self._send_online(link, self._online)

    def _send_complaint(self, link: Link, complaint: _Complaint) -> None:
        message = complaint.message
        publication = link.publish(message.topic, message.payload, retain=False)
        publication.fate.add_done_callback(lambda fate: self._said_or_lost(complaint, fate))

    def _said_or_lost(self, complaint: _Complaint, fate: asyncio.Future[Fate]) -> None:
        """What was lost with its connection is said on a later one, but not for ever: it may be
        that itself which ends them."""
        if fate.cancelled() or fate.result() is not Fate.LOST or not complaint.tries_left:
            return
        again = _Complaint(complaint.message, complaint.tries_left - 1)
        if len(self._complaints) < COMPLAINTS:
            self._complaints.appendleft(again)
            self._more.set()

    async def _send_alone(self, link: Link) -> None:
        """The short ones first: all that can arrive does so before the connection ends."""
        while self._alone and await link.confirmed():
            shortest = min(self._alone, key=lambda topic: self._alone[topic].size_bytes)
            message = self._alone.pop(shortest)
            link.publish(message.topic, message.payload, retain=message.retain)

    def _send_online(self, link: Link, online: Message) -> None:
        self._stop_holding()
        link.publish(online.topic, online.payload, retain=online.retain)

    def _stop_holding(self) -> None:
        self._online = None
        if self._held_until is not None:
            self._held_until.cancel()
            self._held_until = None

    def ended(self, link: Link) -> None:
        """The link is gone; what is retained will be published again on the next one."""
        self._alone.clear()
        self._stop_holding()
        if link.was_ended:
            return
        refused, self._refused_last = self._refused_last, None
        if refused is not None:
            # Nothing was answered for after it, which has been said.
            self._suspects.refused(refused)
        elif (guilty := self._suspects.ended(_under_way(link))) is not None:
            self._complain(guilty, _ENDS)
        if self._complaints:
            self._more.set()

    def forbidden(self, topic_filter: str, why: str) -> None:
        """The broker does not let us subscribe there; it is asked again."""
        said = say(
            "The broker does not let the agent read its commands on {topic}: {why}.",
            topic=topic_filter,
            why=why,
        )
        self._say(topic_filter, why, CommandError(ErrorCode.NOT_HEARD, said, _ACCESS))

    def _complain(self, sent: Sent, why: str) -> None:
        said = say(
            "The broker does not let the agent publish {topic} ({size} bytes), which is left out: "
            "{why}.",
            topic=sent.topic,
            size=sent.size_bytes,
            why=why,
        )
        hint = next((_HINTS[k] for k in _HINTS if k in why), in_a_row(_SIZES, _ACCESS))
        self._say(sent.topic, why, CommandError(ErrorCode.NOT_PUBLISHED, said, hint))

    def _say(self, topic: str, why: str, error: CommandError) -> None:
        """Say once, in the log and to everyone, what does not go through."""
        if self._said.get(topic) == why:
            return
        self._said[topic] = why
        _log.error("%s %s", error.message, error.hint)
        if topic != self._topics.error:
            message = message_of(self._topics, Failed(refusal(VERB, error)), self._language)
            self._complaints.append(_Complaint(message))
            self._more.set()


def _sent(publication: Publication) -> Sent:
    return Sent(publication.topic, len(publication.payload), publication.retain)


def _under_way(link: Link) -> list[Sent]:
    """What the end of a link may be due to."""
    return [] if link.ending.blameless else [_sent(one) for one in link.sending.under_way()]
