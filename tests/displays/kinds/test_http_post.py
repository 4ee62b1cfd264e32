"""Pictures by POST and PUT, against a device that refuses what it cannot show."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pydantic import ValidationError

from glance_agent.config.load import load
from glance_agent.displays.kinds.http_post import HttpPostDisplay, HttpPostDisplaySettings
from glance_agent.displays.memory import DisplayMemory
from glance_agent.domain.errors import DisplayError
from glance_agent.domain.frame import Frame
from glance_agent.pictures.rendering.encoding import encoded
from tests.broker import Broker, free_port
from tests.displays.devices.uploads import PictureDevice, is_plain
from tests.home import Home, agent
from tests.phone import Phone

SIZE = (160, 96)
SECRET = "a-long-secret-of-ours"


def display(device: PictureDevice, **changes: Any) -> HttpPostDisplay:
    size = {"width_px": SIZE[0], "height_px": SIZE[1]}
    told = {"kind": "http-post", "name": "hall", "url": device.url, **size, **changes}
    return HttpPostDisplay(HttpPostDisplaySettings.model_validate(told))


def picture(made: HttpPostDisplay, colour: tuple[int, int, int] = (200, 30, 30)) -> Frame:
    return encoded(Image.new("RGB", SIZE, colour), made.settings.profile(10**7))


async def refused(made: HttpPostDisplay, frame: Frame | None = None) -> DisplayError:
    with pytest.raises(DisplayError) as error:
        await made.hang(frame or picture(made))
    return error.value


# -- the fake ------------------------------------------------------------------------------------


def test_the_fake_refuses_what_small_devices_cannot_read() -> None:
    def jpeg(**encoding: Any) -> bytes:
        return picture(display(PictureDevice(port=1), **encoding)).data

    assert is_plain(jpeg(), "image/jpeg", SIZE)
    assert not is_plain(jpeg(progressive=True), "image/jpeg", SIZE)
    assert not is_plain(jpeg(), "image/png", SIZE)
    assert not is_plain(jpeg(), "image/jpeg", (96, 160))
    assert not is_plain(b"a picture", "image/jpeg", SIZE)


# -- what is sent --------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize("panel", ["lcd", "mono"])
@pytest.mark.parametrize("encoding", ["auto", "bmp"])
async def test_a_picture_is_all_that_is_sent(method: str, panel: str, encoding: str) -> None:
    async with PictureDevice(method=method).on() as device:
        made = display(device, method=method, panel=panel, encoding=encoding)
        frame = picture(made)
        await made.hang(frame)
        assert device.shown == [frame.data]


async def test_a_form_has_it_in_its_field() -> None:
    async with PictureDevice(form="photo[1]").on() as device:
        made = display(device, field="photo[1]")
        frame = picture(made)
        await made.hang(frame)
        assert (device.shown, device.names) == ([frame.data], ["hall.jpg"])
        assert "takes no pictures of this kind" in str(await refused(display(device)))
        assert "no pictures of this kind" in str(await refused(display(device, field="other")))


async def test_headers_are_sent_and_said_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with PictureDevice(token=SECRET).on() as device:
        url = f"{device.url}?key={SECRET}"
        made = display(device, url=url, headers={"authorization": f"Bearer {SECRET}"})
        await made.hang(picture(made))
        assert len(device.shown) == 1
        device.token = "another"
        error = await refused(made)
        found = await made.examine()
    gone = await refused(made)
    said = [str(error), error.hint, error.detail, str(found), str(gone), gone.detail, caplog.text]
    assert SECRET not in "".join([*said, repr(made.settings)])
    assert found is not None
    assert not found.ok


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (401, "let the agent in"),
        (404, "nothing takes pictures"),
        (405, "in this way"),
        (413, "too large"),
        (507, "no room"),
        (302, "leads to another one"),
        (304, "leads to another one"),
        (429, r"refuses the picture \(429\)"),
        (500, r"refuses the picture \(500\)"),
    ],
)
async def test_what_a_device_refuses_is_said_in_a_sentence(status: int, why: str) -> None:
    async with PictureDevice().on() as elsewhere, PictureDevice(status=status).on() as device:
        device.location = elsewhere.url
        made = display(device)
        with pytest.raises(DisplayError, match=why):
            await made.hang(picture(made))
        assert elsewhere.asked == []
        device.status, device.location = 0, ""
        await made.hang(picture(made))
        assert len(device.shown) == 1


async def test_who_is_away_or_no_device_is_said_too() -> None:
    away = display(PictureDevice(port=free_port()))
    assert "cannot be reached" in str(await refused(away))

    async def garbage(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"\xff\xfe no http\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(garbage, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        assert "broke off" in str(await refused(display(PictureDevice(port=port))))


@pytest.mark.parametrize(("panel", "times"), [("lcd", 2), ("mono", 1)])
async def test_paper_is_not_drawn_twice_after_a_restart(
    tmp_path: Path, panel: str, times: int
) -> None:
    async with PictureDevice().on() as device:
        for _ in range(2):
            made = display(device, panel=panel)
            made.memory = DisplayMemory(tmp_path / "hall.json")
            await made.hang(picture(made))
        assert len(device.shown) == times
        device.path = "/elsewhere"  # another device is another panel
        made = display(device, panel=panel)
        made.memory = DisplayMemory(tmp_path / "hall.json")
        await made.hang(picture(made))
        await made.hang(picture(made, (0, 0, 0)))
        assert len(device.shown) == times + 2


async def test_an_examination_sends_no_picture() -> None:
    async with PictureDevice().on() as device:
        found = await display(device).examine()
        assert found == (True, f"127.0.0.1:{device.port} answers")
        assert (device.asked, device.shown) == ([f"HEAD {device.path}"], [])
    found = await display(device).examine()
    assert found is not None
    assert not found.ok


# -- settings ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"url": "ftp://frame/"}, "no web address"),
        ({"url": "http://me:secret@frame/"}, "cannot hold a user name"),
        ({"method": "GET"}, "POST"),
        ({"field": 'a"b'}, "pattern"),
        ({"field": "a\r\nb"}, "pattern"),
        ({"headers": {"Host": "x"}}, "no header that can be set"),
        ({"headers": {"content-length": "1"}}, "no header that can be set"),
        ({"headers": {"A b": "x"}}, "“A b” is no header that can be set"),
        ({"headers": {"": "x"}}, "no header that can be set"),
        ({"headers": {"A": "x\r\nB: y"}}, "what no header can"),
        ({"headers": {"A": "x", "a": "y"}}, "twice"),
        ({"headers": {f"A{n}": "x" for n in range(21)}}, "at most 20"),
    ],
)
def test_impossible_settings_are_refused_in_a_sentence(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said) as refused:
        display(PictureDevice(port=1), **wrong)
    assert "x\r\nB: y" not in str(refused.value)


# -- with a whole agent --------------------------------------------------------------------------


async def test_the_device_holds_what_is_published_also_once_it_is_back(
    home: Home, broker: Broker
) -> None:
    device = PictureDevice(port=free_port(), token=SECRET)
    headers = {"Authorization": f"Bearer {SECRET}"}
    table: dict[str, Any] = {"kind": "http-post", "url": device.url}
    path = home.toml(broker.port, hall=table)
    text = path.read_text(encoding="utf-8")
    added = f'headers = {{Authorization = "{headers["Authorization"]}"}}'
    path.write_text(text.replace('kind = "http-post"', f'kind = "http-post"\n{added}'), "utf-8")
    async with Phone(broker.port) as phone, agent(load(path, {})):
        error = (await phone.expect("error")).json()
        assert (error["code"], error["display"]) == ("not_shown", "hall")
        async with device.on():
            mark = len(phone.messages)
            await phone.ask("command/show/hall", home.work("red"))
            red = (await phone.expect("display/hall/image", after=mark)).payload
            await device.until_shown(red)
        assert len(phone.heard("error")) == 1
        assert all(SECRET.encode() not in message.payload for message in phone.messages)
