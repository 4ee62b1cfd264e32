"""A frame with esp32-photoframe and its server, over real HTTP: shown as it is sent."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from pydantic import ValidationError

from glance_agent.displays.kinds.photoframe import PhotoframeDisplay, PhotoframeDisplaySettings
from glance_agent.displays.pull import Moment
from glance_agent.domain.device import DeviceReport
from glance_agent.domain.device_http import DeviceAnswer, DeviceRequest
from glance_agent.domain.frame import Frame
from glance_agent.pictures.rendering.encoding import encoded
from tests.broker import Broker, free_port
from tests.displays.devices.household import agent_for_devices, hang
from tests.displays.devices.photoframe import Photoframe, Refused, check_picture
from tests.home import Home
from tests.phone import Phone

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
TOKEN = "t" * 20
SIZE = (120, 80)
WALL: dict[str, Any] = {
    "kind": "photoframe",
    "device": "hall-1",
    "width_px": SIZE[0],
    "height_px": SIZE[1],
    "min_interval_seconds": 0,
    "token": TOKEN,
}


def settings(**changes: Any) -> PhotoframeDisplaySettings:
    return PhotoframeDisplaySettings(kind="photoframe", name="wall", device="hall-1", **changes)


def rendered(made: PhotoframeDisplaySettings) -> Frame:
    slope = Image.radial_gradient("L").resize(made.sent_px)
    return encoded(Image.merge("RGB", (slope, slope.rotate(90), slope)), made.profile(10**7))


async def asked(display: PhotoframeDisplay, frame: Frame | None, **headers: str) -> DeviceAnswer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await display.picture(DeviceRequest(named), Moment(NOW, frame))


# -- the fake ------------------------------------------------------------------------------------


def picture(mode: str, colour: Any, form: str = "PNG", **options: Any) -> bytes:
    out = BytesIO()
    Image.new(mode, SIZE, colour).save(out, form, **options)
    return out.getvalue()


def test_the_fake_shows_pure_inks_of_its_own_size_as_they_are() -> None:
    check_picture(picture("RGB", (255, 0, 0)), SIZE, dithers=False)
    check_picture(picture("RGB", 0, "JPEG"), SIZE, dithers=True)


@pytest.mark.parametrize(
    ("data", "dithers"),
    [
        (picture("RGB", (254, 0, 0)), False),
        (picture("P", 0), False),
        (picture("L", 0), False),
        (picture("RGB", 0, "JPEG"), False),
        (picture("RGB", 0, "JPEG", progressive=True), True),
        (picture("RGB", 0, "BMP"), False),
        (b"", False),
    ],
)
def test_the_fake_refuses_what_the_firmware_spoils(data: bytes, dithers: bool) -> None:
    with pytest.raises(Refused):
        check_picture(data, SIZE, dithers=dithers)
    with pytest.raises(Refused):
        check_picture(picture("RGB", 0), (80, 120), dithers=False)


# -- what is told --------------------------------------------------------------------------------


async def test_inks_are_sent_in_full_and_not_twice() -> None:
    made = settings()
    display, frame = PhotoframeDisplay(made), rendered(made)
    answer = await asked(display, frame)
    check_picture(answer.body, (800, 480), dithers=False)
    again = await asked(PhotoframeDisplay(made), frame, if_none_match=answer.headers["ETag"])
    assert (again.status, again.body) == (304, b"")
    assert again.headers["ETag"] == answer.headers["ETag"]
    for other in ('"other"', "", '"', "W/" + answer.headers["ETag"][1:]):
        assert (await asked(display, frame, if_none_match=other)).status == 200
    assert (await asked(display, None)).status == 503
    assert (await asked(display, Frame(b"", "image/png", 400, 240))).status == 503


async def test_a_frame_that_dithers_by_itself_gets_a_plain_jpeg() -> None:
    made = settings(panel="lcd")
    check_picture((await asked(PhotoframeDisplay(made), rendered(made))).body, SIZE, dithers=True)


async def test_what_it_says_is_reported_and_garbage_is_not(
    caplog: pytest.LogCaptureFixture,
) -> None:
    display, heard = PhotoframeDisplay(settings()), list[DeviceReport]()
    display.report = heard.append
    said = {"x_display_width": "1200", "x_display_height": "1600", "x_firmware_version": "2.7"}
    await asked(display, None, **said)
    assert heard == [DeviceReport(firmware="2.7", width=1200, height=1600)]
    assert "1200 x 1600" in caplog.text
    for rubbish in ("nan", "-5", "\x00\x01", "9" * 80):
        await asked(display, None, **dict.fromkeys(said, rubbish))
        assert (heard[-1].width, heard[-1].height) == (None, None)


async def test_a_wrong_token_is_refused() -> None:
    made = settings(token=TOKEN)
    display, frame = PhotoframeDisplay(made), rendered(made)
    for wrong in ("", "Bearer", f"Bearer {TOKEN}x", TOKEN, "Bearer é"):
        assert (await asked(display, frame, authorization=wrong)).status == 401
    assert (await asked(display, frame, authorization=f"Bearer {TOKEN}")).status == 200


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"panel": "mono"}, "no panel with the inks"),
        ({"panel": "lcd", "progressive": True}, "plain JPEG"),
        ({"encoding": "bmp"}, "plain JPEG"),
        ({"encoding": "jpeg"}, "blurs the inks"),
        ({"token": "short"}, "can be guessed"),
    ],
)
def test_impossible_profiles_are_refused_in_a_sentence(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        settings(**wrong)


# -- with a whole agent --------------------------------------------------------------------------


async def test_a_frame_draws_and_outlives_a_restart(home: Home, broker: Broker) -> None:
    port, device = free_port(), Photoframe("/photoframe/hall-1", SIZE, TOKEN)
    async with Phone(broker.port) as phone:
        async with agent_for_devices(home, broker.port, port, WALL) as session:
            await hang(phone, home.work("red"))
            assert await device.wake_up(session)
            assert not await device.wake_up(session)
            seen = await phone.expect("display/wall/device")
            assert seen.json()["firmware"] == "2.7.0"
            for stranger in (
                Photoframe("/photoframe/other-1", SIZE, TOKEN),
                Photoframe("/photoframe/hall-1", SIZE, "wrong"),
            ):
                with pytest.raises(Refused):
                    await stranger.wake_up(session)
        async with agent_for_devices(home, broker.port, port, WALL) as session:
            assert not await device.wake_up(session)
            await hang(phone, home.work("blue"))
            assert await device.wake_up(session)
            assert len(set(device.drawn)) == 2
