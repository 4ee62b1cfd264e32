"""How things are, in words: what is here, what hangs, and when it changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from glance_agent.commands.display_settings import changes_every
from glance_agent.commands.messages import Holdings, so_far
from glance_agent.commands.out_of_reach import names_of
from glance_agent.domain.display import Glance, TimedSettings
from glance_agent.domain.outcome import Outcome
from glance_agent.domain.reply import Reply
from glance_agent.domain.said import in_a_row, listed, many, say
from glance_agent.domain.timing import clock_time

MOST_DISPLAYS = 4
"""How many displays are told of in one sentence."""


@dataclass(frozen=True, slots=True)
class HangingNow:
    """What a display shows, and how it is set; `name` is what people call it."""

    name: str
    glance: Glance | None
    settings: TimedSettings


def reported(
    holds: Holdings, displays: Sequence[HangingNow], *, unsearched: str | None = None
) -> Outcome:
    """How things are; and everything that is retained is to be published again.

    `unsearched` is why the server of the library cannot look for pictures, where it is to.
    """
    told = [_told(display) for display in displays[:MOST_DISPLAYS]]
    if more := len(displays) - len(told):
        told.append(many("There is {n} more display.", "There are {n} more displays.", n=more))
    message = in_a_row(_collection(holds, unsearched), *told)
    return Outcome(Reply(verb="status", ok=True, message=message), republish=True)


def switched(displays: Sequence[HangingNow], *, everyone: bool = False) -> Outcome:
    """Whether displays are on, off or paused: of one, with when it changes; `everyone` where they
    are all that there are."""
    message = _power_of(displays[0]) if len(displays) == 1 else _powers_of(displays, everyone)
    return Outcome(Reply(verb="status", ok=True, message=message))


def _power_of(display: HangingNow) -> str:
    settings = display.settings
    if not settings.power or settings.paused:
        return _powers_of([display], False)
    return say("{display} is on; {change}.", display=display.name, change=_change(settings))


def _powers_of(displays: Sequence[HangingNow], everyone: bool) -> str:
    off = [d.name for d in displays if not d.settings.power]
    paused = [d.name for d in displays if d.settings.power and d.settings.paused]
    on = [d.name for d in displays if d.settings.power and not d.settings.paused]
    return in_a_row(
        _on(on, everyone and not off and not paused),
        _paused(paused, everyone and not off and not on),
        _off(off, everyone and not on and not paused),
    )


def _on(names: Sequence[str], everyone: bool) -> str:
    if everyone or not names:
        return say("All displays are on.") if names else ""
    return many("{names} is on.", "{names} are on.", n=len(names), names=listed(names))


def _paused(names: Sequence[str], everyone: bool) -> str:
    if everyone or not names:
        return say("All displays are on, and paused.") if names else ""
    return many(
        "{names} is on, and paused.",
        "{names} are on, and paused.",
        n=len(names),
        names=listed(names),
    )


def _off(names: Sequence[str], everyone: bool) -> str:
    if everyone or not names:
        return say("All displays are off.") if names else ""
    return many("{names} is off.", "{names} are off.", n=len(names), names=listed(names))


def _collection(holds: Holdings, unsearched: str | None) -> str:
    count, lacking = holds.showable, holds.showable - holds.embedded
    if not count:
        said: str = say("No picture is here yet.")
    elif lacking <= 0 and (holds.away or unsearched):
        said = many("1 picture is here.", "{n} pictures are here.", n=count)
    elif lacking <= 0:
        said = many(
            "All is well: 1 picture is here.", "All is well: {n} pictures are here.", n=count
        )
    else:
        said = many(
            "1 picture is here, {lacking} of them not looked at yet.",
            "{n} pictures are here, {lacking} of them not looked at yet.",
            n=count,
            lacking=lacking,
        )
    return in_a_row(said, so_far(holds.arriving), _away(holds.away), unsearched or "")


def _away(sources: Sequence[str]) -> str:
    """Which sources are away; nothing where none is."""
    if not sources:
        return ""
    return many(
        "The source {names} is away; it is tried again by itself.",
        "The sources {names} are away; they are tried again by themselves.",
        n=len(sources),
        names=names_of(sources),
    )


def _told(display: HangingNow) -> str:
    name, settings = display.name, display.settings
    if display.glance is None:
        return say("{display}: nothing hangs there yet.", display=name)
    label, change = display.glance.artwork.label, _change(settings)
    if settings.mood:
        return say(
            "{display}: {label}, in the mood “{mood}”; {change}.",
            display=name,
            label=label,
            mood=settings.mood,
            change=change,
        )
    return say("{display}: {label}; {change}.", display=name, label=label, change=change)


def _change(settings: TimedSettings) -> str:
    if not settings.power:
        return say("it is off")
    if settings.paused:
        return say("it is paused")
    if settings.quiet_until is not None:
        until = settings.quiet_until
        return many(
            "it is quiet until {time}",
            "it is quiet until {time}",
            n=until.hour,
            time=clock_time(until),
        )
    if not settings.slideshow:
        return say("it stays until somebody asks for another")
    return changes_every(settings.interval_seconds)
