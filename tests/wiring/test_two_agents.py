"""Two agents of one library, or of a library and its copy, on one broker."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.broker import Broker
from tests.home import Home, agent
from tests.phone import Phone


def facts(phone: Phone) -> dict[str, Any]:
    """What the agent topic said last."""
    return [m for m in phone.messages if m.topic.endswith("/agent")][-1].json()


async def test_the_agent_of_a_copied_library_lets_the_first_one_be(
    home: Home, broker: Broker
) -> None:
    attic = replace(home, folder=home.folder.parent / "attic")
    attic.folder.mkdir()
    [(instance,)] = home.rows("SELECT value FROM facts WHERE name = 'instance_id'")
    async with agent(home.config(broker.port)), Phone(broker.port) as phone:
        await phone.expect("display/wall/image")
        home.rows("VACUUM INTO ?", str(attic.database))
        theirs = attic.config(broker.port, mqtt={"base_topic": "attic"})
        async with agent(theirs), Phone(broker.port, base="attic") as another:
            await another.expect("display/wall/image")
            assert (await another.ask("command/like", {"display": "wall"}))["ok"]
            assert (await phone.ask("command/next", {"display": "wall"}))["ok"]
            for one in (phone, another):
                assert not [m for m in one.messages if m.payload == b"offline"]
            known = [facts(one)["runs"]["client_id"] for one in (phone, another)]
    assert known[0] == f"glance-agent-{instance}" != known[1]
    kept = (attic.folder / "glance.db.agent").read_text().strip()
    assert known[1] == f"glance-agent-{kept}"
