"""The pages of an agent: what they need is handed to them, and their routes are joined."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final

from glance_agent.agent.agent import Agent
from glance_agent.agent.present import Present
from glance_agent.config.settings import Config
from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.domain.web_key import WebKey, hashed
from glance_agent.doors.web.access import Access
from glance_agent.doors.web.assets import Assets
from glance_agent.doors.web.commands import CommandDesk
from glance_agent.doors.web.door import WebDoor
from glance_agent.doors.web.gallery import GalleryDesk
from glance_agent.doors.web.images import ImageDesk
from glance_agent.doors.web.life import life_route
from glance_agent.doors.web.live import Live
from glance_agent.doors.web.metrics import AgentCollector, BrokerState, metrics_route
from glance_agent.doors.web.openapi import document_route
from glance_agent.doors.web.route import Route
from glance_agent.doors.web.signing_in import SigningIn
from glance_agent.embedding.dictionary import is_word
from glance_agent.ingest.worker import in_worker
from glance_agent.store.opening import OpenReadings, readings_of
from glance_agent.store.web_keys import WebKeys
from glance_agent.wiring.clock import utc_now
from glance_agent.wiring.clockwork import languages_of
from glance_agent.wiring.gallery import looking_of
from glance_agent.wiring.hanging import places_of
from glance_agent.wiring.household import Household
from glance_agent.wiring.thumbnails import png_of, screens_of, thumbnails_of

KEYS_REMEMBERED: Final = 500
"""So many keys open the pages also while the library's server is away."""


@contextmanager
def pages_of(house: Household, present: Present, broker: BrokerState) -> Iterator[WebDoor]:
    """The door of the pages, until the block ends; what they write is written by the worker.

    What they ask is looked up in the reading room; `present` is told all news. Raises ConfigError
    where its token cannot be read.
    """
    rooms, agent, reading = house.rooms, house.agent, house.reading
    settings = rooms.config.web
    secret = settings.secret()
    with (
        closing(readings_of(rooms.config.library.place, WebKeys)) as readings,
        ThreadPoolExecutor(1, "keys of the pages") as looking,
    ):
        access = Access(
            KeptKeys(readings, looking, WebKeys(rooms.library.db), house.worker),
            utc_now,
            cookie=f"glance-{settings.port}",
            secret=None if secret is None else hashed(secret),
        )
        pages = looking_of(reading)
        thumbnails = thumbnails_of(rooms, reading, pages)
        images = ImageDesk(
            thumbnails,
            present.frames,
            displays=[d.name for d in rooms.config.displays],
            screens=screens_of(rooms, reading, pages, present),
            as_png=partial(png_of, rooms),
        )
        assets = Assets.of_the_package()
        live = Live(present, access, version=assets.version, came=agent.foreseeing.begin)
        agent.foreseeing.watched = live.watched
        present.pages = live
        routes = [
            *_routes(agent, access, assets, rooms.config),
            *live.routes(),
            *GalleryDesk(pages, present).routes(),
            *images.routes(),
            metrics_route(AgentCollector(agent.figures, lambda: present.facts, broker)),
        ]
        routes.append(document_route(routes))
        ending = [live.close, pages.close, thumbnails.close]
        language = rooms.config.spoken.told
        yield WebDoor(settings, routes, access, closing=ending, language=language)


def _routes(agent: Agent, access: Access, assets: Assets, config: Config) -> list[Route]:
    desk = CommandDesk(
        agent,
        access,
        places=places_of(config),
        is_word=is_word,
        languages=languages_of(config),
    )
    return [
        life_route(agent.alive),
        assets.files_route(),
        assets.page_route("/", "index.html"),
        assets.page_route("/kiosk", "kiosk.html"),
        assets.page_route("/kiosk/", "kiosk.html", deep=1),
        assets.page_route("/kiosk/{display}", "kiosk.html", deep=1),
        assets.page_route("/kiosk/{display}/", "kiosk.html", deep=2),
        *SigningIn(access).routes(),
        *desk.routes(),
    ]


@dataclass(frozen=True, slots=True)
class KeptKeys:
    """The keys of the library: looked up beside the commands, written in their turn."""

    readings: OpenReadings[WebKeys]
    looking: Executor
    kept: WebKeys
    worker: Executor
    found: OrderedDict[str, WebKey] = field(default_factory=OrderedDict)
    """What was found last, for whoever comes while the library cannot be asked."""

    async def find(self, digest: str) -> WebKey | None:
        """The key whose secret has this hash; the one that was found last where the library's
        server is away. Raises StoreError."""

        def look() -> WebKey | None:
            with self.readings.now() as keys:
                return keys.find(digest)

        try:
            key = await in_worker(self.looking, look)
        except StoreError as error:
            if error.trouble is not Trouble.UNREACHABLE or digest not in self.found:
                raise
            return self.found[digest]
        self.found.pop(digest, None)
        if key is not None:
            self.found[digest] = key
        while len(self.found) > KEYS_REMEMBERED:
            self.found.popitem(last=False)
        return key

    async def add(self, digest: str, key: WebKey) -> None:
        await in_worker(self.worker, self.kept.add, digest, key)

    async def redeem(self, invitation: str, session: str, now: datetime) -> WebKey | None:
        return await in_worker(self.worker, self.kept.redeem, invitation, session, now)

    async def end(self, digest: str) -> None:
        await in_worker(self.worker, self.kept.end, digest)
