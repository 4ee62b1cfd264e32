"""What can be set about Home Assistant: its topics, and the moods it offers."""

from __future__ import annotations

from types import MappingProxyType
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from glance_agent.domain.said import say
from glance_agent.domain.spelling import Topic
from glance_agent.domain.values import Words
from glance_agent.homeassistant.display_controls import NO_MOOD

MoodName = Annotated[str, StringConstraints(pattern=r"^\S[^\x00-\x1f\x7f]{0,31}$")]

MOODS = MappingProxyType(
    {
        "Calm": "calm, quiet, soft light",
        "Cheerful": "cheerful, bright colours",
        "Evening": "evening, warm light, dusk",
        "Dramatic": "dramatic, storm, dark sky",
        "Winter": "winter, snow, cold",
    }
)


class HomeAssistantSettings(BaseModel):
    """Home Assistant's MQTT discovery."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="forbid")

    enabled: bool = Field(
        True, description="Let Home Assistant find the agent; false takes it out again."
    )
    discovery_prefix: Topic = Field(
        "homeassistant", description="The discovery prefix that Home Assistant is set to."
    )
    birth_topic: Topic = Field(
        "homeassistant/status", description="Where Home Assistant says that it has started."
    )
    moods: dict[MoodName, Words] = Field(
        default_factory=lambda: dict(MOODS),
        description="The moods to choose from: the words that each stands for, by its name.",
    )

    @field_validator("moods")
    @classmethod
    def _tellable(cls, moods: dict[str, str]) -> dict[str, str]:
        for name, words in moods.items():
            if name.casefold() in {"none", NO_MOOD.casefold()}:
                raise ValueError(
                    say("a mood cannot be called “{name}”: that means no mood", name=name)
                )
            if not words:
                raise ValueError(say("the mood “{name}” needs words", name=name))
        return moods
