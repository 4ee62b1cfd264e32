"""The verbs that take back what was done: unhide, undo."""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import Field

from glance_agent.domain.artwork import ArtworkId, is_artwork_id
from glance_agent.domain.plain_text import AN_ID, BUTTON_WORDS
from glance_agent.domain.values import SOME_WORDS, Wish
from glance_agent.domain.verb import Undoable, Verb
from glance_agent.domain.web_key import WebRole

_THE_LAST = re.compile(
    r"(it|this|that|(the )?last( one| hidden)?|the hidden one)( again)?", re.IGNORECASE
)
"""What names no work, but the one hidden last."""


class IdOrWords:
    """An artwork id, words of a title, or nothing where the last one is meant."""

    said = "an artwork id or words of its title; empty = the one hidden last"

    def keys(self, verb: str, text: str) -> dict[str, Any]:
        """The artwork, or the words that name it."""
        if not text or text.lower() in BUTTON_WORDS or _THE_LAST.fullmatch(text):
            return {}
        return {"artwork" if is_artwork_id(text) else "query": text}


class Unhide(Verb):
    """Show a hidden artwork again: this one, the one with these words in its title, or the last."""

    plain_text = IdOrWords()
    changes_collection = True
    undoable = frozenset({Undoable.HIDING})

    verb: Literal["unhide"] = "unhide"
    artwork: ArtworkId | None = Field(None, description=AN_ID)
    query: Wish | None = Field(None, description=SOME_WORDS)

    @property
    def role(self) -> WebRole:
        return WebRole.ADMIN


class Undo(Verb):
    """Take the last change of the display back: a picture, a reaction, a hiding, a setting."""

    changes_taste = True
    changes_collection = True

    verb: Literal["undo"] = "undo"

    @property
    def hangs(self) -> bool:
        return True
