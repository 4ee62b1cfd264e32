"""Three agents with clocks that disagree, one library, one display: killed, frozen, stopped.

`python -m tools.campaigns.agents [ROUNDS]` starts three agents on the same topics over one library
in PostgreSQL, whose clocks are right, an hour ahead and an hour behind. In each round the one that
has the display is killed (SIGKILL), frozen until another has taken over (SIGSTOP, SIGCONT), or told
to stop, in turn; then it is started again. What must hold:

- another agent answers within 30 s;
- a display never shows an earlier showing again: what a frozen one had still to say is not said;
- every like that was answered is in the library, once;
- nothing is shown that was not asked for: no agent does again what another one has done;
- at every moment a display has one owner at most, by the database's clock.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from glance_agent.domain.library_place import PostgresPlace
from glance_agent.store.display_leases import holders
from glance_agent.store.opening import open_library
from tests.home import paint
from tests.postgres import started
from tools.campaigns.stage import Broken, mosquitto, until

MOST_SECONDS = 30.0
SKEWS = (0, 3_600, -3_600)
FAULTS = ("killed", "frozen", "stopped")
ANSWER_SECONDS = 2.0
"""After so long without an answer a phone asks again."""


@dataclass
class Heard:
    """What a phone has heard: answers, and when what hangs had been put up."""

    answers: dict[int, dict[str, Any]] = field(default_factory=dict)
    backwards: int = 0
    _position: int = 0

    def take(self, topic: str, payload: bytes) -> None:
        """Note one message."""
        if topic.endswith("/response") and (told := json.loads(payload)).get("transaction"):
            self.answers[told["transaction"]] = told
        elif topic.endswith("/artwork") and payload:
            position = json.loads(payload)["position"]
            self.backwards += position < self._position
            self._position = max(self._position, position)


class Phone:
    """Asks, and asks again where nobody answers."""

    def __init__(self, port: int) -> None:
        self.heard = Heard()
        self.asked = Counter[str]()
        self._next = 1
        self._client = paho.Client(CallbackAPIVersion.VERSION2, "phone")
        self._client.on_message = lambda c, u, m: self.heard.take(m.topic, m.payload)
        self._client.connect("127.0.0.1", port)
        self._client.subscribe("glance/#", qos=1)
        self._client.loop_start()

    def ask(self, verb: str, **keys: Any) -> tuple[float, dict[str, Any]]:
        """The first good answer, and how many seconds it took to come."""
        begun = time.monotonic()
        while time.monotonic() < begun + 4 * MOST_SECONDS:
            number, self._next = self._next, self._next + 1
            payload = json.dumps({"display": "wall", "transaction": number, **keys})
            self._client.publish(f"glance/command/{verb}", payload, qos=1)
            self.asked[verb] += 1
            end = time.monotonic() + ANSWER_SECONDS
            while time.monotonic() < end and number not in self.heard.answers:
                time.sleep(0.01)
            if (told := self.heard.answers.get(number)) and told["ok"]:
                return time.monotonic() - begun, told
        raise Broken(f"an answer to {verb} did not come")

    def close(self) -> None:
        """Hear no more."""
        self._client.disconnect()
        self._client.loop_stop()


class House:
    """Three agents in folders of their own."""

    def __init__(self, folder: Path, port: int, place: PostgresPlace, pictures: Path) -> None:
        self._folder, self._port = folder, port
        self._place, self._pictures = place, pictures
        self._running: dict[int, subprocess.Popen[bytes]] = {}

    def start(self, number: int) -> None:
        """Start one more agent, with its own idea of the time."""
        folder = self._folder / f"agent {number}"
        folder.mkdir(exist_ok=True)
        config = folder / "glance.toml"
        config.write_text(
            f'[mqtt]\nport = {self._port}\n[library]\nurl = "{self._place.url}"\n'
            '[web]\nenabled = false\n[[displays]]\nname = "wall"\nwidth_px = 320\n'
            f'height_px = 200\n[[sources]]\nname = "paint"\nkind = "folder"\n'
            f'path = "{self._pictures}"\nwatch = false\n',
            encoding="utf-8",
        )
        command = [sys.executable, "-m", "tools.campaigns.agents", "--skew", str(SKEWS[number])]
        with (folder / "log").open("ab") as log:
            self._running[number] = subprocess.Popen([*command, str(config)], stderr=log)

    def process(self, number: int) -> subprocess.Popen[bytes]:
        """The process of an agent."""
        return self._running[number]

    def owner(self) -> int:
        """Which one has the display now, -1 for none."""
        with closing(open_library(self._place)) as database:
            title = holders(database).get("wall", "")
        pids = {str(one.pid): number for number, one in self._running.items()}
        return pids.get(title.rpartition(" ")[2], -1)

    def end(self) -> None:
        """End them all."""
        for one in self._running.values():
            with contextlib.suppress(ProcessLookupError):
                one.send_signal(signal.SIGCONT)
            one.kill()
            one.wait()


@contextmanager
def watching(place: PostgresPlace, seen: list[int]) -> Iterator[None]:
    """Within it the owners of the display are counted again and again."""
    over = threading.Event()
    sql = (
        "SELECT count(*) FROM display_leases "
        "WHERE name = 'display/wall' AND until > julianday('now')"
    )

    def watch() -> None:
        with closing(open_library(place)) as database:
            while not over.wait(0.05):
                seen.append(int(database.execute(sql).fetchone()[0]))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def meet(house: House, fault: str, number: int, phone: Phone) -> float:
    """Have one fault befall the owner; after how many seconds somebody answered again."""
    process = house.process(number)
    process.send_signal(
        {"killed": signal.SIGKILL, "frozen": signal.SIGSTOP, "stopped": signal.SIGTERM}[fault]
    )
    seconds, _ = phone.ask("next")
    if fault == "frozen":
        until(lambda: house.owner() != number, "another owner")
        process.send_signal(signal.SIGCONT)
        for _ in range(3):
            phone.ask("next")
        process.send_signal(signal.SIGTERM)
    process.wait()
    house.start(number)
    return seconds


def campaign(rounds: int) -> int:
    """Run it, and print what was found; how many things did not hold."""
    seen: list[int] = []
    took: dict[str, list[float]] = {fault: [] for fault in FAULTS}
    with tempfile.TemporaryDirectory() as name, started() as server:
        folder = Path(name)
        place = PostgresPlace(server.url(server.created()))
        pictures = folder / "pictures"
        pictures.mkdir()
        paint(pictures)
        with mosquitto(folder) as port:
            house = House(folder, port, place, pictures)
            phone = Phone(port)
            try:
                for number in range(len(SKEWS)):
                    house.start(number)
                until(lambda: house.owner() >= 0, "an owner")
                phone.ask("next")
                likes = set()
                with watching(place, seen):
                    for turn in range(rounds):
                        fault = FAULTS[turn % len(FAULTS)]
                        seconds = meet(house, fault, house.owner(), phone)
                        took[fault].append(seconds)
                        _, liked = phone.ask("like", user=f"user {turn}")
                        likes.add((f"user {turn}", liked["artwork"]["id"]))
                        print(f"{turn + 1}: {fault}, answered after {seconds:.1f} s", flush=True)
                with closing(open_library(place)) as database:
                    rows = database.execute("SELECT user, artwork_id FROM reactions").fetchall()
                    kept = [(user, work) for user, work in rows]
                    shown = database.execute("SELECT count(*) FROM showings").fetchone()[0]
            finally:
                phone.close()
                house.end()
    for fault, seconds_of in took.items():
        if seconds_of:
            print(f"{fault}: at most {max(seconds_of):.1f} s")
    late = sum(s > MOST_SECONDS for some in took.values() for s in some)
    lost, doubled = len(likes - set(kept)), len(kept) - len(set(kept))
    held = f"{lost} likes lost, {doubled} doubled, at most {max(seen)} owners at a time"
    print(f"{rounds} faults: {late} later than {MOST_SECONDS:.0f} s, {held}")
    again = max(0, int(shown) - phone.asked["next"] - 1)  # the first one comes by itself
    print(f"{shown} showings: {phone.heard.backwards} came back, {again} that nobody asked for")
    return late + phone.heard.backwards + again + lost + doubled + (max(seen) > 1)


def be_an_agent(skew: int, config: str) -> None:
    """Run an agent whose clock is so many seconds ahead."""
    from glance_agent.cli import main as cli
    from glance_agent.wiring import agents, doors, rooms
    from tests.colour_encoder import ColourEncoder

    def now() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=skew)

    for module in (rooms, agents, doors):
        module.utc_now = now
    setattr(rooms, "encoder_of", lambda config: ColourEncoder())  # noqa: B010
    sys.argv = ["glance-agent", "run", "--config", config]
    cli.main()


def main() -> None:
    """The campaign, or one of its agents."""
    parser = argparse.ArgumentParser()
    parser.add_argument("rounds", nargs="?", default="9")
    parser.add_argument("--skew", type=int)
    told = parser.parse_args()
    if told.skew is not None:
        be_an_agent(told.skew, told.rounds)
    else:
        sys.exit(1 if campaign(int(told.rounds)) else 0)


if __name__ == "__main__":
    main()
