"""The settings: one TOML file, overridden by GLANCE_… variables; frozen once loaded.

`load(path, environ)` is the only way in. A variable is the path of a setting in capitals, with
two underscores between the levels: GLANCE_MQTT__HOST=broker.local.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from glance_agent.command import DisplayName
from glance_agent.embedding.settings import RemoteSettings
from glance_agent.errors import ConfigError
from glance_agent.homeassistant_settings import HomeAssistantSettings
from glance_agent.sources.settings import (
    FetchingSettings,
    SourceSettings,
    StarterSettings,
    source_kinds,
)

ENVIRONMENT_PREFIX = "GLANCE_"
_Part = TypeVar("_Part", bound=BaseModel)
TopicName = Annotated[str, StringConstraints(pattern=r"^[^\s#+/][^\s#+]{0,127}$")]


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MqttSettings(_Settings):
    """The broker, and how to reach it."""

    host: str = Field("127.0.0.1", description="Name or address of the broker.")
    port: int | None = Field(
        None, ge=1, le=65535, description="Port; 1883, or 8883 with TLS, when not given."
    )
    username: str | None = Field(None, description="User name for the broker.")
    password: SecretStr | None = Field(
        None, description="Password; better in password_file than here."
    )
    password_file: Path | None = Field(
        None, description="A file that holds the password (a systemd credential, for example)."
    )
    client_id: str | None = Field(
        None, description="Client id; by default made from the library's own instance id."
    )
    base_topic: TopicName = Field("glance", description="The level that all topics start with.")
    protocol: Literal["auto", "5", "3.1.1"] = Field(
        "auto", description="MQTT version; auto tries 5 and falls back to 3.1.1."
    )
    keepalive_seconds: int = Field(60, ge=5, le=3600, description="Seconds between pings.")
    session_expiry_seconds: int = Field(
        7 * 24 * 3600,
        ge=0,
        le=4_294_967_295,
        description="How long the broker keeps commands for an agent that is away (MQTT 5).",
    )
    tls: bool = Field(False, description="Encrypt the connection.")
    ca_file: Path | None = Field(
        None, description="Certificate authority to trust; the system's when not given."
    )
    certificate_file: Path | None = Field(None, description="The agent's own certificate.")
    key_file: Path | None = Field(None, description="The key of that certificate.")
    server_name: str | None = Field(
        None, description="Name the broker's certificate must have, where it is not the host."
    )

    @property
    def effective_port(self) -> int:
        return self.port or (8883 if self.tls else 1883)

    def secret(self) -> str | None:
        """The password, from its file where one is named; raises ConfigError."""
        if self.password_file is not None:
            return read_secret(self.password_file)
        return self.password.get_secret_value() if self.password else None


class LibrarySettings(_Settings):
    """Where artworks, vectors and reactions are kept."""

    path: Path = Field(
        Path("glance.db"), description="The library's SQLite file; relative to this file."
    )
    max_picture_megapixels: int = Field(
        120, ge=1, le=2000, description="Larger pictures are not decoded."
    )


class ModelSettings(_Settings):
    """The model that understands pictures and words."""

    name: str = Field("glance-mini", description="A model of the catalogue.")
    directory: Path | None = Field(
        None, description="Where downloaded models are kept; a user directory by default."
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

    def remote_token(self) -> str | None:
        """The remote encoder's token, from its file where one is named; raises ConfigError."""
        remote = self.remote
        if remote is not None and remote.token_file is not None:
            return read_secret(remote.token_file)
        return remote.token.get_secret_value() if remote and remote.token else None


class DisplaySettingsOf(_Settings):
    """One display."""

    name: DisplayName = Field(description="Its name in topics: a–z, 0–9, _ and -.")
    title: str | None = Field(None, description="What people call it.")
    width_px: int = Field(1280, ge=16, le=7680, description="Width of the panel in pixels.")
    height_px: int = Field(800, ge=16, le=7680, description="Height of the panel in pixels.")
    fit: Literal["contain", "cover"] = Field(
        "contain", description="contain shows the whole picture; cover fills and crops."
    )
    mat: str = Field(
        "auto", pattern=r"^(auto|#[0-9a-fA-F]{6})$", description="Colour around the picture."
    )
    max_image_bytes: int = Field(
        300_000, ge=5_000, le=10_000_000, description="Largest picture to publish, in bytes."
    )

    @property
    def orientation(self) -> str:
        return "portrait" if self.height_px > self.width_px else "landscape"


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


class LogSettings(_Settings):
    """What is written to standard error."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least important line that is written."
    )


class Config(BaseSettings):
    """Everything that can be set before the agent starts; made by `load`."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid")

    mqtt: MqttSettings = Field(default_factory=MqttSettings)
    library: LibrarySettings = Field(default_factory=LibrarySettings)
    model: ModelSettings = Field(default_factory=ModelSettings)
    choice: ChoiceSettings = Field(default_factory=ChoiceSettings)
    homeassistant: HomeAssistantSettings = Field(default_factory=HomeAssistantSettings)
    log: LogSettings = Field(default_factory=LogSettings)
    displays: tuple[DisplaySettingsOf, ...] = Field(
        (DisplaySettingsOf(name="wall"),), min_length=1, description="The first is the default."
    )
    fetching: FetchingSettings = Field(default_factory=FetchingSettings)
    sources: tuple[SourceSettings, ...] = Field(
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

    def display(self, name: str) -> DisplaySettingsOf | None:
        """The display of this name."""
        return next((d for d in self.displays if d.name == name), None)


def load(path: Path | None, environ: Mapping[str, str]) -> Config:
    """The configuration of a TOML file and of GLANCE_… variables; raises ConfigError.

    Relative paths in the file are relative to the file. Without a file the defaults hold.
    """
    from_file = _read(path) if path else {}
    try:
        config = Config.model_validate(_merged(from_file, _from_variables(environ)))
    except ValidationError as invalid:
        raise ConfigError(_sentences(invalid)) from None
    return _anchored(config, path.resolve().parent) if path else config


def read_secret(path: Path) -> str:
    """The first line of a secret's file; raises ConfigError."""
    try:
        return path.read_text(encoding="utf-8").splitlines()[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The secret file {path} cannot be read: {_reason(error)}.") from error
    except IndexError:
        raise ConfigError(f"The secret file {path} is empty.") from None


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or "it is not UTF-8 text"


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(
            f"There is no configuration file {path}. Copy config/glance.toml to start with one."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The configuration {path} cannot be read: {_reason(error)}.") from error
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


def _from_variables(environ: Mapping[str, str]) -> dict[str, Any]:
    """The settings that GLANCE_… variables name; lists of tables are given as JSON."""
    source = EnvSettingsSource(
        Config,
        case_sensitive=False,
        env_prefix=ENVIRONMENT_PREFIX,
        env_nested_delimiter="__",
    )
    source.env_vars = {name.lower(): value for name, value in environ.items()}
    try:
        return source()
    except SettingsError as error:
        raise ConfigError(
            f"A GLANCE_… variable cannot be read: {error}. Lists are given as JSON."
        ) from error


def _sentences(invalid: ValidationError) -> str:
    """What is wrong, one sentence per fault, with the nearest known key where one is unknown."""
    return "\n".join(_sentence(dict(error)) for error in invalid.errors(include_url=False))


def _sentence(error: dict[str, Any]) -> str:
    path = [str(part) for part in error["loc"]]
    where = ".".join(_as_written(path)) or "the configuration"
    if error["type"] == "union_tag_not_found":
        return f"In {where}: a kind is missing; one of {', '.join(source_kinds())}."
    if error["type"] == "union_tag_invalid":
        near = get_close_matches(error["ctx"]["tag"], list(source_kinds()), n=1)
        guess = f" Did you mean {near[0]}?" if near else ""
        return f"In {where}: there is no kind of source {error['ctx']['tag']}.{guess}"
    if error["type"] == "extra_forbidden":
        near = get_close_matches(path[-1], _known_keys(path[:-1]), n=1)
        guess = f" Did you mean {'.'.join(_as_written([*path[:-1], near[0]]))}?" if near else ""
        return f"There is no setting {where}.{guess}"
    if error["type"] == "value_error":
        return f"In {where}: {error['ctx']['error']}."
    return f"{where}: {error['msg']}."


def _known_keys(path: list[str]) -> list[str]:
    """The keys of the settings table at this path."""
    model: Any = Config
    if path[:1] == ["sources"]:
        return list(source_kinds()[path[2]].model_fields)
    for part in path:
        if part.isdigit():
            continue
        annotation = model.model_fields[part].annotation
        model = next((a for a in getattr(annotation, "__args__", ()) if a is not ...), annotation)
    return list(model.model_fields)


def _as_written(path: list[str]) -> list[str]:
    """The path as it is in the file: pydantic adds the kind of a source after its number."""
    return path[:2] + path[3:] if path[:1] == ["sources"] else path


def _anchored(config: Config, folder: Path) -> Config:
    """Relative paths made absolute, beginning at the configuration's own folder."""
    sources = tuple(_anchored_source(s, folder) for s in config.sources)
    files = ("password_file", "ca_file", "certificate_file", "key_file")
    found = {f: getattr(config.mqtt, f) for f in files}
    mqtt = config.mqtt.model_copy(update={f: folder / p for f, p in found.items() if p})
    library = config.library.model_copy(update={"path": folder / config.library.path})
    fetching = _anchored_part(config.fetching, folder, "cache_directory")
    changed = {"sources": sources, "mqtt": mqtt, "library": library, "fetching": fetching}
    return config.model_copy(update={**changed, "model": _anchored_model(config.model, folder)})


def _anchored_model(model: ModelSettings, folder: Path) -> ModelSettings:
    remote = model.remote and _anchored_part(model.remote, folder, "token_file")
    return _anchored_part(model, folder, "directory").model_copy(update={"remote": remote})


def _anchored_source(source: SourceSettings, folder: Path) -> SourceSettings:
    return _anchored_part(source, folder, "path", "api_key_file")


def _anchored_part(part: _Part, folder: Path, *names: str) -> _Part:
    found = {name: getattr(part, name, None) for name in names}
    return part.model_copy(update={n: folder / p for n, p in found.items() if p is not None})
