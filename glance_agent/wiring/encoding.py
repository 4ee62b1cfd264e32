"""The configured model, here or on another machine, or a stand-in that says why there is none."""

from __future__ import annotations

import logging
import os
import time
from random import Random

from glance_agent.agent.model_download import Obtain
from glance_agent.config.settings import Config, ModelSettings
from glance_agent.domain.encoder import Encoder
from glance_agent.domain.errors import ConfigError, ModelError
from glance_agent.domain.said import say
from glance_agent.embedding.encoder import OnnxEncoder, open_encoder
from glance_agent.embedding.models.catalogue import find
from glance_agent.embedding.models.directory import ModelDirectory, default_models_directory
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


def fetching_of(model: ModelSettings, wanted: Encoder) -> Obtain[Encoder] | None:
    """What fetches the configured model, where it is not here and the owner wants it fetched."""
    if not model.pull or not isinstance(wanted, AbsentEncoder):
        return None
    from glance_agent.embedding.obtaining import Obtaining  # loads the HTTP client

    model_directory = ModelDirectory(model.directory or default_models_directory())
    fetch = Obtaining(model.name, model_directory, lambda: _local(model), os.environ)
    return Obtain(model.name, fetch, chance=Random(), clock=time.monotonic)  # noqa: S311 - spreads


def _encoder(model: ModelSettings) -> Encoder:
    """The remote encoder of the settings, else the local model; raises ModelError."""
    if model.remote is None:
        return _local(model)
    from glance_agent.embedding.remote.opening import open_remote

    directory = model.directory or default_models_directory()
    return open_remote(model.remote, model.remote_token(), directory, lambda: _local(model))


def _local(model: ModelSettings) -> OnnxEncoder:
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
