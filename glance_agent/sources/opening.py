"""From the settings of a source to the source, at work."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from glance_agent.domain.errors import ConfigError
from glance_agent.domain.said import say
from glance_agent.sources import picture_url as outside
from glance_agent.sources import starter
from glance_agent.sources.eyes import Eyes
from glance_agent.sources.folders.folder import FolderSource
from glance_agent.sources.picture_url import PictureAtUrl
from glance_agent.sources.registry import museum_of
from glance_agent.sources.settings import (
    FetchingSettings,
    FolderSettings,
    KeyedSource,
    SourceSettings,
    StarterSettings,
    WebSource,
)
from glance_agent.sources.web.museum import Museum
from glance_agent.sources.web.request_log import Budget
from glance_agent.sources.web.visit import Visit
from glance_agent.sources.web.web import Surroundings, Web


def open_web(fetching: FetchingSettings, *, version: str, directory: Path) -> Web:
    """The client for all sources; `directory` is where it keeps answers and its log of requests."""
    around = Surroundings(
        directory=directory, max_answer_bytes=fetching.max_answers_megabytes * 1_000_000
    )
    return Web(version=version, contact=fetching.contact, surroundings=around)


@dataclass(frozen=True, slots=True)
class Opening:
    """What sources are opened with; `display_px` is the long side of the largest display.

    `directory` is for a museum's own large files.
    """

    web: Web
    directory: Path
    display_px: int
    max_picture_bytes: int
    read_secret: Callable[[Path], str]
    eyes: Eyes

    def open(self, settings: SourceSettings) -> FolderSource | Museum[Any]:
        """The source that these settings describe. Raises ConfigError."""
        match settings:
            case FolderSettings():
                return FolderSource(
                    settings.name,
                    settings.path,
                    self.eyes.look,
                    see=self.eyes.see,
                    recursive=settings.recursive,
                    wanted=settings.wanted,
                    favourites_as=settings.favourites_as,
                )
            case StarterSettings():
                return FolderSource(
                    settings.name,
                    starter.folder(),
                    self.eyes.look,
                    see=self.eyes.see,
                    ids_of=["starter"],
                    may_move=True,  # with the package
                )
            case WebSource():
                return self._museum(settings)
            case _:
                said = say("The source {name} cannot be read by this version.", name=settings.name)
                raise ConfigError(said)

    def outside(self, hosts: Collection[str]) -> PictureAtUrl:
        """What reads pictures from addresses that people send, at these hosts only."""
        settings = WebSource(name=outside.NAME, kind=outside.NAME)
        visit = self._visit(settings, frozenset(hosts))
        return outside.PictureAtUrl(visit, display_px=self.display_px)

    def _museum(self, settings: WebSource) -> Museum[Any]:
        museum = museum_of(settings.kind)
        visit = self._visit(settings, museum.hosts_of(settings))
        self.web.manners.update(museum.manners)
        visit.at_home = museum.at_home
        if isinstance(settings, KeyedSource) and museum.key_header:
            visit.headers = {museum.key_header: self._key_of(settings)}
        elif isinstance(settings, KeyedSource):
            visit.secrets = {museum.key_parameter: self._key_of(settings)}
            visit.secret_host = urlsplit(museum.api).hostname or ""
        elif login := museum.login(settings, self.read_secret):
            visit.headers, visit.key = login, say("user and password_file")
        source = museum(settings, visit, display_px=self.display_px)
        source.eyes = self.eyes
        return source

    def _key_of(self, settings: KeyedSource) -> str:
        if settings.api_key_file is not None:
            return self.read_secret(settings.api_key_file)
        return settings.api_key.get_secret_value() if settings.api_key else ""

    def _visit(self, settings: WebSource, hosts: frozenset[str]) -> Visit:
        web = self.web
        budget = Budget(
            settings.name,
            web.request_log,
            web.around.clock,
            requests=settings.daily_requests,
            megabytes=settings.daily_megabytes,
        )
        return Visit(web, hosts, budget, max_picture_bytes=self.max_picture_bytes)
