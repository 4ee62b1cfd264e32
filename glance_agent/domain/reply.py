"""What is answered to whoever asked."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, ConfigDict

from glance_agent.domain.aloud import aloud
from glance_agent.domain.display import ShownArtwork
from glance_agent.domain.errors import CommandError, ErrorCode
from glance_agent.domain.languages import Sentence, in_language
from glance_agent.domain.said import Said
from glance_agent.domain.strict_json import encodable

_SAID_OF_WORKS: Final = ("title", "medium", "credit", "dated")


class Result(BaseModel):
    """One line of an answer to a search."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    artwork: ShownArtwork
    match: float
    why: Sentence


class ErrorBody(BaseModel):
    """What went wrong, for people and for programs."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    code: ErrorCode
    message: Sentence
    hint: Sentence = ""


class Reply(BaseModel):
    """The answer to one command; `message` is one sentence that can be spoken.

    `speech` is the same as a voice is to read it, where that is another. `note` says what about
    the answer itself is not as one would expect. `sure` is False where nothing here really is what
    was asked for, and what is named is the nearest there is. `varied` is True where results come
    in another order than that of their match: works whose label says it first, and after each one
    another that is unlike it. `pair` is the second work, where two hang together or are meant.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    transaction: str | int | float | None = None
    verb: str
    ok: bool
    display: str | None = None
    message: Sentence
    speech: str | None = None
    artwork: ShownArtwork | None = None
    results: tuple[Result, ...] = ()
    error: ErrorBody | None = None
    took_ms: int = 0
    note: Sentence | None = None
    sure: bool = True
    varied: bool = False
    pair: ShownArtwork | None = None


def refusal(verb: str, error: CommandError, display: str | None = None) -> Reply:
    """The reply that says why a command was not carried out."""
    message, hint = _encodable(error.message), _encodable(error.hint)
    body = ErrorBody(code=error.code, message=message, hint=hint)
    return Reply(verb=verb, ok=False, display=display, message=message, error=body)


def spoken(reply: Reply, language: str | None) -> Reply:
    """The reply with its sentences in a language; what is in one already stays."""
    if language is None:
        return reply

    def told(text: str) -> str:
        return str(in_language(text, language))

    def told_of(work: ShownArtwork | None) -> ShownArtwork | None:
        return work and work.model_copy(
            update={key: in_language(getattr(work, key), language) for key in _SAID_OF_WORKS}
        )

    results = tuple(
        one.model_copy(update={"why": told(one.why), "artwork": told_of(one.artwork)})
        for one in reply.results
    )
    error = reply.error and reply.error.model_copy(
        update={"message": told(reply.error.message), "hint": told(reply.error.hint)}
    )
    message = told(reply.message)
    heard = aloud(message, language)
    return reply.model_copy(
        update={
            "message": message,
            "speech": heard if heard != message else None,
            "note": reply.note and told(reply.note),
            "error": error,
            "results": results,
            "artwork": told_of(reply.artwork),
            "pair": told_of(reply.pair),
        }
    )


def _encodable(text: str) -> str:
    """What is said stays what it is: its values are made encodable with the JSON."""
    return text if isinstance(text, Said) else encodable(text)
