"""GLANCE_… variables in, the settings they name out: values by table, as a file would give them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsError

from glance_agent.domain.errors import ConfigError
from glance_agent.domain.said import in_a_row, say

ENVIRONMENT_PREFIX = "GLANCE_"
OTHER_VARIABLES = {"GLANCE_CONFIG", "GLANCE_PAINTINGS"}
"""What options of the terminal may be given as, beside the settings."""


def from_variables(environ: Mapping[str, str], settings: type[BaseSettings]) -> dict[str, Any]:
    """The values that GLANCE_… variables give to settings; lists of tables are given as JSON.

    Raises ConfigError.
    """
    for name in environ:
        _refuse_unknown(name, settings)
    source = EnvSettingsSource(
        settings,
        case_sensitive=False,
        env_prefix=ENVIRONMENT_PREFIX,
        env_nested_delimiter="__",
    )
    source.env_vars = {name.lower(): value for name, value in environ.items()}
    try:
        return source()
    except SettingsError as error:
        raise ConfigError(
            say(
                "{name} cannot be read: lists and tables are given as JSON, such as {example}.",
                name=f"{ENVIRONMENT_PREFIX}{_unreadable(error)}",
                example='[{"name": "wall"}]',
            )
        ) from error


def _unreadable(error: SettingsError) -> str:
    """The variable that pydantic could not read, as it names it in its sentence."""
    named = re.search(r'field "(\w+)"', str(error))
    return named[1].upper() if named else "…"


def _refuse_unknown(name: str, settings: type[BaseSettings]) -> None:
    """A variable of ours names a setting; a misspelt one must not be passed over in silence."""
    if not name.startswith(ENVIRONMENT_PREFIX) or name in OTHER_VARIABLES:
        return
    section, *keys = name.removeprefix(ENVIRONMENT_PREFIX).split("__")
    if section.lower() in settings.model_fields:
        return
    near = get_close_matches(section.lower(), settings.model_fields, n=1)
    meant = "__".join([near[0].upper(), *keys]) if near else ""
    guess = say("Did you mean {name}?", name=f"{ENVIRONMENT_PREFIX}{meant}") if near else ""
    raise ConfigError(in_a_row(say("The variable {name} names no setting.", name=name), guess))
