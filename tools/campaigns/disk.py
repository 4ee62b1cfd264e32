"""Full disks, folders that may not be written, damaged pages, a library that goes away.

`python -m tools.campaigns.disk` lets the real agent meet each of them on a small disk of its own (a
tmpfs in a namespace of its own: it needs `unshare`, and leaves nothing behind). For each try:

- every command is answered, and what is answered with `ok` is on disk;
- a full disk is said in those words, and displays go on;
- nothing ends the agent but a library that is gone or no library any more, and that in a sentence;
- what was damaged is sound again, or named; once there is room, all is kept again.
"""

from __future__ import annotations

import argparse
import errno
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from tools.campaigns.stage import Agent, Broken, Phone, mosquitto, table, until

INSIDE = "CAMPAIGN_ON_A_SMALL_DISK"
DISK = "80m"
STARTER = "starter:calm-sea-at-dawn"
SHORT = ("disk full in use",)
STARTER_WORKS = 68


def main(arguments: Sequence[str] | None = None) -> int:
    options = parsed(arguments)
    if INSIDE not in os.environ:
        return _on_a_small_disk(arguments)
    found = list(_tries(options))
    print(table((tried.name, tried) for tried in found))
    failed = [tried for tried in found if tried.faults]
    print(f"\ntried {len(found)}, failed {len(failed)}, {sum(t.seconds for t in found):.0f} s")
    return 1 if failed else 0


def parsed(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--short", action="store_true", help="only a few tries, in seconds")
    parser.add_argument("--only", help="tries whose name has this in it")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args(arguments)


def _on_a_small_disk(arguments: Sequence[str] | None) -> int:
    """The same program where it may mount what it likes, and nobody else sees it."""
    again = [sys.executable, "-m", "tools.campaigns.disk", *(arguments or sys.argv[1:])]
    # Root may write what may not be written; without these two powers it may not.
    powerless = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]
    command = ["unshare", "--user", "--map-root-user", "--mount", *powerless, *again]
    return subprocess.run(command, env={**os.environ, INSIDE: "1"}, check=False).returncode


@contextmanager
def _full_is_fine() -> Iterator[None]:
    """That a disk is full is no fault of who fills it."""
    try:
        yield
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise


@dataclass
class Tried:
    """What came of one try."""

    name: str
    answered: int = 0
    ok: int = 0
    codes: set[str] = field(default_factory=set)
    said: str = ""
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def __str__(self) -> str:
        codes = f", {', '.join(sorted(self.codes))}" if self.codes else ""
        said = f"; {self.said}" if self.said else ""
        told = f"{self.ok} of {self.answered} ok{codes}{said}"
        return f"FAILED: {'; '.join(self.faults)} ({told})" if self.faults else told


class Watcher(Phone):
    """A phone that hears everything."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self._client.subscribe("glance/#", 1)
        self.catch_up()

    def heard(self, topic: str) -> Any:
        """The JSON that a topic had last; an empty object for none."""
        payload = self.last_heard.get(topic, b"")
        return json.loads(payload) if payload.startswith(b"{") else {}


class Stage:
    """An agent whose library is on a small disk, and a phone."""

    def __init__(self, folder: Path, disk: Path, port: int, phone: Watcher, tried: Tried) -> None:
        self.disk = disk
        self.phone = phone
        self.tried = tried
        self.agent = Agent(folder, port)
        self.agent.database = disk / "glance.db"
        config = folder / "glance.toml"
        text = config.read_text().replace('"glance.db"', json.dumps(str(self.agent.database)))
        config.write_text(text)
        self._sent = 0

    # -- what befalls the disk ----------------------------------------------------------------

    def fill(self, left_bytes: int = 0) -> None:
        """Leave no more room than this on the disk, and none in the WAL."""
        if self.agent.database.exists():
            self.agent.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        filler = self.disk / "filler"
        free = shutil.disk_usage(self.disk).free
        # Where the agent has written since, there is less room than was seen: full it is.
        with _full_is_fine(), filler.open("ab", buffering=0) as file:
            file.write(b"\0" * max(0, free - left_bytes))

    def make_room(self) -> None:
        (self.disk / "filler").unlink(missing_ok=True)

    def writable(self, *, writable: bool) -> None:
        """Let the library and its folder be written, or only read."""
        for path in self.disk.iterdir():
            path.chmod(0o600 if writable else 0o400)
        self.disk.chmod(0o700 if writable else 0o500)

    # -- what people do -------------------------------------------------------------------------

    def settled(self) -> None:
        """The agent answers, and has something to show."""
        self._until(lambda: self.phone.last_heard.get("status") == b"online", "online")
        self._until(lambda: bool(self.phone.heard("display/wall/artwork")), "a picture")
        self._until(
            lambda: self.phone.heard("event/ingest").get("event_type") == "finished", "an ingest"
        )

    def _until(self, true: Callable[[], bool], what: str) -> None:
        """Wait for the running agent. Raises Broken where it does not come, or the agent ends."""
        until(lambda: true() or self.agent.has_ended, what)
        if self.agent.has_ended:
            raise Broken(f"the agent ended before {what}: {self._last_words()}")

    def ask(self, *commands: tuple[str, dict[str, Any]]) -> list[bool]:
        """Whether each of these commands was answered with `ok`."""
        numbers = range(self._sent + 1, self._sent + len(commands) + 1)
        self._sent += len(commands)
        self.phone.send(
            (verb, {**keys, "transaction": number})
            for number, (verb, keys) in zip(numbers, commands, strict=True)
        )
        until(lambda: not self.phone.unanswered(numbers) or self.agent.has_ended, "answers")
        oks = [n in self.phone.answers and n not in self.phone.refused for n in numbers]
        self.tried.answered += sum(n in self.phone.answers for n in numbers)
        self.tried.ok += sum(oks)
        self.tried.codes |= {self.phone.codes[n] for n in numbers if n in self.phone.codes}
        return oks

    def like(self, count: int, marker: str) -> None:
        """Like as so many people: what is `ok` must be on disk, and nothing else."""
        users = [f"{marker} {number}" for number in range(count)]
        oks = self.ask(*(("like", {"artwork": STARTER, "user": user}) for user in users))
        kept = {row[0] for row in self.agent.rows("SELECT user FROM reactions")}
        for user, ok in zip(users, oks, strict=True):
            if ok and user not in kept:
                self.tried.faults.append(f"{user}: ok, and not kept")

    def look_on(self, count: int) -> None:
        """Ask for other pictures: the display must show some, kept or not."""
        seen = set()
        for _ in range(count):
            self.ask(("next", {}))
            self.phone.catch_up()
            seen.add(self.phone.heard("display/wall/artwork").get("id"))
        if len(seen) < count // 2:
            self.tried.faults.append(f"{count} times next, {len(seen)} pictures")

    # -- what must hold -------------------------------------------------------------------------

    def all_is_well(self, marker: str) -> None:
        """From now on everything is kept again, and the file is sound."""
        self.like(3, marker)
        if not all(self.ask(("next", {}), ("search", {"query": "night"}))):
            self.tried.faults.append("not ok once all was well again")
        self.sound()

    def sound(self) -> None:
        found = self.agent.rows("PRAGMA integrity_check(1)")[0][0]
        if found != "ok":
            self.tried.faults.append(f"not sound: {found}")

    def still_running(self) -> None:
        if self.agent.has_ended:
            self.tried.faults.append(f"the agent ended: {self._last_words()}")

    def no_tracebacks(self) -> None:
        if "Traceback" in self.agent.log:
            self.tried.faults.append(f"a traceback: {self._last_words()}")

    def ended_in_a_sentence(self, words: str) -> None:
        """The agent stops by itself and says why."""
        until(lambda: self.agent.has_ended, "its end", 30)
        if words not in self.agent.log:
            self.tried.faults.append(f"it ended without “{words}”: {self._last_words()}")
        self.no_tracebacks()
        self.tried.said = "stopped in a sentence"

    def _last_words(self) -> str:
        return (self.agent.log.strip().splitlines() or ["nothing"])[-1][:200]


# -- the tries -----------------------------------------------------------------------------


def _full_in_use(stage: Stage) -> None:
    with _running(stage):
        stage.fill()
        stage.like(40, "full")
        stage.look_on(8)
        if "disk_full" not in stage.tried.codes:
            stage.tried.faults.append("a full disk was not said")
        stage.still_running()
        stage.make_room()
        stage.all_is_well("room")


def _full_at_start(stage: Stage) -> None:
    with _running(stage):
        stage.like(3, "before")
        until((stage.disk / "glance.db.reserve").exists, "some room that is laid by")
    stage.fill()
    with _running(stage):
        stage.like(20, "full")
        stage.look_on(4)
        if "disk_full" not in stage.tried.codes:
            stage.tried.faults.append("a full disk was not said")
    stage.make_room()
    with _running(stage):
        stage.all_is_well("room")


def _ingest_onto_a_full_disk(stage: Stage) -> None:
    stage.fill(700_000)
    stage.agent.start()
    try:
        until(lambda: bool(stage.phone.heard("event/ingest").get("error")), "an error in the event")
        stage.tried.said = "said in its event"
        stage.still_running()
        stage.ask(("status", {}))
        stage.make_room()
        stage.ask(("ingest", {"source": "starter"}))
        until(lambda: _works(stage) == STARTER_WORKS, "the rest of the works")
        stage.all_is_well("room")
    finally:
        stage.agent.end(signal.SIGTERM)


def _unwritable_in_use(stage: Stage) -> None:
    with _running(stage):
        stage.writable(writable=False)
        stage.phone.last_heard.pop("event/ingest")
        stage.ask(("ingest", {"source": "starter"}))
        until(lambda: bool(stage.phone.heard("event/ingest").get("error")), "an error in the event")
        stage.tried.said = "said in its event"
        stage.like(5, "unwritable")
        stage.look_on(4)
        stage.still_running()
        stage.writable(writable=True)
        stage.ask(("ingest", {"source": "starter"}))
        stage.all_is_well("writable")


def _unwritable_at_start(stage: Stage) -> None:
    with _running(stage):
        stage.like(3, "before")
    stage.writable(writable=False)
    stage.agent.start()
    stage.ended_in_a_sentence("cannot be opened")
    stage.writable(writable=True)
    with _running(stage):
        stage.all_is_well("writable")


def _locked(stage: Stage) -> None:
    with _running(stage):
        with closing(sqlite3.connect(stage.agent.database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            stage.ask(("like", {"artwork": STARTER, "user": "locked"}))
            other.execute("ROLLBACK")
        if "busy" not in stage.tried.codes:
            stage.tried.faults.append("a locked library was not said")
        stage.all_is_well("unlocked")


def _replaced(stage: Stage) -> None:
    _goes_away(stage, lambda kept: os.replace(kept, stage.agent.database), "replaced")


def _deleted(stage: Stage) -> None:
    _goes_away(stage, lambda kept: stage.agent.database.unlink(), "deleted")


def _goes_away(stage: Stage, befalls: Callable[[Path], object], words: str) -> None:
    with _running(stage):
        stage.like(3, "before")
    kept = stage.disk / "kept.db"
    shutil.copy(stage.agent.database, kept)
    stage.agent.start()
    stage.settled()
    befalls(kept)
    stage.ask(("like", {"artwork": STARTER, "user": "too late"}))
    stage.ended_in_a_sentence(words)
    for suffix in ("-wal", "-shm"):
        Path(f"{stage.agent.database}{suffix}").unlink(missing_ok=True)
    with _running(stage):
        stage.all_is_well("after")
    if "is another file" not in stage.agent.log:
        stage.tried.faults.append("the next start does not say that it is another library")


def _second_agent(stage: Stage) -> None:
    with _running(stage):
        command = [sys.executable, "-m", "glance_agent", "run", "--config"]
        config = stage.agent.database.parent.parent / "folder" / "glance.toml"
        second = subprocess.run(
            [*command, str(config)], capture_output=True, text=True, timeout=60, check=False
        )
        if "Another agent" not in second.stderr or "Traceback" in second.stderr:
            stage.tried.faults.append(f"the second one said: {second.stderr[-200:]}")
        stage.all_is_well("alone")


def _noise(name: str, seed: int) -> Callable[[Stage], None]:
    """Noise in the first page of a table or an index, or of the list of tables."""

    def noise(stage: Stage) -> None:
        with _running(stage):
            stage.like(3, "before")
        _damage(stage.agent.database, name, seed)
        stage.agent.start()
        until(lambda: stage.agent.has_ended or _online(stage), "online, or its end")
        if stage.agent.has_ended:
            stage.ended_in_a_sentence("damaged")
            return
        try:
            stage.ask(("next", {}), ("search", {"query": "stormy sea"}))
            stage.like(2, "damaged")
            stage.ask(("ingest", {"source": "starter"}))
            if name != "artworks":
                stage.look_on(4)
            met = "damaged" in stage.agent.log
            stage.tried.said = "met and mended" if met else "not met by what was asked"
            if met:
                until(lambda: _healthy(stage), "a sound library", 60)
                until(lambda: _works(stage) == STARTER_WORKS, "all works again")
                stage.all_is_well("mended")
            stage.still_running()
            stage.no_tracebacks()
        finally:
            stage.agent.end(signal.SIGTERM)

    return noise


def _healthy(stage: Stage) -> bool:
    """Whether the file is sound; who reads beside the mending may be refused for a moment."""
    try:
        return bool(stage.agent.rows("PRAGMA integrity_check(1)") == [("ok",)])
    except sqlite3.Error:
        return False


def _works(stage: Stage) -> int:
    return int(stage.agent.rows("SELECT count(*) FROM artworks")[0][0])


def _online(stage: Stage) -> bool:
    return stage.phone.last_heard.get("status") == b"online"


def _damage(library: Path, name: str, seed: int) -> None:
    with closing(sqlite3.connect(library)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        root = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", [name]).fetchone()
        size = db.execute("PRAGMA page_size").fetchone()[0]
    content = bytearray(library.read_bytes())
    content[(root[0] - 1) * size : root[0] * size] = Random(seed).randbytes(size)
    library.write_bytes(content)


def _names(folder: Path) -> list[str]:
    """Every table and index of a library."""
    from glance_agent.store.connection import open_database

    with closing(open_database(folder / "glance.db")) as db:
        sql = "SELECT name FROM sqlite_schema WHERE rootpage > 1 ORDER BY name"
        return [row[0] for row in db.execute(sql)]


# -- how they are tried ----------------------------------------------------------------------


def _tries(options: argparse.Namespace) -> Iterator[Tried]:
    all_of_them: dict[str, Callable[[Stage], None]] = {
        "disk full in use": _full_in_use,
        "disk full at start": _full_at_start,
        "ingest onto a full disk": _ingest_onto_a_full_disk,
        "folder unwritable in use": _unwritable_in_use,
        "folder unwritable at start": _unwritable_at_start,
        "library locked": _locked,
        "library replaced": _replaced,
        "library deleted": _deleted,
        "second agent": _second_agent,
    }
    with tempfile.TemporaryDirectory() as name:
        for part in _names(Path(name)):
            all_of_them[f"noise in {part}"] = _noise(part, options.seed)
    for name, attempt in all_of_them.items():
        if options.short and name not in SHORT:
            continue
        if options.only and options.only not in name:
            continue
        yield _tried(name, attempt)


def _tried(name: str, attempt: Callable[[Stage], None]) -> Tried:
    tried, started = Tried(name), time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        folder, disk = Path(place) / "folder", Path(place) / "disk"
        folder.mkdir()
        disk.mkdir()
        with _small_disk(disk), mosquitto(folder) as port:
            phone = Watcher(port)
            try:
                attempt(Stage(folder, disk, port, phone, tried))
            except (Broken, OSError, sqlite3.Error) as error:
                tried.faults.append(str(error))
            finally:
                phone.close()
    tried.seconds = time.monotonic() - started
    print(f"{name}: {tried}", file=sys.stderr)
    return tried


@contextmanager
def _small_disk(folder: Path) -> Iterator[None]:
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=False)


@contextmanager
def _running(stage: Stage) -> Iterator[None]:
    """The agent, settled; ended at the end, with whatever it said examined."""
    stage.phone.last_heard.clear()
    stage.agent.start()
    try:
        stage.settled()
        yield
        stage.no_tracebacks()
    finally:
        if not stage.agent.has_ended:
            stage.agent.end(signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
