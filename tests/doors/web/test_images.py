"""Pictures over HTTP: thumbnails that last, the present picture of a display, and no originals."""

from __future__ import annotations

from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest_asyncio
from aiohttp import ClientResponse, ClientSession
from PIL import Image

from tests.broker import Broker, free_port
from tests.doors.web.served import agent_with_pages
from tests.home import Home
from tests.phone import Phone


@pytest_asyncio.fixture
async def session(home: Home, broker: Broker) -> AsyncIterator[ClientSession]:
    """A client of a whole agent, once there is a picture on the wall."""
    async with (
        Phone(broker.port) as phone,
        agent_with_pages(home, broker.port, free_port()) as session,
    ):
        await phone.expect("display/wall/image")
        yield session


async def works(session: ClientSession, **parameters: Any) -> list[dict[str, Any]]:
    async with session.get("/api/artworks", params=parameters) as answer:
        found: list[dict[str, Any]] = (await answer.json())["works"]
        return found


def kept(home: Home) -> list[Path]:
    return [*home.folder.glob("glance.web/thumbs/*.picture")]


async def picture_of(answer: ClientResponse) -> Image.Image:
    assert answer.status == 200, await answer.text()
    return Image.open(BytesIO(await answer.read()))


async def test_a_thumbnail_is_made_kept_and_lasts(session: ClientSession, home: Home) -> None:
    thumb = (await works(session, q="red"))[0]["thumb"]
    for kind, content_type in (("webp", "image/webp"), ("jpg", "image/jpeg")):
        async with session.get(f"/{thumb}-200.{kind}") as answer:
            image = await picture_of(answer)
            assert answer.headers["Content-Type"] == content_type
            assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            tag = answer.headers["ETag"]
        assert image.size == (96, 64), "it is not enlarged"
        red, green, blue = image.convert("RGB").getpixel((48, 40))  # type: ignore[misc]
        assert red > 2 * max(green, blue)
        async with session.get(f"/{thumb}-200.{kind}", headers={"If-None-Match": tag}) as answer:
            assert answer.status == 304
    assert len(kept(home)) == 2


async def test_a_thumbnail_of_another_picture_does_not_last(session: ClientSession) -> None:
    thumb = (await works(session, q="red"))[0]["thumb"]
    other = thumb.rpartition("-")[0] + "-00000000"
    async with session.get(f"/{other}-200.webp") as answer:
        assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-cache")


async def test_what_is_no_picture_is_refused(session: ClientSession) -> None:
    for path in (
        "thumbs/..%2f..%2fglance.db",
        "thumbs/YTox-00000000-200.webp",
        "thumbs/YTox-00000000-999.webp",
        "thumbs/",
        "display/attic.jpg",
        "display/wall.gif",
        "display/..%2fwall.jpg",
    ):
        async with session.get(f"/{path}") as answer:
            assert answer.status == 404, path
            assert not (await answer.json())["ok"]


async def test_the_present_picture_of_a_display(session: ClientSession) -> None:
    async with session.get("/display/wall.jpg") as answer:
        image = await picture_of(answer)
        assert (image.format, image.size) == ("JPEG", (160, 96))
        tag = answer.headers["ETag"]
        assert answer.headers["Cache-Control"] == "no-cache"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    for given, status in ((tag, 304), (f'"other", {tag}', 304), ("*", 304), ('"other"', 200)):
        async with session.get("/display/wall.jpg", headers={"If-None-Match": given}) as answer:
            assert answer.status == status
    async with session.head("/display/wall.jpg") as answer:
        assert (answer.status, answer.headers["ETag"]) == (200, tag)
    async with session.get("/display/wall.png") as answer:
        image = await picture_of(answer)
        assert (image.format, image.size) == ("PNG", (160, 96))
        assert answer.headers["ETag"] != tag


async def test_half_a_size_and_sizes_of_no_screen_are_refused(session: ClientSession) -> None:
    for size in ("w=640", "h=400", "w=63&h=400", "w=640&h=4097", "w=x&h=y", "w=&h="):
        async with session.get(f"/display/wall.jpg?{size}") as answer:
            assert answer.status == 400, size
            assert (await answer.json())["error"]["code"] == "bad_value"
    async with session.get("/display/wall.jpg?w=64&h=64") as answer:
        assert (await picture_of(answer)).size == (64, 64)


async def test_another_picture_has_another_tag(session: ClientSession) -> None:
    tags: list[str] = []
    for words in ("red", "blue"):
        body = {"query": words}
        async with session.post("/api/command/search/wall", json=body) as answer:
            assert answer.status == 200
        tag = await changed(session, tags)
        tags.append(tag)
    assert len(set(tags)) == 2


async def changed(session: ClientSession, before: list[str]) -> str:
    """The tag of the wall's picture once it is another one."""
    while True:
        async with session.get("/display/wall.jpg") as answer:
            if (tag := answer.headers["ETag"]) not in before:
                return tag
