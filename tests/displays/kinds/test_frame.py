"""A Frame TV and its display, over real sockets: shown when it shows art, and never woken."""

from __future__ import annotations

import asyncio
import logging
import stat
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing, suppress
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import pytest
from aiohttp import web
from PIL import Image
from pydantic import ValidationError
from samsungtvws import SamsungTVArt
from samsungtvws.exceptions import ResponseError

from glance_agent.displays.delivery import DisplayDelivery
from glance_agent.displays.frame_tv import art, wire
from glance_agent.displays.frame_tv.record import TvRecord
from glance_agent.displays.frame_tv.troubles import TvRefuses, TvSilent
from glance_agent.displays.kinds.frame import REFUSED_SECONDS, FrameDisplay, FrameDisplaySettings
from glance_agent.displays.memory import DisplayMemory
from glance_agent.domain.device import DeviceReport
from glance_agent.domain.frame import Frame
from glance_agent.domain.news import Hung
from glance_agent.domain.reply import Reply
from glance_agent.pictures.rendering.encoding import encoded
from tests.broker import Broker
from tests.displays.devices.frame_tv import FrameTv
from tests.home import Home, agent
from tests.phone import Phone
from tools.campaigns.certificates import Certificates, NoOpenSSL

SIZE = (160, 96)


def settings(**changes: Any) -> FrameDisplaySettings:
    size = {"width_px": SIZE[0], "height_px": SIZE[1]}
    told = {"kind": "frame", "name": "hall", "host": "127.0.0.1", "port": 8001, **size, **changes}
    return FrameDisplaySettings.model_validate(told)


def picture(number: int) -> Frame:
    """One that differs from those of other numbers, as it is rendered for a Frame."""
    image = Image.new("RGB", SIZE, (number * 20 % 256, 90, 255 - number * 20 % 256))
    return encoded(image, settings().profile(10**7))


class Noted(FrameDisplay):
    """A display of which it is known whether it is at work."""

    busy = 0

    def __init__(self, made: FrameDisplaySettings, tv: FrameTv) -> None:
        super().__init__(made)
        self._tv = tv

    async def hang(self, frame: Frame) -> None:
        self.busy += 1
        try:
            await super().hang(frame)
        finally:
            self.busy -= 1
            await self._tv.note()


class Hall:
    """A display with its delivery, whose pauses end when the test says so."""

    def __init__(self, tv: FrameTv, memory: Path, **changes: Any) -> None:
        changed = {"host": tv.host, "port": tv.port, **changes}
        self.tv = tv
        self.display = Noted(settings(**changed), tv)
        self.display.memory = DisplayMemory(memory)
        self.display.wait = self.display_waits
        self.display.report = self.heard
        self.reports: list[DeviceReport] = []
        self.told: list[Reply] = []
        self.waits: list[float] = []
        self.go_on = asyncio.Event()
        self.delivery = DisplayDelivery(
            self.display, tell=self.tell, chance=Random(1), wait=self.delivery_waits
        )

    def heard(self, report: DeviceReport) -> None:
        self.reports.append(report)

    async def tell(self, reply: Reply) -> None:
        self.told.append(reply)
        await self.tv.note()

    async def display_waits(self, seconds: float, event: asyncio.Event) -> None:
        self.waits.append(seconds)
        await self.tv.note()
        await self._either(event)

    async def delivery_waits(self, seconds: float, event: asyncio.Event) -> None:
        await self._either(event)

    async def _either(self, event: asyncio.Event) -> None:
        either = [asyncio.create_task(self.go_on.wait()), asyncio.create_task(event.wait())]
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in either:
                task.cancel()

    async def pass_time(self) -> None:
        """All pauses that there are now end."""
        self.go_on.set()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        self.go_on.clear()

    async def hang(self, number: int) -> Frame:
        """Have this picture hang, some time."""
        frame = picture(number)
        await self.delivery.announce(Hung("hall", frame))
        return frame

    async def shows(self, number: int) -> None:
        """Have it hang, and return once it does."""
        data = (await self.hang(number)).data
        await self.tv.until(lambda: self.tv.shown == data)
        await self.rests()

    async def rests(self) -> None:
        """Return once nothing is being brought any more."""
        await self.tv.until(lambda: not self.display.busy)


@asynccontextmanager
async def hall(tv: FrameTv, memory: Path, **changes: Any) -> AsyncIterator[Hall]:
    made = Hall(tv, memory, **changes)
    task = asyncio.create_task(made.delivery.run())
    try:
        yield made
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """What a TV shows at its encrypted port; only there tokens are shown to it."""
    made = Certificates(tmp_path_factory.mktemp("certificate"))
    try:
        made.authority("tv")
    except NoOpenSSL:
        pytest.skip("openssl is not installed")
    return made["tv.crt"], made["tv.key"]


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    return tmp_path / "glance.display-hall.json"


# -- the fake ------------------------------------------------------------------------------------


def saved(image: Image.Image, form: str = "JPEG", **options: Any) -> bytes:
    out = BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def test_the_fake_paints_grey_what_a_tv_cannot_show() -> None:
    tv, image = FrameTv(), Image.new("RGB", SIZE, (200, 90, 10))
    assert tv.is_shown_well(saved(image, subsampling="4:2:0"))
    assert not tv.is_shown_well(saved(image, subsampling="4:4:4"))
    assert not tv.is_shown_well(saved(image, subsampling="4:2:0", progressive=True))
    assert not tv.is_shown_well(saved(image.resize((80, 48)), subsampling="4:2:0"))
    assert not tv.is_shown_well(saved(image, "PNG"))
    assert not tv.is_shown_well(saved(image.convert("L")))
    assert not tv.is_shown_well(b"a photo")


async def test_the_fake_speaks_with_the_library_and_refuses_what_it_should() -> None:
    data = picture(1).data

    def speak(tv: FrameTv) -> None:
        made: Any = SamsungTVArt  # its types say less than it does
        opened: Any = made(tv.host, port=8001, timeout=5, key_press_delay=0)
        with closing(opened) as channel:
            assert channel.supported()
            assert channel.get_artmode() == "on"
            name = channel.upload(data, matte="none", portrait_matte="none", file_type="jpg")
            assert [one["content_id"] for one in channel.available("MY-C0002")] == [name]
            channel.select_image(name)
            assert (tv.current, tv.shown) == (name, data)
            with pytest.raises(ResponseError, match="-10"):
                channel.select_image("MY_F9999")
            with pytest.raises(ResponseError, match="-7"):
                channel.upload(data, file_type="png")
            assert channel.delete(name)

    async with FrameTv().on() as tv:
        await asyncio.to_thread(speak, tv)
        assert tv.deleted == ["MY_F0002"]


async def test_the_fake_greets_one_client_and_lets_in_whom_people_allow(
    certificate: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "CONSENT_SECONDS", 0.3)
    async with FrameTv(bears_token=False, certificate=certificate).on() as tv:
        to = wire.TvAddress(tv.host, tv.port, "test")
        with pytest.raises(TvRefuses):
            await wire.opened(to, wire.ART, None)
        remote = await wire.opened(to, wire.REMOTE, None)
        with pytest.raises(TvRefuses):
            await wire.opened(to, wire.ART, remote.token)
        first = await wire.opened(to, wire.ART, None)
        with pytest.raises(TvSilent):
            await wire.opened(to, wire.ART, None)
        await first.wire.close()
        await remote.wire.close()
        assert tv.prompts == 1
    async with FrameTv(people="deny").on() as tv:
        with pytest.raises(TvRefuses):
            await wire.opened(wire.TvAddress(tv.host, tv.port, "test"), wire.ART, None)


# -- what hangs ----------------------------------------------------------------------------------


async def test_a_picture_is_brought_once_and_found_again_after_a_restart(memory: Path) -> None:
    async with FrameTv().on() as tv:
        async with hall(tv, memory) as one:
            await one.shows(1)
            await one.shows(2)
            await one.shows(1)
            assert tv.asked.count("send_image") == 2
        async with hall(tv, memory) as one:
            asked = len(tv.asked)
            await one.hang(1)
            await tv.until(lambda: "get_current_artwork" in tv.asked[asked:])
            await one.rests()
            assert not {"send_image", "select_image"} & set(tv.asked[asked:])
            await one.shows(2)
            assert tv.asked.count("send_image") == 2
        assert (tv.prompts, tv.most_clients, one.told) == (1, 1, [])


@pytest.mark.parametrize("told", [True, False])
async def test_who_watches_television_is_left_alone(memory: Path, told: bool) -> None:
    async with FrameTv(art=False).on() as tv, hall(tv, memory) as one:
        for number in (1, 2, 3):
            await one.hang(number)
        await tv.until(lambda: one.waits and not one.display.busy)
        assert not {"send_image", "select_image", "set_artmode_status"} & set(tv.asked)
        await tv.show_art(True, tell=told)
        if not told:  # no TV says all that it should: it is asked now and then
            await one.pass_time()
        await tv.until(lambda: tv.shown == picture(3).data)
        assert len(tv.pictures) == 1
        await one.rests()
        await tv.show_art(False)
        await tv.until(lambda: one.reports[-1].art_mode is False)
        await one.hang(4)
        await tv.until(lambda: not one.display.busy)
        assert (tv.woken, one.told) == (0, [])
        assert [r.art_mode for r in one.reports if r.art_mode is not None] == [False, True, False]


async def test_television_that_begins_meanwhile_is_not_ended(memory: Path) -> None:
    async with FrameTv(ends_art=True).on() as tv, hall(tv, memory) as one:
        await one.hang(1)
        await tv.until(lambda: len(tv.pictures) == 1 and not one.display.busy)
        assert (tv.woken, tv.current, one.told) == (0, "SAM-S100", [])
        await tv.show_art(True)
        await tv.until(lambda: tv.shown == picture(1).data)
        assert tv.asked.count("send_image") == 1


async def test_a_tv_that_is_off_is_no_failure_and_gets_the_newest(memory: Path) -> None:
    tv = FrameTv()
    async with tv.on(), hall(tv, memory) as one:
        await one.shows(1)
    async with hall(tv, memory) as one:
        await one.hang(2)
        await tv.until(lambda: one.waits)
        await one.hang(3)
        await one.rests()
        assert [report.art_mode for report in one.reports] == [False]
        async with tv.on():
            await one.pass_time()
            await tv.until(lambda: tv.shown == picture(3).data)
            await one.rests()
            await one.hang(4)
            await tv.until(lambda: tv.shown == picture(4).data)
        assert one.told == []
        assert len(tv.pictures) == 3


async def test_a_tv_that_was_never_there_is_told_once(memory: Path) -> None:
    tv = FrameTv()
    async with hall(tv, memory) as one:
        for number in (1, 2):
            await one.hang(number)
            await tv.until(lambda: one.told and not one.display.busy)
            await one.pass_time()
        [told] = one.told
        assert "no TV answers at its address" in told.message
        assert one.reports == []
        assert tv.host not in str(told)


async def test_what_breaks_off_is_brought_once_the_tv_is_back(memory: Path) -> None:
    async with FrameTv().on() as tv, hall(tv, memory) as one:
        await one.shows(1)
        await tv.cut()
        await one.hang(2)
        await tv.until(lambda: one.reports[-1].art_mode is False)
        await one.pass_time()
        await tv.until(lambda: tv.shown == picture(2).data)
        assert one.reports[-1].art_mode is True


# -- whose pictures ------------------------------------------------------------------------------


async def test_only_ours_are_deleted_and_the_oldest_first(memory: Path) -> None:
    async with FrameTv().on() as tv:
        family = [tv.bring(), tv.bring(date="")]
        async with hall(tv, memory, keep=2) as one:
            for number in (1, 2, 3):
                await one.shows(number)
            family.append(tv.bring())
            await one.shows(2)  # shown again, so that it is not the oldest any more
        async with hall(tv, memory, keep=2) as one:
            await one.shows(4)
        ours = [kept.data for name, kept in tv.pictures.items() if name not in family]
        assert sorted(ours) == sorted([picture(2).data, picture(4).data])
        assert set(family) <= tv.pictures.keys()


@pytest.mark.parametrize("same", [True, False])
async def test_a_tv_that_was_reset_or_replaced_keeps_what_is_not_ours(
    memory: Path, same: bool
) -> None:
    async with FrameTv().on() as tv, hall(tv, memory, keep=1) as one:
        await one.shows(1)
        await one.shows(2)
    other = FrameTv(host=tv.host, mac=tv.mac if same else "00:00:00:00:00:01")
    for kept in tv.pictures.values():  # the same ids, and where it is another TV even their dates
        other.bring(date="2020:01:01 00:00:00" if same else kept.date)
    other.bring()
    before = set(other.pictures)
    async with other.on(), hall(other, memory, keep=1) as one:
        for number in (3, 4, 5):
            await one.shows(number)
    assert before <= other.pictures.keys()
    assert len(other.pictures) == len(before) + 1


async def test_a_full_tv_gets_room_from_ours_alone(memory: Path) -> None:
    async with FrameTv(capacity=4).on() as tv, hall(tv, memory) as one:
        family = [tv.bring(), tv.bring()]
        for number in (1, 2, 3):
            await one.shows(number)
        assert set(family) <= tv.pictures.keys()
        for name in set(tv.pictures) - set(family):
            tv.bring(tv.pictures.pop(name).data)  # by somebody else, all of them
        await one.hang(4)
        await tv.until(lambda: one.told)
        assert "no room" in one.told[0].message
        assert len(tv.pictures) == 4
        tv.pictures.popitem()
        await one.pass_time()
        await tv.until(lambda: tv.shown == picture(4).data)


async def test_what_somebody_deletes_on_the_tv_is_brought_anew(memory: Path) -> None:
    async with FrameTv().on() as tv, hall(tv, memory) as one:
        await one.shows(1)
        await one.shows(2)
        tv.pictures.clear()
        await one.shows(1)
        tv.once["select_image"] = -10  # its list still has it
        tv.current = "SAM-S100"
        await one.shows(2)
        assert one.told == []
        assert tv.asked.count("send_image") == 5


@pytest.mark.parametrize("added", ["unnamed", "foreign", "never"])
async def test_a_picture_is_ours_though_the_tv_does_not_say_so(
    memory: Path, added: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(art, "ADDED_SECONDS", 0.3)
    async with FrameTv(added=added).on() as tv, hall(tv, memory, keep=1) as one:
        family = tv.bring()
        for number in (1, 2, 3):
            await one.shows(number)
        assert tv.asked.count("send_image") == 3
        assert one.told == []
        assert family in tv.pictures
        ours = [kept.data for kept in tv.pictures.values() if kept.data != b"a photo of the family"]
        assert ours == [picture(3).data]
        assert len(tv.pictures) == (2 if added != "foreign" else 5)


async def test_an_upload_that_was_broken_off_is_found_again(
    memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tv = FrameTv(added="never")
    async with tv.on():
        async with hall(tv, memory) as one:
            await one.hang(1)
            await tv.until(lambda: len(tv.pictures) == 1)
        tv.added = "named"
        async with hall(tv, memory) as one:
            await one.shows(1)
    assert tv.asked.count("send_image") == 1


async def test_without_a_record_nothing_is_brought(tmp_path: Path) -> None:
    nowhere = tmp_path / "gone" / "record.json"
    async with FrameTv().on() as tv, hall(tv, nowhere) as one:
        await one.hang(1)
        await tv.until(lambda: one.told)
        assert "what is remembered of the TV cannot be written" in one.told[0].message
        assert tv.pictures == {}
        nowhere.parent.mkdir()
        await one.pass_time()
        await tv.until(lambda: tv.shown == picture(1).data)


@pytest.mark.parametrize("rubbish", [b"", b"{", b"\xff" * 10, b"[1]", b'{"uploads": 3}'])
async def test_a_record_that_is_damaged_is_begun_anew(memory: Path, rubbish: bytes) -> None:
    await asyncio.to_thread(memory.write_bytes, rubbish)
    async with FrameTv().on() as tv, hall(tv, memory) as one:
        family = tv.bring()
        await one.shows(1)
        assert family in tv.pictures


# -- being let in --------------------------------------------------------------------------------


@pytest.mark.parametrize("bears", [True, False])
async def test_people_are_asked_once_and_the_token_is_kept_from_everyone(
    memory: Path, certificate: tuple[str, str], bears: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with FrameTv(bears_token=bears, certificate=certificate).on() as tv:
        for number in (1, 2):
            async with hall(tv, memory) as one:
                await one.shows(number)
        [token] = tv.clients.values()
        assert (tv.prompts, one.told) == (1, [])
        shown = tv.tokens_seen
        assert shown == ([None, token] if bears else [None, None, None, None])
    assert token in await asyncio.to_thread(memory.read_text)
    assert stat.S_IMODE((await asyncio.to_thread(memory.stat)).st_mode) == 0o600
    assert token not in caplog.text
    assert token not in repr(one.display.memory.recall(TvRecord))


async def test_a_token_that_the_tv_has_forgotten_is_asked_for_anew(
    memory: Path, certificate: tuple[str, str]
) -> None:
    async with FrameTv(certificate=certificate).on() as tv:
        async with hall(tv, memory) as one:
            await one.shows(1)
        tv.clients.clear()
        async with hall(tv, memory) as one:
            await one.shows(2)
            found = await one.display.examine()
        assert found is not None
        assert found.ok
        assert one.told == []
        assert tv.most_clients == 1
        assert next(iter(tv.clients.values())) in await asyncio.to_thread(memory.read_text)


@pytest.mark.parametrize("bears", [True, False])
@pytest.mark.parametrize("people", ["deny", "nothing"])
async def test_whoever_is_not_let_in_says_so_and_does_not_press(
    memory: Path, people: str, bears: bool
) -> None:
    async with FrameTv(people=people, bears_token=bears).on() as tv, hall(tv, memory) as one:
        await one.hang(1)
        await tv.until(lambda: one.told)
        [told] = one.told
        assert "does not let the agent in" in told.message
        assert told.error is not None
        assert "Press Allow" in told.error.hint
        assert one.waits[-1] == REFUSED_SECONDS
        prompts = tv.prompts
        await one.hang(2)
        await tv.until(lambda: not one.display.busy)
        assert tv.prompts == prompts, "a new picture asks nobody"
        tv.people = "allow"
        await one.pass_time()
        await tv.until(lambda: tv.shown == picture(2).data)
        assert len(one.told) == 1


# -- other TVs, and what is none -----------------------------------------------------------------


@pytest.mark.parametrize("api", ["0.97", "2.03", "4.3.4.0", "5.0.1"])
async def test_every_art_api_shows_pictures(memory: Path, api: str) -> None:
    async with FrameTv(api=api, dates=api != "0.97").on() as tv:
        family = tv.bring()
        async with hall(tv, memory, keep=1) as one:
            for number in (1, 2, 1):
                await one.shows(number)
        assert len(tv.pictures) == 2
        assert family in tv.pictures


async def test_garbage_and_broadcasts_between_are_passed_over(memory: Path) -> None:
    frame = '{"event": "d2d_service_message", "data": %s}'
    garbage: tuple[str | bytes, ...] = (
        "", "[]", "{", "null", '{"event": 7}', '{"event": ["a"]}', b"\xff\xfe", b"", "[" * 5000,
        frame % '"{"', frame % '"[]"', frame % "7", frame % '"{\\"event\\": []}"',
        frame % '"{\\"event\\": \\"image_added\\", \\"content_id\\": \\"../../x\\"}"',
        frame % '"{\\"event\\": \\"favorite_changed\\"}"',
        frame % '"{\\"event\\": \\"error\\", \\"request_id\\": \\"of another\\"}"',
    )  # fmt: skip
    async with FrameTv(garbage=garbage).on() as tv, hall(tv, memory) as one:
        await one.shows(1)
        await one.shows(2)
        assert one.told == []


async def test_what_is_too_long_ends_the_connection(memory: Path) -> None:
    async with FrameTv().on() as tv, hall(tv, memory) as one:
        await one.shows(1)
        tv.garbage = ("x" * 2_000_000,)
        await one.hang(2)
        await tv.until(lambda: one.told)
        tv.garbage = ()
        await one.pass_time()
        await tv.until(lambda: tv.shown == picture(2).data)
        assert len(one.told) == 1


@pytest.mark.parametrize("power", ["on", "standby"])
async def test_a_tv_that_falls_silent_is_told_but_where_it_stands_by(
    memory: Path, power: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with FrameTv().on() as tv, hall(tv, memory) as one:
        await one.shows(1)
        monkeypatch.setattr(art, "ANSWER_SECONDS", 0.2)
        tv.silent, tv.power = True, power
        await one.hang(2)
        for attempts in (2, 3):
            await tv.until(lambda n=attempts: len(one.waits) == n and not one.display.busy)
            await one.pass_time()
        await tv.until(lambda: len(one.waits) == 4 and not one.display.busy)
        assert one.waits[-2:] == [30, 60]
        assert [told.message for told in one.told] == (
            []
            if power == "standby"
            else [
                "The picture does not reach the display “hall”: the TV does not answer as a "
                "Frame does."
            ]
        )
        monkeypatch.undo()
        tv.silent = False
        await one.pass_time()
        await tv.until(lambda: tv.shown == picture(2).data)
        assert tv.most_clients == 1, "what is silent is closed before it is asked again"


async def test_pictures_go_to_the_tv_whatever_address_it_names(memory: Path) -> None:
    async with FrameTv(claims="192.0.2.7").on() as tv, hall(tv, memory) as one:
        await one.shows(1)


async def test_nobody_leads_us_elsewhere(memory: Path) -> None:
    asked: list[str] = []

    async def elsewhere(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response()

    async def redirect(request: web.Request) -> web.Response:
        raise web.HTTPFound(f"http://{other.host}:8001{request.path}")

    other, tv = FrameTv(), FrameTv()
    app, stranger = web.Application(), web.Application()
    app.router.add_get("/{path:.*}", redirect)
    stranger.router.add_get("/{path:.*}", elsewhere)
    async with serving(app, tv.host), serving(stranger, other.host), hall(tv, memory) as one:
        await one.hang(1)
        await tv.until(lambda: one.told)
        assert asked == []
        assert "does not answer as a Frame does" in one.told[0].message


@asynccontextmanager
async def serving(app: web.Application, host: str) -> AsyncIterator[None]:
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, host, 8001).start()
    try:
        yield
    finally:
        await runner.cleanup()


async def test_a_picture_of_another_size_is_not_brought(memory: Path) -> None:
    async with FrameTv().on() as tv, hall(tv, memory, height_px=90) as one:
        await one.hang(1)
        await tv.until(lambda: one.told)
        assert "160 x 96 pixels" in one.told[0].message
        assert tv.pictures == {}


# -- settings and examination --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"panel": "spectra6", "encoding": "png"}, "grey area"),
        ({"progressive": True}, "grey area"),
        ({"encoding": "png"}, "grey area"),
        ({"host": "http://tv"}, "cannot be a host"),
        ({"port": 80}, "8001"),
        ({"keep": 0}, "greater than or equal to 1"),
    ],
)
def test_impossible_settings_are_refused_in_a_sentence(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        settings(**wrong)


async def test_an_examination_asks_the_tv_and_leaves_its_art_app_alone(memory: Path) -> None:
    async def found(tv: FrameTv, **changes: Any) -> tuple[bool, str]:
        one = Hall(tv, memory, **changes)
        diagnosis = await one.display.examine()
        assert diagnosis is not None
        return diagnosis

    async with FrameTv().on() as tv:
        assert await found(tv) == (True, "QE55LS03D answers, and will ask you: press Allow")
        assert await found(tv, width_px=1920) == (
            False, "the TV's panel has another size: write width_px = 160, height_px = 96"
        )  # fmt: skip
        tv.has_art = "false"
        ok, said = await found(tv)
        assert (ok, "no Frame" in said) == (False, True)
        tv.has_art = "true"
        assert tv.asked == []
        assert (await found(FrameTv()))[0] is False
        async with hall(tv, memory) as one:
            await one.shows(1)
            assert await found(tv) == (True, "QE55LS03D answers, and has let the agent in")
    ok, said = await found(tv)
    assert (ok, "it is off" in said) == (True, True)


async def test_without_the_library_it_is_said_how_to_get_it(
    memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "glance_agent.displays.frame_tv.entrance", None)
    async with FrameTv().on() as tv, hall(tv, memory) as one:
        await one.hang(1)
        await tv.until(lambda: one.told)
        [told] = one.told
        assert "samsungtvws is not installed" in told.message
        assert told.error is not None
        assert 'pip install "glance-agent[frame]"' in told.error.hint
        found = await one.display.examine()
        assert found is not None
        assert (found.ok, "glance-agent[frame]" in found.said) == (False, True)


# -- with a whole agent --------------------------------------------------------------------------


async def test_the_tv_holds_what_is_published_also_after_a_restart(
    home: Home, broker: Broker
) -> None:
    async with FrameTv().on() as tv, Phone(broker.port) as phone:
        table = {"kind": "frame", "host": tv.host, "port": tv.port, "min_interval_seconds": 0}
        config = home.config(broker.port, hall=table)

        def shown(data: bytes) -> Callable[[], bool]:
            return lambda: tv.shown == data

        async with agent(config):
            await phone.expect("display/hall/image")
            mark = len(phone.messages)
            await phone.ask("command/show/hall", home.work("red"))
            red = (await phone.expect("display/hall/image", after=mark)).payload
            await tv.until(shown(red))
            await phone.expect("display/hall/device", lambda m: m.json()["art_mode"] is True)
            await tv.show_art(False)
            await phone.expect("display/hall/device", lambda m: m.json()["art_mode"] is False)
            mark = len(phone.messages)
            await phone.ask("command/show/hall", home.work("blue"))
            blue = (await phone.expect("display/hall/image", after=mark)).payload
        async with agent(config):
            await phone.ask("command/status")
            assert tv.woken == 0
            await tv.show_art(True)
            await tv.until(shown(blue))
        assert phone.heard("error") == []
        assert (home.folder / "glance.display-hall.json").exists()
