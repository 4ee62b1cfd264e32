"""A Glance frame and its server, over real HTTP: facts, pixels in pure inks, and a long sleep."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image
from pydantic import ValidationError

from glance_agent.displays.kinds import glance as kind
from glance_agent.displays.kinds.glance import NOTHING, GlanceDisplay, GlanceDisplaySettings
from glance_agent.displays.pull import DeviceTable, Moment
from glance_agent.domain.artwork import Artwork
from glance_agent.domain.device import DeviceReport
from glance_agent.domain.device_http import DeviceRequest
from glance_agent.domain.display import Glance, ShownArtwork, TimedSettings, shown
from glance_agent.domain.frame import Frame
from glance_agent.pictures.rendering.encoding import encoded
from tests.broker import Broker, free_port
from tests.displays.devices import glance as fake
from tests.displays.devices.glance import PIXEL_BYTES, GlanceFrame, Refused
from tests.displays.devices.household import agent_for_devices, hang, quiet_now
from tests.home import Home
from tests.phone import Phone

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
WALL: dict[str, Any] = {
    "kind": "glance",
    "device": "esp32-ab12cd",
    "width_px": 120,
    "height_px": 160,
    "min_interval_seconds": 0,
}


def settings(**changes: Any) -> GlanceDisplaySettings:
    return GlanceDisplaySettings(kind="glance", name="wall", device="ESP32-AB12CD", **changes)


@pytest.fixture(scope="module")
def frame() -> Frame:
    """A slope in all colours, as the wall is sent it."""
    slope = Image.radial_gradient("L").resize((1200, 1600))
    return encoded(Image.merge("RGB", (slope, slope.rotate(90), slope)), settings().profile(10**7))


def moment(frame: Frame | None, **settings: Any) -> Moment:
    artwork = ShownArtwork(id="a:1", title="Ein „Titel“\nmit\x00allem")
    glance = Glance(display="wall", artwork=artwork, shown_at=NOW, why="", position=1)
    return Moment(NOW, frame, glance, TimedSettings(**settings))


# -- the fake ------------------------------------------------------------------------------------


def answer(length: int | None) -> Any:
    return SimpleNamespace(headers={} if length is None else {"Content-Length": str(length)})


def test_the_fake_takes_pixels_in_pure_inks_alone() -> None:
    white = b"\xff" * PIXEL_BYTES
    fake.check_pixels(answer(PIXEL_BYTES), white)
    for length, data in (
        (None, white),
        (PIXEL_BYTES - 3, white[:-3]),
        (PIXEL_BYTES, white[:-3] + b"\xff\xff\xfe"),
        (0, b""),
    ):
        with pytest.raises(Refused):
            fake.check_pixels(answer(length), data)


@pytest.mark.parametrize("body", [b"", b"[]", b"no", b'{"a": "' + b"x" * 100_000 + b'"}'])
def test_the_fake_takes_facts_with_a_length_alone(body: bytes) -> None:
    for length in {None, len(body)}:
        with pytest.raises(Refused):
            fake.facts_of(answer(length), body)
    assert fake.facts_of(answer(2), b"{}") == {}


def test_the_fake_takes_any_version_for_a_newer_one() -> None:
    fake.check_no_update(404, b"")
    with pytest.raises(Refused):
        fake.check_no_update(200, b'{"version": "0.0.0"}')


# -- what is told --------------------------------------------------------------------------------


async def test_a_nameless_photograph_is_called_so_in_the_language_of_the_house(
    frame: Frame,
) -> None:
    work = shown(Artwork(id="a:1", title="Untitled, 4 July 2019"), liked=None)
    now = moment(frame)
    assert now.glance is not None
    hung = replace(now, glance=now.glance.model_copy(update={"artwork": work}), language="de")
    told = json.loads((await GlanceDisplay(settings()).current(DeviceRequest(), hung)).body)
    assert told["title"] == "Ohne Titel, 4. Juli 2019"


async def test_facts_are_what_the_firmware_reads(frame: Frame) -> None:
    display = GlanceDisplay(settings())
    told = json.loads((await display.current(DeviceRequest(), moment(frame))).body)
    assert told == {
        "hasImage": True,
        "title": "Ein „Titel“ mit allem",
        "imageId": told["imageId"],
        "timestamp": 1780315200000,
        "sleepDuration": 3_600_000_000,
        "rotation": 0,
        "devServerHost": None,
    }
    assert len(told["imageId"]) < 64
    again = await GlanceDisplay(settings()).current(DeviceRequest(), moment(frame))
    assert json.loads(again.body)["imageId"] == told["imageId"]
    long = {"quiet_until": datetime(2026, 6, 9, tzinfo=UTC)}
    slept = json.loads((await display.current(DeviceRequest(), moment(frame, **long))).body)
    assert slept["sleepDuration"] == 86_400_000_000


async def test_pixels_are_those_of_the_picture_that_was_told_of(frame: Frame) -> None:
    display = GlanceDisplay(settings())
    await display.current(DeviceRequest(), moment(frame))
    other = encoded(Image.new("RGB", (1200, 1600)), settings().profile(10**7))
    data = (await display.image(DeviceRequest(), moment(other))).body
    fake.check_pixels(answer(len(data)), data)
    assert len(fake.inks_in(data)) > 3
    await display.current(DeviceRequest(), moment(other))
    assert (await display.image(DeviceRequest(), moment(other))).body == b"\0" * PIXEL_BYTES


async def test_where_there_is_no_picture_nothing_at_all_is_sent() -> None:
    display = GlanceDisplay(settings())
    small = Frame(b"", "image/png", 600, 800)
    for now in (moment(None), moment(small)):
        for ask in (display.current, display.image, display.firmware):
            assert await ask(DeviceRequest(), now) == NOTHING


async def test_a_stranger_is_sent_nothing_at_all() -> None:
    async def now(_display: str) -> Moment:
        return moment(None)

    table = DeviceTable([GlanceDisplay(settings(address="10.0.0.7"))], now)
    for found in table.addresses():
        parts = {"device": "esp32-000000"}
        told = await found.answer(DeviceRequest(parts=parts, body=b'{"deviceId": 5}'))
        assert (told.status, told.body) == (404, b"")


@pytest.mark.parametrize(
    "said",
    [
        {"batteryVoltage": -1, "signalStrength": 0},
        {"batteryVoltage": "x", "batteryPercent": 1e9, "isCharging": "yes", "firmwareVersion": []},
        {"batteryVoltage": None, "brownoutCount": {}},
        [],
        None,
        "display_complete",
    ],
)
async def test_rubbish_of_the_frame_is_left_out(said: object) -> None:
    display, heard = GlanceDisplay(settings()), list[DeviceReport]()
    display.report = heard.append
    body = json.dumps({"deviceId": "esp32-ab12cd", "status": said}).encode()
    assert (await display.status(DeviceRequest(body=body), moment(None))).status == 200
    assert heard == [DeviceReport(width=1200, height=1600)]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"panel": "acep7"}, "spectra6"),
        ({"panel": "lcd"}, "spectra6"),
        ({"encoding": "bmp"}, "leave encoding out"),
        ({"width_px": 1600, "height_px": 1200}, "rotation = 90"),
        ({"width_px": 800, "height_px": 480}, "1200 x 1600"),
        ({"max_image_bytes": 20_000}, "raise it"),
    ],
)
def test_impossible_profiles_are_refused_in_a_sentence(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        settings(**wrong)


def test_a_frame_may_hang_on_its_side() -> None:
    assert settings(width_px=1600, height_px=1200, rotation=90).sent_px == (1200, 1600)


# -- with a whole agent --------------------------------------------------------------------------


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundredth of the panel: everything else is as it is."""
    monkeypatch.setattr(kind, "PANEL_PX", (120, 160))
    monkeypatch.setattr(fake, "PIXEL_BYTES", 120 * 160 * 3)


@pytest.mark.usefixtures("small")
async def test_a_frame_draws_sleeps_and_outlives_a_restart(home: Home, broker: Broker) -> None:
    port, device = free_port(), GlanceFrame(says={"batteryPercent": 71, "firmwareVersion": "1.4"})
    quiet, most = quiet_now()
    async with Phone(broker.port) as phone:
        async with agent_for_devices(home, broker.port, port, WALL) as session:
            await hang(phone, home.work("red"))
            assert await device.wake_up(session)
            assert not await device.wake_up(session)
            assert device.sleeps == 3600
            seen = await phone.expect("display/wall/device", lambda m: m.json()["signal"] == -58)
            assert (seen.json()["battery"], seen.json()["firmware"]) == (71, "1.4")
            assert seen.json()["interval_seconds"] == 3600
            assert await GlanceFrame(id="esp32-000000").say(session, "x") == 404
            async with session.get("/api/commands/esp32-ab12cd") as answer:
                assert await answer.json() == {"commands": []}
        wall = {**WALL, "quiet": [quiet]}
        async with agent_for_devices(home, broker.port, port, wall) as session:
            assert not await device.wake_up(session)
            assert 3600 < device.sleeps <= most + 60
            await hang(phone, home.work("blue"))
            assert await device.wake_up(session)  # what a person asks for, also at night
            assert len(set(device.drawn)) == 2


@pytest.mark.usefixtures("small")
async def test_within_its_minimum_interval_the_frame_is_told_when_to_come(
    home: Home, broker: Broker
) -> None:
    port, device = free_port(), GlanceFrame()
    wall = {**WALL, "min_interval_seconds": 900}
    async with (
        agent_for_devices(home, broker.port, port, wall) as session,
        Phone(broker.port) as phone,
    ):
        await phone.expect("display/wall/image")
        assert await device.wake_up(session)
        reply = await phone.ask("command/show/wall", home.work("green"))
        assert "hangs at" in reply["message"]
        assert not await device.wake_up(session)
        assert 225 <= device.sleeps <= 950
