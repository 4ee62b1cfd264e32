"""The open library and the use cases that work in it; needs no event loop."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from glance_agent.config.settings import Config
from glance_agent.decoding.opening import Decoders
from glance_agent.domain.encoder import Encoder
from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.domain.library_place import LibraryPlace
from glance_agent.domain.version import __version__
from glance_agent.embedding.pairing import AbsentEncoder
from glance_agent.ingest.progress import Arrivals
from glance_agent.ingest.reembed import REEMBEDDING
from glance_agent.sources.folders.folder import FolderSource
from glance_agent.sources.folders.watch import WatchedFolder
from glance_agent.sources.opening import open_web
from glance_agent.sources.picture_url import PictureAtUrl
from glance_agent.sources.web.museum import Museum
from glance_agent.sources.web.web import Web
from glance_agent.store.history import History
from glance_agent.store.index import VectorIndex
from glance_agent.store.library import Library
from glance_agent.store.opening import to_work_in
from glance_agent.store.spaces import Spaces
from glance_agent.store.stock import stock_of
from glance_agent.store.vectors import Vectors
from glance_agent.wiring.answering import keep_answering, switched
from glance_agent.wiring.catching_up import Follower, ReadWhenNeeded
from glance_agent.wiring.clock import utc_now
from glance_agent.wiring.encoding import encoder_of
from glance_agent.wiring.gathering import (
    by_hand,
    opening_of,
    sources_of,
    watched_of,
    web_directory,
)
from glance_agent.wiring.lasting import LastingStores
from glance_agent.wiring.leaving import Leaving
from glance_agent.wiring.memory import keep_little_memory
from glance_agent.wiring.rendering import renders_of
from glance_agent.wiring.source_names import rules_of
from glance_agent.wiring.thinking import Thinking, answering_of

if TYPE_CHECKING:
    from glance_agent.commands.away.while_away import WhileAway
    from glance_agent.commands.dispatch import Dispatcher
    from glance_agent.commands.show import ShowingCommands
    from glance_agent.ingest.admit import GrowingIndex

_log = logging.getLogger(__name__)


Opened = Callable[[LibraryPlace], AbstractContextManager[Any]]
"""Opens a library, and closes it again."""


@dataclass(frozen=True, slots=True)
class Rooms:
    """The open library, and the use cases that work in it; for one thread at a time."""

    config: Config
    library: Library
    history: History
    encoder: Encoder
    follower: Follower
    thinking: Thinking
    sources: dict[str, FolderSource | Museum[Any]]
    web: Web
    outside: PictureAtUrl
    arrivals: Arrivals
    decoders: Decoders
    successor: Encoder | None = None
    while_away: WhileAway | None = None
    leaving: Leaving = field(default_factory=Leaving)
    thinks: bool = True
    """Whether the index and what thinks with it are there already."""

    @property
    def showing(self) -> ShowingCommands:
        """The use cases that choose pictures."""
        return self.thinking.mind.showing

    @property
    def answers(self) -> Dispatcher:
        """What carries out commands."""
        return self.thinking.mind.answers

    @property
    def growing(self) -> GrowingIndex:
        """The index as it is told of works that come and go."""
        return self.follower.index if self.thinks else ReadWhenNeeded(self.follower)

    @property
    def index(self) -> VectorIndex:
        """The vectors in memory that searches look at."""
        return self.follower.index

    def duties(self) -> list[str]:
        """What there is to run over: works without a vector of the model, then every source."""
        wanted = self.successor or self.encoder
        if isinstance(wanted, AbsentEncoder) or not (self.successor or self._lacks_any()):
            return list(self.sources)
        return [REEMBEDDING, *self.sources]

    def _lacks_any(self) -> bool:
        """Whether any usable work has no vector: to look at each takes seconds of a million, so
        the index is asked how many have one, once it has been read; the library before.
        """
        if self.follower.unread:
            return Spaces(self.library.db).lacks_any(self.encoder.space)
        view, unusable = self.index.now(), self.library.unusable()
        with_vector = len(view) - len(view.numbers_of(unusable))
        return Vectors(self.library.db).at_most() - len(unusable) > with_vector

    def succeeded(self) -> Rooms:
        """The same rooms once the model that was waited for answers, or knows more."""
        wanted = self.successor or self.encoder
        keep_answering(self.config, Spaces(self.library.db), wanted)
        stores = LastingStores(
            self.library, self.history, self.arrivals, self.while_away, self.leaving
        )
        follower, thinking = answering_of(
            self.config, stores, wanted, self.sources, clock=utc_now, thinks=self.thinks
        )
        return replace(self, encoder=wanted, successor=None, follower=follower, thinking=thinking)

    def away(self) -> list[str]:
        """The hosts that are left alone because they refused programs, in a sentence each."""
        return [str(away) for away in self.web.away()]

    def changed_elsewhere(self) -> bool:
        """Whether another connection wrote since this was asked, or that is not taken up yet.

        With the works that it brought, the sources that they are from are learned.
        """
        changed = not self.library.unchanged_by_others() or self.follower.behind
        if changed:
            self.learn_sources()
        return changed

    def others_have_embedded(self) -> bool:
        """Whether nothing is left that the model lacks which is to answer: others have done it."""
        wanted = self.successor
        if wanted is None or isinstance(wanted, AbsentEncoder):
            return False
        return not Spaces(self.library.db).lacks_any(wanted.space)

    def location(self, artwork_id: str) -> str | None:
        """Where the picture of a work is; its source is known from then on, if there is one.

        While the library cannot be reached, where it was.
        """
        try:
            work = self.library.get(artwork_id)
            if work is not None and work.source not in self.sources:
                self.learn_sources()
            place = self.library.location(artwork_id)
        except StoreError as error:
            away = self.while_away
            place = None if away is None else away.stock.place(artwork_id)
            if place is None or error.trouble is not Trouble.UNREACHABLE:
                raise
        else:
            if self.while_away is not None and place is not None:
                self.while_away.stock.note(artwork_id, place)
        return place

    def restock(self) -> None:
        """Know works that can be shown while the library cannot be reached. Raises StoreError."""
        if self.while_away is not None and self.while_away.wants_stock:
            self.while_away.restock(stock_of(self.library))

    def any_location(self, source: str) -> str | None:
        """Where the picture of some work of a source is; None where it has none."""
        return self.library.any_location(source)

    def watched(self) -> dict[str, WatchedFolder]:
        """The folders whose changes are wanted now; their sources are known from then on."""
        self.learn_sources()
        return watched_of(self.config, self.library.folders())

    def learn_sources(self) -> None:
        """Know the folders too that another program has brought in since."""
        eyes = self.decoders.in_background
        for name, path in self.library.folders().items():
            if name not in self.sources:
                self.sources[name] = by_hand(name, path, eyes)

    def adopt_outside(self, url: str) -> str | None:
        """The id of the picture that came from an address, kept out of choices; None for none."""
        artwork = self.library.work_of(self.outside.name, url)
        if artwork is not None and artwork.startswith(f"{self.outside.name}:"):
            self.library.keep_on_request(artwork)
        return artwork


@contextmanager
def open_rooms(
    config: Config,
    opened: Opened = to_work_in,
    *,
    at_once: bool = False,
    thinks: bool = True,
    while_away: WhileAway | None = None,
) -> Iterator[Rooms]:
    """The library of a configuration and what works in it. Raises StoreError.

    Rooms that are wanted `at_once` have the vectors of a large library later: labels answer until
    the follower has been let `prepare`. Where nobody `thinks`, vectors are read and what thinks is
    loaded when they are first asked for. `while_away` goes on while the library cannot be reached.
    """
    keep_little_memory()
    with ExitStack() as closing:
        database = closing.enter_context(opened(config.library.place))
        library, history = Library(database), History(database)
        web = open_web(config.fetching, version=__version__, directory=web_directory(config))
        decoders = Decoders(config.library.max_picture_megapixels, renders=renders_of(config))
        closing.callback(decoders.close)
        eyes = decoders.in_background
        sources = sources_of(config, library.folders(), web, eyes)
        spaces, wanted = Spaces(database), encoder_of(config)
        now = switched(config, spaces, wanted)
        arrivals = Arrivals()
        library.sources = sources
        library.rules = lambda: rules_of(config, library.folders())
        stores = LastingStores(library, history, arrivals, while_away)
        follower, thinking = answering_of(
            config, stores, now.encoder, sources, clock=utc_now, thinks=thinks
        )
        if thinks and not at_once and follower.unread:
            follower.read(database)
        yield Rooms(
            config=config,
            library=library,
            history=history,
            encoder=now.encoder,
            follower=follower,
            thinking=thinking,
            sources=sources,
            web=web,
            outside=opening_of(config, web, eyes).outside(config.fetching.picture_hosts),
            arrivals=arrivals,
            decoders=decoders,
            successor=now.successor,
            while_away=while_away,
            leaving=stores.leaving,
            thinks=thinks,
        )
