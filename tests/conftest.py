"""What the tests of the whole agent share: painted pictures, a stocked library, a broker.

The agent is imported inside the fixtures: a test of one room does not load the whole house.
"""

from __future__ import annotations

import gc
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from hypothesis import settings

if TYPE_CHECKING:
    from glance_agent.domain.library_place import PostgresPlace
    from tests.broker import Broker
    from tests.home import Home
    from tests.lasting_decoders import LastingDecoders
    from tests.postgres import Server
    from tests.proxy import Proxy

# As the program does, before numpy loads: matrices as small as ours cost more in two threads.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# Programs that tests start are compiled once, which is a third of what an agent needs to begin; and
# so are the tests, which is half of what each worker needs.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# What is printed is in English here, whatever is spoken at this machine.
os.environ.update(LC_ALL="C.UTF-8", LANGUAGE="")

# What a machine is busy with is no fault of what is tested.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is collected is no garbage, so that nobody looks for any in it, now or later: it takes
    a third of the time that workers need before their first test. Nor is looked for what tests
    leave as often as usual, which takes up to a tenth of theirs."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()
        gc.set_threshold(20_000)


@pytest.fixture(scope="session", autouse=True)
def _copied_libraries() -> Iterator[None]:
    """Empty libraries are copies of one that was made step by step, in this process."""
    if "glance_agent.store.schema" not in sys.modules:
        yield
        return
    from glance_agent.store import schema
    from tests.empty_library import copying

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schema, "apply", copying())
        yield


@pytest.fixture
def made_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each empty library is made as users have it made."""
    from glance_agent.store import schema
    from tests.empty_library import step_by_step

    monkeypatch.setattr(schema, "apply", step_by_step)


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one picture of each colour; not to be changed."""
    from tests.home import paint

    folder = tmp_path_factory.mktemp("pictures")
    paint(folder)
    return folder


@pytest.fixture(scope="session")
def stocked(tmp_path_factory: pytest.TempPathFactory, pictures: Path) -> Path:
    """A library that holds these pictures; not to be changed."""
    from tests.home import stock

    database = tmp_path_factory.mktemp("stocked") / "glance.db"
    stock(database, pictures)
    return database


@pytest.fixture(scope="session")
def decoders() -> Iterator[LastingDecoders]:
    """What decodes for all agents in this process."""
    from tests.lasting_decoders import LastingDecoders

    lasting = LastingDecoders()
    yield lasting
    lasting.end()


@pytest.fixture
def home(
    tmp_path: Path,
    stocked: Path,
    pictures: Path,
    decoders: LastingDecoders,
    monkeypatch: pytest.MonkeyPatch,
) -> Home:
    """A household with a library of its own; agents in this process see colours."""
    from glance_agent.wiring import asked, rooms
    from tests.colour_encoder import ColourEncoder
    from tests.home import move_in

    for opened in (asked, rooms):
        monkeypatch.setattr(opened, "encoder_of", lambda config: ColourEncoder())
    monkeypatch.setattr(rooms, "Decoders", decoders)
    return move_in(tmp_path / "home", stocked, pictures)


@pytest_asyncio.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Broker]:
    """A Mosquitto of this test's own."""
    from tests.broker import mosquitto

    async with mosquitto(tmp_path / "broker") as one:
        yield one


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A server of PostgreSQL, for these tests alone."""
    from tests.postgres import is_installed, started

    if not is_installed():
        pytest.skip("there is no PostgreSQL server here")
    with started() as one:
        yield one


@pytest.fixture
def way(server: Server) -> Iterator[Proxy]:
    """A way to that server that can be cut."""
    from tests.proxy import way_to

    with way_to(server) as proxy:
        yield proxy


@pytest.fixture(scope="session")
def server_with_pgvector() -> Iterator[Server]:
    """A server of PostgreSQL that has pgvector, for these tests alone."""
    from tests.postgres import started, with_pgvector

    if (programs := with_pgvector()) is None:
        pytest.skip("there is no PostgreSQL server with pgvector here")
    with started(programs=programs) as one:
        yield one


@pytest.fixture(scope="session")
def new_database(server: Server) -> Callable[[], PostgresPlace]:
    """Makes databases with the tables of an empty library, like one that is made at first."""
    return _databases(server, looks_through=False)


@pytest.fixture(scope="session")
def new_searched_database(server_with_pgvector: Server) -> Callable[[], PostgresPlace]:
    """The same where pgvector looks through vectors."""
    return _databases(server_with_pgvector, looks_through=True)


def _databases(server: Server, *, looks_through: bool) -> Callable[[], PostgresPlace]:
    from glance_agent.domain.library_place import PostgresPlace
    from glance_agent.store.postgres.opening import open_postgres

    def place(database: str) -> PostgresPlace:
        return PostgresPlace(server.url(database), looks_through=looks_through)

    template = server.created()
    open_postgres(place(template)).close()
    return lambda: place(server.created(template))


@pytest.fixture(scope="session")
def database_of_tests(new_database: Callable[[], PostgresPlace]) -> PostgresPlace:
    """The database of one test after the other."""
    return new_database()


@pytest.fixture(scope="session")
def searched_database_of_tests(
    new_searched_database: Callable[[], PostgresPlace],
) -> PostgresPlace:
    """The same where pgvector looks through vectors."""
    return new_searched_database()


@pytest.fixture
def postgres_place(database_of_tests: PostgresPlace) -> PostgresPlace:
    """An empty library in PostgreSQL."""
    from tests.postgres import emptied

    emptied(database_of_tests)
    return database_of_tests


@pytest.fixture
def searched_place(searched_database_of_tests: PostgresPlace) -> PostgresPlace:
    """The same where pgvector looks through vectors."""
    from tests.postgres import emptied

    emptied(searched_database_of_tests)
    return searched_database_of_tests


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each picture was read."""
    from glance_agent.sources.folders.folder import FolderSource

    read, original = Counter[str](), FolderSource.fetch

    async def fetch(self: FolderSource, item: Any, **how: Any) -> Any:
        read[item.key] += 1
        return await original(self, item, **how)

    monkeypatch.setattr(FolderSource, "fetch", fetch)
    return read
