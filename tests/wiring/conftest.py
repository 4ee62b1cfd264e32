"""What tests of the joined house share: the household's library on a server, as others see it."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from glance_agent.config.settings import Config
    from glance_agent.domain.artwork import Artwork
    from glance_agent.domain.library_place import PostgresPlace
    from glance_agent.store.database import Database
    from tests.broker import Broker
    from tests.home import Home
    from tests.proxy import Proxy


@pytest.fixture
def shared(home: Home, postgres_place: PostgresPlace) -> PostgresPlace:
    """The household's library, where several agents can share it."""
    from glance_agent.store.copying import copy_library

    copy_library(home.database, postgres_place, lambda table, rows: None)
    return postgres_place


@pytest.fixture
def elsewhere(shared: PostgresPlace) -> Iterator[Database]:
    """That library as another program sees it, whose connection no outage cuts."""
    from glance_agent.store.opening import open_library

    with closing(open_library(shared)) as database:
        yield database


@pytest.fixture
def config_by_way(home: Home, broker: Broker, shared: PostgresPlace, way: Proxy) -> Config:
    """The household's configuration, with that library by a way that can be cut."""
    from tests.away import moved

    return moved(home, broker.port, way.place(shared))


@pytest.fixture
def stocked_up(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Is set once an agent knows what it can show while its library is away."""
    from glance_agent.commands.away.stock import Stock

    done, fill = threading.Event(), Stock.fill

    def filled(stock: Stock, works: Iterable[tuple[Artwork, str]]) -> None:
        fill(stock, works)
        done.set()

    monkeypatch.setattr(Stock, "fill", filled)
    return done
