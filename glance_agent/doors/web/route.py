"""What the pages' server answers, as data: one Route for each address."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web
from pydantic import BaseModel

from glance_agent.domain.web_key import WebRole

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Route:
    """One address, and what answers there.

    `path` begins with / and may hold {names}. `needs` is who may ask; None is everybody who
    reaches the port. Where `elsewhere` pages of other origins may show what comes, as a picture.
    A GET answers HEAD too, unless it `streams`.
    """

    method: str
    path: str
    answer: Answer
    needs: WebRole | None = WebRole.VIEW
    content_type: str = "application/json"
    """What the body of a POST has to be, or begin with where it ends in /."""
    elsewhere: bool = False
    streams: bool = False
    asks: type[BaseModel] | None = None
    """The parameters of its address, for whoever reads what there is."""
    tells: type[BaseModel] | None = None
    """What it answers with, where that is JSON of one form."""
    takes: type[BaseModel] | None = None
    """What its body is, where that is JSON of one form."""
    gives: str = "application/json"
    """The type of what it answers with."""
    says: str = ""
    """What it is for, in a sentence; what it answers with says so where this is empty."""
