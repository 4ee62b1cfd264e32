"""What thinks while one model answers: the use cases, with its vectors in memory."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from functools import partial
from random import Random
from typing import NamedTuple

from glance_agent.commands.changes import Remembering
from glance_agent.commands.dispatch import Dispatcher
from glance_agent.commands.display_settings import DisplaySettingCommands
from glance_agent.commands.react import Reactions
from glance_agent.commands.show import ShowingCommands
from glance_agent.commands.stores import Choices, Stores
from glance_agent.commands.undo import TakingBack
from glance_agent.commands.use_cases import UseCases
from glance_agent.config.settings import Config
from glance_agent.domain.encoder import Encoder
from glance_agent.embedding.dictionary import is_word
from glance_agent.store.labels import Labels
from glance_agent.store.opening import unserved
from glance_agent.store.query_vectors import QueryVectorCache
from glance_agent.wiring.addresses import image_url_of
from glance_agent.wiring.catching_up import Follower
from glance_agent.wiring.clockwork import timings_of
from glance_agent.wiring.hanging import defaults_of
from glance_agent.wiring.lasting import LastingStores


class AnsweringMind(NamedTuple):
    """What thinks with the vectors of a model."""

    showing: ShowingCommands
    answers: Dispatcher


def mind_of(
    config: Config,
    stores: LastingStores,
    encoder: Encoder,
    follower: Follower,
    sources: Collection[str],
    *,
    clock: Callable[[], datetime],
) -> AnsweringMind:
    """What thinks while this model answers; `sources` are those that can be named."""
    library, history = stores.library, stores.history
    showing = _showing_of(config, stores, follower, encoder, clock=clock)
    displays = [d.name for d in config.displays]
    reactions = Reactions(showing, library, history, displays=displays, clock=clock)
    taking_back = TakingBack(history, showing, reactions, clock=clock)
    names, defaults = config.display_names, defaults_of(config)
    cases = UseCases(
        showing,
        reactions,
        DisplaySettingCommands(history, showing.settings, clock=clock),
        taking_back,
        remembering=Remembering(
            history, library, displays=displays, defaults=defaults, clock=clock
        ),
        displays=names,
        sources=sources,
        unsearched=partial(unserved, library.db)
        if config.library.search == "pgvector"
        else lambda: None,
    )
    answers = Dispatcher(
        cases,
        showing,
        taking_back,
        history,
        displays=names,
        clock=clock,
        while_away=stores.while_away,
    )
    return AnsweringMind(showing, answers)


def _showing_of(
    config: Config,
    stores: LastingStores,
    follower: Follower,
    encoder: Encoder,
    *,
    clock: Callable[[], datetime],
) -> ShowingCommands:
    library, history = stores.library, stores.history
    return ShowingCommands(
        Stores(library, history, Labels(library.db), QueryVectorCache(library.db), is_word),
        follower.index,
        encoder,
        choices=Choices(
            config.choice.no_repeat_showings,
            defaults_of(config),
            {d.name: d.orientation for d in config.displays},
            timings_of(config),
            image_url=image_url_of(config),
            keeps_unmatched=config.search.unmatched == "keep",
            paired=frozenset(d.name for d in config.displays if d.pairs == "auto"),
            sources={d.name: frozenset(d.sources) for d in config.displays},
        ),
        arriving=stores.arrivals.now,
        hindered=stores.arrivals.hindered_by,
        unread=lambda: follower.unread,
        clock=clock,
        chance=Random(config.choice.seed),  # noqa: S311 - which picture comes next is no secret
    )
