"""The configured model, here or on another machine, or a stand-in that says why there is none."""

from __future__ import annotations

import logging

from glance_agent.config import Config, ModelSettings
from glance_agent.embedding.absent import AbsentEncoder
from glance_agent.embedding.encoder import open_encoder
from glance_agent.embedding.pairing import Encoder
from glance_agent.embedding.shelf import default_models_directory
from glance_agent.errors import ModelError

_log = logging.getLogger(__name__)


def encoder_of(config: Config) -> Encoder:
    """The configured model, or a stand-in that says why there is none."""
    try:
        return _encoder(config.model)
    except ModelError as error:
        _log.warning("no model: %s Searching by keywords only.", error)
        return AbsentEncoder(str(error))


def _encoder(model: ModelSettings) -> Encoder:
    """The remote encoder of the settings, else the local model; raises ModelError."""

    def local() -> Encoder:
        return open_encoder(
            model.name,
            model.directory,
            threads=model.threads,
            memory_arena=model.memory_arena,
            prepacking=model.prepacking,
        )

    if model.remote is None:
        return local()
    from glance_agent.embedding.remote import open_remote

    directory = model.directory or default_models_directory()
    return open_remote(model.remote, model.remote_token(), directory, local)


def encoder_named(model: ModelSettings, name: str) -> Encoder:
    """The local model of that name, with the other settings as configured; raises ModelError."""
    return _encoder(model.model_copy(update={"name": name, "remote": None}))
