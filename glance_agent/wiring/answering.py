"""Which model answers in a library, until the one that is configured can."""

from __future__ import annotations

import logging

from glance_agent.config.settings import Config
from glance_agent.config.tables import ModelSettings
from glance_agent.domain.encoder import Encoder
from glance_agent.domain.errors import ModelError, StoreError
from glance_agent.embedding.models.catalogue import carried
from glance_agent.embedding.pairing import AbsentEncoder
from glance_agent.ingest.model_switch import ModelSwitch, model_switch, switch_with_stand_in
from glance_agent.store.spaces import Answering, Spaces
from glance_agent.wiring.encoding import encoder_named

_log = logging.getLogger(__name__)


def switched(config: Config, spaces: Spaces, wanted: Encoder) -> ModelSwitch[Encoder]:
    """Who answers now, and who will; remembered where that is somebody new."""
    now = model_switch(spaces, wanted, lambda name: encoder_named(config.model, name))
    if now.successor is None:
        keep_answering(config, spaces, wanted)
    if isinstance(now.encoder, AbsentEncoder) and config.model.pull:
        return _with_regent(config.model, spaces, now)
    return now


def _with_regent(
    model: ModelSettings, spaces: Spaces, now: ModelSwitch[Encoder]
) -> ModelSwitch[Encoder]:
    """The model of the package answers while the configured one is fetched, where it can."""
    name = carried()
    try:
        stand_in = encoder_named(model, name or "")
    except ModelError:
        return now
    found = switch_with_stand_in(spaces, now, ModelSwitch(stand_in, now.encoder))
    if found.encoder is stand_in:
        _answer_with(spaces, Answering(stand_in.space, name))
    return found


def keep_answering(config: Config, spaces: Spaces, encoder: Encoder) -> None:
    """Remember what answers, so that it can go on when another model is configured."""
    if not isinstance(encoder, AbsentEncoder):
        name = config.model.name if config.model.remote is None else None
        _answer_with(spaces, Answering(encoder.space, name))


def _answer_with(spaces: Spaces, answering: Answering) -> None:
    """Remember what answers; it answers as well where that cannot be written now."""
    try:
        spaces.answer_with(answering)
    except StoreError as error:
        _log.warning("which model answers cannot be remembered: %s", error)
