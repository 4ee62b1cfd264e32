"""What systemd is told, on a real socket, and that the unit file is one that it takes."""

from __future__ import annotations

import asyncio
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from glance_agent.config.load import load
from glance_agent.doors.health import Health
from glance_agent.doors.systemd import feed_watchdog, notify, watchdog_seconds
from tests.broker import Broker
from tests.home import Home
from tests.phone import Phone
from tests.spawned import PATIENCE_SECONDS, ROOT, Spawned

README = ROOT / "README.md"
UNIT = ROOT / "systemd" / "glance-agent.service"


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    """A socket that listens as systemd does; its name is in NOTIFY_SOCKET of whoever is told."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as door:
        door.bind(str(tmp_path / "notify"))
        door.settimeout(PATIENCE_SECONDS)
        yield door


def test_nobody_is_told_where_nobody_listens() -> None:
    assert notify("READY=1", {}) is False


def test_systemd_is_told_by_a_datagram(systemd: socket.socket) -> None:
    environ = {"NOTIFY_SOCKET": systemd.getsockname()}
    assert notify("READY=1", environ)
    assert notify("WATCHDOG=1", environ)
    assert [systemd.recv(100), systemd.recv(100)] == [b"READY=1", b"WATCHDOG=1"]


@pytest.mark.skipif(sys.platform != "linux", reason="abstract sockets are Linux's")
def test_an_abstract_socket_is_found(tmp_path: Path) -> None:
    name = f"glance-test-{tmp_path.name}-{id(tmp_path)}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as door:
        door.bind(f"\0{name}")
        door.settimeout(PATIENCE_SECONDS)
        assert notify("READY=1", {"NOTIFY_SOCKET": f"@{name}"})
        assert door.recv(100) == b"READY=1"


@pytest.mark.parametrize(
    ("said", "seconds"), [("30000000", 30.0), ("", None), ("0", None), ("soon", None)]
)
def test_the_watchdogs_time_is_read(said: str, seconds: float | None) -> None:
    assert watchdog_seconds({"WATCHDOG_USEC": said}) == seconds
    assert watchdog_seconds({}) is None


async def test_the_watchdog_is_fed_only_while_the_worker_answers(
    systemd: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", systemd.getsockname())
    systemd.setblocking(False)
    asked: asyncio.Queue[asyncio.Event] = asyncio.Queue()

    async def alive() -> None:
        answered = asyncio.Event()
        asked.put_nowait(answered)
        await answered.wait()

    task = asyncio.create_task(feed_watchdog([alive], 0.001))
    for _ in range(3):
        answer = await asked.get()
        with pytest.raises(BlockingIOError):
            systemd.recv(100)
        answer.set()
        async with asyncio.timeout(PATIENCE_SECONDS):
            said = await asyncio.get_running_loop().sock_recv(systemd, 100)
        assert said == b"WATCHDOG=1"
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_the_watchdog_starves_when_any_door_hangs(
    systemd: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", systemd.getsockname())
    systemd.setblocking(False)
    fine, hung = Health(), Health()
    asked, released = asyncio.Event(), asyncio.Event()

    async def alive() -> None:
        asked.set()
        await hung.alive()

    async def hang() -> None:
        with hung.at_work():
            await released.wait()

    door = asyncio.create_task(hang())
    await asyncio.sleep(0)
    task = asyncio.create_task(feed_watchdog([fine.alive, alive], 1000))
    await asked.wait()
    with pytest.raises(BlockingIOError):
        systemd.recv(100)
    released.set()
    async with asyncio.timeout(PATIENCE_SECONDS):
        said = await asyncio.get_running_loop().sock_recv(systemd, 100)
    assert said == b"WATCHDOG=1"
    for running in (task, door):
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def test_the_agent_says_when_it_is_ready_alive_and_stopping(
    home: Home, broker: Broker, systemd: socket.socket
) -> None:
    systemd.setblocking(False)
    loop = asyncio.get_running_loop()
    environ = {"NOTIFY_SOCKET": systemd.getsockname(), "WATCHDOG_USEC": "200000"}
    config = str(home.toml(broker.port))
    arguments = ("-m", "tests.doomed_agent", "never", "run", "--config", config)
    agent = await Spawned.loaded(*arguments, environ=environ)
    said: list[bytes] = []
    try:
        async with asyncio.timeout(PATIENCE_SECONDS), Phone(broker.port) as phone:
            while said.count(b"WATCHDOG=1") < 3:
                said.append(await loop.sock_recv(systemd, 100))
            assert (await phone.ask("command/describe", {"transaction": 1}))["verb"] == "describe"
            agent.send(signal.SIGTERM)
            while said[-1] != b"STOPPING=1":
                said.append(await loop.sock_recv(systemd, 100))
        assert await agent.ended() == 0
    finally:
        await agent.end(signal.SIGKILL)
    assert said.count(b"READY=1") == said.count(b"STOPPING=1") == 1


@pytest.mark.parametrize("hidden", ["", "#LoadCredential=|#Environment="])
def test_the_unit_is_one_that_systemd_takes(tmp_path: Path, hidden: str) -> None:
    """As it is, and with the lines for a credential."""
    tool = shutil.which("systemd-analyze")
    if tool is None:
        pytest.skip("systemd-analyze is not installed")
    lines = UNIT.read_text().splitlines()
    (start,) = [line for line in lines if line.startswith("ExecStart=")]
    assert start.endswith("glance-agent run --config /etc/glance-agent/glance.toml")
    unit = tmp_path / UNIT.name
    here = [f"ExecStart={sys.executable}" if line == start else line for line in lines]
    optional = tuple(hidden.split("|")) if hidden else ()
    here = [line.removeprefix("#") if line.startswith(optional) else line for line in here]
    assert any(line.startswith("LoadCredential=") for line in here) == bool(hidden)
    unit.write_text("\n".join(here) + "\n")
    done = subprocess.run([tool, "verify", str(unit)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_unit_tells_systemd_what_the_agent_does() -> None:
    unit = UNIT.read_text()
    for line in ("Type=notify", "NotifyAccess=main", "NoNewPrivileges=yes", "ProtectSystem=strict"):
        assert line in unit.splitlines()
    assert "WatchdogSec=" in unit


@pytest.mark.skipif(sys.platform != "linux", reason="the README's sed is that of Linux")
def test_the_readme_installs_what_the_unit_expects(tmp_path: Path) -> None:
    block = re.search(r"<!-- install -->\n```sh\n(.*?)```", README.read_text(), re.DOTALL)
    assert block is not None
    commands = [shlex.split(line, comments=True) for line in block[1].splitlines()]
    unit = dict(line.split("=", 1) for line in UNIT.read_text().splitlines() if "=" in line)
    program, _, _, config = shlex.split(unit["ExecStart"])
    assert ["python3", "-m", "venv", program.removesuffix("/bin/glance-agent")] in commands
    assert commands[-1][:3] == ["sudo", "-u", unit["User"]]
    (added,) = [words for words in commands if "useradd" in words]
    assert added[-1] == unit["User"]
    copied = [words for words in commands if words[1] == "install" and "-m" in words]
    assert all((ROOT / words[-2]).is_file() for words in copied)
    (edit,) = [words for words in commands if words[1] == "sed"]
    mine = shutil.copy(ROOT / "config" / "glance.toml", tmp_path)
    assert edit[-1] == config
    subprocess.run([*edit[1:-1], mine], check=True)
    home = Path("/var/lib") / unit["StateDirectory"]
    assert added[added.index("--home-dir") + 1] == str(home)
    assert load(Path(mine), {}).library.path == home / "glance.db"
