"""One TOML file, overridden by GLANCE_… variables -> the settings.

`load(path, environ)` is the only way in. A variable is the path of a setting in capitals, with
two underscores between the levels: GLANCE_MQTT__HOST=broker.local.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from glance_agent.config.faults import sentences
from glance_agent.config.settings import Config
from glance_agent.config.tables import ModelSettings
from glance_agent.config.variables import ENVIRONMENT_PREFIX, from_variables
from glance_agent.domain.errors import ConfigError
from glance_agent.domain.said import say
from glance_agent.domain.secret import reason
from glance_agent.sources.settings import FolderSettings

_Part = TypeVar("_Part", bound=BaseModel)
_TABLES: Final[dict[str, Any]] = {
    name: {}
    for name, field in Config.model_fields.items()
    if field.default_factory is field.annotation
}
"""Each table, empty: as a default it would have a validator of its own built, which takes longer
than to read the file."""


def load(path: Path | None, environ: Mapping[str, str]) -> Config:
    """The configuration of a TOML file and of GLANCE_… variables; raises ConfigError.

    Relative paths in the file are relative to the file. Without a file the defaults hold.
    """
    from_file = _read(path) if path else {}
    given = _merged(_TABLES, _merged(from_file, from_variables(environ, Config)))
    try:
        config = Config.model_validate(given)
    except ValidationError as invalid:
        raise ConfigError(sentences(invalid, Config, given)) from None
    config = _anchored(config, path.resolve().parent) if path else config
    _refuse_circles(config)
    return config


def language_of(path: Path | None, environ: Mapping[str, str]) -> str | None:
    """The language that the same configuration asks for, whatever else is wrong with it; None
    where it names none, or cannot be read."""
    for name, value in environ.items():
        if name.upper() == f"{ENVIRONMENT_PREFIX}LANGUAGE":
            return value
    try:
        language = _read(path).get("language") if path else None
    except ConfigError:
        return None
    return language if isinstance(language, str) else None


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ConfigError(
            say(
                "There is no configuration file {path}. Copy config/glance.toml to start with one.",
                path=path,
            )
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            say("The configuration {path} cannot be read: {why}.", path=path, why=reason(error))
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            say("The configuration {path} is not valid TOML: {why}.", path=path, why=str(error))
        ) from error


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
                    say(
                        "The display {display} writes into {path}, where the source {source} looks "
                        "for pictures: choose a folder outside of {folder}.",
                        display=display.name,
                        path=path,
                        source=source.name,
                        folder=source.path,
                    )
                )


def _anchored(config: Config, folder: Path) -> Config:
    """Relative paths made absolute, beginning at the configuration's own folder."""
    sources = tuple(_anchored_table(s, folder) for s in config.sources)
    displays = tuple(_anchored_table(d, folder) for d in config.displays)
    files = ("password_file", "ca_file", "certificate_file", "key_file")
    found = {f: getattr(config.mqtt, f) for f in files}
    mqtt = config.mqtt.model_copy(update={f: folder / p for f, p in found.items() if p})
    library = _anchored_part(config.library, folder, "path", "password_file")
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
    """A table of some kind, with every path in it made absolute, also those in a list."""
    values = {name: getattr(part, name) for name in type(part).model_fields}
    paths = [name for name, value in values.items() if isinstance(value, Path)]
    lists = {
        name: tuple(folder / one for one in value)
        for name, value in values.items()
        if isinstance(value, tuple) and value and all(isinstance(one, Path) for one in value)
    }
    return _anchored_part(part, folder, *paths).model_copy(update=lists)


def _anchored_part(part: _Part, folder: Path, *names: str) -> _Part:
    found = {name: getattr(part, name, None) for name in names}
    return part.model_copy(update={n: folder / p for n, p in found.items() if p is not None})
