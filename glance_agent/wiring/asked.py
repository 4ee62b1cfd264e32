"""A library that answers, without what reads pictures or shows them: for verbs of the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from glance_agent.commands.dispatch import Dispatcher
from glance_agent.config.settings import Config
from glance_agent.ingest.progress import Arrivals
from glance_agent.store.history import History
from glance_agent.store.library import Library
from glance_agent.store.opening import to_work_in
from glance_agent.store.spaces import Spaces
from glance_agent.wiring.answering import switched
from glance_agent.wiring.clock import utc_now
from glance_agent.wiring.encoding import encoder_of
from glance_agent.wiring.lasting import LastingStores
from glance_agent.wiring.source_names import names_of, rules_of
from glance_agent.wiring.thinking import answering_of


@contextmanager
def open_answers(config: Config) -> Iterator[Dispatcher]:
    """What carries out commands in the library of a configuration. Raises StoreError."""
    with to_work_in(config.library.place) as database:
        library, history, spaces = Library(database), History(database), Spaces(database)
        by_hand = library.folders()
        library.sources = sources = names_of(config, by_hand)
        library.rules = partial(rules_of, config, by_hand)
        encoder = switched(config, spaces, encoder_of(config)).encoder
        stores = LastingStores(library, history, Arrivals())
        follower, thinking = answering_of(
            config, stores, encoder, sources, clock=utc_now, thinks=True
        )
        if follower.unread:
            follower.read(database)
        yield thinking.mind.answers
