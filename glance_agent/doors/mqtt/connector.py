"""One connection to the broker after the other: which version, how long to wait, what to say."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from random import Random

from glance_agent.domain.spelling import host_and_port
from glance_agent.doors.mqtt.backoff import Backoff
from glance_agent.doors.mqtt.link import Link, Received
from glance_agent.doors.mqtt.outgoing import Publication
from glance_agent.doors.mqtt.reasons import LinkError
from glance_agent.doors.mqtt.room import RoomFinder
from glance_agent.doors.mqtt.settings import MqttSettings
from glance_agent.doors.mqtt.versions import Versions

_log = logging.getLogger(__name__)


class Connector:
    """Connects for ever, and never in a hurry."""

    def __init__(
        self,
        settings: MqttSettings,
        client_id: str,
        *,
        will_topic: str,
        on_message: Callable[[Received], None],
        on_settled: Callable[[Publication], None],
        on_forbidden: Callable[[str, str], None],
        finder: RoomFinder,
        chance: Random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._client_id = client_id
        self._will_topic = will_topic
        self._on_message = on_message
        self._on_settled = on_settled
        self._on_forbidden = on_forbidden
        self._finder = finder
        self._sleep = sleep
        self._clock = clock
        self._backoff = Backoff(chance)
        self._versions = Versions(settings.protocol)

    async def links(self) -> AsyncGenerator[Link, None]:
        """An open link, and when that has ended, the next one."""
        at_once = True
        while True:
            try:
                await self._try_older_version()
                link = self._link(self._client_id, self._will_topic)
                await link.open()
            except LinkError as error:
                at_once = False
                await self._after_failure(error)
                continue
            self._versions.answered()
            link.opened_at_once, at_once = at_once, True
            since = self._clock()
            _log.info("connected to %s with MQTT %s", self._where, link.version_name)
            await self._finder.opened(link)
            yield link
            await link.closed()
            await self._after_end(link, self._clock() - since)

    async def _try_older_version(self) -> None:
        """Where the broker does not answer: see whether it answers that. Raises LinkError."""
        if self._versions.on_trial:
            trial = self._link(f"{self._client_id}-trial", None)
            await trial.open()
            await trial.close(1.0)
            self._versions.answered()

    def _link(self, client_id: str, will_topic: str | None) -> Link:
        return Link(
            self._settings,
            client_id,
            version=self._versions.now,
            will_topic=will_topic,
            on_message=self._on_message,
            on_settled=self._on_settled,
            on_forbidden=self._on_forbidden,
        )

    @property
    def _where(self) -> str:
        return host_and_port(self._settings.host, self._settings.effective_port)

    async def _after_failure(self, error: LinkError) -> None:
        if error.old_broker:
            self._versions.refused()
        elif error.unanswered:
            self._versions.unanswered()
        else:
            self._versions.unreachable()
        delay = self._backoff.delay(hopeless=error.refused)
        _log.warning("no connection to %s: %s; trying again in %.0f s", self._where, error, delay)
        await self._sleep(delay)

    async def _after_end(self, link: Link, lived_seconds: float) -> None:
        if link.was_ended:
            _log.info("connecting again for the commands that the broker still has")
            return
        delay = self._backoff.delay(lived_seconds=lived_seconds, hopeless=link.ending.hopeless)
        _log.warning(
            "the connection to the broker was lost: %s; connecting again in %.0f s",
            link.ending.why,
            delay,
        )
        await self._sleep(delay)
