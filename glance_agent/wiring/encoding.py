"""The configured model, here or on another machine, or a stand-in that says why there is none."""

from __future__ import annotations

import logging

from glance_agent.config.settings import Config
from glance_agent.config.tables import ModelSettings
from glance_agent.domain.encoder import Encoder
from glance_agent.domain.errors import ConfigError, ModelError
from glance_agent.domain.said import say
from glance_agent.embedding.encoder import OnnxEncoder, open_encoder
from glance_agent.embedding.models.catalogue import find
from glance_agent.embedding.models.directory import default_models_directory
from glance_agent.embedding.pairing import AbsentEncoder

_log = logging.getLogger(__name__)


def encoder_of(config: Config) -> Encoder:
    """The configured model, or a stand-in that says why there is none."""
    try:
        return _encoder(config.model)
    except ModelError as error:
        meanwhile = "It will be fetched." if config.model.pull else "Searching by keywords only."
        _log.warning("no model: %s. %s", str(error).rstrip("."), meanwhile)
        return AbsentEncoder(error.said)


def _encoder(model: ModelSettings) -> Encoder:
    """The remote encoder of the settings, else the local model; raises ModelError."""
    if model.remote is None:
        return local_encoder(model)
    from glance_agent.embedding.remote.opening import open_remote

    directory = model.directory or default_models_directory()
    return open_remote(model.remote, model.remote_token(), directory, lambda: local_encoder(model))


def local_encoder(model: ModelSettings) -> OnnxEncoder:
    """The local model of the settings; raises ModelError."""
    return open_encoder(
        model.name,
        model.directory,
        threads=model.threads,
        memory_arena=model.memory_arena,
        prepacking=model.prepacking,
    )


def encoder_named(model: ModelSettings, name: str) -> Encoder:
    """The local model of that name, with the other settings as configured; raises ModelError."""
    return _encoder(model.model_copy(update={"name": name, "remote": None}))


def check_model(model: ModelSettings) -> None:
    """Raises ConfigError where the catalogue knows no model of the configured name."""
    try:
        find(model.name, model.directory or default_models_directory())
    except ModelError as unknown:
        raise ConfigError(
            say("{setting} cannot be used: {why}", setting="model.name", why=unknown)
        ) from unknown
