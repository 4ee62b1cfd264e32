"""40 displays on 4 agents and one PostgreSQL: `python -m tools.bench.displays [MINUTES]`.

Each agent has ten displays of 320x200, on each of which a slideshow goes on every 10 s. Beside that
somebody asks for the next picture of one display after the other, once a second. Figures are how
long its answer takes, and how far showings on a display lie apart at most: 10 s, and what the
machine was late. Agents are real processes with a small true encoder, over a real Mosquitto.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from glance_agent.domain.library_place import PostgresPlace
from glance_agent.store.opening import open_library
from tests.home import paint
from tests.postgres import started
from tools.campaigns.stage import mosquitto, until

AGENTS, DISPLAYS = 4, 10
EVERY_SECONDS = 10
LATE_SECONDS = 5.0
"""A showing that comes so much later than its time has been missed."""


def start(folder: Path, number: int, port: int, place: PostgresPlace) -> subprocess.Popen[bytes]:
    """One agent with its ten displays."""
    own = folder / f"floor{number}"
    own.mkdir()
    displays = "".join(
        f'[[displays]]\nname = "f{number}d{at}"\nwidth_px = 320\nheight_px = 200\n'
        for at in range(DISPLAYS)
    )
    (own / "glance.toml").write_text(
        f'[mqtt]\nport = {port}\nbase_topic = "floor{number}"\n'
        f'[library]\nurl = "{place.url}"\n[web]\nenabled = false\n'
        f"[choice]\nslideshow = true\ninterval_seconds = {EVERY_SECONDS}\nno_repeat_showings = 5\n"
        f'{displays}[[sources]]\nname = "paint"\nkind = "folder"\n'
        f'path = "{folder / "pictures"}"\nwatch = false\n',
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "tools.campaigns.agents", "--skew", "0"]
    with (own / "log").open("wb") as log:
        return subprocess.Popen([*command, str(own / "glance.toml")], stderr=log)


class Phone:
    """Asks on the topics of all floors, and notes how long answers take."""

    def __init__(self, port: int) -> None:
        self.answered: dict[int, float] = {}
        self.images: set[str] = set()
        self._client = paho.Client(CallbackAPIVersion.VERSION2, "phone")
        self._client.on_message = self._on_message
        self._client.connect("127.0.0.1", port)
        self._client.subscribe([("+/response", 1), ("+/display/+/image", 0)])
        self._client.loop_start()

    def _on_message(self, client: object, data: object, message: paho.MQTTMessage) -> None:
        if message.topic.endswith("/image"):
            self.images.add(message.topic)
        elif number := json.loads(message.payload).get("transaction"):
            self.answered.setdefault(number, time.monotonic())

    def ask(self, number: int) -> float:
        """Ask for the next picture of one of the displays; when that was."""
        floor, display = number % AGENTS, number // AGENTS % DISPLAYS
        payload = json.dumps({"transaction": number})
        topic = f"floor{floor}/command/next/f{floor}d{display}"
        self._client.publish(topic, payload, qos=1)
        return time.monotonic()

    def close(self) -> None:
        """Hear no more."""
        self._client.disconnect()
        self._client.loop_stop()


def processor_seconds() -> float:
    """What all that was started here has used of processors so far: agents, broker and server."""
    used, parents = {}, {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            told = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        process = int(path.parent.name)
        parents[process] = int(told[1])
        used[process] = sum(map(int, told[11:13])) / os.sysconf("SC_CLK_TCK")

    def is_ours(process: int) -> bool:
        while (process := parents.get(process, 0)) > 1:
            if process == os.getpid():
                return True
        return False

    return sum(seconds for process, seconds in used.items() if is_ours(process))


def gaps(place: PostgresPlace, since: datetime) -> list[float]:
    """The seconds between one showing and the next, on every display."""
    with closing(open_library(place)) as database:
        rows = database.execute("SELECT display, shown_at FROM showings ORDER BY display, position")
        shown = [(display, datetime.fromisoformat(at)) for display, at in rows.fetchall()]
    return [
        (later - earlier).total_seconds()
        for (display, earlier), (other, later) in pairwise(shown)
        if display == other and earlier >= since
    ]


def main() -> None:
    """Measure, and print the figures."""
    minutes = float(sys.argv[1]) if sys.argv[1:] else 10.0
    with tempfile.TemporaryDirectory() as name, started() as server:
        folder = Path(name)
        (folder / "pictures").mkdir()
        paint(folder / "pictures")
        place = PostgresPlace(server.url(server.created()))
        open_library(place).close()
        with mosquitto(folder) as port:
            running = [start(folder, number, port, place) for number in range(AGENTS)]
            phone = Phone(port)
            try:
                until(lambda: len(phone.images) == AGENTS * DISPLAYS, "a picture on each display")
                begun, asked, before = datetime.now().astimezone(), {}, processor_seconds()
                end, number = time.monotonic() + 60 * minutes, 0
                while time.monotonic() < end:
                    number += 1
                    asked[number] = phone.ask(number)
                    time.sleep(1.0)
                until(lambda: len(phone.answered) == len(asked), "an answer to each")
                used = processor_seconds() - before
                took = [1_000 * (phone.answered[n] - at) for n, at in asked.items()]
                apart = gaps(place, begun)
            finally:
                phone.close()
                for one in running:
                    one.terminate()
                for one in running:
                    one.wait()
    half, most = np.percentile(took, [50, 95])
    missed = sum(gap > EVERY_SECONDS + LATE_SECONDS for gap in apart)
    print(f"{len(took)} asked for next: median {half:.0f} ms, 95 of 100 within {most:.0f} ms")
    print(f"{len(apart)} showings, at most {max(apart):.1f} s apart: {missed} missed")
    print(f"{1_000 * used / len(apart):.0f} ms of a processor for each showing, in all processes")


if __name__ == "__main__":
    main()
