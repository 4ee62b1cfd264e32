"""Two works on one display of a running agent: told together, and parted where one is broken."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from glance_agent.domain.errors import ErrorCode
from tests.broker import Broker
from tests.commands.test_delivery import SIGKILLED
from tests.doomed_agent import DOOMED
from tests.home import Home, agent, paint, spawned_agent
from tests.phone import Message, Phone

WALL: dict[str, Any] = {
    "width_px": 96, "height_px": 160, "pairs": "auto", "mat": "#000000", "max_enlargement": 1.0
}  # fmt: skip


@pytest.fixture
def own(home: Home, tmp_path: Path) -> Home:
    """A household with pictures of its own, and no library yet."""
    home.database.unlink()
    paint(tmp_path / "pictures")
    return Home(home.folder, tmp_path / "pictures")


def pictures_on(message: Message) -> int:
    """How many pictures lie on the black mat of a panel, one above the other."""
    with Image.open(BytesIO(message.payload)) as image:
        grey = image.convert("L").crop((40, 0, 56, 160)).resize((1, 160)).tobytes()
    lit = [value > 40 for value in grey]
    return sum(now and not before for before, now in zip([False, *lit], lit, strict=False))


async def test_two_are_told_pictured_and_back_after_a_restart(home: Home, broker: Broker) -> None:
    config = home.config(broker.port, wall=WALL)
    async with agent(config), Phone(broker.port) as phone:
        await phone.expect("display/wall/image")
        mark = len(phone.messages)
        reply = await phone.ask("command/search", "white")
        asked = reply["artwork"]["id"]
        hangs = await phone.expect(
            "display/wall/artwork", lambda m: m.json()["id"] == asked, after=mark
        )
        told = hangs.json()
        assert told["pair"]["id"] == reply["pair"]["id"]
        assert set(told["pair"]) == set(reply["artwork"])
        shown = (
            await phone.expect("event/shown", lambda m: m.json()["id"] == asked, after=mark)
        ).json()
        assert shown["pair"] == told["pair"]
        image = await phone.expect("display/wall/image", after=mark)
        assert pictures_on(image) == 2
        assert (await phone.ask("command/like", "right"))["artwork"]["id"] == told["pair"]["id"]
        liked = lambda m: m.json()["pair"] and m.json()["pair"]["liked"]  # noqa: E731
        await phone.expect("display/wall/artwork", liked, after=mark)
    async with agent(config), Phone(broker.port) as phone:
        again = await phone.expect("display/wall/artwork", lambda m: m.json()["position"] > 1)
        assert again.json()["pair"]["id"] == told["pair"]["id"]
        assert pictures_on(await phone.expect("display/wall/image")) == 2


async def test_one_hangs_alone_where_the_other_is_broken(own: Home, broker: Broker) -> None:
    async with Phone(broker.port) as phone, agent(own.config(broker.port, wall=WALL)):
        await phone.expect("event/ingest", lambda m: m.json()["event_type"] == "finished")
        for display in ("wall", "hall"):
            await phone.expect(f"display/{display}/image")
        for file in own.pictures.iterdir():
            if "white" not in file.name:
                file.write_bytes(b"no picture")
        mark = len(phone.messages)
        reply = await phone.ask("command/search", "white")
        assert reply["pair"] is not None
        error = (await phone.expect("error", after=mark)).json()
        assert error["code"] == ErrorCode.PICTURE_UNREADABLE
        assert error["hint"].startswith("The one beside it hangs alone")
        alone = await phone.expect(
            "display/wall/artwork", lambda m: not m.json()["pair"], after=mark
        )
        assert alone.json()["id"] == own.work("white")
        assert pictures_on(await phone.expect("display/wall/image", after=mark)) == 1
    assert own.rows("SELECT artwork_id, pair FROM showings WHERE display = 'wall'")[-1] == (
        own.work("white"),
        None,
    )
    broken = own.rows("SELECT id FROM artworks WHERE unusable IS NOT NULL")
    assert (reply["pair"]["id"],) in broken


@pytest.mark.parametrize("broken", [False, True])
async def test_a_kill_between_two_that_are_put_up_and_their_picture(
    own: Home, broker: Broker, broken: bool
) -> None:
    """What was kept hangs after it: both, or the first alone where the second is broken by then."""
    config = own.toml(broker.port, wall=WALL)
    async with Phone(broker.port) as phone, agent(own.config(broker.port, wall=WALL)):
        await phone.expect("event/ingest", lambda m: m.json()["event_type"] == "finished")
        await phone.expect("display/wall/image")
    async with Phone(broker.port) as phone:
        async with spawned_agent(config, "committed") as doomed:
            await phone.expect("display/wall/image", lambda m: not m.retained)
            mark = len(phone.messages)
            await phone.publish("command/search", {"query": "white", "user": DOOMED})
            assert await doomed.ended() == SIGKILLED
        last = "SELECT artwork_id, pair FROM showings WHERE display = 'wall' ORDER BY id DESC"
        work, beside = own.rows(last)[0]
        assert (work, beside is None) == (own.work("white"), False)
        told = [m.json()["id"] for m in phone.heard("display/wall/artwork", after=mark)]
        assert work not in told, "nobody was told before it was killed"
        if broken:
            second = own.rows("SELECT location FROM artworks WHERE id = ?", beside)[0][0]
            (own.pictures / second).write_bytes(b"no picture")
        mark = len(phone.messages)
        async with spawned_agent(config):
            hangs = lambda m: m.json()["id"] == work and (m.json()["pair"] is None) == broken  # noqa: E731
            await phone.expect("display/wall/artwork", hangs, after=mark)
            fresh = lambda m: not m.retained and pictures_on(m) == 2 - broken  # noqa: E731
            await phone.expect("display/wall/image", fresh, after=mark)
            answer = (await phone.expect("response", after=mark)).json()
            assert (answer["ok"], answer["artwork"]["id"]) == (True, work)
    assert own.rows(last)[0] == (work, None if broken else beside)
    assert len(own.rows(f"{last} LIMIT 9")) == 2, "it was put up once"
