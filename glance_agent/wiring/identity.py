"""Who the agent of a configuration is."""

from __future__ import annotations

from pathlib import Path

from glance_agent.config.settings import Config
from glance_agent.domain.identity import Identity
from glance_agent.store.database import Database
from glance_agent.store.history import History
from glance_agent.store.identity import identify


def identity_of(config: Config, database: Database) -> Identity:
    """Who the agent is that runs with this library, which is told where that is new."""
    return identify(
        database,
        History(database).instance_id,
        id_file(config),
        configured=config.agent.id,
        base_topic=config.mqtt.base_topic,
    )


def id_file(config: Config) -> Path:
    """Where the id of the agent is kept: beside the library, or where that would be."""
    return config.library.path.with_name(f"{config.library.path.name}.agent")
