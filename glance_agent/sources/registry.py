"""Which kinds of sources there are; a museum is the file of its name, read when it is asked for.

Adding a museum is adding its file to `museums/`: its settings, hosts and manners stand on its
class, which the file names `MUSEUM`.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from glance_agent.sources.settings import FolderSettings, SourceSettings, StarterSettings

if TYPE_CHECKING:
    from glance_agent.sources.web.museum import Museum

_AT_HAND: dict[str, type[SourceSettings]] = {"folder": FolderSettings, "starter": StarterSettings}
_MUSEUMS = "glance_agent.sources.museums"


def kinds() -> tuple[str, ...]:
    """Every kind of source; no museum is loaded for it."""
    folder = Path(__file__).parent / "museums"
    return (*_AT_HAND, *sorted(found.name for found in pkgutil.iter_modules([str(folder)])))


def museum_of(kind: str) -> type[Museum[Any]]:
    """The museum of this kind, which is one of `kinds()`."""
    museum: type[Museum[Any]] = import_module(f"{_MUSEUMS}.{kind}").MUSEUM
    return museum


def settings_of(kind: str) -> type[SourceSettings]:
    """What can be set about a source of this kind, which is one of `kinds()`."""
    return _AT_HAND.get(kind) or museum_of(kind).settings_class


def source_kinds() -> dict[str, type[SourceSettings]]:
    """The settings of every kind of source; loads them all."""
    return {kind: settings_of(kind) for kind in kinds()}


def _of_its_kind(table: object) -> object:
    """A `[[sources]]` table as the settings of its kind."""
    if not isinstance(table, Mapping):
        return table
    kind = table.get("kind")
    if kind is None:
        raise PydanticCustomError("kind_missing", "a kind is missing")
    if kind not in kinds():
        raise PydanticCustomError("kind_unknown", "there is no such kind", {"kind": str(kind)})
    return settings_of(kind).model_validate(table)


AnySource = Annotated[SourceSettings, BeforeValidator(_of_its_kind)]
"""One `[[sources]]` table."""
