"""A new model takes over once it knows every work; until then the old one answers."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from glance_agent.domain.errors import ModelError
from glance_agent.ingest.progress import Progress

_log = logging.getLogger(__name__)
PASSING = frozenset({"source away"})
"""Reasons to leave a work out that do not last: the new model waits for these works."""


class HasSpace(Protocol):
    """An encoder, as far as its space matters here."""

    @property
    def space(self) -> str: ...


class Last(Protocol):
    """What answered last."""

    @property
    def space(self) -> str: ...
    @property
    def model(self) -> str | None: ...


class VectorSpaces(Protocol):
    """What is known of the library's spaces."""

    def answering(self) -> Last | None: ...
    def count(self, space: str) -> int: ...
    def lacking(self, space: str) -> int: ...


_E = TypeVar("_E", bound=HasSpace)


@dataclass(frozen=True, slots=True)
class ModelSwitch(Generic[_E]):
    """The encoder that answers, and the one that will, where that is another one."""

    encoder: _E
    successor: _E | None = None


def model_switch(
    spaces: VectorSpaces, wanted: _E, open_model: Callable[[str], _E]
) -> ModelSwitch[_E]:
    """Who answers with the wanted encoder configured, given what answered last.

    `open_model` opens a local model by name and raises ModelError. Where the old one is gone,
    the wanted one answers with what it knows already.
    """
    last = spaces.answering()
    if last is None or last.space == wanted.space or last.model is None:
        return ModelSwitch(wanted)
    if not spaces.count(last.space) or not spaces.lacking(wanted.space):
        return ModelSwitch(wanted)
    try:
        old = open_model(last.model)
    except ModelError as error:
        _log.warning("the model before cannot answer any more: %s", error)
        return ModelSwitch(wanted)
    return ModelSwitch(old, wanted) if old.space == last.space else ModelSwitch(wanted)


def switch_with_stand_in(
    spaces: VectorSpaces, now: ModelSwitch[_E], stand_in: ModelSwitch[_E]
) -> ModelSwitch[_E]:
    """Who answers while the wanted model is fetched: `stand_in`, where nobody else can.

    Only in a library that is new or knows its vectors already: whatever had been embedded by a
    model that is gone for the moment would else be fetched and embedded twice.
    """
    space, last = stand_in.encoder.space, spaces.answering()
    return stand_in if last is None or last.space == space or spaces.count(space) else now


def complete(progress: Progress) -> bool:
    """Whether a run of embedding again got as far as it ever will."""
    return (
        progress.finished
        and progress.stopped_by is None
        and not any(progress.left_out[reason] for reason in PASSING)
    )
