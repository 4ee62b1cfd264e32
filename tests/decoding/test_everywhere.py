"""A picture that breaks its process stops nothing, wherever pictures are decoded."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer

from glance_agent.agent.fitting import Fitting
from glance_agent.agent.frames import FrameRenderer
from glance_agent.decoding.opening import Decoders
from glance_agent.domain.artwork import Artwork
from glance_agent.domain.display import Glance, shown
from glance_agent.domain.errors import BadPicture
from glance_agent.domain.panel import PanelProfile
from glance_agent.domain.timed_profile import TimedProfile
from glance_agent.doors.encoder_http import EncoderDoor
from glance_agent.ingest.reembed import Reembed
from glance_agent.sources.folders.folder import FolderSource
from glance_agent.store.connection import open_database
from glance_agent.store.work_leases import WorkLeases
from glance_agent.wiring import rooms as wired
from tests.colour_encoder import COLOURS, ColourEncoder
from tests.decoding import programs
from tests.decoding.programs import DOOM, jpeg, program
from tests.home import SOURCE, Home, agent, ingest_all, paint
from tests.in_process import header_of
from tests.sources.fake_museum import Clock, FakeMuseum, surroundings
from tools.campaigns.pictures.containers import flat_png

if TYPE_CHECKING:
    from tests.broker import Broker

PROFILE = PanelProfile((160, 96), 20_000)


@contextmanager
def fated(fate: str) -> Iterator[Decoders]:
    """Processes that meet this fate with doomed pictures."""
    with closing(Decoders(20, program=program(fate))) as decoders:
        yield decoders


@pytest.fixture(scope="module")
def crashing() -> Iterator[Decoders]:
    with fated(programs.CRASHED) as decoders:
        yield decoders


@pytest.fixture
def gallery(tmp_path: Path) -> Path:
    """A folder of pictures, of which the red one is doomed."""
    folder = tmp_path / "gallery"
    paint(folder)
    red = folder / "red-field.png"
    red.write_bytes(red.read_bytes() + DOOM)
    return folder


# -- ingesting ------------------------------------------------------------------------------------


@pytest.mark.parametrize("when", ["looked at", "seen", "prepared"])
async def test_an_ingest_leaves_it_out(
    tmp_path: Path, gallery: Path, crashing: Decoders, when: str
) -> None:
    decoder = crashing.in_background
    look = decoder.look if when == "looked at" else header_of
    see = decoder.see if when == "seen" else None
    source = FolderSource(SOURCE, gallery, look, see=see)
    progress = await ingest_all(tmp_path / "glance.db", source, decoder=decoder)
    assert progress.left_out == {"breaks the decoder": 1}
    assert progress.added == len(COLOURS) - 1


async def test_an_ingest_tries_again_what_others_have_killed(tmp_path: Path, gallery: Path) -> None:
    source = FolderSource(SOURCE, gallery, header_of)
    with fated(programs.KILLED) as killed:
        progress = await ingest_all(tmp_path / "x.db", source, decoder=killed.in_background)
        assert progress.left_out == {"not decoded": 1}
    with fated("pass") as well:
        progress = await ingest_all(tmp_path / "x.db", source, decoder=well.in_background)
    assert (progress.added, progress.unchanged) == (1, len(COLOURS) - 1)


async def test_what_was_too_large_is_tried_again_when_more_is_allowed(tmp_path: Path) -> None:
    folder = tmp_path / "large"
    folder.mkdir()
    (folder / "wide.png").write_bytes(flat_png((1_500, 1_000)))
    source, told = FolderSource(SOURCE, folder, header_of), []
    for megapixels in (1, 1, 2):
        with closing(Decoders(megapixels)) as decoders:
            decoder = decoders.in_background
            told.append(await ingest_all(tmp_path / "x.db", source, decoder=decoder))
    assert [dict(progress.left_out) for progress in told] == [{"too large": 1}] * 2 + [{}]
    assert [progress.passed_over for progress in told] == [0, 1, 0]
    assert told[-1].added == 1


async def test_embedding_again_leaves_it_out(
    tmp_path: Path, gallery: Path, crashing: Decoders
) -> None:
    source = FolderSource(SOURCE, gallery, header_of)
    await ingest_all(tmp_path / "glance.db", source)
    database = open_database(tmp_path / "glance.db")
    encoder = ColourEncoder()
    encoder.space = "another"
    with closing(database), ThreadPoolExecutor(1) as executor:
        work = Reembed(
            WorkLeases(database, "one"),
            encoder,
            {SOURCE: source},
            executor=executor,
            decoder=crashing.in_background,
            clock=time.monotonic,
        )
        told = [progress.left_out async for progress in work.run()]
    assert told[-1] == {"breaks the decoder": 1}


# -- showing ---------------------------------------------------------------------------------------


class Wall:
    """A source of two pictures."""

    async def read(self, location: str) -> bytes:
        return jpeg(doomed=location == "doomed")


def glance(name: str) -> Glance:
    work = Artwork(id=f"wall:{name}", title=name, source="wall")
    return Glance(
        display="wall",
        artwork=shown(work, liked=None),
        shown_at=datetime.now(UTC),
        why="",
        position=1,
    )


def renderer_of(decoders: Decoders) -> FrameRenderer:
    async def locate(artwork_id: str) -> str:
        return artwork_id.removeprefix("wall:")

    profiles, fitting = (
        {"wall": TimedProfile(PROFILE)},
        Fitting({"wall": Wall()}, locate, decoder=decoders.for_people),
    )
    return FrameRenderer(profiles, fitting, clock=lambda: datetime.now(UTC))


async def test_a_display_learns_that_it_can_never_be_shown(crashing: Decoders) -> None:
    renderer = renderer_of(crashing)
    with pytest.raises(BadPicture, match="breaks the decoder"):
        await renderer.frame(glance("doomed"), PROFILE)
    assert (await renderer.frame(glance("well"), PROFILE)).width_px == 160


async def test_a_display_learns_that_it_cannot_be_shown_now() -> None:
    with fated(programs.KILLED) as decoders:
        with pytest.raises(BadPicture, match="not decoded") as bad:
            await renderer_of(decoders).frame(glance("doomed"), PROFILE)
        assert bad.value.passing
        assert (await renderer_of(decoders).frame(glance("well"), PROFILE)).width_px == 160


# -- what people send -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fate", "hint"),
    [
        (programs.CRASHED, "Breaks the decoder: SIGSEGV."),
        (programs.KILLED, "Try again later; the agent's log says more."),
    ],
)
async def test_who_sends_its_address_is_told(
    broker: Broker,
    home: Home,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    fate: str,
    hint: str,
) -> None:
    from glance_agent.sources.web.web import Web
    from tests.phone import Phone

    client = Web(version="0.0", surroundings=surroundings(Clock(), tmp_path / "web"))
    monkeypatch.setattr(wired, "open_web", lambda *_, **__: client)
    monkeypatch.setattr(wired, "Decoders", partial(Decoders, program=program(fate)))
    museum = FakeMuseum()
    await museum.start()
    bad, good = museum.picture("/a.jpg", jpeg(doomed=True)), museum.picture("/b.jpg", jpeg())
    config = home.config(broker.port, fetching={"picture_hosts": ["127.0.0.1"]})
    async with agent(config), Phone(broker.port) as phone:
        await phone.expect("display/wall/image")
        for number in (1, 2):
            reply = await phone.ask("command/show", {"image_url": bad, "transaction": number})
            assert reply["error"]["hint"] == hint
        reply = await phone.ask("command/show", {"image_url": good, "transaction": 3})
        assert reply["ok"], reply["message"]
    await museum.close()


@pytest.mark.parametrize(("fate", "status"), [(programs.CRASHED, 422), (programs.KILLED, 503)])
async def test_the_encoders_service_serves_on(fate: str, status: int) -> None:
    with fated(fate) as decoders, ThreadPoolExecutor(1) as executor:
        door = EncoderDoor(
            ColourEncoder(), executor=executor, decoder=decoders.in_background, token=None
        )
        async with TestServer(door.app()) as server, ClientSession(server.make_url("/")) as phone:
            answers = [
                phone.post("/v1/embed/image", data=jpeg(doomed=doomed)) for doomed in (True, False)
            ]
            assert [answer.status for answer in await asyncio.gather(*answers)] == [status, 200]
