"""Brokers that restart, stall, refuse, or serve a second agent; what the agent makes of each.

`python -m tools.campaigns.broker` tries every trouble with the real agent and a real Mosquitto on
loopback, in about five minutes, and ends with a table; `--only` picks some of them, and `--rounds`
says how often those are tried that can be repeated.
"""

from __future__ import annotations

import argparse
import contextlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from tests.broker import free_port
from tools.campaigns.certificates import FUTURE, PAST, VALID, Certificates
from tools.campaigns.stage import Agent, Broken, Phone, listens, mosquitto, table, until

LOST = "the connection to the broker was lost"
LIMIT_BYTES = 20_000
STALL_SECONDS = 14.0
"""Longer than the agent waits for a connection."""
SAME_ID = "has our client id as well"
RIVALS_SECONDS = 25.0
MOST_RIVAL_LINKS = 12


@dataclass
class Found:
    """What one trouble came to."""

    name: str
    tried: int = 0
    faults: list[str] = field(default_factory=list)
    told: str = ""

    def expect(self, true: bool, otherwise: str) -> None:
        """Count one trial; what went wrong is kept."""
        self.tried += 1
        if not true:
            self.faults.append(otherwise)

    @contextlib.contextmanager
    def trial(self, what: str) -> Iterator[None]:
        """One trial: what is waited for in it has to come."""
        self.tried += 1
        try:
            yield
        except Broken as error:
            self.faults.append(f"{what}: {error}")


@contextlib.contextmanager
def listening(port: int, *, sees: bool = False) -> Iterator[Phone]:
    """A phone that hears answers, status and barriers."""
    phone = Phone(port, sees=sees)
    try:
        yield phone
    finally:
        phone.close()


def until_online(phone: Phone, seconds: float = 60) -> None:
    """Return when the status is `online`. Raises Broken."""
    until(lambda: phone.last_heard.get("status") == b"online", "online", seconds)


def until_logged(agent: Agent, words: str, seconds: float = 60) -> None:
    """Return when the agent's log has these words. Raises Broken."""
    until(lambda: words in agent.log, f"“{words}”", seconds)


def answers(phone: Phone, number: int) -> None:
    """Return when a command of this number is answered. Raises Broken."""
    phone.send([("describe", {"transaction": number})])
    until(lambda: not phone.unanswered([number]), f"the answer to {number}", 30)


def write(port: int, topic: str, payload: bytes) -> None:
    """Publish something retained, as a stranger."""
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id="stranger")
    client.connect("127.0.0.1", port)
    client.loop_start()
    client.publish(topic, payload, 1, retain=True).wait_for_publish(10)
    client.disconnect()
    client.loop_stop()


# -- the troubles ----------------------------------------------------------------------------------


def restarts(folder: Path, rounds: int, chance: Random) -> Found:
    """The broker ends, in good order or not, at a random moment; afterwards all is as before."""
    found = Found("broker restarts")
    port = free_port()
    lines = ["user root", f"listener {port} 127.0.0.1", "allow_anonymous true"]
    config = folder / "again.conf"
    config.write_text("\n".join(lines) + "\n")
    agent = Agent(folder, port)
    broker = _started(config, port)
    with agent.running():
        for number in range(rounds):
            with found.trial(f"restart {number}"), listening(port) as phone:
                until_online(phone)
                answers(phone, number)
            time.sleep(chance.uniform(0, 0.3))
            broker.send_signal(chance.choice((signal.SIGTERM, signal.SIGKILL)))
            broker.wait()
            broker = _started(config, port)
        with found.trial("the end"), listening(port) as phone:
            until_online(phone)
            answers(phone, rounds)
    broker.terminate()
    broker.wait()
    found.expect("Traceback" not in agent.log, "a traceback in the log")
    found.told = f"{agent.log.count(LOST)} connections lost"
    return found


def _started(config: Path, port: int) -> subprocess.Popen[bytes]:
    """A Mosquitto that takes connections."""
    program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
    process = subprocess.Popen([program, "-c", config], stderr=subprocess.DEVNULL)
    until(lambda: listens(port), "Mosquitto")
    return process


def limits(folder: Path, rounds: int, chance: Random) -> Found:
    """Pictures are made to fit what the broker takes, or left out and told of; nothing flaps."""
    found, lost = Found("size limits"), []
    for limit in ("message_size_limit", "max_packet_size"):
        for protocol in ("5", "3.1.1"):
            name = f"{limit}, MQTT {protocol}"
            own = folder / name.replace(" ", "-")
            own.mkdir()
            with mosquitto(own, f"{limit} {LIMIT_BYTES}") as port:
                agent = Agent(own, port, size_px=(1280, 800), protocol=protocol)
                with agent.running(), listening(port, sees=True) as phone:
                    with found.trial(name):
                        until_online(phone)
                        until(lambda: 0 < len(phone.picture) < LIMIT_BYTES, "a picture", 60)
                    with found.trial(name):
                        time.sleep(5)
                        answers(phone, 1)
                    found.expect(not phone.went_offline, f"{name}: the status flapped")
                lost.append(agent.log.count(LOST))
                found.expect(not lost[-1], f"{name}: {lost[-1]} connections lost")
    found.told = f"connections lost: {lost}"
    return found


def rivals(folder: Path, rounds: int, chance: Random) -> Found:
    """Two agents with one client id name each other, and do not fight for the broker."""
    found, links = Found("stolen client ids"), []
    for protocol in ("5", "3.1.1"):
        own = folder / protocol
        own.mkdir()
        with mosquitto(own) as port:
            agents = []
            for name in ("one", "two"):
                (own / name).mkdir()
                agents.append(Agent(own / name, port, client_id="copied", protocol=protocol))
            with agents[0].running(), agents[1].running():
                time.sleep(RIVALS_SECONDS)
                for number, agent in enumerate(agents):
                    with found.trial(f"agent {number}, MQTT {protocol}"):
                        until_logged(agent, "it has our client id as well")
        links.append(sum(agent.log.count("connected to") for agent in agents))
        found.expect(links[-1] <= MOST_RIVAL_LINKS, f"{links[-1]} connections")
        lost = [line for agent in agents for line in agent.log.splitlines() if LOST in line]
        found.expect(any(SAME_ID in line for line in lost), f"MQTT {protocol}: told of nobody")
    found.told = f"connections of both: {links}"
    return found


def stalls(folder: Path, rounds: int, chance: Random) -> Found:
    """A broker that says nothing for a while is not taken for one of MQTT 3.1.1."""
    found = Found("stalled broker")
    port = free_port()
    config = folder / "stalled.conf"
    config.write_text(f"user root\nlistener {port} 127.0.0.1\nallow_anonymous true\n")
    broker = _started(config, port)
    agent = Agent(folder, port)
    try:
        broker.send_signal(signal.SIGSTOP)
        with agent.running():
            time.sleep(STALL_SECONDS)
            broker.send_signal(signal.SIGCONT)
            with found.trial("after the stall"), listening(port) as phone:
                until_online(phone, 90)
                answers(phone, 1)
    finally:
        broker.send_signal(signal.SIGCONT)
        broker.terminate()
        broker.wait()
    found.expect("does not answer" in agent.log, "the stall was not noticed")
    found.expect("with MQTT 5" in agent.log, "it did not come back with MQTT 5")
    found.expect("with MQTT 3.1.1" not in agent.log, "it was downgraded")
    return found


def offline(folder: Path, rounds: int, chance: Random) -> Found:
    """Whoever says that the agent is not there is contradicted."""
    found = Found("foreign offline")
    with mosquitto(folder) as port:
        agent = Agent(folder, port)
        with agent.running(), listening(port) as phone:
            with found.trial("the start"):
                until_online(phone)
                answers(phone, 0)
            for number in range(rounds):
                with found.trial(f"offline {number}"):
                    write(port, "glance/status", b"offline")
                    phone.catch_up()
                    until_online(phone, 10)
    found.expect("this agent is not there" in agent.log, "nothing about it in the log")
    return found


TLS = {
    "another name": ("server", {"server_name": "other.test"}, "is not for the name other.test"),
    "another authority": ("server", {"ca_file": "stranger.crt"}, "set mqtt.ca_file"),
    "expired": ("expired", {}, "has expired, and our clock says"),
    "not yet valid": ("early", {}, "is not yet valid, and our clock says"),
    "no certificate": ("server", {"certificate_file": "", "key_file": ""}, "wants to see a cert"),
}


def tls(folder: Path, rounds: int, chance: Random) -> Found:
    """Each failure says what it is, and none speaks of passwords."""
    found, made = Found("TLS failures"), Certificates(folder)
    made.authority("ca")
    made.authority("stranger")
    for name, valid in (("server", VALID), ("expired", PAST), ("early", FUTURE), ("client", VALID)):
        made.sign(name, alternative="DNS:broker.test", valid=valid)
    ours = {
        "ca_file": made["ca.crt"],
        "certificate_file": made["client.crt"],
        "key_file": made["client.key"],
        "server_name": "broker.test",
    }
    for name, (shown, changes, said) in TLS.items():
        own = folder / name.replace(" ", "-")
        own.mkdir()
        files = {k: v if k == "server_name" or not v else made[v] for k, v in changes.items()}
        settings: dict[str, Any] = {k: v for k, v in {**ours, **files}.items() if v}
        lines = (
            f"cafile {made['ca.crt']}",
            f"certfile {made[f'{shown}.crt']}",
            f"keyfile {made[f'{shown}.key']}",
            "require_certificate true",
        )
        with mosquitto(own, *lines) as port:
            agent = Agent(own, port, tls=True, **settings)
            with agent.running(), found.trial(name):
                until_logged(agent, said)
        found.expect("password" not in agent.log, f"{name}: it speaks of passwords")
    return found


# -- the command -----------------------------------------------------------------------------------

TROUBLES: dict[str, Callable[[Path, int, Random], Found]] = {
    "restarts": restarts,
    "limits": limits,
    "rivals": rivals,
    "stalls": stalls,
    "offline": offline,
    "tls": tls,
}


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", nargs="+", choices=TROUBLES, default=list(TROUBLES))
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args(arguments)


def campaign(options: argparse.Namespace) -> list[Found]:
    """What each trouble came to."""
    chance, found = Random(options.seed), []
    for name in options.only:
        with tempfile.TemporaryDirectory(prefix="glance-broker-") as folder:
            found.append(TROUBLES[name](Path(folder), options.rounds, chance))
    return found


def main() -> int:
    found = campaign(parsed(sys.argv[1:]))
    rows = [(one.name, f"{one.tried} tried, {len(one.faults)} failed  {one.told}") for one in found]
    print(table(rows))
    faults = [f"{one.name}: {fault}" for one in found for fault in one.faults]
    print(*faults, sep="\n", end="\n" if faults else "")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
