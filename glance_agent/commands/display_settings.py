"""One setting of a display in, its settings out: mood, slideshow, discovery, pause, power."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, Protocol

from glance_agent.domain.command import Discovery, Mood, Pause, Power, Resume, Slideshow
from glance_agent.domain.display import DisplaySettings
from glance_agent.domain.outcome import Outcome
from glance_agent.domain.reply import Reply
from glance_agent.domain.said import in_a_row, many, say
from glance_agent.domain.values import HOUSEHOLD


class Settings(Protocol):
    """Where the settings of displays are kept."""

    def set(self, display: str, settings: DisplaySettings) -> None: ...


class DisplaySettingCommands:
    """Changes what a person can set at run time."""

    def __init__(
        self,
        settings: Settings,
        current: Callable[[str], DisplaySettings],
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._current = current
        self._clock = clock

    def mood(self, command: Mood, display: str) -> Outcome:
        """Colour later choices by some words, for a while or until changed."""
        minutes = command.minutes if command.mood else None
        until = None if minutes is None else self._clock() + timedelta(minutes=minutes)
        message = (
            say("The mood is now “{mood}”.", mood=command.mood) if command.mood else _no_mood()
        )
        mood = {"mood": command.mood or None, "mood_until": until, "mood_minutes": minutes}
        return self._set(command, display, message, mood)

    def slideshow(self, command: Slideshow, display: str) -> Outcome:
        """Start or stop the slideshow, or change its rhythm."""
        changes: dict[str, Any] = {}
        if command.on is not None:
            changes["slideshow"] = command.on
        if command.interval_seconds is not None:
            changes["interval_seconds"] = command.interval_seconds
        if command.liked is not None:
            changes["likes_of"] = command.user if command.liked else None
        after = self._current(display).model_copy(update=changes)
        message = _slideshow(after)
        if command.liked is not None:
            message = in_a_row(_chosen_from(after), message)
        return self._set(command, display, message, changes)

    def discovery(self, command: Discovery, display: str) -> Outcome:
        """Set how much surprise there is in choices."""
        percent = command.percent
        if percent is None:
            percent = self._current(display).discovery + (command.by or 0)
        percent = min(100, max(0, percent))
        message = say("Discovery is now {percent} per cent.", percent=percent)
        return self._set(command, display, message, {"discovery": percent})

    def pause(self, command: Pause | Resume, display: str) -> Outcome:
        """Change nothing by itself, or do so again."""
        paused = isinstance(command, Pause)
        message = say("Paused; nothing changes by itself.") if paused else say("Going on.")
        if not paused and not self._current(display).slideshow:
            message = say("Not paused any more; the slideshow is off.")
        return self._set(command, display, message, {"paused": paused})

    def power(self, command: Power, display: str) -> Outcome:
        """Switch the display on or off."""
        if command.on == self._current(display).power:
            already = say("It is on already.") if command.on else say("It is off already.")
            return self._set(command, display, already, {})
        message = (
            say("Switched on.")
            if command.on
            else say("Switched off, until it is switched on again.")
        )
        changes = {"power": command.on, "power_since": self._clock()}
        return self._set(command, display, message, changes)

    def _set(
        self,
        command: Mood | Slideshow | Discovery | Pause | Resume | Power,
        display: str,
        message: str,
        changes: dict[str, Any],
    ) -> Outcome:
        self._settings.set(display, self._current(display).model_copy(update=changes))
        reply = Reply(verb=command.verb, ok=True, display=display, message=message)
        return Outcome(reply, settings_of=(display,))


def sentences_of(settings: DisplaySettings, names: Iterable[str]) -> list[str]:
    """What these settings are now, in a sentence each; those of a mood and a rhythm in one."""
    said = {
        "mood": say("The mood is “{mood}” again.", mood=settings.mood)
        if settings.mood
        else _no_mood(),
        "slideshow": _slideshow(settings),
        "discovery": say("Discovery is {percent} per cent again.", percent=settings.discovery),
        "paused": say("It is paused again.")
        if settings.paused
        else say("It is not paused any more."),
        "power": say("It is on again.") if settings.power else say("It is off again."),
        "likes_of": _chosen_from(settings),
    }
    told = {_TOLD_WITH.get(name, name) for name in names}
    return [said[name] for name in sorted(told & said.keys())] or [say("It is set as before.")]


_TOLD_WITH = {
    "mood_until": "mood",
    "mood_minutes": "mood",
    "interval_seconds": "slideshow",
    "power_since": "power",
}


def _no_mood() -> str:
    return say("No mood any more.")


def _chosen_from(settings: DisplaySettings) -> str:
    if settings.likes_of is None:
        return say("Everything is chosen from.")
    if settings.likes_of == HOUSEHOLD:
        return say("Only what the household likes is chosen from.")
    return say("Only what {user} likes is chosen from.", user=settings.likes_of)


def _slideshow(settings: DisplaySettings) -> str:
    if not settings.slideshow:
        return say("The slideshow is off.")
    count, unit = _counted(settings.interval_seconds)
    match unit:
        case "day":
            return many("A new picture every day.", "A new picture every {n} days.", n=count)
        case "hour":
            return many("A new picture every hour.", "A new picture every {n} hours.", n=count)
        case "minute":
            return many("A new picture every minute.", "A new picture every {n} minutes.", n=count)
    return many("A new picture every second.", "A new picture every {n} seconds.", n=count)


def changes_every(seconds: int) -> str:
    """How often a picture changes, as part of a sentence."""
    count, unit = _counted(seconds)
    match unit:
        case "day":
            return many("it changes every day", "it changes every {n} days", n=count)
        case "hour":
            return many("it changes every hour", "it changes every {n} hours", n=count)
        case "minute":
            return many("it changes every minute", "it changes every {n} minutes", n=count)
    return many("it changes every second", "it changes every {n} seconds", n=count)


def _counted(seconds: int) -> tuple[int, str]:
    """Seconds in the largest unit of which they are a whole number."""
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds % size == 0:
            return seconds // size, unit
    return seconds, "second"
