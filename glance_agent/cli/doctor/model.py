"""Whether the configured model understands words."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

from glance_agent.cli.doctor.finding import Finding, Patient
from glance_agent.config.tables import ModelSettings
from glance_agent.domain.errors import GlanceError
from glance_agent.domain.said import say
from glance_agent.embedding.obtaining import standing
from glance_agent.embedding.pairing import AbsentEncoder
from glance_agent.embedding.runtime import try_runtime
from glance_agent.wiring.encoding import encoder_of


async def check(patient: Patient) -> AsyncIterator[Finding]:
    """Load the text tower, or ask the encoder elsewhere, and embed a few words."""
    model = patient.config.model
    encoder = encoder_of(patient.config)
    if isinstance(encoder, AbsentEncoder):
        yield Finding(say("model"), False, _fetching(model, encoder.reason))
        return
    try:
        if model.remote is None:
            try_runtime()
        started = time.perf_counter()
        encoder.embed_text("peaceful blue water")
        first_ms = (time.perf_counter() - started) * 1000
        said = say(
            "{model} understands words (loaded in {ms} ms)", model=model.name, ms=f"{first_ms:.0f}"
        )
        yield Finding(say("model"), True, said)
    except GlanceError as error:
        yield Finding(say("model"), False, error.said)


def _fetching(model: ModelSettings, lacking: str) -> str:
    """What is lacking, and how far the fetching of it is, where a running agent fetches it."""
    if not model.pull:
        return lacking
    try:
        here = standing(model.name, model.directory)
    except GlanceError:
        return lacking
    return say(
        "{lacking}. As model.pull is set, a running agent fetches it: {here}",
        lacking=lacking,
        here=here,
    )
