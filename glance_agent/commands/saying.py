"""Any text -> the command that is meant by it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from glance_agent.commands.build import built
from glance_agent.commands.speech.phrasebook import Meaning
from glance_agent.commands.speech.understanding import IsWord, heard
from glance_agent.domain.command import COMMANDS, Command, Say
from glance_agent.domain.display_names import Place
from glance_agent.domain.errors import CommandError, ErrorCode
from glance_agent.domain.picture_verbs import Show
from glance_agent.domain.plain_text import (
    AnArtwork,
    AnArtworkOrSide,
    AnArtworkOrWords,
    Nothing,
    Number,
    OnOff,
    PlainText,
)
from glance_agent.domain.said import say
from glance_agent.domain.taking_back import Unhide

_SAY = "say"


def said(
    fields: dict[str, Any],
    places: Collection[Place],
    seen: dict[str, Any],
    is_word: IsWord = lambda word: False,
) -> tuple[Command, str]:
    """The command that the keys of `say` stand for, and the language that says it so, where one
    alone does. Raises CommandError.

    `seen` has the display that the topic names, which the sentence may not contradict, and is
    told the verb as it becomes known.
    """
    if not fields.get("text"):
        raise CommandError(
            ErrorCode.MISSING_VALUE,
            say("The command is empty."),
            say("Send for example “next”. Verbs: {commands}.", commands=", ".join(COMMANDS)),
        )
    sentence = built(_SAY, fields)
    assert isinstance(sentence, Say)
    first, _ = _verb_in_front(sentence.text)
    seen["verb"] = first if first in COMMANDS else _SAY
    found = heard(_without_say(sentence.text), places, _spelled, is_word)
    seen["verb"] = found.meaning.verb
    keys = {"text": sentence.text} if found.meaning.verb == _SAY else dict(found.meaning.keys)
    sent = sentence.model_dump(include={"user", "transaction", "language"}, exclude_unset=True)
    display = _agreed(found.display, fields.get("display"), seen.get("topic_display"))
    command = built(found.meaning.verb, {**keys, **sent, "display": display})
    if isinstance(command, Say):
        command = command.answered(found.meaning.answer)
    return command, found.meaning.language


def _agreed(named: str | None, given: str | None, in_topic: str | None) -> str | None:
    """The display that the sentence names, else the one given beside it.

    Access lists of brokers go by topics alone: a sentence leads to no other display than its topic.
    """
    if named and in_topic and named != in_topic:
        raise CommandError(
            ErrorCode.BAD_VALUE,
            say("The topic and the sentence name a different display."),
            say("Send it without a display in the topic, or leave the place out of the sentence."),
        )
    return named or given


def _without_say(text: str) -> str:
    """What follows the verb `say`, where the sentence begins with it."""
    first, rest = _verb_in_front(text)
    return rest if first == _SAY and rest else text


def _spelled(text: str) -> Meaning | CommandError | None:
    """What a verb and its plain text are, as the contract has them.

    A verb that takes no such text was a word of a sentence: “hide and seek”.
    """
    verb, rest = _verb_in_front(text)
    kind = COMMANDS.get(verb)
    if kind is None or kind is Say:
        return None
    try:
        keys = kind.plain_text.keys(verb, rest)
        built(verb, keys)
    except CommandError as fault:
        return fault if not rest or _is_value(kind.plain_text, rest) else None
    # The words behind “show” are a wish like any other, “the last one” is none behind “unhide”.
    return None if kind in (Show, Unhide) and keys.get("query") else Meaning(verb, keys)


def _is_value(form: PlainText, text: str) -> bool:
    """Whether a text that a verb cannot take was meant as its value all the same."""
    if isinstance(form, Number):
        return any(c.isdigit() for c in text)
    return not isinstance(form, Nothing | OnOff | AnArtwork | AnArtworkOrSide | AnArtworkOrWords)


def _verb_in_front(text: str) -> tuple[str, str]:
    """`Search: stormy sea` -> `search`, `stormy sea`."""
    first, _, rest = text.partition(" ")
    return first.lower().rstrip(".!?,:"), rest.strip()
