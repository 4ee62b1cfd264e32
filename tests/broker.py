"""Real Mosquitto processes on free loopback ports, one per test, ended by their process id."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from itertools import cycle
from pathlib import Path

import pytest

from tests.spawned import PATIENCE_SECONDS, Spawned

FIRST_PORT, PORTS_EACH, WORKERS = 12_000, 1_250, 16
"""Up to 31,999: Linux connects from 32,768 on, unless it is told otherwise."""
FIRST_OF_PAGES, PAGES_EACH = 10_000, 125
"""Below those: ports that tests keep while nobody listens there."""
MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")

needs_mosquitto = pytest.mark.skipif(
    MOSQUITTO is None, reason="Mosquitto is not installed; `make test` installs it on Debian"
)


def free_port() -> int:
    """A loopback port that nobody listens on.

    It lies below those that the system gives to whoever connects, or a connection of somebody
    else could have it before it is listened on; each worker of the tests has its own.
    """
    return _free_of(_PORTS)


@cache
def lasting_port() -> int:
    """One such port for all tests of this process, which no other has in between."""
    return _free_of(_ports(FIRST_OF_PAGES, PAGES_EACH))


def _free_of(ports: Iterator[int]) -> int:
    while True:
        port = next(ports)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def _ports(first: int, each: int) -> Iterator[int]:
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first += worker % WORKERS * each
    begin = os.getpid() % each  # another run of the tests may go on at the same time
    return cycle([first + (begin + n) % each for n in range(each)])


_PORTS = _ports(FIRST_PORT, PORTS_EACH)


@dataclass
class Broker:
    """One Mosquitto, which may be stopped, killed and started again on the same port."""

    folder: Path
    persistent: bool = False
    passwords: dict[str, str] = field(default_factory=dict)
    acl_file: Path | None = None
    more: tuple[str, ...] = ()
    """Further lines of its configuration."""
    port: int = field(default_factory=free_port)
    process: Spawned | None = None

    @property
    def password_file(self) -> Path:
        return self.folder / "passwords"

    async def start(self) -> None:
        """Start it, and return when it takes connections."""
        self.folder.mkdir(exist_ok=True)
        if self.passwords:
            write_passwords(self.password_file, self.passwords)
        config = self.folder / "mosquitto.conf"
        config.write_text("\n".join(self._settings()) + "\n")
        self.process = await Spawned.start(str(MOSQUITTO), "-c", str(config))
        await self.process.says(" running")

    async def stop(self) -> None:
        """End it in good order: a persistent one writes down what it holds."""
        if self.process is not None:
            while True:
                # One that says “running” may still forget a signal, until its loop runs.
                with suppress(TimeoutError):
                    await self.process.end(signal.SIGTERM, patience_seconds=1.0)
                    break
            self.process = None

    async def allow(self, user: str, password: str) -> None:
        """Let one more user in, without a restart."""
        assert self.process is not None
        self.passwords[user] = password
        write_passwords(self.password_file, self.passwords)
        self.process.send(signal.SIGHUP)
        await self.process.says("Reloading config")

    def _settings(self) -> list[str]:
        lines = [
            # Started by root it would give up its rights, and with them the test's folders.
            "user root",
            f"listener {self.port} 127.0.0.1",
            f"allow_anonymous {str(not self.passwords).lower()}",
            "set_tcp_nodelay true",
            "log_dest stderr",
            "log_type all",
            f"persistence {str(self.persistent).lower()}",
            f"persistence_location {self.folder}/",
            *self.more,
        ]
        if self.passwords:
            lines.append(f"password_file {self.password_file}")
        if self.acl_file is not None:
            lines.append(f"acl_file {self.acl_file}")
        return lines


@asynccontextmanager
async def running(broker: Broker) -> AsyncIterator[Broker]:
    """The broker, running; ended afterwards if it still does."""
    await broker.start()
    try:
        yield broker
    finally:
        await broker.stop()


@asynccontextmanager
async def mosquitto(folder: Path) -> AsyncIterator[Broker]:
    """A plain broker, running; the test is skipped where none is installed."""
    if MOSQUITTO is None:
        pytest.skip("Mosquitto is not installed; `make test` installs it on Debian")
    async with running(Broker(folder)) as one:
        yield one


def write_passwords(path: Path, passwords: dict[str, str]) -> None:
    """A password file with hashes, as mosquitto_passwd makes it."""
    tool = shutil.which("mosquitto_passwd") or pytest.skip("mosquitto_passwd is not installed")
    path.write_text("")
    path.chmod(0o600)
    for user, password in passwords.items():
        subprocess.run([tool, "-b", str(path), user, password], check=True, capture_output=True)


class OldBroker:
    """Speaks just enough MQTT to refuse version 5 and to let version 3.1.1 connect."""

    def __init__(self) -> None:
        self.asked_for: list[int] = []
        self.port = 0
        self._server: asyncio.Server | None = None
        self._accepted = asyncio.Event()

    async def accepted_a_connection(self) -> None:
        """Wait until a client was let in."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self._accepted.wait()

    async def __aenter__(self) -> OldBroker:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                kind, body = await self._packet(reader)
                if kind == 1:
                    version = body[6]
                    self.asked_for.append(version)
                    # MQTT 3.1.1, section 3.2.2.3: return code 1, unacceptable protocol version.
                    writer.write(bytes([0x20, 2, 0, 0 if version == 4 else 1]))
                    if version != 4:
                        return
                    self._accepted.set()
                elif kind == 3:
                    name_length = int.from_bytes(body[:2], "big")
                    writer.write(bytes([0x40, 2]) + body[2 + name_length : 4 + name_length])
                elif kind == 8:
                    writer.write(bytes([0x90, 3]) + body[:2] + b"\x01")
                elif kind == 14:
                    return
        except asyncio.IncompleteReadError:
            return
        finally:
            writer.close()

    async def _packet(self, reader: asyncio.StreamReader) -> tuple[int, bytes]:
        first = (await reader.readexactly(1))[0]
        length, shift = 0, 0
        while True:
            digit = (await reader.readexactly(1))[0]
            length |= (digit & 0x7F) << shift
            shift += 7
            if not digit & 0x80:
                return first >> 4, await reader.readexactly(length)


class CurtBroker:
    """Lets a client of version 5 in, and hangs up at once, with a reason or without a word."""

    def __init__(self, reason: int | None) -> None:
        self.port = 0
        self._reason = reason
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> CurtBroker:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1024)
        writer.write(b"\x20\x03\x00\x00\x00")  # CONNACK
        if self._reason is not None:
            writer.write(b"\xe0\x02" + bytes([self._reason]) + b"\x00")  # DISCONNECT
        writer.close()
