"""What thinks in some rooms, loaded when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from glance_agent.config.settings import Config
from glance_agent.domain.encoder import Encoder
from glance_agent.store.vectors import Vectors
from glance_agent.wiring.catching_up import Follower, following
from glance_agent.wiring.lasting import LastingStores

if TYPE_CHECKING:
    from glance_agent.wiring.minds import AnsweringMind


class Thinking:
    """The mind of one model, made when it is first asked for.

    Half of the program is loaded with it, which whoever brings pictures in does without.
    """

    def __init__(
        self,
        config: Config,
        stores: LastingStores,
        encoder: Encoder,
        follower: Follower,
        sources: Collection[str],
        *,
        clock: Callable[[], datetime],
    ) -> None:
        """`sources` are those that can be named."""
        self._config = config
        self._stores = stores
        self._encoder = encoder
        self._follower = follower
        self._sources = sources
        self._clock = clock

    @cached_property
    def mind(self) -> AnsweringMind:
        """What thinks; for the thread that uses the library."""
        from glance_agent.wiring.minds import mind_of

        return mind_of(
            self._config,
            self._stores,
            self._encoder,
            self._follower,
            self._sources,
            clock=self._clock,
        )


def answering_of(
    config: Config,
    stores: LastingStores,
    encoder: Encoder,
    sources: Collection[str],
    *,
    clock: Callable[[], datetime],
    thinks: bool,
) -> tuple[Follower, Thinking]:
    """The vectors of a model, and what thinks with them: at once, or when it is asked for."""
    follower = following(
        config.library.place,
        Vectors(stores.library.db),
        encoder.space,
        encoder.dimension,
        config.library.path,
        stores.leaving,
        reads=thinks,
    )
    thinking = Thinking(config, stores, encoder, follower, sources, clock=clock)
    if thinks:
        _ = thinking.mind
    return follower, thinking
