"""A verb and its keys -> a Command, or the error that says what is wrong with them."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from glance_agent.domain.command import COMMANDS, Command, keys_of
from glance_agent.domain.errors import CommandError, ErrorCode
from glance_agent.domain.plain_text import short
from glance_agent.domain.said import in_a_row, say
from glance_agent.search.politeness import without_politeness
from glance_agent.search.typing_errors import nearest

SOMETHING_ELSE = "something else"


def known(verb: str) -> str:
    """The verb, where there is one of that name; raises CommandError."""
    if verb in COMMANDS:
        return verb
    near = nearest(verb, COMMANDS)
    guess = say("Did you mean “{said}”?", said=near) if near else ""
    raise CommandError(
        ErrorCode.UNKNOWN_VERB,
        say("There is no command “{verb}”.", verb=short(verb)),
        in_a_row(guess, say("Verbs: {commands}.", commands=", ".join(COMMANDS))),
    )


def built(verb: str, fields: dict[str, Any]) -> Command:
    """The validated command; raises CommandError with a sentence about the first fault."""
    kind = COMMANDS[verb]
    keys = keys_of(kind)
    for key in fields:
        if key not in keys:
            raise CommandError(
                ErrorCode.UNKNOWN_KEY,
                say("“{verb}” does not know the key “{key}”.", verb=verb, key=short(key)),
                say("It knows: {keys}.", keys=", ".join(keys)),
            )
    fields = fields | {
        key: without_politeness(fields[key])
        for key in ("query", "mood")
        if isinstance(fields.get(key), str)
    }
    try:
        return kind.model_validate(fields)
    except ValidationError as invalid:
        raise _fault(verb, keys, invalid) from None


def _fault(verb: str, keys: dict[str, str], invalid: ValidationError) -> CommandError:
    """The sentence for the first thing that validation found."""
    first = invalid.errors(include_url=False, include_context=True)[0]
    key = str(first["loc"][0]) if first["loc"] else ""
    if not key:
        return CommandError(ErrorCode.MISSING_VALUE, say(str(first["ctx"]["error"])))
    if first["type"] == "no_value":
        return _without_value(verb, first["ctx"]["said"])
    must = say("“{key}” must be {what}.", key=key, what=say(keys.get(key, SOMETHING_ELSE)))
    if first["type"] == "missing":
        return CommandError(
            ErrorCode.MISSING_VALUE, say("“{verb}” needs “{key}”.", verb=verb, key=key), must
        )
    is_words = keys.get(key, "").endswith("characters")
    if is_words and first["type"] in {"string_too_long", "too_long"}:
        return CommandError(ErrorCode.TOO_LARGE, say("“{key}” is too long.", key=key), must)
    return CommandError(ErrorCode.BAD_VALUE, must)


def _without_value(verb: str, said: str) -> CommandError:
    return CommandError(
        ErrorCode.BAD_VALUE,
        say("“{said}” is what Home Assistant says of an entity that has no value now.", said=said),
        say(
            "Send “{verb}” when it has one; a wish has more words, such as “{said} artist”.",
            verb=verb,
            said=said,
        ),
    )
