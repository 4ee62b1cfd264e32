"""The examination: what it names, and that it leaves everything as it was."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from glance_agent.cli import systemd_unit
from glance_agent.cli.doctor import displays, machine, pages, sources
from glance_agent.cli.doctor.finding import Finding, Patient
from glance_agent.cli.systemd_unit import Unit
from glance_agent.config.load import load
from glance_agent.config.settings import Config
from glance_agent.domain.device import DeviceReport, heard
from glance_agent.store.connection import open_database
from glance_agent.store.devices import KeptDevices
from tests.broker import free_port
from tests.cli.typed import typed
from tests.colour_encoder import COLOURS
from tests.doors.web.served import door_of, port_of, serving
from tests.home import SOURCE, Home, move_in, paint
from tests.spawned import PATIENCE_SECONDS


def examined(*options: str, cwd: Path, somebody: Path) -> dict[str, tuple[bool, str]]:
    """What the doctor says at the terminal of a person whose home this is, by what it looked at."""
    done = typed("doctor", "--json", *options, folder=cwd, **of_a_person(somebody))
    assert done.returncode == 1, done.stderr  # there is no broker here
    return {f["what"]: (f["ok"], f["said"]) for f in json.loads(done.stdout)}


def of_a_person(home: Path) -> dict[str, str]:
    """The variables of somebody whose home this is."""
    return {"HOME": str(home), "XDG_CACHE_HOME": "", "GLANCE_CONFIG": "", "COLUMNS": "300"}


def everything(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file and folder below a folder, with its size and when it changed."""
    found = {str(p): p.stat() for p in folder.rglob("*")}
    return {name: (s.st_size, s.st_mtime_ns) for name, s in found.items()}


@pytest.fixture
def home(tmp_path: Path, stocked: Path) -> Home:
    """A stocked library and its pictures, and no broker."""
    paint(tmp_path / "pictures")
    home = move_in(tmp_path / "home", stocked, tmp_path / "pictures")
    home.toml(1)
    return home


@pytest.fixture
def somebody(tmp_path: Path) -> Path:
    """The empty home of whoever asks."""
    (tmp_path / "somebody").mkdir()
    return tmp_path / "somebody"


def test_the_examination_names_all_parts_and_changes_none(home: Home, somebody: Path) -> None:
    config = home.folder / "glance.toml"
    before = everything(home.folder.parent)
    found = examined("--config", str(config), cwd=somebody, somebody=somebody)
    assert everything(home.folder.parent) == before
    assert str(config) in found["configuration"][1]
    assert str(home.database) in found["configuration"][1]
    assert "ORT_DISABLE_TELEMETRY" in found["telemetry"][1]
    assert {what for what, (ok, _) in found.items() if not ok} == {"broker"}
    assert {"clock", "memory", "disk", "model", "library", f"source {SOURCE}"} < found.keys()


def test_before_the_first_start_nothing_is_made(somebody: Path) -> None:
    found = examined(cwd=somebody, somebody=somebody)
    assert list(somebody.iterdir()) == []
    assert "the defaults hold" in found["configuration"][1]
    assert found["library"] == (
        True,
        f"there is none yet at {somebody / 'glance.db'}; fill it with: glance-agent ingest",
    )


@pytest.mark.parametrize("with_library", [True, False])
def test_the_status_makes_and_changes_nothing(
    home: Home, somebody: Path, with_library: bool
) -> None:
    if not with_library:
        home.database.unlink()
        shutil.move(home.folder / "glance.toml", somebody)
    folder = home.folder if with_library else somebody
    before = everything(home.folder.parent)
    config = folder / "glance.toml"
    done = typed("status", "--config", config, folder=somebody, **of_a_person(somebody))
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{len(COLOURS) if with_library else 0} works, " in done.stdout
    assert everything(home.folder.parent) == before


def test_an_empty_mount_point_is_named_by_doctor_and_status(home: Home, somebody: Path) -> None:
    shutil.rmtree(home.pictures)
    home.pictures.mkdir()
    config = str(home.folder / "glance.toml")
    ok, said = examined("--config", config, cwd=somebody, somebody=somebody)[f"source {SOURCE}"]
    assert not ok
    assert f"though {len(COLOURS)} works of it are known: mount its disk" in said
    done = typed("status", "--config", config, COLUMNS="300")
    assert "mount its disk" in done.stderr
    assert f"{len(COLOURS)} works, " in done.stdout


# -- single findings ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ahead", "said"),
    [
        (timedelta(days=-400), "certificates are not valid yet"),
        (timedelta(hours=-3), None),
        (timedelta(days=900), None),
    ],
)
def test_a_clock_that_is_before_the_installation_is_wrong(
    ahead: timedelta, said: str | None
) -> None:
    installed = datetime(2026, 11, 1, tzinfo=UTC)
    fault = machine.clock_fault(installed + ahead, installed)
    assert (fault is None) if said is None else said in str(fault)
    assert machine.clock_fault(installed, None) is None


def test_memory_is_read_as_the_kernel_tells_it() -> None:
    told = "MemTotal:        1000000 kB\nMemFree:  10 kB\nMemAvailable:     500000 kB\n"
    assert machine.memory_megabytes(told) == (512, 1024)
    assert machine.memory_megabytes("MemTotal: 1 kB\n") is None


async def test_little_memory_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    meminfo = tmp_path / "meminfo"
    monkeypatch.setattr(machine, "_MEMORY", meminfo)
    patient = Patient(load(None, {}))
    meminfo.write_text("MemTotal: 500000 kB\nMemAvailable: 90000 kB\n")
    assert [f.ok async for f in machine.memory(patient)] == [False]
    meminfo.unlink()
    assert [f.ok async for f in machine.memory(patient)] == []


async def test_what_telemetry_has_left_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv(machine.SILENCED_BY, "1")
    (tmp_path / machine.LEFT_BY_TELEMETRY).mkdir(parents=True)
    (found,) = [f async for f in machine.telemetry(Patient(load(None, {})))]
    assert found.ok
    assert "may be deleted" in found.said
    monkeypatch.delenv(machine.SILENCED_BY)
    (found,) = [f async for f in machine.telemetry(Patient(load(None, {})))]
    assert not found.ok


async def test_a_folder_that_the_service_cannot_read_is_named(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        systemd_unit,
        "installed",
        lambda: systemd_unit.Unit("nobody-here", (home.pictures.parent,), (), empty_home=True),
    )
    found: list[Finding] = [f async for f in sources.check(Patient(home.config(1)))]
    assert [f.ok for f in found] == [False]
    assert f"BindReadOnlyPaths={home.pictures}" in found[0].also[0]


# -- pages -----------------------------------------------------------------------------------------


def web_patient(**web: object) -> Patient:
    return Patient(Config.model_validate({"web": web}))


async def said_of_pages(patient: Patient) -> tuple[bool, str]:
    found = [finding async for finding in pages.check(patient)]
    assert [finding.what for finding in found] == ["pages"]
    return found[0].ok, found[0].said


async def test_pages_that_are_off_or_not_served_yet_are_no_fault() -> None:
    assert await said_of_pages(web_patient(enabled=False)) == (True, "off (web.enabled)")
    ok, said = await said_of_pages(web_patient(port=free_port()))
    assert (ok, "nobody serves" in said) == (True, True)


async def test_another_program_at_the_port_of_the_pages_is_named() -> None:
    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nServer: nginx\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as other:
        port = other.sockets[0].getsockname()[1]
        ok, said = await said_of_pages(web_patient(port=port))
    assert (ok, "another program answers" in said) == (False, True)


async def test_pages_that_are_served_are_named() -> None:
    async with serving(door_of([])) as session:
        ok, said = await said_of_pages(web_patient(port=port_of(session)))
    assert (ok, "for this machine" in said) == (True, True)


async def test_a_token_that_can_be_guessed_is_said() -> None:
    ok, said = await said_of_pages(web_patient(token="swordfish"))
    assert (ok, "can be guessed" in said) == (False, True)


async def test_a_display_that_the_service_cannot_write_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = f'[{{"name": "hall", "kind": "folder", "path": "{tmp_path}"}}, {{"name": "wall"}}]'
    patient = Patient(load(None, {"GLANCE_DISPLAYS": table}))
    monkeypatch.setattr(systemd_unit, "installed", lambda: None)
    assert [f async for f in displays.check(patient)] == [
        Finding("display hall", True, f"{tmp_path}/hall.jpg can be written")
    ]
    strict = Unit("nobody-here", (), (), empty_home=False, writable=())
    monkeypatch.setattr(systemd_unit, "installed", lambda: strict)
    (found,) = [f async for f in displays.check(patient)]
    assert not found.ok
    assert f"ReadWritePaths={tmp_path}" in found.also[0]


def test_what_does_not_come_up_by_itself_is_counted_and_sources_that_are_not_there_are_named(
    home: Home, somebody: Path
) -> None:
    home.toml(1, hall={"sources": ["famly", SOURCE]})
    found = examined(
        "--config", str(home.folder / "glance.toml"), cwd=home.folder, somebody=somebody
    )
    assert f"{len(COLOURS)} too small, too narrow or of a screen" in found["library"][1]
    ok, said = found["sources of hall"]
    assert not ok
    assert "“famly”" in said
    assert "sources of wall" not in found


TRMNL = {"name": "desk", "kind": "trmnl", "device": "aa:bb:cc:dd:ee:ff"}


async def said_of(displays_table: list[dict[str, Any]], library: Path) -> dict[str, Finding]:
    """What is found of these displays and of what belongs to them."""
    settings = {
        "GLANCE_DISPLAYS": json.dumps(displays_table),
        "GLANCE_LIBRARY__PATH": str(library),
        "GLANCE_WEB__DEVICES_PORT": str(free_port()),
    }
    return {f.what: f async for f in displays.check(Patient(load(None, settings)))}


async def test_a_device_is_told_with_when_it_was_heard_of(home: Home) -> None:
    never = await said_of([TRMNL], home.folder / "none.db")
    assert "has never called" in never["display desk"].also[0]
    assert not (home.folder / "none.db").exists()
    assert "has never called" in (await said_of([TRMNL], home.database))["display desk"].also[0]
    now = datetime.now(UTC)
    for before, ok in ((timedelta(minutes=5), True), (timedelta(hours=3), False)):
        kept = heard(None, DeviceReport(interval_seconds=1800), now - before)
        db = open_database(home.database)
        KeptDevices(db).keep_device("desk", kept)
        db.close()
        found = (await said_of([TRMNL], home.database))["display desk"]
        assert f"last heard of {now - before:%Y-}" in found.also[0]
        assert (found.ok, "is missing" in found.also[0]) == (ok, not ok)


async def test_labels_that_cannot_be_set_from_the_right_are_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tables = [{"name": "wall", "label": "always"}, {"name": "hall", "label": "never"}]
    monkeypatch.setattr("PIL.features.check", lambda feature: feature != "raqm")
    found = (await said_of(tables, tmp_path / "none.db"))["labels"]
    assert "left out on wall, as FriBiDi is missing: apt install libfribidi0" in found.said
    assert "labels" not in await said_of(tables[1:], tmp_path / "none.db")
    monkeypatch.setattr("PIL.features.check", lambda feature: True)
    assert "labels" not in await said_of(tables, tmp_path / "none.db")


async def test_a_command_for_a_screen_that_is_not_here_is_said(tmp_path: Path) -> None:
    tables: list[dict[str, Any]] = [
        {"name": "wall", "power_on": ["no-such-program", "--on"], "power_off": [sys.executable]},
        {"name": "hall", "power_off": [sys.executable, "-c", ""]},
    ]
    found = await said_of(tables, tmp_path / "none.db")
    assert (found["power of wall"].ok, "power of hall" in found) == (False, False)
    assert "no-such-program cannot be run here" in found["power of wall"].said


async def test_who_says_nothing_at_the_port_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "ANSWER_SECONDS", 0.05)
    hung_up = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        hung_up.set()
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        assert await pages.server_at("127.0.0.1", port) == ""
        await asyncio.wait_for(hung_up.wait(), PATIENCE_SECONDS)
