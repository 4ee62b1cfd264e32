"""What the pages ask: works, displays, tastes and sources, as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from aiohttp import web
from pydantic import BaseModel

from glance_agent.agent.present import Present
from glance_agent.domain.display import Glance
from glance_agent.domain.web_key import WebRole
from glance_agent.doors.web.asking import answered, question_of
from glance_agent.doors.web.bodies import PICTURE_BYTES, PICTURE_SECONDS, body_of
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


class Answers(Protocol):
    """Answers the questions of pages; each raises CommandError."""

    async def artworks(self, question: ArtworksQuestion) -> ArtworkPage: ...
    async def picture(self, data: bytes) -> PictureSeen: ...
    async def artwork(self, artwork_id: str, question: ArtworkQuestion) -> ArtworkInFull: ...
    async def displays(self, user: str, told: Mapping[str, Glance]) -> Displays: ...
    async def taste(self, user: str) -> Taste: ...
    async def taste_map(self, question: MapQuestion) -> MappedWorks: ...
    async def sources(self, progress: Mapping[str, dict[str, Any]]) -> Sources: ...
    async def left_out(self, source: str, question: LeftOutQuestion) -> LeftOutPage: ...


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
        return await answered(self._answers.artworks(question_of(ArtworksQuestion, request)))

    async def _picture(self, request: web.Request) -> web.Response:
        question_of(PageQuestion, request)
        data = await body_of(request, PICTURE_BYTES, seconds=PICTURE_SECONDS)
        return await answered(self._answers.picture(data))

    async def _artwork(self, request: web.Request) -> web.Response:
        question = question_of(ArtworkQuestion, request)
        return await answered(self._answers.artwork(request.match_info["id"], question))

    async def _displays(self, request: web.Request) -> web.Response:
        question = question_of(ForUser, request)
        return await answered(self._answers.displays(question.user, self._present.glances))

    async def _taste(self, request: web.Request) -> web.Response:
        question = question_of(ForUser, request, user=request.match_info["user"])
        return await answered(self._answers.taste(question.user))

    async def _map(self, request: web.Request) -> web.Response:
        return await answered(self._answers.taste_map(question_of(MapQuestion, request)))

    async def _sources(self, request: web.Request) -> web.Response:
        question_of(PageQuestion, request)
        return await answered(self._answers.sources(self._present.progress))

    async def _left_out(self, request: web.Request) -> web.Response:
        question = question_of(LeftOutQuestion, request)
        return await answered(self._answers.left_out(request.match_info["source"], question))


def _get(path: str, answer: Answer, asks: type[BaseModel], tells: type[BaseModel]) -> Route:
    return Route("GET", f"/api/{path}", answer, asks=asks, tells=tells)
