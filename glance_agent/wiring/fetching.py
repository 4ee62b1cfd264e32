"""What fetches the configured model, beside whatever answers until then."""

from __future__ import annotations

import os
import time
from random import Random

from glance_agent.agent.model_download import Obtain
from glance_agent.config.tables import ModelSettings
from glance_agent.domain.encoder import Encoder
from glance_agent.embedding.models.directory import ModelDirectory, default_models_directory
from glance_agent.embedding.pairing import AbsentEncoder
from glance_agent.wiring.encoding import local_encoder


def fetching_of(model: ModelSettings, wanted: Encoder) -> Obtain[Encoder] | None:
    """What fetches the configured model, where it is not here and the owner wants it fetched."""
    if not model.pull or not isinstance(wanted, AbsentEncoder):
        return None
    from glance_agent.embedding.obtaining import Obtaining  # loads the HTTP client

    model_directory = ModelDirectory(model.directory or default_models_directory())
    fetch = Obtaining(model.name, model_directory, lambda: local_encoder(model), os.environ)
    return Obtain(model.name, fetch, chance=Random(), clock=time.monotonic)  # noqa: S311 - spreads
