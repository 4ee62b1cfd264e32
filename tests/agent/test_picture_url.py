"""Pictures from an address that somebody sent, and works that another process brought in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from glance_agent.agent import source_runs
from glance_agent.sources import picture_url as outside
from glance_agent.sources.folders.folder import FolderSource
from glance_agent.sources.web.web import Web
from glance_agent.wiring import rooms as wired
from tests.home import agent, ingest_all, picture
from tests.in_process import header_of
from tests.sources.fake_museum import Clock, FakeMuseum, jpeg, surroundings

if TYPE_CHECKING:
    from tests.broker import Broker
    from tests.home import Home
    from tests.phone import Phone

LOOPBACK = {"picture_hosts": ["127.0.0.1"]}


@pytest.fixture
def reaching_loopback(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The agent's web client may ask loopback addresses, and waits for nothing."""
    monkeypatch.setattr(
        wired,
        "open_web",
        lambda *_, **__: Web(version="0.0", surroundings=surroundings(Clock(), tmp_path / "web")),
    )


@pytest.fixture
async def museum() -> AsyncIterator[FakeMuseum]:
    found = FakeMuseum()
    await found.start()
    yield found
    await found.close()


@pytest.fixture
async def phone(broker: Broker) -> AsyncIterator[Phone]:
    from tests.phone import Phone

    async with Phone(broker.port) as found:
        yield found


class Silence:
    """A host that takes requests and says nothing, until the test lets it send a picture."""

    def __init__(self, museum: FakeMuseum, path: str) -> None:
        self.url = museum.base + path
        self.asked = asyncio.Event()
        self.broken = asyncio.Event()
        museum.on(path, self._answer)

    async def _answer(self, _: web.Request) -> web.Response:
        self.asked.set()
        await self.broken.wait()
        return web.Response(body=jpeg(), content_type="image/jpeg")


@pytest.mark.usefixtures("reaching_loopback")
async def test_a_picture_from_an_allowed_host_is_shown_and_never_chosen(
    broker: Broker, home: Home, museum: FakeMuseum, phone: Phone
) -> None:
    url = museum.picture("/art/quiet-water.jpg", jpeg())
    async with agent(home.config(broker.port, fetching=LOOPBACK)):
        await phone.expect("display/wall/image")
        reply = await phone.ask("command/show", {"image_url": url, "transaction": 1})
        assert reply["ok"], reply["message"]
        assert reply["artwork"]["title"] == "Quiet water"
        work = reply["artwork"]["id"]
        await phone.expect("display/wall/artwork", lambda m: m.json()["id"] == work)
        found = await phone.ask("command/search", {"image_url": url, "transaction": 2})
        assert found["ok"], found["message"]
        assert work not in [result["artwork"]["id"] for result in found["results"]]
    sql = "SELECT hidden, on_request FROM artworks WHERE id = ?"
    assert home.rows(sql, work) == [(0, 1)]


@pytest.mark.usefixtures("reaching_loopback")
@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("/page.html", "Send the address of a JPEG, PNG or WebP."),
        ("/none.jpg", "Check the address, or try again later."),
        ("/broken.jpg", "It did not answer in time, or with an error: try again later."),
    ],
)
async def test_a_picture_that_does_not_come_is_told_and_asked_for_once(
    broker: Broker, home: Home, museum: FakeMuseum, phone: Phone, path: str, hint: str
) -> None:
    museum.body("/page.html", b"<!doctype html><p>No picture here", "text/html")
    museum.body("/broken.jpg", b"", "text/plain", status=500)
    async with agent(home.config(broker.port, fetching=LOOPBACK)):
        await phone.expect("display/wall/image")
        ask = {"image_url": museum.base + path, "transaction": 1}
        reply = await phone.ask("command/show", ask)
        assert (reply["error"]["code"], reply["error"]["hint"]) == ("picture_unreadable", hint)
        assert museum.paths[path] == 1
        museum.picture(path)
        again = await phone.ask("command/show", {**ask, "transaction": 2})
        assert again["ok"], again["error"]


@pytest.mark.usefixtures("reaching_loopback")
async def test_a_silent_host_is_given_up(
    broker: Broker,
    home: Home,
    museum: FakeMuseum,
    phone: Phone,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outside, "PATIENCE_SECONDS", 0.1)
    silence = Silence(museum, "/silent.jpg")
    async with agent(home.config(broker.port, fetching=LOOPBACK)):
        await phone.expect("display/wall/image")
        for number in range(3):
            ask = {"image_url": silence.url, "transaction": number}
            reply = await phone.ask("command/show", ask)
            assert reply["error"]["code"] == "picture_unreadable"
        assert reply["error"]["message"] == "The picture cannot be fetched now."
        assert "did not answer within 0.1 s" in reply["error"]["hint"]
        assert museum.paths["/silent.jpg"] == 3


@pytest.mark.usefixtures("reaching_loopback")
async def test_commands_overtake_a_picture_that_is_awaited_but_none_for_its_display(
    broker: Broker, home: Home, museum: FakeMuseum, phone: Phone
) -> None:
    silence = Silence(museum, "/slow.jpg")
    async with agent(home.config(broker.port, fetching=LOOPBACK)):
        before = (await phone.expect("display/wall/artwork")).json()["id"]
        mark = len(phone.messages)
        await phone.publish("command/show/wall", {"image_url": silence.url, "transaction": 1})
        await silence.asked.wait()
        await phone.publish("command/next/wall", {"transaction": 2})
        described = await phone.ask("command/describe", {"transaction": 3})
        assert described["artwork"]["id"] == before
        assert (await phone.ask("command/next/hall", {"transaction": 4}))["ok"]
        silence.broken.set()
        answers = [m.json() for m in await phone.several(4, "response", after=mark)]
    assert [answer["transaction"] for answer in answers] == [3, 4, 1, 2]
    assert [answer["ok"] for answer in answers] == [True] * 4
    assert home.showings("wall")[-2:] == [a["artwork"]["id"] for a in answers[2:]]


@pytest.mark.usefixtures("reaching_loopback")
async def test_an_awaited_picture_and_what_overtook_it_survive_a_restart(
    broker: Broker, home: Home, museum: FakeMuseum, phone: Phone
) -> None:
    silence = Silence(museum, "/slow.jpg")
    config = home.config(broker.port, fetching=LOOPBACK)
    async with agent(config):
        await phone.expect("display/wall/image")
        await phone.publish("command/show", {"image_url": silence.url, "transaction": 1})
        await silence.asked.wait()
        assert (await phone.ask("command/next/hall", {"transaction": 2}))["ok"]
    shown = home.showings("hall")
    silence.broken.set()
    mark = len(phone.messages)
    async with agent(config):
        await phone.several(2, "response", after=mark)
    replies = [m.json() for m in phone.heard("response", after=mark)]
    assert {(r["transaction"], r["ok"]) for r in replies} == {(1, True), (2, True)}
    assert home.showings("hall") == shown


def _refusals() -> list[tuple[dict[str, Any], str, str]]:
    listed = {"picture_hosts": ["museum.example", "127.0.0.1"]}
    unlisted = "is not among the allowed hosts and was not asked. "
    return [
        ({}, "http://169.254.169.254/latest", f"169.254.169.254 {unlisted}"
         "Allowed hosts are in fetching.picture_hosts."),
        ({}, f"http://{'a' * 90}.example/", f"{'a' * 62}… {unlisted}"
         "Allowed hosts are in fetching.picture_hosts."),
        (listed, "http://127.0.0.1/x", "127.0.0.1 is a private address: those are never asked."),
        (listed, "http://[::1/x", "The address is not valid and was not asked."),
        (listed, "http://user@museum.example/x",
         "Addresses with a user name or a password are not asked."),
    ]  # fmt: skip


@pytest.mark.parametrize(("fetching", "url", "hint"), _refusals())
@pytest.mark.parametrize("verb", ["show", "search"])
async def test_what_may_not_be_asked_is_refused(
    broker: Broker,
    home: Home,
    phone: Phone,
    verb: str,
    fetching: dict[str, Any],
    url: str,
    hint: str,
) -> None:
    async with agent(home.config(broker.port, fetching=fetching)):
        await phone.expect("status", lambda m: m.payload == b"online")
        reply = await phone.ask(f"command/{verb}", {"image_url": url, "transaction": 1})
    assert (reply["error"]["code"], reply["error"]["hint"]) == ("url_refused", hint)


@pytest.mark.usefixtures("reaching_loopback")
async def test_a_picture_that_leads_elsewhere_is_refused_each_time(
    broker: Broker, home: Home, museum: FakeMuseum, phone: Phone
) -> None:
    museum.body("/x.jpg", b"", "text/plain", 302, Location="http://evil.example/x.jpg")
    museum.body("/y.jpg", b"", "text/plain", 302, Location="http://[::1")
    async with agent(home.config(broker.port, fetching=LOOPBACK)):
        await phone.expect("status", lambda m: m.payload == b"online")
        for number, path in enumerate(["/x.jpg", "/x.jpg", "/y.jpg"]):
            ask = {"image_url": museum.base + path, "transaction": number}
            reply = await phone.ask("command/show", ask)
            assert reply["error"]["code"] == "url_refused"
        assert "redirects to an address that is not valid" in reply["error"]["hint"]
        museum.picture("/x.jpg")
        ask = {"image_url": museum.base + "/x.jpg", "transaction": 9}
        assert (await phone.ask("command/show", ask))["ok"]


async def test_a_running_agent_takes_up_what_another_process_brings(
    broker: Broker, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.phone import Phone

    monkeypatch.setattr(source_runs, "CATCH_UP_SECONDS", 0.05)
    later = tmp_path / "later"
    later.mkdir()
    (later / "newcomer.png").write_bytes(picture("blue", number=99))
    async with Phone(broker.port) as phone, agent(home.config(broker.port)):
        await phone.expect("display/wall/image")
        before = (await phone.expect("agent", lambda m: m.json()["embedded"] > 0)).json()
        mark = len(phone.messages)
        await ingest_all(home.database, FolderSource("later", later, header_of))
        after = await phone.expect(
            "agent", lambda m: m.json()["embedded"] == before["embedded"] + 1, after=mark
        )
    assert after.json()["artworks"] == before["artworks"] + 1
