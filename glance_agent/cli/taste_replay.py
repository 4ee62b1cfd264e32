"""The terminal's verb `taste replay`: is each like found again once it is taken out?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import typer

from glance_agent.cli.terminal import ConfigOption, JsonOption, grid, load_config, out, say
from glance_agent.domain.said import say as told

if TYPE_CHECKING:
    from glance_agent.store.folded import ShowingsReach
    from glance_agent.wiring.rooms import Rooms

app = typer.Typer()


@app.command()
def replay(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Leave each like out in turn: do the others find it, in this library?"""
    from glance_agent.wiring.rooms import open_rooms

    with open_rooms(load_config(config)) as rooms:
        reach = rooms.history.reach()
        found = {user: _replayed(rooms, user) for user in rooms.history.users()}
    found_of = {user: figures for user, figures in found.items() if figures is not None}
    if as_json:
        since = reach.since and reach.since.isoformat()
        print(json.dumps({user: {**figures, "since": since} for user, figures in found_of.items()}))
        return
    if found_of:
        out.print(grid(told("Leave one like out: 1 is best, 0.5 is chance"), found_of))
    else:
        say(told("Nobody has liked three works yet; there is nothing to replay."))
    if reach.since is not None:
        say(_reach(reach))


def _reach(reach: ShowingsReach) -> str:
    """How far back what displays showed is known one by one."""
    from glance_agent.taste.profiles import SHOWINGS_READ

    read = told("the last {count} showings count, and each like ever given", count=SHOWINGS_READ)
    day = f"{reach.since:%Y-%m-%d}"
    if not reach.folded:
        return told("Showings are known since {day}: {read}.", day=day, read=read)
    return told(
        "Showings are known one by one since {day}; of {older} older ones only how often each work "
        "was shown, when last, and what came of it. Of those known one by one, {read}.",
        day=day,
        older=reach.folded,
        read=read,
    )


def _replayed(rooms: Rooms, user: str) -> dict[str, Any] | None:
    from datetime import UTC, datetime

    from glance_agent.taste.collection import collection_of
    from glance_agent.taste.profiles import SHOWINGS_READ
    from glance_agent.taste.replay import replayed

    return replayed(
        user,
        rooms.history.reactions(user),
        rooms.history.showings(None, SHOWINGS_READ),
        collection=collection_of(rooms.index.now()),
        now=datetime.now(UTC),
    )
