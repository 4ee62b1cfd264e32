"""A TRMNL and its server, over real HTTP: a key, pictures that it draws, and a long sleep."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from pydantic import ValidationError

from glance_agent.displays.kinds.trmnl import TrmnlDisplay, TrmnlDisplaySettings
from glance_agent.displays.pull import Moment
from glance_agent.domain.device import DeviceReport
from glance_agent.domain.device_http import DeviceAnswer, DeviceRequest
from glance_agent.domain.display import Glance, ShownArtwork, TimedSettings
from glance_agent.domain.frame import Frame
from glance_agent.domain.panel import PanelProfile
from glance_agent.pictures.rendering.encoding import encoded
from tests.broker import Broker, free_port
from tests.displays.devices.household import agent_for_devices, hang, quiet_now
from tests.displays.devices.trmnl import Refused, Trmnl, check_name, check_picture
from tests.home import Home
from tests.homeassistant.rendering import state
from tests.phone import Phone
from tests.spawned import PATIENCE_SECONDS

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
MAC = "aa:bb:cc:dd:ee:ff"
WALL: dict[str, Any] = {
    "kind": "trmnl",
    "device": MAC,
    "width_px": 800,
    "height_px": 480,
    "max_image_bytes": 90_000,
    "min_interval_seconds": 0,
}


def settings(**changes: Any) -> TrmnlDisplaySettings:
    return TrmnlDisplaySettings(kind="trmnl", name="wall", device=MAC, **changes)


def rendered(profile: PanelProfile, colour: int = 128) -> Frame:
    size = profile.size_px
    slope = Image.radial_gradient("L").resize(size).point(lambda value: (value + colour) % 256)
    return encoded(slope.convert("RGB"), profile)


def moment(frame: Frame | None, *, shown_at: datetime = NOW, **settings: Any) -> Moment:
    artwork = ShownArtwork(id="a:1")
    glance = Glance(display="wall", artwork=artwork, shown_at=shown_at, why="", position=1)
    return Moment(NOW, frame, glance, TimedSettings(**settings), key="0123456789abcdef")


def told(answer: DeviceAnswer) -> Any:
    return json.loads(answer.body)


async def shown(display: TrmnlDisplay, now: Moment, **headers: str) -> DeviceAnswer:
    key = told(await display.set_up(DeviceRequest(), now))["api_key"]
    asked = {"id": MAC, "access-token": key, **headers}
    return await display.show(DeviceRequest(asked, base_url="http://pi:3000"), now)


# -- the fake --------------------------------------------------------------------------------------


def bmp(size: tuple[int, int] = (800, 480), mode: str = "1") -> bytes:
    out = BytesIO()
    Image.new(mode, size).save(out, "BMP")
    return out.getvalue()


def png(size: tuple[int, int] = (800, 480), mode: str = "1") -> bytes:
    out = BytesIO()
    Image.new(mode, size).save(out, "PNG")
    return out.getvalue()


def test_the_fake_draws_what_the_firmware_draws() -> None:
    for data in (bmp(), png(), png(mode="L")):
        check_picture(data, (800, 480))
    check_name("0123456789ab-0123456789012345")


@pytest.mark.parametrize(
    "data",
    [
        bmp() + b"\0\0",  # 48,064 bytes
        bmp()[:46] + b"\0\0\0\0" + bmp()[50:],  # no colours declared
        bmp((480, 800)),
        bmp(mode="L"),
        png((640, 384)),
        png(mode="RGB"),
        png()[:60],
        png() + b"\0" * 90_000,
        b"\xff\xd8\xff",
        b"",
    ],
)
def test_the_fake_refuses_what_the_firmware_refuses(data: bytes) -> None:
    with pytest.raises((Refused, OSError)):
        check_picture(data, (800, 480))


@pytest.mark.parametrize("name", ["", "wall.bmp", "0123456789", "0123456789ab-abcd", "a" * 30])
def test_the_fake_refuses_a_name_by_which_nothing_is_kept(name: str) -> None:
    with pytest.raises(Refused):
        check_name(name)


# -- what is told ----------------------------------------------------------------------------------


async def test_a_picture_has_one_name_as_long_as_it_hangs() -> None:
    display, profile = TrmnlDisplay(settings()), settings().profile(10**7)
    one, two = rendered(profile), rendered(profile, 7)
    first = told(await shown(display, moment(one)))
    assert first["status"] == 0
    check_name(first["filename"])
    after_restart = TrmnlDisplay(settings())
    assert told(await shown(after_restart, moment(one)))["filename"] == first["filename"]
    later = told(await shown(display, moment(two, shown_at=NOW + timedelta(minutes=5))))
    assert later["filename"] != first["filename"]
    assert later["filename"][:13] == first["filename"][:13]


async def test_what_the_device_says_is_reported(caplog: pytest.LogCaptureFixture) -> None:
    display, heard = TrmnlDisplay(settings()), list[DeviceReport]()
    display.report = heard.append
    headers = {"battery-voltage": "3.7", "rssi": "-61", "fw-version": "1.8", "model": "og"}
    size = {"width": "1872", "height": "1404"}
    await shown(display, moment(rendered(settings().profile(10**7))), **headers, **size)
    assert (heard[0].voltage, heard[0].signal, heard[0].firmware) == (3.7, -61, "1.8")
    assert heard[0].interval_seconds == 900
    assert "1872 x 1404" in caplog.text
    await shown(display, moment(None), **{"percent-charged": "81"})
    assert heard[1].battery == 81
    for garbage in ("nan", "-1", "9" * 90, "\x00", "{}", ""):
        wrong = dict.fromkeys(("battery-voltage", "rssi", "width", "percent-charged"), garbage)
        assert (await shown(display, moment(None), **wrong)).status == 503
        assert (heard[-1].voltage, heard[-1].width, heard[-1].battery) == (None, None, None)


async def test_a_wrong_key_is_told_so_and_never_resets_the_device() -> None:
    display, now = TrmnlDisplay(settings()), moment(rendered(settings().profile(10**7)))
    for wrong in ("", "x", "é", "0" * 32):
        for ask in (display.show, display.log):
            answer = await ask(DeviceRequest({"id": MAC, "access-token": wrong}), now)
            assert (answer.status, told(answer)["status"]) == (401, 401)
    url = told(await shown(display, now))["image_url"]
    *_, proof, file = url.split("/")
    for parts in ({"proof": "0" * 32, "file": file}, {"proof": proof, "file": "other.bmp"}):
        assert (await display.picture(DeviceRequest(parts=parts), now)).status == 401


async def test_the_picture_before_can_still_be_fetched() -> None:
    display, profile = TrmnlDisplay(settings()), settings().profile(10**7)
    one, two = rendered(profile), rendered(profile, 7)
    url = told(await shown(display, moment(one)))["image_url"]
    later = moment(two, shown_at=NOW + timedelta(minutes=5))
    await shown(display, later)
    parts = dict(zip(("proof", "file"), url.split("/")[-2:], strict=True))
    assert (await display.picture(DeviceRequest(parts=parts), later)).body == one.data
    gone = await TrmnlDisplay(settings()).picture(DeviceRequest(parts=parts), later)
    assert gone.status == 404


async def test_a_picture_that_the_broker_made_small_is_not_given() -> None:
    small = Frame(bmp((400, 240)), "image/bmp", 400, 240)
    assert (await shown(TrmnlDisplay(settings()), moment(small))).status == 503


async def test_logs_of_both_forms_are_read_and_garbage_is_not(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    display = TrmnlDisplay(settings(token="t" * 20))
    for body in (
        b'{"logs": [{"message": "cold\\nforged line"}]}',
        b'{"log": {"logs_array": [{"log_message": "old"}]}}',
        b'{"logs": 5}',
        b'{"log": [[]]}',
        b"[" * 5000,
        b"\xff",
        b"",
    ):
        asked = DeviceRequest({"id": MAC, "access-token": "t" * 20}, body=body)
        assert (await display.log(asked, moment(None))).status == 204
    said = [record.getMessage() for record in caplog.records]
    assert said == [
        "the device of wall says: cold forged line",
        "the device of wall says: old",
    ]


@pytest.mark.parametrize(
    ("profile", "content_type"),
    [
        ({}, "image/bmp"),
        ({"width_px": 480, "height_px": 800, "rotation": 90}, "image/bmp"),
        ({"panel": "grey4"}, "image/png"),
        ({"panel": "grey16", "width_px": 1872, "height_px": 1404}, "image/png"),
        ({"panel": "grey", "width_px": 600, "height_px": 800}, "image/png"),
        ({"encoding": "png"}, "image/png"),
    ],
)
def test_every_profile_gives_what_the_device_draws(
    profile: dict[str, Any], content_type: str
) -> None:
    made = settings(**profile)
    frame = rendered(made.profile(10**7))
    assert frame.content_type == content_type
    assert (frame.width_px, frame.height_px) == made.sent_px or made.rotation
    if not made.rotation:
        check_picture(frame.data, made.sent_px)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"panel": "spectra6"}, "black, white and greys"),
        ({"panel": "lcd"}, "black, white and greys"),
        ({"panel": "grey", "encoding": "jpeg"}, "BMP and PNG"),
        ({"panel": "grey4", "encoding": "bmp"}, "800 x 480"),
        ({"width_px": 600, "encoding": "bmp"}, "800 x 480"),
        ({"token": "secret"}, "can be guessed"),
        ({"max_image_bytes": 20_000}, "raise it"),
    ],
)
def test_impossible_profiles_are_refused_in_a_sentence(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        settings(**wrong)


# -- with a whole agent ----------------------------------------------------------------------------


async def test_a_device_is_set_up_draws_and_outlives_a_restart(home: Home, broker: Broker) -> None:
    port, device = free_port(), Trmnl(spelled="_")
    async with Phone(broker.port) as phone:
        await phone.subscribe("homeassistant/#")
        async with agent_for_devices(home, broker.port, port, WALL) as session:
            with pytest.raises(Refused, match="404"):
                await Trmnl(mac="00:00:00:00:00:00").set_up(session)
            await device.set_up(session)
            await hang(phone, home.work("red"))
            assert await device.wake_up(session)
            assert not await device.wake_up(session)
            assert device.sleeps == 900
            said = (await phone.expect("display/wall/device")).json()
            assert (said["voltage"], said["signal"], said["battery"]) == (4.05, -61, 85)
            told = [m.json() for m in phone.messages if m.topic.endswith("_wall/config")][-1]
            battery = told["components"]["wall_battery"]
            assert state(battery["value_template"], said) == "85.0"
            assert await device.complain(session, b'{"logs": [{"message": "x"}]}') == 204
        async with agent_for_devices(home, broker.port, port, WALL) as session:
            device.spelled = "-"
            assert not await device.wake_up(session)  # the same key, and the same picture
            blue = await hang(phone, home.work("blue"))
            assert await device.wake_up(session)
            assert device.drawn[-1] == blue
            async with session.post("/api/log", data=b"x" * 70_000) as answer:
                assert answer.status == 413


async def test_quiet_hours_and_slideshows_tell_how_long_to_sleep(
    home: Home, broker: Broker
) -> None:
    quiet, most = quiet_now()
    port, device = free_port(), Trmnl()
    async with agent_for_devices(home, broker.port, port, {**WALL, "quiet": [quiet]}) as session:
        await device.set_up(session)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await device.wake_up(session)
        assert 3600 < device.sleeps <= most + 60
    slides = {"slideshow": True, "interval_seconds": 300}
    async with agent_for_devices(home, broker.port, port, WALL, choice=slides) as session:
        await device.wake_up(session)
        assert 60 <= device.sleeps <= 350
