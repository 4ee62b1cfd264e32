"""The pages of an agent: what they need is handed to them, and their routes are joined."""

from __future__ import annotations

from glance_agent.agent.agent import Agent
from glance_agent.doors.web.access import Access
from glance_agent.doors.web.assets import Assets
from glance_agent.doors.web.commands import CommandDesk
from glance_agent.doors.web.door import WebDoor
from glance_agent.doors.web.life import life_route
from glance_agent.doors.web.route import Route
from glance_agent.wiring.rooms import Rooms


def pages_of(rooms: Rooms, agent: Agent) -> WebDoor:
    """The door of the pages; raises ConfigError where its token cannot be read."""
    settings = rooms.config.web
    access = Access(settings.secret())
    assets = Assets.of_the_package()
    routes: list[Route] = [
        life_route(agent.alive),
        assets.files_route(),
        assets.page_route("/", "index.html"),
        *CommandDesk(agent, access).routes(),
    ]
    return WebDoor(settings, routes, access)
