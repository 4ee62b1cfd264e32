"""Who the agent of a configuration is."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from glance_agent.config.settings import Config
from glance_agent.domain.identity import Identity
from glance_agent.domain.library_place import PostgresPlace
from glance_agent.store.database import Database
from glance_agent.store.history import History
from glance_agent.store.identity import identify, kept_id


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


def agent_title(identity: Identity) -> str:
    """What people are told of this agent where others may run beside it."""
    return f"the agent {identity.agent} on {socket.gethostname()}, process {os.getpid()}"


def program_title(config: Config) -> str:
    """The same of this program, which may be another one of an agent's folder: with the agent's id
    where others may share the library, as far as it has one."""
    process = f"process {os.getpid()} on {socket.gethostname()}"
    if not isinstance(config.library.place, PostgresPlace):
        return process
    agent = config.agent.id or kept_id(id_file(config))
    return f"{process}, agent {agent}" if agent else process
