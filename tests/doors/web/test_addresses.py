"""Where an address is configured, everything that is told says where it can be seen."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from tests.broker import Broker, free_port
from tests.cli.test_web import said
from tests.doors.web.served import agent_with_pages
from tests.home import Home
from tests.phone import Message, Phone

URL = "https://frame.example.org/glance"


async def test_what_is_published_says_where_its_picture_is(home: Home, broker: Broker) -> None:
    async with (
        Phone(broker.port) as phone,
        agent_with_pages(home, broker.port, free_port(), url=URL) as session,
    ):
        await phone.subscribe("homeassistant/#")
        await phone.publish("command/like", {"artwork": home.work("red")})
        reaction = (await phone.expect("event/reaction")).json()
        answer = (await phone.expect("response")).json()
        hangs = (await phone.expect("display/wall/artwork")).json()
        told = [reaction["artwork"], answer["artwork"], hangs]
        for artwork in told:
            assert artwork["image_url"].startswith(f"{URL}/thumbs/")
            path = urlsplit(artwork["image_url"]).path.removeprefix("/glance")
            async with session.get(path) as picture:
                assert (picture.status, picture.content_type) == (200, "image/jpeg")
                assert (await picture.read()).startswith(b"\xff\xd8")
        instance = home.rows("SELECT value FROM facts WHERE name = 'instance_id'")[0][0]
        device = await phone.at(f"homeassistant/device/glance_{instance}/config")
        assert device.json()["device"]["configuration_url"] == URL


async def test_devices_pull_what_hangs_by_an_address_with_their_token(
    home: Home, broker: Broker
) -> None:
    web = {"token": "the long token of the configuration", "url": URL}

    def is_picture(message: Message) -> bool:
        return message.payload.startswith(b"\xff\xd8")

    async with (
        Phone(broker.port) as phone,
        agent_with_pages(home, broker.port, free_port(), **web) as session,
    ):
        told = said(home.folder / "glance.toml", "token", "e-paper")
        image = await phone.expect("display/wall/image", is_picture)
        path = urlsplit(told["picture"]).path.removeprefix("/glance")
        async with session.get(path) as answer:
            assert (answer.status, await answer.read()) == (200, image.payload)
        async with session.get(path.replace(told["token"], "wrong")) as answer:
            assert answer.status == 401
        async with session.get("/display/wall.jpg") as answer:
            assert answer.status == 401


async def test_a_kiosk_is_found_with_and_without_a_last_slash(home: Home, broker: Broker) -> None:
    async with agent_with_pages(home, broker.port, free_port()) as session:
        for path in ("/kiosk", "/kiosk/", "/kiosk/wall", "/kiosk/wall/"):
            async with session.get(path) as answer:
                assert (answer.status, answer.content_type) == (200, "text/html"), path
                script = re.search(r'src="([^"]+/kiosk\.js)"', await answer.text())
            assert script is not None
            async with session.get(urljoin(path, script[1])) as answer:
                assert answer.status == 200, path
