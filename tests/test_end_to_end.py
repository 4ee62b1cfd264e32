"""The program as a user starts it: a folder of pictures, a broker, the embedded model, a phone."""

from __future__ import annotations

import io
import json
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio
from PIL import Image, ImageDraw

from tests.broker import Broker
from tests.home import SIZE_PX, SOURCE, Home
from tests.phone import Message, Phone
from tests.spawned import Spawned

SCENES = {
    "stormy-sea": ((40, 70, 120), (15, 50, 90)),
    "red-sunset": ((230, 90, 40), (120, 30, 30)),
    "green-forest": ((60, 120, 60), (20, 70, 30)),
    "yellow-wheat": ((240, 210, 90), (200, 160, 40)),
    "night-sky": ((10, 10, 40), (5, 5, 15)),
    "snowy-hills": ((230, 235, 245), (250, 250, 250)),
}
MAXIMUM_BYTES = 20_000


def paint(folder: Path) -> None:
    """Two bands of colour and some strokes each; enough for a model to tell them apart."""
    folder.mkdir()
    for number, (name, (above, below)) in enumerate(SCENES.items()):
        image = Image.new("RGB", (480, 320), above)
        pen = ImageDraw.Draw(image)
        pen.rectangle((0, 170, 480, 320), fill=below)
        for stroke in range(12):
            pen.line((stroke * 40, 180 + number, stroke * 40 + 30, 300), fill=above, width=3)
        image.save(folder / f"{name}.jpg", quality=90)


@pytest_asyncio.fixture
async def household(tmp_path: Path, broker: Broker) -> AsyncIterator[tuple[Home, Phone]]:
    """The program, running with six pictures, and a phone that has heard of all of them."""
    paint(tmp_path / "pictures")
    (tmp_path / "home").mkdir()
    home = Home(tmp_path / "home", tmp_path / "pictures")
    config = str(home.toml(broker.port))
    program = await Spawned.python("-m", "glance_agent", "run", "--config", config)
    try:
        async with Phone(broker.port, version="3.1.1") as phone:
            await phone.expect("event/ingest", is_finished)
            await phone.expect("display/wall/image")
            yield home, phone
            mark = len(phone.messages)
            assert await program.end(signal.SIGTERM) == 0, program.text
            await phone.expect("status", lambda m: m.payload == b"offline", after=mark)
    finally:
        await program.end(signal.SIGKILL)
    assert "Traceback" not in program.text
    assert "ERROR" not in program.text


def is_finished(message: Message) -> bool:
    return bool(message.json()["event_type"] == "finished")


async def asked(phone: Phone, topic: str, payload: Any = b"") -> dict[str, Any]:
    """The answer to a command that has to succeed."""
    answer = await phone.ask(topic, payload)
    assert answer["ok"], answer
    return answer


async def now_shown(phone: Phone, artwork: str, *, after: int) -> dict[str, Any]:
    """The display's artwork, once it is this one, with its picture."""
    found = await phone.expect(
        "display/wall/artwork", lambda m: m.json()["id"] == artwork, after=after
    )
    await phone.expect("display/wall/image", after=after)
    return found.json()


async def test_a_phone_commands_the_program(household: tuple[Home, Phone]) -> None:
    home, phone = household
    told = (await phone.expect("event/ingest", is_finished)).json()
    assert (told["added"], told["failed"], told["source"]) == (len(SCENES), 0, SOURCE)
    about = (await phone.expect("agent", lambda m: m.json()["embedded"] == len(SCENES))).json()
    assert about["model"]
    assert about["artworks"] == len(SCENES)

    mark = len(phone.messages)
    answer = await asked(phone, "command", "search green forest please")
    assert answer["artwork"]["title"] == "Green Forest"
    assert answer["results"][0]["match"] == max(r["match"] for r in answer["results"])
    shown = await now_shown(phone, answer["artwork"]["id"], after=mark)
    assert shown["why"]
    await check_picture(phone, mark)

    mark = len(phone.messages)
    said = {"command": "search", "query": "stormy sea", "limit": 3, "transaction": "t-1"}
    answer = await asked(phone, "command", said)
    assert (answer["transaction"], len(answer["results"])) == ("t-1", 3)
    assert answer["artwork"]["title"] == "Stormy Sea"
    await now_shown(phone, answer["artwork"]["id"], after=mark)

    assert (await asked(phone, "command/like"))["artwork"]["title"] == "Stormy Sea"
    assert home.likes() == [answer["artwork"]["id"]]
    assert "Stormy Sea" in (await asked(phone, "command/describe"))["message"]

    mark = len(phone.messages)
    following = (await asked(phone, "command/next"))["artwork"]["id"]
    assert following != answer["artwork"]["id"]
    await now_shown(phone, following, after=mark)
    mark = len(phone.messages)
    before = (await asked(phone, "command/previous"))["artwork"]["id"]
    assert before == answer["artwork"]["id"]
    await now_shown(phone, before, after=mark)

    mark = len(phone.messages)
    await asked(phone, "command/slideshow", "600")
    settings = (await phone.expect("display/wall/settings", after=mark)).json()
    assert (settings["slideshow"], settings["interval_seconds"]) == (True, 600)

    mark = len(phone.messages)
    hidden = (await asked(phone, "command/hide"))["artwork"]["id"]
    await phone.expect("display/wall/artwork", lambda m: m.json()["id"] != hidden, after=mark)

    mark = len(phone.messages)
    await asked(phone, "command/status")
    for topic in ("agent", "display/wall/artwork", "display/wall/settings", "display/hall/image"):
        await phone.expect(topic, after=mark)

    mark = len(phone.messages)
    Image.new("RGB", (300, 400), (240, 120, 180)).save(home.pictures / "pink-cloud.png")
    await asked(phone, "command/ingest", SOURCE)
    told = (await phone.expect("event/ingest", is_finished, after=mark)).json()
    assert (told["added"], told["unchanged"]) == (1, len(SCENES))


async def test_people_say_it_in_their_own_words(household: tuple[Home, Phone]) -> None:
    home, phone = household
    wish = await asked(phone, "command", "Could you show me some snwoy hills, please?")
    assert (wish["verb"], wish["artwork"]["title"]) == ("search", "Snowy Hills")
    assert wish["message"].endswith("I read “snwoy” as “snowy”.")
    there = await asked(phone, "command/say", "green forest in the hall")
    assert (there["display"], there["artwork"]["title"]) == ("hall", "Green Forest")
    liked = await asked(phone, "command", "Das gefällt mir! 👍")
    assert (liked["verb"], home.likes()) == ("like", [wish["artwork"]["id"]])
    said = ["say", "night sky on all displays", "-c", str(home.folder / "glance.toml"), "--json"]
    assert (await terminal(*said))["message"].startswith("On every display: Showing “Night Sky”")
    away = await phone.ask("command", "next on the balcony display")
    assert (away["error"]["code"], "wall, hall" in away["error"]["hint"]) == (
        "unknown_display",
        True,
    )


async def check_picture(phone: Phone, mark: int) -> None:
    """The display's topic holds a whole JPEG of its size, not longer than allowed."""
    message = await phone.expect("display/wall/image", after=mark)
    assert len(message.payload) <= MAXIMUM_BYTES
    with Image.open(io.BytesIO(message.payload)) as picture:
        picture.load()
        assert (picture.format, picture.size, picture.mode) == ("JPEG", SIZE_PX, "RGB")


async def test_the_terminal_talks_to_the_running_program(household: tuple[Home, Phone]) -> None:
    home, phone = household
    config = str(home.folder / "glance.toml")
    status = await terminal("status", "-c", config, "--json")
    assert status["artworks"] == len(SCENES)
    assert status["showing"]["wall"]["id"] == home.showings()[-1]
    found = await terminal("search", "stormy", "sea", "-c", config, "--json")
    best = found["results"][0]["artwork"]["id"]
    mark = len(phone.messages)
    assert (await terminal("show", best, "-c", config, "--json"))["ok"]
    await now_shown(phone, best, after=mark)


async def terminal(*arguments: str) -> dict[str, Any]:
    """What a command of the terminal prints as JSON."""
    command = await Spawned.python("-m", "glance_agent", *arguments)
    assert await command.ended() == 0, command.text
    found: dict[str, Any] = json.loads(command.lines[-1])
    return found


async def test_the_demonstration_plays_to_its_end(tmp_path: Path) -> None:
    demo = await Spawned.python("-m", "glance_agent", "demo", "--out", str(tmp_path))
    assert await demo.ended(patience_seconds=120) == 0, demo.text
    for words in ("search peaceful blue water", "like", "next", "similar", "describe"):
        assert f"glance/command  {words}" in demo.text
    assert "Traceback" not in demo.text
    with Image.open(tmp_path / "contact-sheet.png") as sheet:
        sheet.load()
        assert min(sheet.size) > 300
