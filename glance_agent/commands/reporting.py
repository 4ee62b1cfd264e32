"""How things are, in words: what is here, what hangs, and when it changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from glance_agent.commands.display_settings import duration
from glance_agent.commands.messages import Holdings, so_far
from glance_agent.domain.display import Glance, TimedSettings
from glance_agent.domain.outcome import Outcome
from glance_agent.domain.reply import Reply

MOST_DISPLAYS = 4
"""How many displays are told of in one sentence."""


@dataclass(frozen=True, slots=True)
class HangingNow:
    """What a display shows, and how it is set."""

    name: str
    glance: Glance | None
    settings: TimedSettings


def reported(holds: Holdings, displays: Sequence[HangingNow]) -> Outcome:
    """How things are; and everything that is retained is to be published again."""
    told = [_told(display) for display in displays[:MOST_DISPLAYS]]
    if more := len(displays) - len(told):
        told.append(f"There are {more} more displays.")
    message = " ".join([_collection(holds), *told])
    return Outcome(Reply(verb="status", ok=True, message=message), republish=True)


def _collection(holds: Holdings) -> str:
    if not holds.showable:
        return f"No picture is here yet.{so_far(holds.arriving)}"
    count = "1 picture is" if holds.showable == 1 else f"{holds.showable:,} pictures are"
    lacking = holds.showable - holds.embedded
    if lacking <= 0:
        return f"All is well: {count} here.{so_far(holds.arriving)}"
    return f"{count} here, {lacking:,} of them not looked at yet.{so_far(holds.arriving)}"


def _told(display: HangingNow) -> str:
    settings = display.settings
    mood = f", in the mood “{settings.mood}”" if settings.mood else ""
    if display.glance is None:
        return f"Nothing hangs on {display.name} yet."
    return f"On {display.name} hangs {display.glance.artwork.label}{mood}; {_change(settings)}."


def _change(settings: TimedSettings) -> str:
    if not settings.power:
        return "it is off"
    if settings.paused:
        return "it is paused"
    if settings.quiet_until is not None:
        return f"it is quiet until {settings.quiet_until:%H:%M}"
    if not settings.slideshow:
        return "it stays until somebody asks for another"
    return f"it changes every {duration(settings.interval_seconds)}"
