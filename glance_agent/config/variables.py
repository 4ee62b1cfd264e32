"""GLANCE_… variables in, the settings they name out: values by table, as a file would give them."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel

from glance_agent.domain.errors import ConfigError
from glance_agent.domain.said import in_a_row, say

ENVIRONMENT_PREFIX = "GLANCE_"
OTHER_VARIABLES = {"GLANCE_CONFIG", "GLANCE_PAINTINGS"}
"""What options of the terminal may be given as, beside the settings."""


def from_variables(environ: Mapping[str, str], settings: type[BaseModel]) -> dict[str, Any]:
    """The values that GLANCE_… variables give to settings; lists of tables are given as JSON.

    Raises ConfigError.
    """
    for name in environ:
        _refuse_unknown(name, settings)
    ours = {name.lower(): value for name, value in environ.items() if _is_ours(name)}
    if not ours:
        return {}
    from glance_agent.config.levels import in_levels  # loads pydantic-settings

    return in_levels(ours, ENVIRONMENT_PREFIX, settings)


def _is_ours(name: str) -> bool:
    return name.upper().startswith(ENVIRONMENT_PREFIX) and name not in OTHER_VARIABLES


def _refuse_unknown(name: str, settings: type[BaseModel]) -> None:
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
