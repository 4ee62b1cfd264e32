"""The tree of all settings, frozen once loaded; those of rooms are described there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    SecretStr,
    model_validator,
)

from glance_agent.config.naming import display_names
from glance_agent.displays.registry import AnyDisplay, usual_display
from glance_agent.displays.settings import PanelSettings
from glance_agent.domain.display_names import DisplayNames
from glance_agent.domain.foreign import shown
from glance_agent.domain.identity import AGENT_ID
from glance_agent.domain.languages import Languages, known_languages, spoken_language
from glance_agent.domain.library_place import LibraryPlace, PostgresPlace, WayToServer
from glance_agent.domain.said import say
from glance_agent.domain.secret import read_secret
from glance_agent.domain.spelling import PathSetting
from glance_agent.domain.topics import EVERYWHERE
from glance_agent.domain.values import User
from glance_agent.doors.mqtt.settings import MqttSettings
from glance_agent.doors.web.settings import WebSettings
from glance_agent.embedding.remote.settings import RemoteSettings
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


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, defer_build=True, extra="forbid")


class AgentSettings(_Settings):
    """Which agent this is, where several share a library or a broker."""

    id: str | None = Field(
        None,
        pattern=f"^{AGENT_ID}$",
        description="Tells it from all others; made at its first start and kept in a file beside "
        "the library's.",
    )


class LibrarySettings(_Settings):
    """Where artworks, vectors and reactions are kept."""

    path: PathSetting = Field(
        Path("glance.db"), description="The library's SQLite file; relative to this file."
    )
    url: SecretStr | None = Field(
        None,
        description="A database of a PostgreSQL server instead, such as "
        "postgresql://glance@server/glance; needs the extra postgres.",
    )
    password_file: PathSetting | None = Field(
        None, description="A file whose first line is the password of url."
    )
    search: Literal["replica", "pgvector"] = Field(
        "replica",
        description="Who looks through the vectors of url: the agent, in memory, or the server, by "
        "its extension pgvector.",
    )
    max_picture_megapixels: int = Field(
        80,
        ge=1,
        le=2000,
        description="Larger pictures are not decoded; JPEG and WebP may have half as many more.",
    )

    _reach: WayToServer = PrivateAttr(default_factory=WayToServer)

    @model_validator(mode="after")
    def _is_in_one_place(self) -> LibrarySettings:
        if self.url is None:
            if self.password_file is not None:
                raise ValueError(
                    say("password_file is for url, the address of a PostgreSQL server")
                )
            if self.search == "pgvector":
                raise ValueError(say("search by pgvector needs url, the address of its server"))
            return self
        if "path" in self.model_fields_set:
            raise ValueError(say("path and url exclude each other: a library is in one place"))
        PostgresPlace(self.url.get_secret_value())  # which refuses what is no address
        return self

    @property
    def place(self) -> LibraryPlace:
        """Where the library is. What an agent keeps for itself is beside `path` all the same."""
        if self.url is None:
            return self.path
        return PostgresPlace(
            self.url.get_secret_value(),
            self.password_file,
            looks_through=self.search == "pgvector",
            reach=self._reach,
        )


class ModelSettings(_Settings):
    """The model that understands pictures and words."""

    name: str = Field("glance-mini", description="A model of the catalogue.")
    directory: PathSetting | None = Field(
        None, description="Where downloaded models are kept; a user directory by default."
    )
    pull: bool = Field(
        False, description="Fetch the model in the background where it is not installed."
    )
    threads: int = Field(2, ge=1, le=64, description="Threads for one model run.")
    memory_arena: bool = Field(
        False, description="Let ONNX Runtime keep freed memory for itself (faster, larger)."
    )
    prepacking: bool = Field(
        True, description="Let ONNX Runtime keep rearranged weights (faster, larger)."
    )
    remote: RemoteSettings | None = Field(
        None, description="An encoder on another machine, in place of the local model."
    )

    @model_validator(mode="after")
    def _pulls_for_itself(self) -> ModelSettings:
        if self.pull and self.remote is not None:
            raise ValueError(
                say(
                    "pull fetches a model that answers here; beside a remote encoder, run "
                    "glance-agent models pull {name}",
                    name=self.name,
                )
            )
        return self

    def remote_token(self) -> str | None:
        """The remote encoder's token, from its file where one is named; raises ConfigError."""
        remote = self.remote
        if remote is not None and remote.token_file is not None:
            return read_secret(remote.token_file)
        return remote.token.get_secret_value() if remote and remote.token else None


class ChoiceSettings(_Settings):
    """How `next` and the slideshow choose."""

    no_repeat_showings: int = Field(
        50, ge=0, le=100_000, description="A work does not come back within this many showings."
    )
    slideshow: bool = Field(False, description="Whether displays start as slideshows.")
    interval_seconds: int = Field(
        600, ge=10, le=604_800, description="Seconds between pictures of a slideshow."
    )
    discovery: int = Field(
        20, ge=0, le=100, description="0 is only what is known to be liked, 100 is surprise me."
    )
    seed: int | None = Field(None, description="Fixes the chance in choices, for tests.")


class SearchSettings(_Settings):
    """How searches answer."""

    unmatched: Literal["keep", "nearest"] = Field(
        "keep",
        description="What a wish that nothing matches does: keep leaves the picture, nearest shows "
        "what comes closest.",
    )


class LogSettings(_Settings):
    """What is written to standard error; lines begin with the time where it is not the journal."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least important line that is written."
    )


class Config(_Settings):
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
