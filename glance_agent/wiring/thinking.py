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

    def __init__(self, made: Callable[[], AnsweringMind]) -> None:
        self._made = made

    @cached_property
    def mind(self) -> AnsweringMind:
        """What thinks; for the thread that uses the library."""
        return self._made()


def answering_of(
    config: Config,
    stores: LastingStores,
    encoder: Encoder,
    sources: Collection[str],
    *,
    clock: Callable[[], datetime],
    thinks: bool,
) -> tuple[Follower, Thinking]:
    """The vectors of a model, and what thinks with them: at once, or when it is asked for.

    `sources` are those that can be named.
    """
    follower = following(
        config.library.place,
        Vectors(stores.library.db),
        encoder.space,
        encoder.dimension,
        config.library.path,
        stores.leaving,
        reads=thinks,
    )

    def made() -> AnsweringMind:
        from glance_agent.wiring.minds import mind_of

        return mind_of(config, stores, encoder, follower, sources, clock=clock)

    thinking = Thinking(made)
    if thinks:
        _ = thinking.mind
    return follower, thinking
