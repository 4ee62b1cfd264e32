"""What displays are called, and which of them a name means: one, those of a group, or all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from glance_agent.domain.said import in_a_row, say
from glance_agent.domain.topics import EVERYWHERE


@dataclass(frozen=True, slots=True)
class DisplayNames:
    """The displays of a house, the first of them for whoever names none, and their groups."""

    displays: tuple[str, ...]
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    """What people call displays, by their names; those without one go by their name."""

    def called(self, name: str) -> str:
        """A display as people call it."""
        return self.titles.get(name, name)

    def meant(self, name: str | None) -> tuple[str, ...]:
        """The displays that a name means; none for a name that nobody has."""
        if name is None:
            return self.displays[:1]
        if name in self.displays:
            return (name,)
        return self.displays if name == EVERYWHERE else self.groups.get(name, ())

    def share(self, one: str | None, other: str | None) -> bool:
        """Whether two names have a display in common."""
        return not set(self.meant(one)).isdisjoint(self.meant(other))

    def said(self) -> str:
        """All names, for whoever knew none of them."""
        groups = say("Groups: {groups}.", groups=", ".join(self.groups)) if self.groups else ""
        return in_a_row(say("Displays: {displays}.", displays=", ".join(self.displays)), groups)


@dataclass(frozen=True, slots=True)
class Place:
    """A display, or a group of them, and what people call it: its title, its room."""

    name: str
    called: tuple[str, ...] = ()

    def __str__(self) -> str:
        called = dict.fromkeys(self.called)
        return f"{self.name} ({', '.join(called)})" if called else self.name
