"""What the pages ask: works, displays, tastes and sources, as JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from aiohttp import web
from pydantic import BaseModel

from glance_agent.agent.present import Present
from glance_agent.domain.web_key import WebRole
from glance_agent.doors.web.asking import answered, question_of
from glance_agent.doors.web.bodies import PICTURE_BYTES, PICTURE_SECONDS, body_of
from glance_agent.doors.web.language import SPOKEN
from glance_agent.doors.web.route import Answer, Route
from glance_agent.gallery.answers import (
    ArtworkInFull,
    ArtworkPage,
    Displays,
    LeftOutPage,
    MappedWorks,
    PictureSeen,
    Sources,
    Taste,
)
from glance_agent.gallery.questions import (
    ArtworkQuestion,
    ArtworksQuestion,
    ForUser,
    LeftOutQuestion,
    MapQuestion,
    PageQuestion,
)
from glance_agent.gallery.room import Gallery
from glance_agent.gallery.stores import ReadStores

_R = TypeVar("_R")


class Answers(Protocol):
    """Answers the questions of pages; each raises CommandError."""

    async def artworks(self, question: ArtworksQuestion) -> ArtworkPage: ...
    async def picture(self, data: bytes) -> PictureSeen: ...
    async def taste_map(self, question: MapQuestion) -> MappedWorks: ...
    async def look(self, question: Callable[[Gallery, ReadStores], _R], /) -> _R:
        """What the gallery answers from what is kept."""
        ...


class GalleryDesk:
    """Answers requests by asking."""

    def __init__(self, answers: Answers, present: Present) -> None:
        self._answers = answers
        self._present = present

    def routes(self) -> Sequence[Route]:
        """Where what is asked; whoever may look at pages may ask."""
        return [
            _get("artworks", self._artworks, ArtworksQuestion, ArtworkPage),
            _get("artworks/{id:.+}", self._artwork, ArtworkQuestion, ArtworkInFull),
            Route(
                "POST",
                "/api/pictures",
                self._picture,
                needs=WebRole.USE,
                content_type="image/",
                tells=PictureSeen,
            ),
            _get("displays", self._displays, ForUser, Displays),
            _get("taste/{user:.+}", self._taste, PageQuestion, Taste),
            _get("map", self._map, MapQuestion, MappedWorks),
            _get("sources", self._sources, PageQuestion, Sources),
            _get("sources/{source:.+}", self._left_out, LeftOutQuestion, LeftOutPage),
        ]

    async def _artworks(self, request: web.Request) -> web.Response:
        question = question_of(ArtworksQuestion, request)
        if question.language is None:
            question = question.model_copy(update={"language": SPOKEN.get()})
        return await answered(self._answers.artworks(question))

    async def _picture(self, request: web.Request) -> web.Response:
        question_of(PageQuestion, request)
        data = await body_of(request, PICTURE_BYTES, seconds=PICTURE_SECONDS)
        return await answered(self._answers.picture(data))

    async def _artwork(self, request: web.Request) -> web.Response:
        question, work = question_of(ArtworkQuestion, request), request.match_info["id"]
        return await self._looked_up(lambda gallery, read: gallery.artwork(work, question, read))

    async def _displays(self, request: web.Request) -> web.Response:
        user, told = question_of(ForUser, request).user, self._present.glances
        return await self._looked_up(
            lambda gallery, read: self._with_devices(gallery.displays(user, told, read))
        )

    def _with_devices(self, displays: Displays) -> Displays:
        """The same with what was heard of their devices."""
        heard = self._present.devices
        all_of_them = (
            one.model_copy(update={"device": heard.get(one.name)}) for one in displays.displays
        )
        return Displays(displays=tuple(all_of_them))

    async def _taste(self, request: web.Request) -> web.Response:
        user = question_of(ForUser, request, user=request.match_info["user"]).user
        return await self._looked_up(lambda gallery, read: gallery.taste(user, read))

    async def _map(self, request: web.Request) -> web.Response:
        return await answered(self._answers.taste_map(question_of(MapQuestion, request)))

    async def _sources(self, request: web.Request) -> web.Response:
        question_of(PageQuestion, request)
        progress = self._present.progress
        return await self._looked_up(lambda gallery, read: gallery.sources(progress, read))

    async def _left_out(self, request: web.Request) -> web.Response:
        question, source = question_of(LeftOutQuestion, request), request.match_info["source"]
        return await self._looked_up(lambda gallery, read: gallery.left_out(source, question, read))

    async def _looked_up(
        self, question: Callable[[Gallery, ReadStores], BaseModel]
    ) -> web.Response:
        return await answered(self._answers.look(question))


def _get(path: str, answer: Answer, asks: type[BaseModel], tells: type[BaseModel]) -> Route:
    return Route("GET", f"/api/{path}", answer, asks=asks, tells=tells)
