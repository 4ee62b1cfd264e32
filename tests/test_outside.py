"""Pictures from an address that somebody sent, and works that another process brought in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from glance_agent import agent as agent_room
from glance_agent.sources.folder import FolderSource
from glance_agent.sources.web import Web
from glance_agent.wiring import rooms as wired
from tests.home import agent, ingest_all, picture
from tests.sources.fake_museum import Clock, FakeMuseum, jpeg, surroundings

if TYPE_CHECKING:
    from tests.broker import Broker
    from tests.home import Home

LOOPBACK = {"picture_hosts": ["127.0.0.1"]}


@pytest.fixture
def reaching_loopback(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The agent's web client may ask loopback addresses, and waits for nothing."""
    monkeypatch.setattr(
        wired,
        "open_web",
        lambda *_, **__: Web(version="0.0", surroundings=surroundings(Clock(), tmp_path / "web")),
    )


@pytest.mark.usefixtures("reaching_loopback")
async def test_a_picture_from_an_allowed_host_is_shown_and_never_chosen(
    broker: Broker, home: Home
) -> None:
    from tests.phone import Phone

    museum = FakeMuseum()
    await museum.start()
    url = museum.picture("/art/quiet-water.jpg", jpeg())
    try:
        async with Phone(broker.port) as phone, agent(home.config(broker.port, fetching=LOOPBACK)):
            await phone.expect("display/wall/image")
            reply = await phone.ask("command/show", {"image_url": url, "transaction": 1})
            assert reply["ok"], reply["message"]
            assert reply["artwork"]["title"] == "Quiet water"
            work = reply["artwork"]["id"]
            await phone.expect("display/wall/artwork", lambda m: m.json()["id"] == work)
            found = await phone.ask("command/search", {"image_url": url, "transaction": 2})
            assert found["ok"], found["message"]
            assert work not in [result["artwork"]["id"] for result in found["results"]]
    finally:
        await museum.close()
    sql = "SELECT hidden, on_request FROM artworks WHERE id = ?"
    assert home.rows(sql, work) == [(0, 1)]


@pytest.mark.usefixtures("reaching_loopback")
@pytest.mark.parametrize("path", ["/page.html", "/none.jpg"])
async def test_what_is_no_picture_is_answered(broker: Broker, home: Home, path: str) -> None:
    from tests.phone import Phone

    museum = FakeMuseum()
    await museum.start()
    museum.body("/page.html", b"<!doctype html><p>No picture here", "text/html")
    try:
        async with Phone(broker.port) as phone, agent(home.config(broker.port, fetching=LOOPBACK)):
            await phone.expect("display/wall/image")
            ask = {"image_url": museum.base + path, "transaction": 1}
            reply = await phone.ask("command/show", ask)
    finally:
        await museum.close()
    assert not reply["ok"]
    assert reply["error"]["code"] == "picture_unreadable"
    assert reply["error"]["hint"]


async def test_no_host_is_allowed_unless_configured(broker: Broker, home: Home) -> None:
    from tests.phone import Phone

    async with Phone(broker.port) as phone, agent(home.config(broker.port)):
        await phone.expect("display/wall/image")
        ask = {"image_url": "http://169.254.169.254/latest", "transaction": 1}
        reply = await phone.ask("command/show", ask)
    assert reply["error"]["code"] == "url_refused"
    assert reply["error"]["hint"] == (
        "169.254.169.254 is not among the allowed hosts and was not asked. "
        "Allowed hosts are in fetching.picture_hosts."
    )


async def test_a_running_agent_takes_up_what_another_process_brings(
    broker: Broker, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.phone import Phone

    monkeypatch.setattr(agent_room, "CATCH_UP_SECONDS", 0.05)
    later = tmp_path / "later"
    later.mkdir()
    (later / "newcomer.png").write_bytes(picture("blue", number=99))
    async with Phone(broker.port) as phone, agent(home.config(broker.port)):
        await phone.expect("display/wall/image")
        before = (await phone.expect("agent", lambda m: m.json()["embedded"] > 0)).json()
        mark = len(phone.messages)
        await ingest_all(home.database, FolderSource("later", later))
        after = await phone.expect(
            "agent", lambda m: m.json()["embedded"] == before["embedded"] + 1, after=mark
        )
    assert after.json()["artworks"] == before["artworks"] + 1
