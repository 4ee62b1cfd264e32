"""One setting of a display in, its settings out: mood, slideshow, discovery, pause, power."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, Protocol

from glance_agent.domain.command import Discovery, Mood, Pause, Power, Resume, Slideshow
from glance_agent.domain.display import DisplaySettings
from glance_agent.domain.outcome import Outcome
from glance_agent.domain.reply import Reply
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
        message = f"The mood is now “{command.mood}”." if command.mood else "No mood any more."
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
            message = f"{_chosen_from(after)} {message}"
        return self._set(command, display, message, changes)

    def discovery(self, command: Discovery, display: str) -> Outcome:
        """Set how much surprise there is in choices."""
        percent = command.percent
        if percent is None:
            percent = self._current(display).discovery + (command.by or 0)
        percent = min(100, max(0, percent))
        message = f"Discovery is now {percent} per cent."
        return self._set(command, display, message, {"discovery": percent})

    def pause(self, command: Pause | Resume, display: str) -> Outcome:
        """Change nothing by itself, or do so again."""
        paused = isinstance(command, Pause)
        message = "Paused: nothing changes by itself." if paused else "Going on."
        if not paused and not self._current(display).slideshow:
            message = "Not paused any more; the slideshow is off."
        return self._set(command, display, message, {"paused": paused})

    def power(self, command: Power, display: str) -> Outcome:
        """Switch the display on or off."""
        if command.on == self._current(display).power:
            return self._set(command, display, f"It is {_on_or_off(command.on)} already.", {})
        message = "Switched on." if command.on else "Switched off, until it is switched on again."
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
        "mood": f"The mood is “{settings.mood}” again." if settings.mood else "No mood any more.",
        "slideshow": _slideshow(settings),
        "discovery": f"Discovery is {settings.discovery} per cent again.",
        "paused": "It is paused again." if settings.paused else "It is not paused any more.",
        "power": f"It is {_on_or_off(settings.power)} again.",
        "likes_of": _chosen_from(settings),
    }
    told = {_TOLD_WITH.get(name, name) for name in names}
    return [said[name] for name in sorted(told & said.keys())] or ["It is set as before."]


_TOLD_WITH = {
    "mood_until": "mood",
    "mood_minutes": "mood",
    "interval_seconds": "slideshow",
    "power_since": "power",
}


def _on_or_off(on: bool) -> str:
    return "on" if on else "off"


def _chosen_from(settings: DisplaySettings) -> str:
    if settings.likes_of is None:
        return "Everything is chosen from."
    whose = (
        "the household likes" if settings.likes_of == HOUSEHOLD else f"{settings.likes_of} likes"
    )
    return f"Only what {whose} is chosen from."


def _slideshow(settings: DisplaySettings) -> str:
    if not settings.slideshow:
        return "The slideshow is off."
    return f"A new picture every {duration(settings.interval_seconds)}."


def duration(seconds: int) -> str:
    """Seconds as one says them."""
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds % size == 0:
            count = seconds // size
            return unit if count == 1 else f"{count} {unit}s"
    return f"{seconds} seconds"
