"""The tree of all settings, frozen once loaded, and what has to hold of several tables at once.

Tables are described in the rooms that they are for, the others in `tables`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from glance_agent.config.naming import display_names
from glance_agent.config.tables import (
    AgentSettings,
    ChoiceSettings,
    LibrarySettings,
    LogSettings,
    ModelSettings,
    SearchSettings,
    SettingsTable,
)
from glance_agent.displays.registry import AnyDisplay, usual_display
from glance_agent.displays.settings import PanelSettings
from glance_agent.domain.display_names import DisplayNames
from glance_agent.domain.foreign import shown
from glance_agent.domain.languages import Languages, known_languages, spoken_language
from glance_agent.domain.said import say
from glance_agent.domain.topics import EVERYWHERE
from glance_agent.domain.values import User
from glance_agent.doors.mqtt.settings import MqttSettings
from glance_agent.doors.web.settings import WebSettings
from glance_agent.homeassistant.settings import HomeAssistantSettings
from glance_agent.sources.registry import AnySource
from glance_agent.sources.settings import FetchingSettings, StarterSettings


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        raise ValueError(
            say(
                "there is no time zone “{name}”: write its name, such as Europe/Berlin",
                name=shown(name),
            )
        ) from None
    return name


TimeZone = Annotated[str, AfterValidator(_time_zone)]
"""A zone of the IANA time zone database."""


def _language(tag: str) -> str:
    if (found := spoken_language(tag)) is None:
        raise ValueError(
            say(
                "“{tag}” is not spoken here: write one of {languages}",
                tag=shown(tag),
                languages=", ".join(known_languages()),
            )
        )
    return found


Language = Annotated[str, AfterValidator(_language)]
"""The code of a language that sentences are said in."""


class Config(SettingsTable):
    """Everything that can be set before the agent starts; made by `load`."""

    timezone: TimeZone | None = Field(
        None, description="Where quiet hours are, such as Europe/Berlin; the system's by default."
    )
    language: Language | None = Field(
        None,
        description="What answers and reasons are said in, such as de; English, or the language "
        "of a sentence, when not given.",
    )
    languages: dict[User, Language] = Field(
        default_factory=dict, description="By user, for whoever wants another one."
    )
    agent: AgentSettings = Field(default_factory=AgentSettings)
    mqtt: MqttSettings = Field(default_factory=MqttSettings)
    library: LibrarySettings = Field(default_factory=LibrarySettings)
    model: ModelSettings = Field(default_factory=ModelSettings)
    choice: ChoiceSettings = Field(default_factory=ChoiceSettings)
    search: SearchSettings = Field(default_factory=SearchSettings)
    homeassistant: HomeAssistantSettings = Field(default_factory=HomeAssistantSettings)
    web: WebSettings = Field(default_factory=WebSettings)
    log: LogSettings = Field(default_factory=LogSettings)
    displays: tuple[AnyDisplay, ...] = Field(
        default_factory=lambda: (usual_display("wall"),),
        min_length=1,
        description="The first is the default.",
    )
    fetching: FetchingSettings = Field(default_factory=FetchingSettings)
    sources: tuple[AnySource, ...] = Field(
        (StarterSettings(name="starter", kind="starter"),), description="Where pictures come from."
    )

    @model_validator(mode="after")
    def _unique_names(self) -> Config:
        if twice := _twice(display.name for display in self.displays):
            raise ValueError(say("two displays are called {twice}", twice=twice))
        if twice := _twice(source.name for source in self.sources):
            raise ValueError(say("two sources are called {twice}", twice=twice))
        return self

    @model_validator(mode="after")
    def _groups_of_their_own(self) -> Config:
        names = {EVERYWHERE, *(d.name for d in self.displays)}
        taken = next((d.group for d in self.displays if d.group in names), None)
        if taken is not None:
            if taken == EVERYWHERE:
                said = say(
                    "a group cannot be called {name}, which already means every display", name=taken
                )
                raise ValueError(said)
            said = say(
                "a group cannot be called {name}, which already means one display", name=taken
            )
            raise ValueError(said)
        return self

    @model_validator(mode="after")
    def _devices_of_their_own(self) -> Config:
        for key in ("device", "address", "host"):
            found = [(d.kind, getattr(d, key, None)) for d in self.displays]
            ids = [one for one in found if one[1] is not None]
            twice = next((one for one in ids if ids.count(one) > 1), None)
            if twice is not None:
                raise ValueError(
                    say(
                        "two displays have {key} = “{twice}”: each device shows one of them",
                        key=key,
                        twice=twice[1],
                    )
                )
        return self

    @model_validator(mode="after")
    def _topics_of_its_own(self) -> Config:
        base, prefix = self.mqtt.base_topic, self.homeassistant.discovery_prefix
        if self.homeassistant.enabled and f"{base}/".startswith(f"{prefix}/"):
            raise ValueError(
                say(
                    "mqtt.base_topic “{base}” lies in Home Assistant's own topics, below "
                    "homeassistant.discovery_prefix “{prefix}”: choose another, such as glance",
                    base=base,
                    prefix=prefix,
                )
            )
        return self

    @model_validator(mode="after")
    def _contact_where_asked(self) -> Config:
        asking = next((s for s in self.sources if s.asks_for_contact), None)
        if asking is not None and not self.fetching.contact:
            raise ValueError(
                say(
                    "the source {name} ({kind}) turns programs away that name nobody to write "
                    "to: set fetching.contact to an e-mail or web address of yours",
                    name=asking.name,
                    kind=asking.kind,
                )
            )
        return self

    @property
    def spoken(self) -> Languages:
        """What whom is answered in."""
        return Languages(self.language, self.languages)

    @property
    def display_names(self) -> DisplayNames:
        """The displays and their groups, as commands name them."""
        return display_names(self.displays)

    def display(self, name: str) -> PanelSettings | None:
        """The display of this name."""
        return next((d for d in self.displays if d.name == name), None)


def _twice(names: Iterable[str]) -> str:
    """The names that stand there more than once."""
    return ", ".join(sorted(name for name, count in Counter(names).items() if count > 1))
