"""How an agent goes on while the server of its library is away, put together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from random import Random

from glance_agent.commands.away.stock import Stock, Walls
from glance_agent.commands.away.while_away import WhileAway
from glance_agent.config.settings import Config
from glance_agent.store.display_leases import DisplayOwner
from glance_agent.store.history import History
from glance_agent.store.library import Library
from glance_agent.store.opening import open_library
from glance_agent.store.outbox import opened_outbox
from glance_agent.wiring.addresses import image_url_of
from glance_agent.wiring.clock import utc_now
from glance_agent.wiring.clockwork import timings_of
from glance_agent.wiring.identity import identity_of

_NOBODY = DisplayOwner("")


@contextmanager
def going_on(config: Config) -> Iterator[WhileAway]:
    """What goes on then; what it keeps is beside the file that would be the library. Raises
    StoreError."""
    walls = Walls(
        {display.name: display.orientation for display in config.displays},
        {display.name: frozenset(display.sources) for display in config.displays},
    )
    beside = config.library.path
    with closing(opened_outbox(beside.with_name(f"{beside.name}.outbox"))) as outbox:
        yield WhileAway(
            outbox,
            Stock(walls, chance=Random()),  # noqa: S311 - only chooses pictures
            timings=timings_of(config),
            image_url=image_url_of(config),
            clock=utc_now,
        )


def deliver(config: Config) -> None:
    """Have the library take in what an agent has kept that has no display any more. Raises
    StoreError."""
    with going_on(config) as away, closing(open_library(config.library.place)) as database:
        history = History(database)
        history.speak_as(identity_of(config, database), shared=True)
        history.owner = _NOBODY
        away.belong_to(history.instance_id, Library(database).hide)
        away.take_in(history)
