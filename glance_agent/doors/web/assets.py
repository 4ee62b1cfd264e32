"""The files of the pages, out of the package: read once, served under an address of their own.

All of them lie below one folder whose name is made from what they hold, so that they may be kept
for ever and may refer to each other. Pages themselves are asked for anew, and answered 304; they
come in the language of whoever asks, out of `words/<language>.json`.
"""

from __future__ import annotations

import gzip
import hashlib
import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from aiohttp import web

from glance_agent.domain.errors import ErrorCode
from glance_agent.domain.said import say
from glance_agent.doors.web.language import language_of
from glance_agent.doors.web.refusing import refuse
from glance_agent.doors.web.route import Route

FOREVER: Final = "public, max-age=31536000, immutable"
STATIC: Final = "@static@"
"""What pages write for the folder of the files, as seen from where the page is."""
LANGUAGE: Final = "@lang@"
LANGUAGES: Final = "@languages@"
SAID: Final = re.compile(r"\[\[(.+?)\]\]")
"""What pages write around texts of theirs, which are in English there."""
_TYPES: Final[Mapping[str, str]] = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
    "mp4": "video/mp4",
    "png": "image/png",
    "svg": "image/svg+xml",
    "webmanifest": "application/manifest+json",
    "woff2": "font/woff2",
}
_WORDS: Final = "words/"
_COMMENTS: Final = re.compile(rb"^[ ]*//.*\n", re.MULTILINE)
"""Lines of a script for who reads its source."""
_PACKED: Final = frozenset({"mp4", "png", "woff2"})


@dataclass(frozen=True)
class Asset:
    """One file. `digest` is made from what it holds."""

    name: str
    data: bytes = field(repr=False)

    @property
    def ending(self) -> str:
        return self.name.rpartition(".")[2]

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @cached_property
    def gzipped(self) -> bytes | None:
        """The same, shorter; None where that does not help."""
        if self.ending in _PACKED:
            return None
        return gzip.compress(self.data, 9, mtime=0)

    def response(
        self, request: web.Request, *, cache: str, vary: str = "Accept-Encoding"
    ) -> web.Response:
        """The file as the browser takes it best; 304 where it has it already."""
        headers = {"Cache-Control": cache, "Vary": vary}
        tag = self.digest[:16]
        if any(one.value in (tag, "*") for one in request.if_none_match or ()):
            return web.Response(status=304, headers={**headers, "ETag": f'"{tag}"'})
        packed = "gzip" in request.headers.get("Accept-Encoding", "") and self.gzipped
        if packed:
            headers["Content-Encoding"] = "gzip"
        headers |= {"Content-Type": _TYPES[self.ending], "ETag": f'"{tag}"'}
        return web.Response(body=packed or self.data, headers=headers)


class Assets:
    """All files of the pages by name, and the pages among them."""

    def __init__(self, found: Mapping[str, bytes]) -> None:
        self._assets = {name: Asset(name, data) for name, data in found.items()}
        together = hashlib.sha256()
        for name, data in sorted(found.items()):
            together.update(name.encode() + b"\0" + data)
        self.version = together.hexdigest()[:10]
        """Another one whenever any of the files is another one."""
        self._words = {
            name.removeprefix(_WORDS).removesuffix(".json"): json.loads(data)
            for name, data in sorted(found.items())
            if name.startswith(_WORDS)
        }
        self.languages = ("en", *self._words)
        """Codes of the languages that pages speak, that of their files first."""
        self._pages: dict[tuple[str, int, str], Asset] = {}

    @classmethod
    def of_the_package(cls) -> Assets:
        """Those that come with the program."""
        pages = _walk(files("glance_agent.doors.web") / "pages")
        read = [*pages, *_walk(files("glance_agent") / "fonts", "fonts/")]
        return cls({name: _as_served(name, data) for name, data in read})

    def file(self, name: str) -> Asset | None:
        """The file of this name, as it is served."""
        return self._assets.get(name)

    def page(self, name: str, *, deep: int = 0, language: str = "en") -> Asset:
        """A page, for an address so many levels below the root: it refers to all else from there.

        No address begins with /, so that pages work below any prefix of a proxy.
        """
        which = (name, deep, language)
        if which not in self._pages:
            text = self._assets[name].data.decode()
            text = text.replace(STATIC, f"{'../' * deep}static/{self.version}")
            self._pages[which] = Asset(name, self._in(language, text).encode())
        return self._pages[which]

    def _in(self, language: str, text: str) -> str:
        """A page with its texts in one of the languages."""
        words = self._words.get(language, {})

        def said(found: re.Match[str]) -> str:
            english = html.unescape(found[1])
            return html.escape(words.get(english) or english)

        text = text.replace(LANGUAGE, language).replace(LANGUAGES, " ".join(self.languages))
        return SAID.sub(said, text)

    def page_route(self, path: str, name: str, *, deep: int = 0) -> Route:
        """The route of a page; it holds nothing secret, so that everybody may open it."""

        async def answer(request: web.Request) -> web.Response:
            page = self.page(name, deep=deep, language=language_of(request, self.languages))
            return page.response(request, cache="no-cache", vary="Accept-Encoding, Accept-Language")

        return Route("GET", path, answer, needs=None, gives="text/html")

    def files_route(self) -> Route:
        """The route of all files that are no pages."""
        path = f"/static/{self.version}/{{name:.+}}"
        return Route("GET", path, self._answer, needs=None, gives="*/*")

    async def _answer(self, request: web.Request) -> web.Response:
        asset = self.file(request.match_info["name"])
        if asset is None or asset.ending == "html":
            raise refuse(ErrorCode.UNKNOWN_ADDRESS, say("There is no such file."))
        return asset.response(request, cache=FOREVER)


def _as_served(name: str, data: bytes) -> bytes:
    """A file without what is said to who reads its source; one with texts over several lines, in
    which such a line may be text, as it is."""
    return _COMMENTS.sub(b"", data) if name.endswith(".js") and b"`" not in data else data


def _walk(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, bytes]]:
    """The files that browsers may be sent, with their names from the folder on."""
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _walk(entry, f"{prefix}{entry.name}/")
        elif entry.name.rpartition(".")[2] in _TYPES:
            yield f"{prefix}{entry.name}", entry.read_bytes()
