"""A household for the tests: a dozen coloured pictures, a library, a configuration, an agent."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import sqlite3
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from glance_agent.config.load import load
from glance_agent.config.settings import Config
from glance_agent.ingest.ingest import SourceIngest
from glance_agent.ingest.progress import Progress
from glance_agent.sources.folders.folder import FolderSource
from glance_agent.store.connection import open_database
from glance_agent.store.index import VectorIndex
from glance_agent.store.library import Library
from glance_agent.wiring.running import serve
from tests.colour_encoder import COLOURS, ColourEncoder
from tests.in_process import InProcess, header_of
from tests.spawned import Spawned

SIZE_PX = (160, 96)
SOURCE = "paint"


@dataclass(frozen=True)
class Home:
    """Where one test keeps its library, and which pictures it looks at."""

    folder: Path
    pictures: Path
    watch: bool = False

    @property
    def database(self) -> Path:
        return self.folder / "glance.db"

    def toml(self, port: int, **changes: dict[str, Any]) -> Path:
        """A configuration file; `changes` are laid over its tables, or those of its displays."""
        tables: dict[str, dict[str, Any]] = {
            "mqtt": {"port": port},
            "library": {"path": "glance.db"},
            "choice": {"seed": 7, "no_repeat_showings": 5},
            "web": {"enabled": False},
        }
        for name, table in changes.items():
            tables[name] = {**tables.get(name, {}), **table}
        displays = {name: tables.pop(name, {}) for name in ("wall", "hall")}
        lines = [line for name, table in tables.items() for line in _table(f"[{name}]", table)]
        for name, table in displays.items():
            size = {"width_px": SIZE_PX[0], "height_px": SIZE_PX[1], "max_image_bytes": 20_000}
            lines += _table("[[displays]]", {"name": name, **size, **table})
        source = {"name": SOURCE, "kind": "folder", "path": str(self.pictures), "watch": self.watch}
        lines += _table("[[sources]]", source)
        path = self.folder / "glance.toml"
        path.write_text("\n".join(lines), encoding="utf-8")
        return path

    def config(self, port: int, **changes: dict[str, Any]) -> Config:
        return load(self.toml(port, **changes), {})

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """What the library's file holds, seen from outside."""
        with closing(sqlite3.connect(self.database)) as db:
            return db.execute(sql, values).fetchall()

    def work(self, colour: str) -> str:
        """The id of the work that is a field of this colour."""
        sql = "SELECT id FROM artworks WHERE title = ?"
        return str(self.rows(sql, f"{colour.capitalize()} Field")[0][0])

    def likes(self) -> list[str]:
        return [row[0] for row in self.rows("SELECT artwork_id FROM reactions WHERE kind='like'")]

    def showings(self, display: str = "wall") -> list[str]:
        """The works that a display has shown, oldest first."""
        sql = "SELECT artwork_id FROM showings WHERE display = ? ORDER BY id"
        return [row[0] for row in self.rows(sql, display)]

    @contextmanager
    def write_lock(self) -> Iterator[None]:
        """Nobody else can write: the agent's worker waits, and its queue fills."""
        with closing(sqlite3.connect(self.database, isolation_level=None)) as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield
            finally:
                db.execute("ROLLBACK")


def _table(header: str, values: dict[str, Any]) -> list[str]:
    """A TOML table; JSON's text, numbers and truth values are TOML's too."""
    return [header, *(f"{key} = {json.dumps(value)}" for key, value in values.items()), ""]


# -- pictures and their library --------------------------------------------------------------


def picture(colour: str, *, number: int = 0, fmt: str = "PNG") -> bytes:
    """A picture of one colour with a small frame; every number gives different bytes."""
    image = Image.new("RGB", (96, 64), COLOURS[colour])
    ImageDraw.Draw(image).rectangle((number % 40, 2, number % 40 + 8, 6), outline=(number, 0, 0))
    out = BytesIO()
    image.save(out, fmt)
    return out.getvalue()


def paint(folder: Path) -> None:
    """One picture of each colour, called after it."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, colour in enumerate(COLOURS):
        (folder / f"{colour}-field.png").write_bytes(picture(colour, number=number))


async def ingest_all(database: Path, source: Any, **options: Any) -> Progress:
    """Bring a source into a library with the tests' encoder; the last progress."""
    async for progress in ingesting(database, source, **options):
        last = progress
    return last


async def ingesting(
    database: Path,
    source: Any,
    *,
    encoder: Any = None,
    index: VectorIndex | None = None,
    decoder: Any = None,
    limit: int | None = None,
) -> AsyncGenerator[Progress, None]:
    """The progress of a run over a source."""
    encoder = encoder or ColourEncoder()
    if index is None:
        index = VectorIndex(ColourEncoder.space, ColourEncoder.dimension)
    db = open_database(database, synchronous="NORMAL")
    try:
        with ThreadPoolExecutor(1) as executor:
            work = SourceIngest(
                Library(db),
                encoder,
                index,
                executor=executor,
                decoder=decoder or InProcess(),
                clock=time.monotonic,
            )
            steps = work.run(source, limit=limit)
            try:
                async for progress in steps:
                    yield progress
            finally:
                await steps.aclose()
    finally:
        db.close()


def stock(database: Path, pictures: Path) -> None:
    """A library with all of the pictures."""
    progress = asyncio.run(ingest_all(database, FolderSource(SOURCE, pictures, header_of)))
    assert progress.added == len(COLOURS)


def move_in(folder: Path, stocked: Path, pictures: Path) -> Home:
    """A household of its own with a copy of the stocked library."""
    folder.mkdir(exist_ok=True)
    home = Home(folder, pictures)
    shutil.copy(stocked, home.database)
    return home


# -- the agent ---------------------------------------------------------------------------------


@asynccontextmanager
async def agent(config: Config) -> AsyncIterator[asyncio.Task[None]]:
    """The whole agent in this process, until the block ends."""
    stopping = asyncio.Event()
    task = asyncio.create_task(serve(config, stopping), name="agent under test")
    try:
        yield task
    finally:
        stopping.set()
        await task


async def spawn_agent(config: Path, doom: str = "never") -> Spawned:
    """The agent in a process of its own, with the tests' encoder and a fate."""
    return await Spawned.loaded("-m", "tests.doomed_agent", doom, "run", "--config", str(config))


@asynccontextmanager
async def spawned_agent(config: Path, doom: str = "never") -> AsyncIterator[Spawned]:
    """The agent in a process of its own; killed if it outlives the block."""
    process = await spawn_agent(config, doom)
    try:
        yield process
    finally:
        await process.end(signal.SIGKILL)
