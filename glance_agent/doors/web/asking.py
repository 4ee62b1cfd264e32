"""A request that asks -> a question, and its answer as JSON."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from glance_agent.domain.errors import CommandError, ErrorCode
from glance_agent.domain.said import say
from glance_agent.doors.web.refusing import Refused, json_response, refuse

_Question = TypeVar("_Question", bound=BaseModel)
MOST_SHOWN = 40
"""How much of what was sent an answer repeats."""


def question_of(kind: type[_Question], request: web.Request, **named: str) -> _Question:
    """The parameters of an address as a question; raises Refused, and says which is wrong.

    `named` are parts of its path.
    """
    given = request.query
    twice = next((key for key in given if len(given.getall(key)) > 1), None)
    if twice is not None:
        raise refuse(
            ErrorCode.BAD_VALUE, say("“{twice}” is given more than once.", twice=_shown(twice))
        )
    try:
        return kind.model_validate({**given, **named})
    except ValidationError as invalid:
        first = invalid.errors(include_url=False, include_input=False)[0]
        key = _shown(str(first["loc"][0])) if first["loc"] else ""
        if first["type"] == "extra_forbidden":
            known = ", ".join(kind.model_fields)
            raise refuse(
                ErrorCode.UNKNOWN_KEY,
                say("There is no “{key}” here.", key=key),
                say("There are: {known}.", known=known),
            ) from None
        if first["type"] in ("too_long", "string_too_long"):
            most = say("At most {n} characters.", n=first["ctx"]["max_length"])
            raise refuse(ErrorCode.BAD_VALUE, say("“{key}” is too long.", key=key), most) from None
        must = kind.model_fields[key].description if key in kind.model_fields else None
        hint = say("“{key}”: {what}.", key=key, what=say(must)) if must else ""
        raise refuse(ErrorCode.BAD_VALUE, say("“{key}” cannot be that.", key=key), hint) from None


async def answered(answer: Awaitable[BaseModel]) -> web.Response:
    """What comes of a question, as JSON; raises Refused where it cannot be answered."""
    try:
        return json_response(await answer)
    except CommandError as error:
        raise Refused(error) from error


def _shown(text: str) -> str:
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"
