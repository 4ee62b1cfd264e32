"""Variables whose names have levels -> values by table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsError

from glance_agent.domain.errors import ConfigError
from glance_agent.domain.said import say


def in_levels(
    variables: Mapping[str, str], prefix: str, settings: type[BaseModel]
) -> dict[str, Any]:
    """The values that variables, named in small letters, give to settings. Raises ConfigError."""
    read = type("_Read", (settings, BaseSettings), {"__module__": __name__})
    source = EnvSettingsSource(
        read, case_sensitive=False, env_prefix=prefix, env_nested_delimiter="__"
    )
    source.env_vars = variables
    try:
        return source()
    except SettingsError as error:
        raise ConfigError(
            say(
                "{name} cannot be read: lists and tables are given as JSON, such as {example}.",
                name=f"{prefix}{_unreadable(error)}",
                example='[{"name": "wall"}]',
            )
        ) from error


def _unreadable(error: SettingsError) -> str:
    """The variable that pydantic could not read, as it names it in its sentence."""
    named = re.search(r'field "(\w+)"', str(error))
    return named[1].upper() if named else "…"
