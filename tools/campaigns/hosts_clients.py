"""Everything that asks hosts, turned towards one host on loopback, for the campaign of hosts."""

from __future__ import annotations

import asyncio
import itertools
import json
import tempfile
import tomllib
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PIL import Image

from glance_agent.domain.errors import BadPicture, ModelError, SourceError
from glance_agent.embedding.models.catalogue import CatalogueModel
from glance_agent.embedding.models.directory import ModelDirectory
from glance_agent.embedding.models.hub import Hub, open_session
from glance_agent.embedding.models.weights import Puller
from glance_agent.embedding.remote.calls import Caller
from glance_agent.embedding.remote.huggingface import HuggingFaceEncoder
from glance_agent.embedding.remote.immich import ImmichEncoder
from glance_agent.embedding.remote.replicate import ReplicateEncoder
from glance_agent.embedding.remote.service import Offer, ServiceEncoder, ask_offer
from glance_agent.sources.museums.cleveland import Cleveland, ClevelandSettings
from glance_agent.sources.museums.iiif import Iiif, IiifSettings
from glance_agent.sources.museums.met import Met, MetSettings
from glance_agent.sources.picture_url import PictureAtUrl
from glance_agent.sources.web.reach import Reach
from glance_agent.sources.web.request_log import Budget
from glance_agent.sources.web.visit import Visit
from glance_agent.sources.web.web import Surroundings, Web
from tools.campaigns.hostile_answers import RawHost

PATIENCE_SECONDS = 0.5
MOST_PAGES = 3
COMMIT = "0123456789abcdef0123456789abcdef01234567"
PICTURE = Image.new("RGB", (32, 24), "teal")
Try = Callable[[], Awaitable[object]]


@dataclass(slots=True)
class Clock:
    """Time that passes when somebody waits for it."""

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


class Clients:
    """Everything that asks hosts, turned towards one host on loopback."""

    def __init__(self, host: RawHost, folder: Path) -> None:
        self._host = host
        self._folder = folder
        self._clock = Clock()
        around = Surroundings(
            directory=folder / "web",
            reach=Reach(private=True),
            clock=self._clock,
            sleep=self._clock.sleep,
            limiter=lambda _: nullcontext(),
        )
        self._web = Web(version="0", surroundings=around)
        budget = Budget("test", self._web.request_log, self._clock, 10**9, 10**9)
        self._visit = Visit(
            self._web, frozenset({"127.0.0.1"}), budget, attempts=2, seconds=PATIENCE_SECONDS * 2
        )
        self._numbers = itertools.count()

    async def close(self) -> None:
        await self._web.close()

    def all(self) -> dict[str, tuple[Try, tuple[type[Exception], ...]]]:
        """What to try, by name, and what each may raise."""
        museum, model = (SourceError, BadPicture), (ModelError,)
        return {
            "museum's data": (self._data, museum),
            "museum's picture": (self._picture, museum),
            "museum's file": (self._file, museum),
            "museum's list": (self._list, museum),
            "museum's works": (self._works, museum),
            "IIIF manifest": (self._manifest, museum),
            "image_url": (self._outside, museum),
            "hub, hash known": (lambda: self._pull(known=True), model),
            "hub, hash unknown": (lambda: self._pull(known=False), model),
            "hub's revision": (lambda: self._pull(known=False, revision="main"), model),
            "encoder's offer": (self._offer, model),
            "encoder: service": (lambda: self._embed("service"), model),
            "encoder: immich": (lambda: self._embed("immich"), model),
            "encoder: huggingface": (lambda: self._embed("huggingface"), model),
            "encoder: replicate": (lambda: self._embed("replicate"), model),
        }

    def _fresh(self) -> str:
        """An address that was not asked before, at a host that nobody leaves alone."""
        self._clock.now += 1_000_000
        return f"{self._host.base}/{next(self._numbers)}"

    async def _data(self) -> object:
        """Asked twice, the second time with the tag that came."""
        url = self._fresh()
        first = await self._visit.json(url, days=1)
        self._clock.now += 200_000
        return first, await self._visit.json(url, days=1)

    async def _picture(self) -> object:
        return len(await self._visit.picture(self._fresh()))

    async def _file(self) -> object:
        path = self._folder / "file.csv"
        etag = await self._visit.download(self._fresh(), path, etag="", max_bytes=10**6)
        return etag, await self._visit.download(
            self._fresh(), path, etag=etag or "", max_bytes=10**6
        )

    async def _list(self) -> object:
        settings = ClevelandSettings(name="test", kind="cleveland")
        return await _pages(Cleveland(settings, self._visit, api=self._fresh()))

    async def _works(self) -> object:
        settings = MetSettings(name="test", kind="met")
        return await Met(settings, self._visit, api=self._fresh()).looked_up("7")

    async def _manifest(self) -> object:
        settings = IiifSettings(name="test", kind="iiif", urls=(self._fresh(),))
        return await _pages(Iiif(settings, self._visit))

    async def _outside(self) -> object:
        visit = replace(self._visit, seconds=PATIENCE_SECONDS)
        picture = PictureAtUrl(visit).at(self._fresh() + ".jpg")
        (page,) = [page async for page in picture.pages(None)]
        (item,) = page.items
        found = await picture.fetch(item, wanted_px=800)  # type: ignore[arg-type]
        return found.artwork.model_dump_json()

    async def _pull(self, *, known: bool, revision: str = COMMIT) -> object:
        model_directory = ModelDirectory(Path(tempfile.mkdtemp(dir=self._folder)))
        model_directory.directory.joinpath("catalogue.toml").write_text(
            _catalogue(revision, known=known)
        )
        async with open_session(PATIENCE_SECONDS) as session:
            hub = Hub(self._host.base)
            puller = Puller(model_directory, hub, session, sleep=_no_wait, largest_bytes=10**7)
            await asyncio.wait_for(puller.pull("toy"), PATIENCE_SECONDS * 30)
        for pinned in model_directory.locked()["toy"]["files"].values():
            assert pinned["bytes"] > 0, "an empty file was pinned"
        return model_directory.locked()

    async def _offer(self) -> object:
        caller = _caller()
        return await asyncio.to_thread(ask_offer, caller, self._host.base)

    async def _embed(self, kind: str) -> object:
        encoder = _encoder(kind, self._host.base)

        def both() -> object:
            return encoder.embed_text("sea").tolist(), encoder.embed_images([PICTURE]).tolist()

        return await asyncio.to_thread(both)


async def _pages(source: Cleveland | Iiif) -> object:
    found: list[str] = []
    async for page in source.pages(None):
        found.append(repr(page))
        if len(found) == MOST_PAGES:  # a museum may have more and more
            break
    return found


def _catalogue(revision: str, *, known: bool) -> str:
    about = {
        "name": "toy", "repository": "toys/toy", "revision": revision, "licence": "MIT",
        "dimension": 3, "image_size_px": 8, "tokenizer": "wordpiece", "context_length": 16,
        "pad_rule": "none",
    }  # fmt: skip
    lines = ["[[models]]", *(f"{k} = {json.dumps(v)}" for k, v in about.items())]
    for role in ("image", "text", "tokenizer"):
        lines += ["[[models.files]]", f'role = "{role}"', f'path = "{role}.onnx"']
        lines += ["bytes = 9", f'sha256 = "{"0" * 64}"'] if known else []
    text = "\n".join(lines)
    CatalogueModel.model_validate(tomllib.loads(text)["models"][0])
    return text


def _caller() -> Caller:
    return Caller("service", "t", timeout_seconds=PATIENCE_SECONDS, attempts=2, sleep=_no_wait)


def _encoder(kind: str, url: str) -> Any:
    match kind:
        case "service":
            return ServiceEncoder(_caller(), url=url, offer=Offer("a", 2))
        case "immich":
            return ImmichEncoder(_caller(), url=url, model="m", dimension=2)
        case "huggingface":
            return HuggingFaceEncoder(_caller(), model="m", url=url, dimension=2)
    ticks = itertools.count(step=100)
    return ReplicateEncoder(_caller(), url=url, sleep=lambda _: None, clock=lambda: next(ticks))


async def _no_wait(_seconds: float) -> None:
    await asyncio.sleep(0)
