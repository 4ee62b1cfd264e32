"""A reply and a limit of bytes in, the reply that fits out: what was left out is said in a note."""

from __future__ import annotations

from bisect import bisect_right

from glance_agent.domain.reply import ErrorBody, Reply
from glance_agent.domain.said import in_a_row, say
from glance_agent.domain.strict_json import as_json

SENTENCE_CHARACTERS = 200


def shortened(reply: Reply, room_bytes: int) -> Reply | None:
    """The most of the reply whose JSON fits; None where not even the least of it does."""
    if _size(reply) <= room_bytes:
        return reply
    fewer = range(len(reply.results))
    fitting = bisect_right(fewer, room_bytes, key=lambda kept: _size(_first(kept, reply)))
    form = _first(fitting - 1, reply) if fitting else least(reply)
    return form if _size(form) <= room_bytes else None


def least(reply: Reply) -> Reply:
    """Only what tells who asked that the command was carried out, or why not."""
    error = reply.error and ErrorBody(code=reply.error.code, message=_cut(reply.error.message))
    bare = reply.model_copy(
        update={"results": (), "artwork": None, "error": error, "message": _cut(reply.message)}
    )
    return _noted(bare, say("The broker does not take the whole answer: its details are left out."))


def _first(kept: int, reply: Reply) -> Reply:
    all_of_them = len(reply.results)
    fewer = reply.model_copy(update={"results": reply.results[:kept]})
    left_out = say(
        "The broker does not take the whole answer: {left} of its {of} results are left out.",
        left=all_of_them - kept,
        of=all_of_them,
    )
    return _noted(fewer, left_out)


def _size(reply: Reply) -> int:
    return len(as_json(reply).encode())


def _noted(reply: Reply, left_out: str) -> Reply:
    return reply.model_copy(update={"note": in_a_row(reply.note or "", left_out)})


def _cut(sentence: str) -> str:
    if len(sentence) <= SENTENCE_CHARACTERS:
        return sentence
    return f"{sentence[: SENTENCE_CHARACTERS - 1]}…"
