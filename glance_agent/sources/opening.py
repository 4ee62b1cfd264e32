"""From the settings of a source to the source, at work."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from glance_agent.domain.errors import ConfigError
from glance_agent.sources import picture_url as outside
from glance_agent.sources import starter
from glance_agent.sources.folders.folder import FolderSource, Look
from glance_agent.sources.museums import (
    aic,
    cleveland,
    europeana,
    harvard,
    iiif,
    met,
    nga,
    rijksmuseum,
    smithsonian,
    smk,
    vam,
    wikimedia,
)
from glance_agent.sources.museums.museum import Museum
from glance_agent.sources.picture_url import OutsidePicture
from glance_agent.sources.settings import (
    AicSettings,
    ClevelandSettings,
    EuropeanaSettings,
    FetchingSettings,
    FolderSettings,
    HarvardSettings,
    IiifSettings,
    KeyedSource,
    MetSettings,
    NgaSettings,
    RijksmuseumSettings,
    SmithsonianSettings,
    SmkSettings,
    SourceSettings,
    StarterSettings,
    VamSettings,
    WebSource,
    WikimediaSettings,
)
from glance_agent.sources.web.notebook import Budget
from glance_agent.sources.web.visit import Visit
from glance_agent.sources.web.web import Surroundings, Web


def open_web(fetching: FetchingSettings, *, version: str, directory: Path) -> Web:
    """The client for all sources; `directory` is where it keeps answers and its notebook."""
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
    look: Look

    def open(self, settings: SourceSettings) -> FolderSource | Museum:
        """The source that these settings describe. Raises ConfigError."""
        match settings:
            case FolderSettings():
                path, recursive = settings.path, settings.recursive
                return FolderSource(settings.name, path, self.look, recursive=recursive)
            case StarterSettings():
                return FolderSource(settings.name, starter.folder(), self.look, ids_of=["starter"])
            case _:
                return self._museum(settings)

    def outside(self, hosts: Collection[str]) -> OutsidePicture:
        """What reads pictures from addresses that people send, at these hosts only."""
        settings = WebSource(name=outside.NAME)
        visit = self._visit(settings, frozenset(hosts))
        return outside.OutsidePicture(visit, display_px=self.display_px)

    def _museum(self, settings: WebSource) -> Museum:
        match settings:
            case ClevelandSettings():
                visit = self._visit(settings, cleveland.HOSTS)
                return cleveland.Cleveland(settings, visit, display_px=self.display_px)
            case SmkSettings():
                visit = self._visit(settings, smk.HOSTS)
                return smk.Smk(settings, visit, display_px=self.display_px)
            case MetSettings():
                visit = self._visit(settings, met.HOSTS)
                return met.Met(settings, visit, display_px=self.display_px)
            case RijksmuseumSettings():
                visit = self._visit(settings, rijksmuseum.HOSTS)
                return rijksmuseum.Rijksmuseum(settings, visit, display_px=self.display_px)
            case AicSettings():
                visit = self._visit(settings, aic.HOSTS)
                visit.headers = {"AIC-User-Agent": self.web.user_agent}
                return aic.Aic(settings, visit, display_px=self.display_px)
            case WikimediaSettings():
                visit = self._visit(settings, wikimedia.HOSTS)
                return wikimedia.Wikimedia(settings, visit, display_px=self.display_px)
            case NgaSettings():
                visit = self._visit(settings, nga.HOSTS)
                folder = self.directory / "nga"
                return nga.Nga(settings, visit, folder, display_px=self.display_px)
            case IiifSettings():
                visit = self._visit(settings, iiif.hosts_of(settings))
                return iiif.Iiif(settings, visit, display_px=self.display_px)
            case _:
                return self._with_terms(settings)

    def _with_terms(self, settings: WebSource) -> Museum:
        """Sources that need a key, or the household's agreement to a museum's terms."""
        match settings:
            case HarvardSettings():
                visit = self._keyed(settings, harvard.HOSTS, harvard.API, "apikey")
                return harvard.Harvard(settings, visit, display_px=self.display_px)
            case SmithsonianSettings():
                visit = self._keyed(settings, smithsonian.HOSTS, smithsonian.API, "api_key")
                return smithsonian.Smithsonian(settings, visit, display_px=self.display_px)
            case EuropeanaSettings():
                hosts = frozenset({*europeana.HOSTS, *settings.hosts})
                visit = self._keyed(settings, hosts, europeana.API, "wskey")
                return europeana.Europeana(settings, visit, display_px=self.display_px)
            case VamSettings():
                visit = self._visit(settings, vam.HOSTS)
                return vam.Vam(settings, visit, display_px=self.display_px)
            case _:
                raise ConfigError(f"The source {settings.name} cannot be read by this version.")

    def _keyed(
        self, settings: KeyedSource, hosts: frozenset[str], api: str, parameter: str
    ) -> Visit:
        """A visit that sends the key to the museum's own interface, and to no other host."""
        visit = self._visit(settings, hosts)
        if settings.api_key_file is not None:
            found = self.read_secret(settings.api_key_file)
        else:
            found = settings.api_key.get_secret_value() if settings.api_key else ""
        visit.secrets, visit.secret_host = {parameter: found}, urlsplit(api).hostname or ""
        return visit

    def _visit(self, settings: WebSource, hosts: frozenset[str]) -> Visit:
        web = self.web
        budget = Budget(
            settings.name,
            web.notebook,
            web.around.clock,
            requests=settings.daily_requests,
            megabytes=settings.daily_megabytes,
        )
        return Visit(web, hosts, budget, max_picture_bytes=self.max_picture_bytes)
