"""Pictures by WebDAV, against a server that refuses what real ones do."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from glance_agent.displays.kinds.webdav import WebdavDisplay, WebdavDisplaySettings
from glance_agent.displays.memory import DisplayMemory
from glance_agent.domain.errors import DisplayError
from glance_agent.domain.frame import Frame
from tests.broker import Broker, free_port
from tests.displays.devices.webdav import WebdavServer
from tests.home import Home, agent
from tests.phone import Phone

SECRET = "a-long-secret-of-ours"
FILE = "hall.jpg"


@pytest.fixture
def memory(tmp_path: Path) -> DisplayMemory:
    return DisplayMemory(tmp_path / "glance.display-hall.json")


@pytest.fixture
def password(tmp_path: Path) -> Path:
    file = tmp_path / "password"
    file.write_text(f"{SECRET}\n", encoding="utf-8")
    return file


def display(server: WebdavServer, memory: DisplayMemory, **changes: Any) -> WebdavDisplay:
    told = {"kind": "webdav", "name": "hall", "url": server.url, **changes}
    made = WebdavDisplay(WebdavDisplaySettings.model_validate(told))
    made.memory = memory
    return made


def picture(data: bytes) -> Frame:
    return Frame(data, "image/jpeg", 4, 3)


async def refused(made: WebdavDisplay, data: bytes = b"picture") -> DisplayError:
    with pytest.raises(DisplayError) as error:
        await made.hang(picture(data))
    return error.value


async def test_the_file_is_the_newest_picture_also_after_a_restart(memory: DisplayMemory) -> None:
    async with WebdavServer().on() as server:
        made = display(server, memory)
        for data in (b"one", b"two", b"one"):
            await made.hang(picture(data))
            assert server.files == {FILE: data}
        await display(server, memory).hang(picture(b"three"))
        assert server.files == {FILE: b"three"}
        del server.files[FILE]  # somebody has tidied up
        await made.hang(picture(b"three"))
        assert server.files == {FILE: b"three"}


async def test_what_is_there_already_is_not_written_again(memory: DisplayMemory) -> None:
    async with WebdavServer().on() as server:
        for _ in range(2):
            await display(server, memory).hang(picture(b"one"))
        assert [asked.split()[0] for asked in server.asked] == ["GET", "PUT", "GET"]


@pytest.mark.parametrize("theirs", [b"", b"a photo of the family", b"x" * 11_000_000])
async def test_a_file_of_somebody_elses_stays(memory: DisplayMemory, theirs: bytes) -> None:
    async with WebdavServer(files={FILE: theirs}).on() as server:
        made = display(server, memory)
        assert "another file has its name" in str(await refused(made))
        del server.files[FILE]
        await made.hang(picture(b"one"))
        server.files[FILE] = theirs  # and where they changed ours
        assert "another file has its name" in str(await refused(made, b"two"))
        assert "another file has its name" in str(await refused(display(server, memory), b"one"))
        assert server.files == {FILE: theirs}


async def test_an_upload_that_was_broken_off_is_ours_still(memory: DisplayMemory) -> None:
    async with WebdavServer().on() as server:
        made = display(server, memory)
        await made.hang(picture(b"one"))
        server.locked = True
        for data in (b"two", b"three", b"four", b"five"):
            await refused(made, data)
        server.locked = False
        await display(server, memory).hang(picture(b"six"))
        assert server.files == {FILE: b"six"}


async def test_without_a_record_nothing_is_written(tmp_path: Path) -> None:
    async with WebdavServer().on() as server:
        made = display(server, DisplayMemory(tmp_path / "gone" / "record.json"))
        assert "cannot be remembered" in str(await refused(made))
        assert server.files == {}


async def test_the_password_opens_and_is_said_nowhere(
    memory: DisplayMemory, password: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with WebdavServer(user="frame é", password=SECRET).on() as server:
        made = display(server, memory, user="frame é", password_file=str(password))
        await made.hang(picture(b"one"))
        assert server.files == {FILE: b"one"}
        server.password = "another"
        error = await refused(made)
        found = await made.examine()
    assert "does not let the agent in" in str(error)
    assert found is not None
    assert not found.ok
    said = [str(error), error.hint, error.detail, str(found), repr(made.settings), caplog.text]
    assert SECRET not in "".join(said)


async def test_the_password_is_shown_as_a_digest_where_the_server_takes_that(
    memory: DisplayMemory, password: Path
) -> None:
    async with WebdavServer(user="frame", password=SECRET, digest=True).on() as server:
        made = display(server, memory, user="frame", password_file=str(password))
        for data in (b"one", b"two"):
            await made.hang(picture(data))
            assert server.files == {FILE: data}
        found = await display(server, memory, user="frame", password_file=str(password)).examine()
        assert found is not None
        assert found.ok
        server.password = "another"
        assert "does not let the agent in" in str(await refused(made))


async def test_a_password_that_cannot_be_read_is_said(
    memory: DisplayMemory, tmp_path: Path
) -> None:
    server = WebdavServer(port=free_port())
    error = await refused(display(server, memory, user="f", password_file=str(tmp_path / "none")))
    assert "password cannot be read" in str(error)
    assert str(tmp_path) not in str(error) + error.hint


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (401, "let the agent in"),
        (403, "let the agent in"),
        (405, "nothing can be written"),
        (409, "folder is not there"),
        (423, "locked"),
        (507, "no room"),
        (301, "leads to another one"),
        (500, r"refuses the picture \(500\)"),
    ],
)
async def test_what_a_server_refuses_is_said_in_a_sentence(
    memory: DisplayMemory, status: int, why: str
) -> None:
    async with WebdavServer().on() as elsewhere, WebdavServer(status=status).on() as server:
        server.location = elsewhere.url
        made = display(server, memory)
        with pytest.raises(DisplayError, match=why):
            await made.hang(picture(b"one"))
        found = await made.examine()
        assert found is not None
        assert not found.ok
        assert elsewhere.asked == []


async def test_a_folder_that_is_full_or_not_there_is_said(memory: DisplayMemory) -> None:
    async with WebdavServer(room=10).on() as server:
        assert "no room" in str(await refused(display(server, memory), b"x" * 11))
        elsewhere = display(server, memory, url=server.url.replace("frame", "gone"))
        assert "folder is not there" in str(await refused(elsewhere))
    assert "cannot be reached" in str(await refused(display(server, memory)))


@pytest.mark.parametrize("slash", ["", "/"])
async def test_an_examination_writes_nothing(memory: DisplayMemory, slash: str) -> None:
    async with WebdavServer().on() as server:
        url = server.url.rstrip("/") + slash
        found = await display(server, memory, url=url).examine()
        assert found == (True, f"the folder at 127.0.0.1:{server.port} answers")
        assert server.asked == ["PROPFIND /dav/frame/"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"user": "frame"}, "belong together"),
        ({"password_file": "p"}, "belong together"),
        ({"user": "a:b", "password_file": "p"}, "pattern"),
        ({"url": "http://nas/dav?a=b"}, "without"),
        ({"url": "davs://nas/"}, "no web address"),
    ],
)
def test_impossible_settings_are_refused_in_a_sentence(
    memory: DisplayMemory, wrong: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        display(WebdavServer(port=1), memory, **wrong)


async def test_the_server_holds_what_is_published_also_once_it_is_back(
    home: Home, broker: Broker, password: Path
) -> None:
    server = WebdavServer(port=free_port(), user="frame", password=SECRET)
    table = {"kind": "webdav", "url": server.url, "user": "frame", "password_file": str(password)}
    config = home.config(broker.port, hall=table)
    async with Phone(broker.port) as phone, agent(config):
        error = (await phone.expect("error")).json()
        assert (error["code"], error["display"]) == ("not_shown", "hall")
        async with server.on():
            mark = len(phone.messages)
            await phone.ask("command/show/hall", home.work("red"))
            red = (await phone.expect("display/hall/image", after=mark)).payload
            await server.until_it_has(FILE, red)
        assert len(phone.heard("error")) == 1
