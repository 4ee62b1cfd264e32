"""WebDAV: the household's own pictures in a folder on a server (Nextcloud, Synology, a web server).

By RFC 4918: each folder is asked for what lies directly in it (PROPFIND, depth 1), and its files'
ETags say which have changed. Labels come from the files themselves and from what lies beside
them, as those of a folder on this machine do.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator
from yarl import URL

from glance_agent.domain.errors import BadPicture, SourceError
from glance_agent.domain.foreign import json_value, line
from glance_agent.domain.items import UNREADABLE_FOLDER, Fetched, Listed, Page
from glance_agent.domain.said import say
from glance_agent.domain.secret import basic_login, check_folder_login
from glance_agent.domain.spelling import HttpUrl, PathSetting
from glance_agent.pictures.metadata import RawMetadata
from glance_agent.pictures.prepare import FetchedPrepared, Preparation
from glance_agent.sources.folders.labelling import all_told, artwork_of, given_id
from glance_agent.sources.folders.sidecar import json_facts
from glance_agent.sources.folders.walking import SETTLED_SECONDS
from glance_agent.sources.folders.wanted import WantedFiles
from glance_agent.sources.folders.xmp import MAX_XMP_BYTES, xmp_facts
from glance_agent.sources.records.facts import Facts
from glance_agent.sources.settings import HomeServer, OwnPictures, Pattern, WebSource
from glance_agent.sources.web.dav_walk import DavFolder, DavPicture
from glance_agent.sources.web.manners import Manners
from glance_agent.sources.web.museum import PAGE_ITEMS, Museum

_log = logging.getLogger(__name__)


class WebdavSettings(OwnPictures, HomeServer, WebSource):
    """Pictures in a folder of a server at home, by WebDAV: Nextcloud, a NAS."""

    kind: Literal["webdav"]
    url: HttpUrl = Field(
        description="The address of the folder: https://cloud.lan/remote.php/dav/files/me/Photos."
    )
    user: str | None = Field(
        None, pattern=r"^[^:\x00-\x1f\x7f]{1,200}$", description="Who the agent is there."
    )
    password_file: PathSetting | None = Field(
        None, description="A file whose first line is the password of that user."
    )
    recursive: bool = Field(True, description="Also look into folders below.")
    exclude: tuple[Pattern, ...] = Field(
        (), description="What is not wanted: patterns as .gitignore has them, from the folder on."
    )
    include: tuple[Pattern, ...] = Field(
        (), description="Only files that one of these patterns names; all when empty."
    )
    every_hours: int = Field(1, ge=1, le=24 * 365, description="Hours between two looks.")
    daily_requests: int = Field(
        200_000, ge=1, le=10_000_000, description="At most this many requests in one day."
    )
    daily_megabytes: int = Field(
        50_000, ge=1, le=10_000_000, description="At most this much data in one day."
    )

    @model_validator(mode="after")
    def _is_an_address_of_a_folder(self) -> Self:
        check_folder_login(self.url, self.user, self.password_file)
        return self


class Webdav(Museum[WebdavSettings]):
    """The pictures below a folder. What is deleted there goes, once a listing has shown it."""

    settings_class = WebdavSettings
    at_home = True
    at_once = 4
    manners: ClassVar = {}

    @classmethod
    def hosts_of(cls, settings: WebdavSettings) -> frozenset[str]:
        """The server alone."""
        return frozenset({(URL(settings.url).raw_host or "").lower()})

    @classmethod
    def login(cls, settings: WebdavSettings, secret: Callable[[Path], str]) -> Mapping[str, str]:
        """The user's name and password, where there are any. Raises ConfigError."""
        if settings.user is None or settings.password_file is None:
            return {}
        return basic_login(settings.user, secret(settings.password_file))

    def begin(self, settings: WebdavSettings) -> None:
        """Where the folder is, and how its server is asked: it is one's own."""
        self.visit.checks_certificate = settings.check_certificate
        for host in self.hosts_of(settings):
            self.visit.web.manners[host] = Manners(interval_seconds=0.02, at_once=self.at_once)
        self._folder = DavFolder(
            self.name,
            self._api or settings.url,
            self.visit,
            WantedFiles(settings.include, settings.exclude),
            recursive=settings.recursive,
        )
        self._found: dict[str, DavPicture] = {}
        self._saw_all = False

    @property
    def lists_everything(self) -> bool:  # type: ignore[override]
        """Whether what the last listing lacked is gone; not where a folder could not be read."""
        return self._saw_all

    async def pages(self, cursor: str | None) -> AsyncIterator[Page]:
        """The pictures in the order of their relative paths, those after `cursor` only.

        Raises SourceError.
        """
        self._saw_all = False
        self._found, skipped = await self._folder.walked()
        unread = any(item.reason == UNREADABLE_FOLDER for item in skipped)
        self._saw_all = not unread and bool(self._found or not skipped)
        rest = sorted(key for key in self._found if cursor is None or key > cursor)
        total = len(self._found) + len(skipped)
        for start in range(0, max(len(rest), 1), PAGE_ITEMS):
            some = rest[start : start + PAGE_ITEMS]
            items = tuple(Listed(key, self._found[key].mark) for key in some)
            is_last = start + PAGE_ITEMS >= len(rest)
            yield Page(
                (*items, *skipped) if is_last else items, None if is_last else some[-1], total
            )

    async def fetch(self, item: Listed, *, wanted_px: int) -> Fetched:
        """The file and what is told of it; `wanted_px` changes nothing, a file has one size."""
        if self.eyes is None:
            raise SourceError(say("Nothing looks at the pictures of {name}.", name=self.name))
        found = self._found.get(item.key) or DavPicture("", None, (None, None))
        data = await self.visit.picture(self._folder.address(item.key))
        beside = [await self._beside(key) for key in found.beside]
        seen, raw = await asyncio.to_thread(self.eyes.see, data)
        return await asyncio.to_thread(self._told, item.key, found, data, seen, raw, beside)

    # -- what is told ------------------------------------------------------------------------------

    async def _beside(self, key: str | None) -> bytes | None:
        """A file beside a picture; None where it cannot be had now: the picture is worth more."""
        if key is None:
            return b""
        try:
            most = self.visit.max_picture_bytes
            return await self.visit.text(self._folder.address(key), max_bytes=most)
        except BadPicture as bad:
            _log.warning("%s of %s is passed over: %s", line(key), self.name, bad)
            return None if bad.reason == "not served" else b""

    def _told(
        self,
        key: str,
        found: DavPicture,
        data: bytes,
        seen: Preparation,
        raw: RawMetadata,
        beside: Sequence[bytes | None],
    ) -> Fetched:
        json_text, xmp_text = (text or b"" for text in beside)
        xmp = xmp_facts(xmp_text) if 0 < len(xmp_text) <= MAX_XMP_BYTES else Facts()
        told = self._json_facts(key, json_text)
        told = told.or_else(found.entry.facts) if found.entry else told
        facts = all_told(key, raw, json=told, xmp=xmp)
        content_hash = hashlib.sha256(data).hexdigest()
        by_content = f"{self.name}:{content_hash[:16]}"
        artwork_id = given_id(facts, self.name, frozenset({self.name})) or by_content
        now = self.visit.web.around.clock()
        return FetchedPrepared(
            artwork_of(facts, self.name, artwork_id, seen.size_px),
            data,
            # What follows # goes to no server: a file that was edited is another picture.
            f"{self._folder.address(key)}#{content_hash[:16]}",
            self.settings.favourites_as if facts.favourite else None,
            found.modified is not None and found.modified < now - SETTLED_SECONDS,
            content_hash,
            half_told=None in beside,
            preparation=seen,
        )

    def _json_facts(self, key: str, content: bytes) -> Facts:
        try:
            return json_facts(json_value(content)) if content else Facts()
        except ValueError as error:
            _log.warning("what lies beside %s is passed over: %s", line(key), error)
            return Facts()


MUSEUM = Webdav
