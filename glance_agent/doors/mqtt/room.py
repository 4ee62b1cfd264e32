"""How large a message may be: found out where a broker does not say so, for all that is sent."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from glance_agent.domain.topics import Topics
from glance_agent.doors.mqtt.link import Link
from glance_agent.doors.mqtt.probe import MOST_BYTES, STEP_BYTES, largest_payload
from glance_agent.doors.mqtt.reasons import LinkError
from glance_agent.doors.mqtt.sending import Sending
from glance_agent.doors.mqtt.settings import MqttSettings

PROBE_SECONDS: Final = 15.0
"""A connection waits so long at most for the broker's limit to be found."""
_log = logging.getLogger(__name__)


class PictureRoom:
    """What the broker lets through, as far as that is known."""

    def __init__(self, topics: Topics) -> None:
        self._topics = topics
        self._sending: Sending | None = None

    def opened(self, link: Link) -> None:
        """From now on this connection is the one that pictures go by."""
        self._sending = link.sending

    def for_picture(self, display: str) -> int | None:
        """The bytes that a picture for this display may have; None where no limit is known."""
        return self._sending.room_for(self._topics.image(display)) if self._sending else None


class RoomFinder:
    """Tries how large a message may be, where the broker does not say so by itself.

    MQTT 3.1.1 has no word for it: a broker that hangs up would take the agent's last will for its
    end, again and again, and one that drops what is too large confirms it all the same. With MQTT 5
    a broker may refuse what is too large without naming the limit, and hang up over it: it is tried
    until the largest message has gone through.
    """

    def __init__(self, settings: MqttSettings, wanted_bytes: int) -> None:
        """`wanted_bytes` is the largest payload that is ever published; 0: nothing is tried."""
        self._settings = settings
        self._wanted_bytes = min(wanted_bytes, MOST_BYTES)
        self._goes_through = False
        self._is_of_use = wanted_bytes > 0 and settings.max_payload_bytes is None

    async def opened(self, link: Link) -> None:
        """Find out before the first message goes out whether a limit has to be kept."""
        is_told = link.sending.is_told_a_limit or self._goes_through
        if not (link.version5 and is_told):
            await self._find(link)

    async def refused(self, link: Link) -> bool:
        """A message was too long: whether it is known now how long they may be.

        Where the broker hangs up over it, that is found out when the next link is opened.
        """
        self._goes_through = False
        return await self._find(link)

    async def _find(self, link: Link) -> bool:
        found = await self._tried(link) if self._is_of_use else None
        self._goes_through = found == self._wanted_bytes
        if found is None or not STEP_BYTES <= found < self._wanted_bytes:
            return False
        _log.warning(
            "the broker takes messages of %s bytes at most: pictures and answers are made to fit "
            "(docs/broker.md says how to raise its limit)",
            f"{found:,}",
        )
        link.sending.take_at_most(found)
        return True

    async def _tried(self, link: Link) -> int | None:
        """The bytes that come through; None where that cannot be found out."""
        settings = self._settings.model_copy(update={"protocol": link.version_name})
        try:
            async with asyncio.timeout(PROBE_SECONDS):
                found = await largest_payload(settings, self._wanted_bytes)
        except (LinkError, TimeoutError) as error:
            _log.debug("the broker's limit could not be tried: %s", error)
            return None
        if found is None:
            # It may be its access list, which would keep every connection waiting.
            self._is_of_use = link.has_ended
        return found
