"""What campaigns over MQTT share: a Mosquitto, the real agent as a process, a phone that counts.

Everything lives in one folder and on one loopback port, and is ended by its own process id.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from tests.broker import free_port

PATIENCE_SECONDS = 120.0
"""How long anything may take to come before the campaign is given up."""


HEARD = ("response", "status", "barrier")
PICTURE = "display/wall/image"


class Broken(Exception):
    """What a campaign waited for did not come."""


@contextlib.contextmanager
def mosquitto(folder: Path, *settings: str) -> Iterator[int]:
    """A broker on a free loopback port, with its defaults but for these settings."""
    port = free_port()
    lines = ["user root", f"listener {port} 127.0.0.1", "allow_anonymous true", *settings]
    config = folder / "mosquitto.conf"
    config.write_text("\n".join(lines) + "\n")
    program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
    with (folder / "mosquitto.log").open("wb") as log:
        process = subprocess.Popen([program, "-c", config], stderr=log)
    try:
        until(lambda: listens(port), "Mosquitto")
        yield port
    finally:
        process.terminate()
        process.wait()


def listens(port: int) -> bool:
    """Whether somebody takes connections on this loopback port."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
        return True
    return False


def until(
    true: Callable[[], bool],
    what: str,
    seconds: float = PATIENCE_SECONDS,
    pause_seconds: float = 0.005,
) -> None:
    """Return when it is so. Raises Broken where that takes too long."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise Broken(f"{what} did not come within {seconds:.0f} s")
        time.sleep(pause_seconds)


class Agent:
    """The real program with a library of its own, run and killed as often as one likes."""

    def __init__(
        self,
        folder: Path,
        port: int,
        *,
        size_px: tuple[int, int] = (320, 200),
        library: str = 'path = "glance.db"',
        **mqtt: str | int,
    ) -> None:
        self.database = folder / "glance.db"
        self._log = folder / "agent.log"
        self._config = folder / "glance.toml"
        more = "".join(f"{key} = {json.dumps(value)}\n" for key, value in mqtt.items())
        self._config.write_text(
            f"[mqtt]\nport = {port}\n{more}[library]\n{library}\n"
            f'[[displays]]\nname = "wall"\nwidth_px = {size_px[0]}\nheight_px = {size_px[1]}\n'
            '[[sources]]\nname = "starter"\nkind = "starter"\n'
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process; it is not waited for."""
        command = [sys.executable, "-m", "glance_agent", "run", "--config", str(self._config)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)

    def end(self, number: signal.Signals) -> int:
        """End the process with a signal; its exit code once it is gone."""
        assert self._process is not None
        self._process.send_signal(number)
        return self._process.wait()

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """The agent, until the block ends; then told to stop."""
        self.start()
        try:
            yield
        finally:
            self.end(signal.SIGTERM)

    @property
    def has_ended(self) -> bool:
        """Whether the process ended by itself."""
        return self._process is not None and self._process.poll() is not None

    @property
    def log(self) -> str:
        return self._log.read_text("utf-8", "replace")

    def peak_megabytes(self) -> float:
        """The most memory that the running process has had so far."""
        assert self._process is not None
        with contextlib.suppress(OSError, StopIteration):
            status = Path(f"/proc/{self._process.pid}/status").read_text("ascii")
            line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
            return int(line.split()[1]) / 1024
        return 0.0

    def processor_seconds(self) -> float:
        """How long the running process has kept a processor busy so far."""
        assert self._process is not None
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{self._process.pid}/stat").read_text("ascii").rsplit(")", 1)[1]
            ticks = sum(int(field) for field in fields.split()[11:13])
            return ticks / os.sysconf("SC_CLK_TCK")
        return 0.0

    def until_stocked(self) -> None:
        """Return when the starter gallery is in the library, which is looked at now and then:
        to open it every moment takes as long as to bring the pictures in."""
        until(lambda: self.works() >= 60, "the starter gallery", pause_seconds=0.1)

    def works(self) -> int:
        """How many pictures the library holds; none while it is being made."""
        try:
            return int(self.rows("SELECT count(*) FROM artworks")[0][0])
        except sqlite3.OperationalError:
            return 0

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What is on disk, seen from outside."""
        with contextlib.closing(sqlite3.connect(self.database, timeout=30)) as database:
            return database.execute(sql).fetchall()


class Phone:
    """Sends commands, and counts the answers by their transaction."""

    def __init__(self, port: int, base: str = "glance", *, sees: bool = False) -> None:
        """With `sees` it also has the pictures of the display."""
        self.answers: Counter[int] = Counter()
        self.refused: set[int] = set()
        self.codes: dict[int, str] = {}
        self.last_heard: dict[str, bytes] = {}
        self.went_offline = 0
        self._base = base
        self._lock = threading.Lock()
        self._client = paho.Client(CallbackAPIVersion.VERSION2, client_id="campaign")
        self._client.on_message = self._heard
        self._client.max_inflight_messages = 200
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        topics = (*HEARD, PICTURE) if sees else HEARD
        self._client.subscribe([(f"{base}/{t}", 1) for t in topics])
        self.catch_up()

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def send(self, commands: Iterable[tuple[str, dict[str, Any]]], *, qos: int = 1) -> None:
        """Publish commands, verb and keys each; returns when the broker has all."""
        last = None
        for verb, keys in commands:
            last = self._client.publish(f"{self._base}/command/{verb}", json.dumps(keys), qos)
        if last is not None:
            until(last.is_published, "the broker's confirmation")

    @property
    def picture(self) -> bytes:
        """What was on the display last; empty before the first."""
        return self.last_heard.get(PICTURE, b"")

    def catch_up(self) -> None:
        """Return when everything that the broker has for us has arrived."""
        word = str(time.monotonic_ns()).encode()
        self._client.publish(f"{self._base}/barrier", word, 1)
        until(lambda: self.last_heard.get("barrier") == word, "the broker's echo")

    def answered(self) -> int:
        """How many commands have been answered, each counted once."""
        with self._lock:
            return len(self.answers)

    def unanswered(self, sent: Sequence[int]) -> list[int]:
        """Those of these transactions that have no answer."""
        with self._lock:
            return [number for number in sent if number not in self.answers]

    def _heard(self, _client: Any, _data: Any, message: paho.MQTTMessage) -> None:
        name = message.topic.removeprefix(f"{self._base}/")
        if name != "response":
            self.last_heard[name] = bytes(message.payload)
            self.went_offline += message.payload == b"offline"
            return
        reply = json.loads(message.payload)
        if isinstance(number := reply.get("transaction"), int):
            with self._lock:
                self.answers[number] += 1
                if not reply["ok"]:
                    self.refused.add(number)
                    self.codes[number] = reply["error"]["code"]


def table(rows: Iterable[tuple[str, object]]) -> str:
    """Two columns as text."""
    told = [(name, str(value)) for name, value in rows]
    width = max(len(name) for name, _ in told)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in told)
