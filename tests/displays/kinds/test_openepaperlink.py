"""Tags of OpenEPaperLink, against an access point that refuses what a real one does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from glance_agent.displays.kinds.openepaperlink import (
    OpenepaperlinkDisplay,
    OpenepaperlinkDisplaySettings,
)
from glance_agent.displays.memory import DisplayMemory
from glance_agent.domain.device import DeviceReport
from glance_agent.domain.errors import DisplayError
from glance_agent.domain.frame import Frame
from glance_agent.pictures.rendering.encoding import encoded, inked
from tests.broker import Broker, free_port
from tests.displays.devices.access_point import BWR_296, TAG, AccessPoint
from tests.home import Home, agent
from tests.phone import Phone

SIZE = {"width_px": 296, "height_px": 128}


@pytest.fixture
def memory(tmp_path: Path) -> DisplayMemory:
    return DisplayMemory(tmp_path / "glance.display-hall.json")


def display(point: AccessPoint, memory: DisplayMemory, **changes: Any) -> OpenepaperlinkDisplay:
    told = {"kind": "openepaperlink", "name": "hall", "url": point.url, "tag": TAG, **SIZE}
    made = OpenepaperlinkDisplay(OpenepaperlinkDisplaySettings.model_validate({**told, **changes}))
    made.memory = memory
    return made


def canvas(seed: int = 1, size: tuple[int, int] = (296, 128)) -> Image.Image:
    """Something that is neither flat nor noise."""
    small = np.random.default_rng(seed).integers(0, 255, (8, 12, 3), dtype=np.uint8)
    return Image.fromarray(small).resize(size, Image.Resampling.BICUBIC)


def picture(made: OpenepaperlinkDisplay, seed: int = 1) -> Frame:
    return encoded(canvas(seed, made.settings.sent_px), made.settings.profile(10_000_000))


async def refused(made: OpenepaperlinkDisplay) -> DisplayError:
    with pytest.raises(DisplayError) as error:
        await made.hang(picture(made))
    return error.value


@pytest.mark.parametrize("panel", ["mono", "bwr", "bwry", "spectra6"])
async def test_inks_reach_the_tag_as_they_were_spread(memory: DisplayMemory, panel: str) -> None:
    async with AccessPoint(inks=panel).on() as point:
        made = display(point, memory, panel=panel)
        await made.hang(picture(made))
        wanted = np.asarray(inked(canvas(), panel, "auto").convert("L" if panel == "mono" else "P"))
        if panel == "mono":
            wanted = wanted // 255
        arrived = np.asarray(point.shown[TAG])
        assert point.dithered == ["0"]
        assert (arrived == wanted).mean() > 0.995, "a JPEG's blur is snapped to the right inks"


async def test_an_access_point_spreads_inks_where_it_is_to(memory: DisplayMemory) -> None:
    async with AccessPoint().on() as point:
        made = display(point, memory, panel="lcd")
        await made.hang(picture(made))
        assert point.dithered == ["1"]


async def test_a_tag_that_has_a_picture_is_left_alone_also_after_a_restart(
    memory: DisplayMemory,
) -> None:
    async with AccessPoint().on() as point:
        made = display(point, memory)
        for seed in (1, 1, 2):
            await made.hang(picture(made, seed))
        await display(point, memory).hang(picture(made, 2))
        assert point.asked.count("POST /imgupload") == 2
        assert point.asked.count("GET /get_db") == 1, "its size is looked up once"
        other = display(point, memory, tag=TAG[:-1] + "B")
        assert f"knows no tag {TAG[:-1]}B" in str(await refused(other))


async def test_a_tag_of_another_size_is_told_before_anything_is_drawn(
    memory: DisplayMemory,
) -> None:
    async with AccessPoint(kinds={"01": {**BWR_296, "height": 152}}).on() as point:
        made = display(point, memory)
        error = await refused(made)
        assert "the tag has 296 x 152 pixels" in str(error)
        found = await made.examine()
        assert found is not None
        assert not found.ok
        assert point.shown == {}
        point.kinds["01"]["height"] = 128
        await made.hang(picture(made))
        upright = display(point, memory, width_px=128, height_px=296, rotation=90)
        assert (await upright.examine() or found).ok


async def test_a_kind_of_tag_that_is_not_described_is_taken_at_its_word(
    memory: DisplayMemory,
) -> None:
    async with AccessPoint(kinds={}).on() as point:
        found = await display(point, memory).examine()
        assert found == (True, f"the access point at 127.0.0.1:{point.port} knows the tag")


async def test_what_an_access_point_refuses_is_said_in_a_sentence(memory: DisplayMemory) -> None:
    async with AccessPoint(is_busy=True).on() as point:
        made = display(point, memory)
        assert "is busy" in str(await refused(made))
        point.is_busy = False
        await made.hang(picture(made))
        gone = point.tags.pop(TAG)
        with pytest.raises(DisplayError, match="knows no tag"):
            await made.hang(picture(made, 2))
        point.tags[TAG] = gone
        point.status = 500
        with pytest.raises(DisplayError, match=r"refuses the picture \(500\)"):
            await made.hang(picture(made, 2))
        point.status = 200  # as anything may answer that is none
        with pytest.raises(DisplayError, match="no access point of OpenEPaperLink"):
            await made.hang(picture(made, 2))
        assert "no access point" in str(await refused(display(point, DisplayMemory())))
    with pytest.raises(DisplayError, match="its access point is away: it cannot be reached"):
        await made.hang(picture(made, 2))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"tag": "kitchen"}, "is no tag"),
        ({"tag": "0000021E4FE33B"}, "is no tag"),
        ({"encoding": "bmp"}, "plain JPEG"),
        ({"progressive": True}, "plain JPEG"),
        ({"url": "http://ap/?mac=1"}, "without"),
        ({"label": 10}, "would change twice"),
    ],
)
def test_impossible_settings_are_refused_in_a_sentence(
    memory: DisplayMemory, wrong: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        display(AccessPoint(port=1), memory, **wrong)


def test_a_tag_may_be_written_as_people_write_addresses(memory: DisplayMemory) -> None:
    for written in ("00:00:02:1e:4f:e3:3b:1a", "021e4fe33b1a"):
        assert display(AccessPoint(port=1), memory, tag=written).settings.tag == TAG


@asynccontextmanager
async def listening(made: OpenepaperlinkDisplay) -> AsyncIterator[list[DeviceReport]]:
    """What the display reports while it lives."""
    heard: list[DeviceReport] = []
    made.report = heard.append
    task = asyncio.create_task(made.live())
    try:
        yield heard
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_it_tells_how_the_tag_is_when_that_has_checked_in(
    memory: DisplayMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glance_agent.displays.kinds.openepaperlink.LOOKING_SECONDS", 0.01)
    async with AccessPoint().on() as point, listening(display(point, memory)) as said:
        await point.until(lambda: point.asked.count("GET /get_db") > 2)
        assert len(said) == 1, "it has not checked in since"
        tag = point.tags[TAG]
        tag |= {"lastseen": tag["nextcheckin"], "nextcheckin": tag["nextcheckin"] + 3_600}
        tag |= {"batteryMv": 1_337, "RSSI": "loud"}
        seen = len(point.asked)
        await point.until(lambda: len(point.asked) > seen + 4)
        first, then = said
    assert (first.battery, first.voltage, first.charging) == (50, 2.7, False)
    assert (first.signal, first.firmware, first.interval_seconds) == (-61, "0029", 600)
    assert (then.battery, then.voltage, then.signal) == (None, None, None)
    assert then.interval_seconds == 3_600


async def test_the_tag_shows_what_is_published_also_once_its_access_point_is_back(
    home: Home, broker: Broker
) -> None:
    point = AccessPoint(port=free_port())
    table = {"kind": "openepaperlink", "url": point.url, "tag": TAG, **SIZE}
    config = home.config(broker.port, hall={**table, "min_interval_seconds": 0})
    async with Phone(broker.port) as phone, agent(config):
        error = (await phone.expect("error")).json()
        assert (error["code"], error["display"]) == ("not_shown", "hall")
        async with point.on():
            mark = len(phone.messages)
            await phone.ask("command/show/hall", home.work("red"))
            red = (await phone.expect("display/hall/image", after=mark)).payload
            await point.until_shown(1)
            shown = np.asarray(point.shown[TAG])
            assert (shown == np.asarray(Image.open(BytesIO(red)))).mean() > 0.995
        assert len(phone.heard("error")) == 1
