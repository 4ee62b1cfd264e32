"""The settings: one TOML file, overridden by GLANCE_… variables; frozen once loaded.

`load(path, environ)` is the only way in. A variable is the path of a setting in capitals, with
two underscores between the levels: GLANCE_MQTT__HOST=broker.local.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from glance_agent.config.faults import sentences
from glance_agent.config.naming import display_names
from glance_agent.config.variables import from_variables
from glance_agent.displays.registry import AnyDisplay, usual_display
from glance_agent.displays.settings import PanelSettings
from glance_agent.domain.display_names import DisplayNames
from glance_agent.domain.errors import ConfigError
from glance_agent.domain.foreign import shown
from glance_agent.domain.secret import read_secret, reason
from glance_agent.domain.spelling import PathSetting
from glance_agent.domain.topics import EVERYWHERE
from glance_agent.doors.mqtt.settings import MqttSettings
from glance_agent.doors.web.settings import WebSettings
from glance_agent.embedding.remote.settings import RemoteSettings
from glance_agent.homeassistant.settings import HomeAssistantSettings
from glance_agent.sources.registry import AnySource
from glance_agent.sources.settings import FetchingSettings, FolderSettings, StarterSettings

_Part = TypeVar("_Part", bound=BaseModel)


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        raise ValueError(
            f"there is no time zone “{shown(name)}”: write its name, such as Europe/Berlin"
        ) from None
    return name


TimeZone = Annotated[str, AfterValidator(_time_zone)]
"""A zone of the IANA time zone database."""


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LibrarySettings(_Settings):
    """Where artworks, vectors and reactions are kept."""

    path: PathSetting = Field(
        Path("glance.db"), description="The library's SQLite file; relative to this file."
    )
    max_picture_megapixels: int = Field(
        80,
        ge=1,
        le=2000,
        description="Larger pictures are not decoded; JPEG and WebP may have half as many more.",
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
                "pull fetches a model that answers here; beside a remote encoder, run "
                f"glance-agent models pull {self.name}"
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
    """What is written to standard error."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least important line that is written."
    )


class Config(BaseSettings):
    """Everything that can be set before the agent starts; made by `load`."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid")

    timezone: TimeZone | None = Field(
        None, description="Where quiet hours are, such as Europe/Berlin; the system's by default."
    )
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
        for kind, names in (
            ("displays", [d.name for d in self.displays]),
            ("sources", [s.name for s in self.sources]),
        ):
            twice = {name for name in names if names.count(name) > 1}
            if twice:
                raise ValueError(f"two {kind} are called {', '.join(sorted(twice))}")
        return self

    @model_validator(mode="after")
    def _groups_of_their_own(self) -> Config:
        names = {EVERYWHERE, *(d.name for d in self.displays)}
        taken = next((d.group for d in self.displays if d.group in names), None)
        if taken is not None:
            raise ValueError(
                f"a group cannot be called {taken}, which already means "
                f"{'every display' if taken == EVERYWHERE else 'one display'}"
            )
        return self

    @model_validator(mode="after")
    def _topics_of_its_own(self) -> Config:
        base, prefix = self.mqtt.base_topic, self.homeassistant.discovery_prefix
        if self.homeassistant.enabled and f"{base}/".startswith(f"{prefix}/"):
            raise ValueError(
                f"mqtt.base_topic “{base}” lies in Home Assistant's own topics, below "
                f"homeassistant.discovery_prefix “{prefix}”: choose another, such as glance"
            )
        return self

    @model_validator(mode="after")
    def _contact_where_asked(self) -> Config:
        asking = next((s for s in self.sources if s.asks_for_contact), None)
        if asking is not None and not self.fetching.contact:
            raise ValueError(
                f"the source {asking.name} ({asking.kind}) turns programs away that name nobody to "
                "write to: set fetching.contact to an e-mail or web address of yours"
            )
        return self

    @property
    def display_names(self) -> DisplayNames:
        """The displays and their groups, as commands name them."""
        return display_names(self.displays)

    def display(self, name: str) -> PanelSettings | None:
        """The display of this name."""
        return next((d for d in self.displays if d.name == name), None)


def load(path: Path | None, environ: Mapping[str, str]) -> Config:
    """The configuration of a TOML file and of GLANCE_… variables; raises ConfigError.

    Relative paths in the file are relative to the file. Without a file the defaults hold.
    """
    from_file = _read(path) if path else {}
    given = _merged(from_file, from_variables(environ, Config))
    try:
        config = Config.model_validate(given)
    except ValidationError as invalid:
        raise ConfigError(sentences(invalid, Config, given)) from None
    config = _anchored(config, path.resolve().parent) if path else config
    _refuse_circles(config)
    return config


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ConfigError(
            f"There is no configuration file {path}. Copy config/glance.toml to start with one."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The configuration {path} cannot be read: {reason(error)}.") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"The configuration {path} is not valid TOML: {error}.") from error


def _merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """The values of `below`, with those of `above` laid over them, table by table."""
    merged = dict(below)
    for key, value in above.items():
        under = merged.get(key)
        both = isinstance(value, dict) and isinstance(under, dict)
        merged[key] = _merged(dict(under or {}), value) if both else value
    return merged


def _refuse_circles(config: Config) -> None:
    """Raises ConfigError where what a display writes would come in again as a picture."""
    folders = [s for s in config.sources if isinstance(s, FolderSettings)]
    for display in config.displays:
        path = getattr(display, "path", None)
        if not isinstance(path, Path):
            continue
        for source in folders:
            if path.resolve().is_relative_to(source.path.resolve()):
                raise ConfigError(
                    f"The display {display.name} writes into {path}, where the source "
                    f"{source.name} looks for pictures: choose a folder outside of {source.path}."
                )


def _anchored(config: Config, folder: Path) -> Config:
    """Relative paths made absolute, beginning at the configuration's own folder."""
    sources = tuple(_anchored_table(s, folder) for s in config.sources)
    displays = tuple(_anchored_table(d, folder) for d in config.displays)
    files = ("password_file", "ca_file", "certificate_file", "key_file")
    found = {f: getattr(config.mqtt, f) for f in files}
    mqtt = config.mqtt.model_copy(update={f: folder / p for f, p in found.items() if p})
    library = config.library.model_copy(update={"path": folder / config.library.path})
    fetching = _anchored_part(config.fetching, folder, "cache_directory")
    web = _anchored_part(config.web, folder, "token_file")
    changed = {"mqtt": mqtt, "library": library, "fetching": fetching, "web": web}
    tables = {"sources": sources, "displays": displays}
    model = _anchored_model(config.model, folder)
    return config.model_copy(update={**changed, **tables, "model": model})


def _anchored_model(model: ModelSettings, folder: Path) -> ModelSettings:
    remote = model.remote and _anchored_part(model.remote, folder, "token_file")
    return _anchored_part(model, folder, "directory").model_copy(update={"remote": remote})


def _anchored_table(part: _Part, folder: Path) -> _Part:
    """A table of some kind, with every path in it made absolute."""
    paths = [name for name in type(part).model_fields if isinstance(getattr(part, name), Path)]
    return _anchored_part(part, folder, *paths)


def _anchored_part(part: _Part, folder: Path, *names: str) -> _Part:
    found = {name: getattr(part, name, None) for name in names}
    return part.model_copy(update={n: folder / p for n, p in found.items() if p is not None})
