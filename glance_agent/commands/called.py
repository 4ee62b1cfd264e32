"""What people are told that verbs are called, whose names are code."""

from __future__ import annotations

from typing import Final

from glance_agent.domain.said import Said, say

CALLED: Final = {
    "search": say("“search”"),
    "similar": say("“similar”"),
    "next": say("“next”"),
    "previous": say("“previous”"),
    "show": say("“show”"),
    "like": say("“like”"),
    "dislike": say("“dislike”"),
    "forget": say("“forget”"),
    "hide": say("“hide”"),
    "unhide": say("“unhide”"),
    "mood": say("“mood”"),
    "slideshow": say("“slideshow”"),
    "discovery": say("“discovery”"),
    "pause": say("“pause”"),
    "resume": say("“resume”"),
    "power": say("“power”"),
}
"""By the verb: whatever changes something."""


def spoken_verb(verb: str) -> Said:
    """What a verb is called, in quotation marks; its own name where it has no other."""
    return CALLED.get(verb) or say("“{name}”", name=verb)
