"""The terminal's verb `taste replay`: is each like found again once it is taken out?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import typer

from glance_agent.cli.terminal import ConfigOption, JsonOption, grid, load_config, out, say

if TYPE_CHECKING:
    from glance_agent.wiring.rooms import Rooms

app = typer.Typer()


@app.command()
def replay(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Leave each like out in turn: do the others find it, in this library?"""
    from glance_agent.wiring.rooms import open_rooms

    with open_rooms(load_config(config)) as rooms:
        found = {user: _replayed(rooms, user) for user in rooms.history.users()}
    told = {user: figures for user, figures in found.items() if figures is not None}
    if as_json:
        print(json.dumps(told))
    elif told:
        out.print(grid("Leave one like out: 1 is best, 0.5 is chance", told))
    else:
        say("Nobody has liked three works yet; there is nothing to replay.")


def _replayed(rooms: Rooms, user: str) -> dict[str, Any] | None:
    from datetime import UTC, datetime

    from glance_agent.taste.collection import collection_of
    from glance_agent.taste.replay import replayed

    return replayed(
        user,
        rooms.history.reactions(user),
        rooms.history.showings(None, 1_000),
        collection=collection_of(rooms.index.now()),
        now=datetime.now(UTC),
    )
