"""The news that doors tell the world."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from glance_agent.domain.device import DeviceState
from glance_agent.domain.display import Glance, TimedSettings
from glance_agent.domain.event import Event
from glance_agent.domain.frame import Frame
from glance_agent.domain.reply import Reply


@dataclass(frozen=True, slots=True)
class Hung:
    """The picture of a display's work is ready, for the first time or as it looks by now."""

    display: str
    frame: Frame
    renewed: bool = False
    """Whether it is the showing of before, rendered again."""


@dataclass(frozen=True, slots=True)
class Soon:
    """The picture that is going to hang on a display next, unless something happens before."""

    glance: Glance
    frame: Frame


@dataclass(frozen=True, slots=True)
class Tuned:
    """The settings of a display as they are now."""

    display: str
    settings: TimedSettings


@dataclass(frozen=True, slots=True)
class Powered:
    """Whether a display is wanted to be on."""

    display: str
    on: bool


@dataclass(frozen=True, slots=True)
class DeviceHeard:
    """What is known of the device of a display."""

    display: str
    state: DeviceState


@dataclass(frozen=True, slots=True)
class Online:
    """The agent is there and answers."""


@dataclass(frozen=True, slots=True)
class About:
    """The facts about the agent that everyone may know."""

    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Failed:
    """A command or a picture that failed: told to everyone, beside the answer."""

    reply: Reply

    def payload(self) -> dict[str, Any]:
        """The error object, and which command it belongs to."""
        error = self.reply.error.model_dump(mode="json") if self.reply.error else {}
        return {
            **error,
            "verb": self.reply.verb,
            "display": self.reply.display,
            "transaction": self.reply.transaction,
        }


Public = Glance | Hung | Tuned | Powered | DeviceHeard | Online | About | Failed | Event
"""What every door tells the world, each in its own way."""
News = Public | Soon
"""All that doors are told."""
