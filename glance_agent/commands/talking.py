"""What is answered to those who greet, thank or ask what can be said."""

from __future__ import annotations

from collections.abc import Sequence

from glance_agent.commands.speech.understanding import courtesy
from glance_agent.domain.command import COMMANDS
from glance_agent.domain.outcome import Outcome
from glance_agent.domain.reply import Reply

_EXAMPLES = {
    "next": "“next”",
    "previous": "“back”",
    "like": "“I love this”",
    "dislike": "“not for me”",
    "similar": "“more like this, but at night”",
    "describe": "“who painted this?”",
    "mood": "“set the mood to calm”",
    "slideshow": "“every ten minutes”",
    "pause": "“pause”",
    "power": "“turn the display off”",
    "discovery": "“more surprise”",
    "hide": "“never show this again”",
    "undo": "“undo”",
}
"""By verb, so that nothing is offered that is not there."""


def friendly(text: str) -> Outcome:
    """The answer to a greeting or to thanks."""
    said = courtesy(text) or "Tell me what you would like to see."
    return Outcome(Reply(verb="say", ok=True, message=said))


def helpful(displays: Sequence[str]) -> Outcome:
    """What can be said, in examples."""
    said = ", ".join(example for verb, example in _EXAMPLES.items() if verb in COMMANDS)
    message = f"Say what you would like to see, such as “peaceful blue water”, or {said}."
    if len(displays) > 1:
        message += (
            f" Name a display with “on the {displays[-1]} display”, or say “everywhere”. "
            f"Displays: {', '.join(displays)}."
        )
    return Outcome(Reply(verb="help", ok=True, message=message))
