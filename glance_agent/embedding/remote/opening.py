"""The encoder that the settings of a remote one describe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from glance_agent.domain.encoder import Encoder
from glance_agent.domain.errors import ModelError
from glance_agent.embedding.models.directory import read_json, write_json
from glance_agent.embedding.pairing import StandIn, TowersApart, require_same_space
from glance_agent.embedding.remote.calls import Caller
from glance_agent.embedding.remote.huggingface import HuggingFaceEncoder
from glance_agent.embedding.remote.immich import DEFAULT_MODEL, ImmichEncoder
from glance_agent.embedding.remote.replicate import API, ReplicateEncoder
from glance_agent.embedding.remote.service import Offer, ServiceEncoder, ask_offer, offer_of
from glance_agent.embedding.remote.settings import RemoteSettings

_SERVICES: Final = "services.json"
_OFFER_SECONDS: Final = 5.0  # the agent waits for this at its start


def open_remote(
    settings: RemoteSettings, token: str | None, directory: Path, local: Callable[[], Encoder]
) -> Encoder:
    """The remote encoder, with the local one where it can help; raises ModelError.

    `local` opens the local model; it stands in for a service of the same space that is away, and
    embeds the words where the settings say so.
    """
    caller = Caller(
        settings.kind,
        token,
        timeout_seconds=settings.timeout_seconds,
        dollars_per_call=settings.dollars_per_call,
    )
    encoder = _opened(settings, caller, directory)
    if settings.words == "local":
        return TowersApart(encoder, local())
    return _with_stand_in(encoder, local) if settings.kind == "service" else encoder


def _opened(settings: RemoteSettings, caller: Caller, directory: Path) -> Encoder:
    url, model, dimension = settings.url, settings.model, settings.dimension or 0
    match settings.kind:
        case "service":
            offer = known_offer(caller, url or "", directory)
            return ServiceEncoder(caller, url=url or "", offer=offer)
        case "immich":
            model = model or DEFAULT_MODEL
            return ImmichEncoder(caller, url=url or "", model=model, dimension=dimension)
        case "huggingface":
            return HuggingFaceEncoder(caller, model=model or "", url=url, dimension=dimension)
        case "replicate":
            return ReplicateEncoder(caller, url=url or API)


def known_offer(caller: Caller, url: str, directory: Path) -> Offer:
    """What the service offers; what it offered last where it is away. Raises ModelError."""
    known = read_json(directory / _SERVICES)
    seconds = min(_OFFER_SECONDS, caller.timeout_seconds)
    try:
        offer = ask_offer(replace(caller, timeout_seconds=seconds, attempts=1), url)
    except ModelError:
        last = known.get(url)
        if not isinstance(last, dict):
            raise
        return offer_of(last.get("space"), last.get("dimension"))
    found = {"space": offer.space, "dimension": offer.dimension}
    if known.get(url) != found:
        write_json(directory / _SERVICES, {**known, url: found})
    return offer


def _with_stand_in(encoder: Encoder, local: Callable[[], Encoder]) -> Encoder:
    """The encoder with the local model behind it, if that is there and of the same space."""
    try:
        second = local()
        require_same_space(encoder, second)
    except ModelError:
        return encoder
    return StandIn(encoder, second)
