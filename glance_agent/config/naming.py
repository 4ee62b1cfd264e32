"""What the displays of a configuration are called, and whether that tells them apart."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from glance_agent.displays.settings import PanelSettings
from glance_agent.domain.display_names import DisplayNames
from glance_agent.domain.folding import folded
from glance_agent.domain.said import say
from glance_agent.domain.topics import EVERYWHERE

Displays = Sequence[PanelSettings]


def display_names(displays: Displays) -> DisplayNames:
    """The displays and their groups, as commands name them; a room of several is a group."""
    names = tuple(d.name for d in displays)
    groups = dict.fromkeys(d.group for d in displays if d.group is not None)
    members = {g: tuple(d.name for d in displays if d.group == g) for g in groups}
    rooms = _rooms(displays, {*names, *members, EVERYWHERE})
    titles = {d.name: d.title for d in displays if d.title}
    return DisplayNames(names, {**rooms, **members}, titles)


def called(displays: Displays) -> dict[str, tuple[str, ...]]:
    """What people call each display and each group besides its name: title and room.

    A room of several displays is what their group is called, and none of them.
    """
    groups = display_names(displays).groups
    areas = {d.area: _slug(d.area) for d in displays if d.area}
    rooms = {group: (area,) for area, group in areas.items() if group in groups}
    found = {}
    for display in displays:
        shares = display.name in groups.get(areas.get(display.area or "", ""), ())
        found[display.name] = (display.title, None if shares else display.area)
    named = {name: tuple(filter(None, names)) for name, names in found.items()}
    return {**named, **{group: rooms.get(group, ()) for group in groups}}


def collisions(displays: Displays) -> list[str]:
    """Sentences, one for each name that two displays share, as people and entity ids have it."""
    first: dict[str, PanelSettings] = {}
    found: list[str] = [
        say(
            "“{name}” means every display, and is what one of them is called: give it another "
            "name, since nothing can be said to all of them until then.",
            name=EVERYWHERE,
        )
        for display in displays
        if display.name == EVERYWHERE
    ]
    for display in displays:
        for name in dict.fromkeys((display.name, display.title or display.name)):
            other = first.setdefault(_comparable(name), display)
            if other is not display:
                found.append(
                    say(
                        "The displays {one} and {other} cannot be told apart by “{name}”: give one "
                        "of them another name or title.",
                        one=other.name,
                        other=display.name,
                        name=name,
                    )
                )
    taken: list[str] = [
        say(
            "“{group}” means a group, and is what the display {display} is called: choose another "
            "name for one of them.",
            group=group,
            display=first[called].name,
        )
        for group in dict.fromkeys(d.group for d in displays if d.group)
        if (called := _comparable(group)) in first
    ]
    return found + taken


def _rooms(displays: Displays, taken: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The displays of every room that has several, by a name that topics can hold."""
    rooms: dict[str, tuple[str, ...]] = {}
    for display in displays:
        if (name := _slug(display.area or "")) and name not in taken:
            rooms[name] = (*rooms.get(name, ()), display.name)
    return {name: members for name, members in rooms.items() if len(members) > 1}


def _slug(area: str) -> str:
    """“Living room” -> `living-room`; nothing where no letter of it may stand in a topic."""
    return re.sub(r"[^a-z0-9]+", "-", _comparable(area)).strip("-")[:32]


def _comparable(name: str) -> str:
    return folded(name.replace("_", " ").replace("-", " "))
