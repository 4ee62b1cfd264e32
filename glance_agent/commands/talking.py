"""What is answered to those who greet, thank or ask what can be said."""

from __future__ import annotations

from collections.abc import Sequence

from glance_agent.domain.command import COMMANDS
from glance_agent.domain.outcome import Outcome
from glance_agent.domain.reply import Reply
from glance_agent.domain.said import in_a_row, listed, say

COURTESIES = {
    "hello": say("Hello! Tell me what you would like to see, such as “peaceful blue water”."),
    "all right": say("All right. Tell me whenever you would like to see something else."),
    "thanks": say("You are welcome!"),
    "small talk": say(
        "I know pictures, and little else. Tell me what you would like to see, such as “peaceful "
        "blue water”."
    ),
    "there is more": say(
        "There is more to see: say “another one”, or what you would like instead."
    ),
    "beyond me": say(
        "I cannot do that: I know pictures alone. I can find one, change it, say what it is, and "
        "turn the display on or off."
    ),
    "not later": say(
        "I cannot do that later, only at once. Hours in which a display is dark stand in its "
        "settings."
    ),
    "brightness": say(
        "I cannot change how bright the display is; its settings can. “Darker” brings a darker "
        "picture."
    ),
    "the past": say(
        "I cannot tell what hung before; “back” brings the picture before this one, and “back” "
        "again the one before that."
    ),
    "at a time of day": say(
        "I cannot change it at a time of day; “every day a new picture” changes it once in 24 "
        "hours. Hours in which a display is dark stand in its settings."
    ),
    "how often": say("Say how often it is to change, such as “every ten minutes”."),
    "only the label": say("I know no more of a picture than its label says: ask “what is this?”."),
    "say its title": say(
        "I cannot tell which picture you mean; name it, and the display that it is for: “show "
        "sunflowers in the kitchen”."
    ),
    "good night": say("Good night! “Turn it off” makes the display dark."),
}
"""By what the tables of phrases name as the `answer` to a courtesy."""
EXAMPLES = {
    "next": say("“next”"),
    "previous": say("“back”"),
    "like": say("“I love this”"),
    "dislike": say("“not for me”"),
    "similar": say("“more like this, but at night”"),
    "describe": say("“who painted this?”"),
    "mood": say("“set the mood to calm”"),
    "slideshow": say("“every ten minutes”"),
    "pause": say("“pause”"),
    "power": say("“turn the display off”"),
    "discovery": say("“more surprise”"),
    "hide": say("“never show this again”"),
    "undo": say("“undo”"),
}
"""By verb, so that nothing is offered that is not there."""


def friendly(answer: str) -> Outcome:
    """The answer to a greeting or to thanks, by what the tables of phrases name."""
    said = COURTESIES.get(answer, say("Tell me what you would like to see."))
    return Outcome(Reply(verb="say", ok=True, message=said))


def helpful(displays: Sequence[str]) -> Outcome:
    """What can be said, in examples."""
    said = listed((example for verb, example in EXAMPLES.items() if verb in COMMANDS), "or")
    message: str = say(
        "Say what you would like to see, such as “peaceful blue water”, or {examples}.",
        examples=said,
    )
    if len(displays) > 1:
        message = in_a_row(
            message,
            say(
                "Name a display with “on the {display} display”, or say “everywhere”.",
                display=displays[-1],
            ),
            say("Displays: {displays}.", displays=", ".join(displays)),
        )
    return Outcome(Reply(verb="help", ok=True, message=message))
