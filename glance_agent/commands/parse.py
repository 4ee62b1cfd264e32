"""Bytes on a command topic -> a Command, or a BadCommand that carries the answer.

Three spellings, one meaning (see the contract): a verb in the topic with its argument as plain
text or JSON, any sentence as plain text, a whole command as JSON. Nothing here raises for
anything that a stranger may send.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Never

from glance_agent.commands.build import built, known
from glance_agent.domain.command import COMMANDS, Command
from glance_agent.domain.display_names import Place
from glance_agent.domain.errors import CommandError, ErrorCode, our_fault
from glance_agent.domain.languages import (
    ENGLISH,
    ENGLISH_ALONE,
    Languages,
    LatelySpoken,
    spoken_language,
)
from glance_agent.domain.plain_text import short
from glance_agent.domain.said import say
from glance_agent.domain.strict_json import LARGEST_NUMBER, encodable
from glance_agent.domain.topics import Topics
from glance_agent.domain.values import DISPLAY_PATTERN, HOUSEHOLD

if TYPE_CHECKING:
    from glance_agent.commands.speech.understanding import IsWord

_log = logging.getLogger(__name__)

_FOR_THE_ANSWER = ("language", "user")
MAX_PAYLOAD_BYTES = 64 * 1024
_SAY = "say"


@dataclass(frozen=True, slots=True)
class BadCommand:
    """A message that is no command: why, and as much of its address as could be read."""

    error: CommandError
    verb: str = ""
    display: str | None = None
    transaction: str | int | float | None = None
    language: str | None = None


_RETAINED = CommandError(
    ErrorCode.RETAINED,
    say("A retained command is not executed, since it would run again at every restart."),
    say("Send it again without the retain flag, and clear the retained message."),
)


_CLEARED = CommandError(
    ErrorCode.RETAINED,
    say("An empty retained message clears its topic and is not executed as a command."),
    say("Nothing is retained there any more. Send a command without the retain flag."),
)


def parse_command(
    topics: Topics,
    topic: str,
    payload: bytes,
    *,
    retained: bool = False,
    places: Collection[Place] = (),
    is_word: IsWord = lambda word: False,
    languages: Languages = ENGLISH_ALONE,
) -> Command | BadCommand:
    """The command that a message holds, or why it holds none.

    `places` are the displays that a sentence may name; what `is_word` is no misspelling in it.
    Its language is the one that it says; else that of its user or of the house, by `languages`;
    else that of its sentence, or of the last one. None is English.
    """
    seen: dict[str, Any] = {}
    try:
        verb, keys = _fields(topics, topic, payload, seen, places)
        if not retained:
            return _parsed(verb, keys, places, seen, is_word, languages)
        error = _of_retained(payload)
    except CommandError as refused:
        error = _of_retained(payload) if retained else refused
    except Exception:
        # Whatever else a stranger's bytes bring about is our fault: logged, and answered as well.
        _log.exception("a message on %s could not be read", short(topic))
        error = our_fault()
    verb = short(seen.get("verb", ""))
    language = (
        spoken_language(seen.get("language"))
        or languages.of(seen.get("user", HOUSEHOLD))
        or spoken_language(error.language)
    )
    return BadCommand(error, verb, seen.get("display"), _transaction_in(seen), language)


def _parsed(
    verb: str,
    keys: dict[str, Any],
    places: Collection[Place],
    seen: dict[str, Any],
    is_word: IsWord,
    languages: Languages,
) -> Command:
    """The command of these keys, in the language that it is to be answered in."""
    if verb == _SAY:
        from glance_agent.commands.saying import said  # loads what reads sentences

        command, heard_in = said(keys, places, seen, is_word)
        heard_in = _heard_in(command, heard_in, languages.lately)
    else:
        command, heard_in = built(verb, keys), ""
    language = spoken_language(command.language) or languages.of(command.user)
    if language is None and heard_in != ENGLISH:
        language = spoken_language(heard_in)
    if language == command.language:
        return command
    return command.model_copy(update={"language": language})


def _heard_in(command: Command, heard_in: str, lately: LatelySpoken | None) -> str:
    """The language of a sentence; where several have it, the one that its user spoke last."""
    if lately is None:
        return heard_in
    if heard_in:
        lately.spoke(command.user, command.display, heard_in)
    return heard_in or lately.of(command.user, command.display) or ""


def _of_retained(payload: bytes) -> CommandError:
    """Why a retained message is not executed; brokers keep none that is empty."""
    return _RETAINED if payload else _CLEARED


def _fields(
    topics: Topics,
    topic: str,
    payload: bytes,
    seen: dict[str, Any],
    places: Collection[Place],
) -> tuple[str, dict[str, Any]]:
    """The verb, and the keys as sent; `seen` is filled for the answer as they become known.

    A verb in the topic is the verb: access lists of brokers go by topics alone.
    """
    verb, display = _address(topics, topic)
    seen.update(verb=verb or "", display=display, topic_display=display)
    text = _text(payload)
    fields = _object(text, seen) if text.startswith("{") else None
    if fields is None:
        verb = verb or _SAY
        seen["verb"] = verb
        fields = COMMANDS[known(verb)].plain_text.keys(verb, text)
    else:
        verb = _agreed("command", verb, fields.pop("command", None))
        seen["verb"] = verb
        known(verb)
    display = _agreed("display", display, _named(fields.pop("display", None), places)) or None
    if display is not None and re.fullmatch(DISPLAY_PATTERN, display):
        seen["display"] = display
    return verb, {**fields, "display": display}


def _named(display: Any, places: Collection[Place]) -> Any:
    """The name of the display that JSON means by its name, title or room in any case."""
    if not isinstance(display, str) or not display.strip():
        return display
    if any(place.name == display for place in places):
        return display
    from glance_agent.commands.speech.phrasebook import phrasebooks
    from glance_agent.commands.speech.places import called_exactly, unknown_place

    if (name := called_exactly(display, phrasebooks(), places)) is not None:
        return name
    if not places or re.fullmatch(DISPLAY_PATTERN, display):
        return display  # whether there is one of that name is asked where all are known
    raise unknown_place(display, places)


def _address(topics: Topics, topic: str) -> tuple[str, str | None]:
    """The verb and the display that the topic names; both may be missing."""
    parts = topic.removeprefix(topics.command).split("/")[1:]
    if parts and not parts[-1]:
        parts.pop()
    if len(parts) > 2 or "" in parts:
        raise CommandError(
            ErrorCode.UNKNOWN_VERB,
            say("This topic has too many levels, or an empty one."),
            say("Send to {command}/<verb> or {command}/<verb>/<display>.", command=topics.command),
        )
    display = parts[1] if len(parts) == 2 else None
    if display is not None and not re.fullmatch(DISPLAY_PATTERN, display):
        raise CommandError(
            ErrorCode.UNKNOWN_DISPLAY,
            say("The topic ends in something that cannot be the name of a display."),
            say("Names of displays have 1 to 32 of the characters a–z, 0–9, _ and -."),
        )
    return (parts[0].lower() if parts else ""), display


def _text(payload: bytes) -> str:
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise CommandError(
            ErrorCode.TOO_LARGE,
            say(
                "The payload has {payload} bytes; at most {max_payload_bytes} are read.",
                payload=len(payload),
                max_payload_bytes=MAX_PAYLOAD_BYTES,
            ),
            say("Send a shorter command."),
        )
    try:
        return payload.decode("utf-8").strip().lstrip("\ufeff")
    except UnicodeDecodeError:
        raise CommandError(
            ErrorCode.BAD_TEXT,
            say("The payload is not UTF-8 text."),
            say("Send UTF-8 text or JSON."),
        ) from None


def _object(text: str, seen: dict[str, Any]) -> dict[str, Any]:
    """The JSON object of the text; keys with null count as not sent."""
    try:
        found = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        # ValueError: not JSON, NaN, or a number of thousands of digits; RecursionError: nesting.
        raise CommandError(
            ErrorCode.BAD_JSON,
            say("The payload starts with “{{” but is not valid JSON."),
            say('Send for example {{"query": "stormy sea"}}, or plain text.'),
        ) from None
    if not all(_is_encodable(text) for text in (*found, *found.values()) if isinstance(text, str)):
        raise CommandError(
            ErrorCode.BAD_TEXT,
            say("The payload holds half of a character, an escape such as “\\ud800”."),
            say("Send UTF-8 text or JSON; no character need be escaped."),
        )
    seen.update({key: found[key] for key in _FOR_THE_ANSWER if isinstance(found.get(key), str)})
    if "transaction" in found:
        seen["transaction"] = found["transaction"]
    return {key: value for key, value in found.items() if value is not None}


def _is_encodable(text: str) -> bool:
    return encodable(text) == text


def _no_constant(name: str) -> Never:
    raise ValueError(name)


def _agreed(key: str, in_topic: str | None, in_payload: Any) -> str:
    """One value of two places that may name it; both have to say the same."""
    if in_payload is None:
        if in_topic or key == "display":
            return in_topic or ""
        raise CommandError(
            ErrorCode.MISSING_VALUE,
            say("The JSON says no “command”."),
            say(
                'Add for example "command": "next". Verbs: {commands}.',
                commands=", ".join(COMMANDS),
            ),
        )
    if not isinstance(in_payload, str):
        raise CommandError(ErrorCode.BAD_VALUE, say("“{key}” must be text.", key=key), "")
    said = in_payload.strip().lower() if key == "command" else in_payload
    if in_topic and in_topic != said:
        raise CommandError(
            ErrorCode.BAD_VALUE,
            say("The topic and the payload name a different “{key}”.", key=key),
            say("Leave “{key}” out of the payload.", key=key),
        )
    return said


def _transaction_in(seen: dict[str, Any]) -> str | int | float | None:
    """The transaction of a refused command, where it is one that can be repeated."""
    match seen.get("transaction"):
        case str() as text:
            return text[:200]
        case int() | float() as number if not isinstance(number, bool):
            return number if abs(number) < LARGEST_NUMBER else None
        case _:
            return None
