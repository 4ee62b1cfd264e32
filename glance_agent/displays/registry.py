"""Which kinds of displays there are; each is the file of its name, read when it is asked for.

Adding a kind is adding its file to `kinds/`, which names its class `DISPLAY`; a hyphen in its name
is an underscore in that of the file.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from glance_agent.displays.display import Display
from glance_agent.displays.settings import PanelSettings

USUAL = "mqtt"
"""The kind of a display that names none."""
_KINDS = "glance_agent.displays.kinds"


def kinds() -> tuple[str, ...]:
    """Every kind of display, the usual one first; none is loaded for it."""
    found = {
        kind.name.replace("_", "-")
        for kind in pkgutil.iter_modules([str(Path(__file__).parent / "kinds")])
    }
    return (USUAL, *sorted(found - {USUAL}))


def display_of(kind: str) -> type[Display[Any]]:
    """The class of a kind, which is one of `kinds()`."""
    display: type[Display[Any]] = import_module(f"{_KINDS}.{kind.replace('-', '_')}").DISPLAY
    return display


def settings_of(kind: str) -> type[PanelSettings]:
    """What can be set about a display of this kind, which is one of `kinds()`."""
    return display_of(kind).settings_class


def display_kinds() -> dict[str, type[PanelSettings]]:
    """The settings of every kind of display; loads them all."""
    return {kind: settings_of(kind) for kind in kinds()}


def usual_display(name: str) -> PanelSettings:
    """A display of which only the name is known."""
    return settings_of(USUAL).model_validate({"name": name})


def opened(settings: PanelSettings) -> Display[Any]:
    """The display that these settings describe."""
    return display_of(settings.kind)(settings)


def _of_its_kind(table: object) -> object:
    """A `[[displays]]` table as the settings of its kind."""
    if not isinstance(table, Mapping):
        return table
    kind = table.get("kind", USUAL)
    if kind not in kinds():
        raise PydanticCustomError("kind_unknown", "there is no such kind", {"kind": str(kind)})
    return settings_of(kind).model_validate(table)


AnyDisplay = Annotated[PanelSettings, BeforeValidator(_of_its_kind)]
"""One `[[displays]]` table."""
