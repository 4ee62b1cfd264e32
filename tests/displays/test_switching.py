"""Commands that switch screens: each wish is carried out once, and what does not work is told."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
import pytest_asyncio

from glance_agent.config.load import load
from glance_agent.displays.registry import usual_display
from glance_agent.displays.switching import Switch
from glance_agent.domain.errors import ConfigError, ErrorCode
from glance_agent.domain.news import Powered
from glance_agent.domain.reply import Reply
from tests.broker import Broker
from tests.home import Home, agent
from tests.phone import Phone

CALL = (
    "import os, socket, sys; "
    "socket.create_connection(('127.0.0.1', int(sys.argv[1])))"
    ".sendall((sys.argv[2] + os.environ.get('GLANCE_X', '')).encode())"
)


class Calls:
    """What commands say that call here, in order."""

    def __init__(self) -> None:
        self.said: asyncio.Queue[str] = asyncio.Queue()
        self.port = 0

    def command(self, word: str) -> tuple[str, ...]:
        """A command that says this word here."""
        return (sys.executable, "-c", CALL, str(self.port), word)

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.said.put_nowait((await reader.read()).decode())
        writer.close()


@pytest_asyncio.fixture
async def calls() -> AsyncIterator[Calls]:
    here = Calls()
    async with await asyncio.start_server(here.take, "127.0.0.1", 0) as server:
        here.port = server.sockets[0].getsockname()[1]
        yield here


class Trial:
    """A switch with these commands, and what it told."""

    def __init__(self, on: tuple[str, ...] = (), off: tuple[str, ...] = ()) -> None:
        self.told: asyncio.Queue[Reply] = asyncio.Queue()
        settings = usual_display("hall").model_copy(update={"power_on": on, "power_off": off})
        self.switch = Switch(settings, self.told.put, patience_seconds=20)

    async def want(self, *, on: bool, display: str = "hall") -> None:
        await self.switch.announce(Powered(display, on))


@asynccontextmanager
async def running(trial: Trial) -> AsyncIterator[Trial]:
    task = asyncio.create_task(trial.switch.run())
    try:
        yield trial
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_each_wish_is_carried_out_once(calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLANCE_X", "secret")
    async with running(Trial(calls.command("$HOME; ls"), calls.command("off"))) as trial:
        await trial.want(on=True)
        assert await calls.said.get() == "$HOME; ls"
        await trial.want(on=True)
        await trial.want(on=False, display="wall")
        await trial.want(on=False)
        assert await calls.said.get() == "off"
        await trial.want(on=True)
        assert await calls.said.get() == "$HOME; ls"
        assert trial.told.empty()


@pytest.mark.parametrize(
    "command",
    [
        ("/no/such/program",),
        (sys.executable, "-c", "raise SystemExit('no screen')"),
        (sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"),
    ],
)
async def test_what_does_not_work_is_told_and_the_next_wish_is_tried(
    calls: Calls, command: tuple[str, ...]
) -> None:
    async with running(Trial(calls.command("on"), command)) as trial:
        await trial.want(on=False)
        told = await trial.told.get()
        assert (told.ok, told.verb, told.display) == (False, "power", "hall")
        assert told.error is not None
        assert told.error.code == ErrorCode.NOT_SWITCHED
        assert "could not be switched off" in told.message
        assert "python" not in f"{told.message} {told.error.hint}", "no path of the machine"
        await trial.want(on=True)
        assert await calls.said.get() == "on"


async def test_a_command_that_does_not_end_is_ended() -> None:
    trial = Trial((), (sys.executable, "-c", "import time; time.sleep(600)"))
    trial.switch._patience_seconds = 0.01
    async with running(trial):
        await trial.want(on=False)
        assert "could not be switched off" in (await trial.told.get()).message


@pytest.mark.parametrize("command", ['[""]', '["a\\u0000b"]', '"wlopm --off"'])
def test_what_is_no_command_is_refused(tmp_path: Path, command: str) -> None:
    config = tmp_path / "glance.toml"
    config.write_text(f'[[displays]]\nname = "wall"\npower_off = {command}\n')
    with pytest.raises(ConfigError, match="power_off"):
        load(config, {})


async def test_a_running_agent_switches_the_screen(
    home: Home, broker: Broker, calls: Calls
) -> None:
    commands = {f"power_{word}": list(calls.command(word)) for word in ("on", "off")}
    async with agent(home.config(broker.port, wall=commands)), Phone(broker.port) as phone:
        assert await calls.said.get() == "on"
        await phone.expect("display/wall/power")
        await phone.ask("command/power/wall", "off")
        assert await calls.said.get() == "off"
