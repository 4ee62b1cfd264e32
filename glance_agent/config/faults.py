"""What is wrong with a configuration, in sentences that say where and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Final

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from glance_agent.displays import registry as displays
from glance_agent.sources import registry as sources

_WHAT = {"sources": "source", "displays": "display"}
"""What stands in the tables that are of different kinds."""
_EXPECTED = {
    "string": "text in quotes",
    "path": "a path in quotes",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "model": "a table, such as {table}",
    "dict": "a table, such as {table}",
    "tuple": "a list",
}
"""What a value should have been, by the beginning of pydantic's name for the fault."""


_KEY: Final = "[key]"
"""What pydantic puts behind a key that is wrong itself."""
_IS_A_TYPE: Final = re.compile(r"literal\[|constrained-")
"""What pydantic calls one type of several that a value may have."""


def sentences(invalid: ValidationError, settings: type[BaseModel], given: Mapping[str, Any]) -> str:
    """What is wrong, one sentence per fault, with the nearest known key where one is unknown.

    `given` is what was to be validated.
    """
    errors = _of_choices([dict(error) for error in invalid.errors(include_url=False)])
    return "\n".join(
        _sentence(error, settings, given) for error in errors if not _follows_from(error, errors)
    )


def _of_choices(errors: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One fault for each value that may be of several types; pydantic has one for each type."""
    told = dict[tuple[Any, ...], dict[str, Any]]()
    for error in errors:
        here, last = error["loc"][:-1], error["loc"][-1:]
        if not _IS_A_TYPE.match(str(*last)):
            told[error["type"], *error["loc"]] = error
        elif error["type"] in ("greater_than_equal", "less_than_equal"):
            told[here] = {**error, "loc": here}
        else:
            told.setdefault(here, {**error, "loc": here, "type": "string_pattern_mismatch"})
    return [*told.values()]


def _follows_from(error: dict[str, Any], errors: list[dict[str, Any]]) -> bool:
    """Whether a list only counts as too short because what is in it has faults of its own."""
    here = error["loc"]
    return error["type"] == "too_short" and any(
        other["loc"][: len(here)] == here and other is not error for other in errors
    )


def _sentence(error: dict[str, Any], settings: type[BaseModel], given: Mapping[str, Any]) -> str:
    path = [str(part) for part in error["loc"] if part != _KEY]
    where = ".".join(path) or "the configuration"
    if error["type"] == "kind_missing":
        return f"In {where}: a kind is missing; one of {', '.join(sources.kinds())}."
    if error["type"] == "kind_unknown":
        return f"In {where}: {_unknown_kind(error['ctx']['kind'], path[0])}"
    if error["type"] == "extra_forbidden":
        near = get_close_matches(path[-1], _fields(path[:-1], settings, given), n=1)
        guess = f" Did you mean {'.'.join([*path[:-1], near[0]])}?" if near else ""
        return f"There is no setting {where}.{guess}"
    if error["type"] == "value_error":
        return f"In {where}: {error['ctx']['error']}."
    return f"{where} {_fault(error, path, _fields(path[:-1], settings, given))}."


def _unknown_kind(kind: str, tables: str) -> str:
    """That a table is of no kind, with the nearest one that there is."""
    kinds = displays.kinds() if tables == "displays" else sources.kinds()
    near = get_close_matches(kind, kinds, n=1)
    guess = f"Did you mean {near[0]}?" if near else f"There is {', '.join(kinds)}."
    return f"there is no kind of {_WHAT[tables]} {kind}. {guess}"


def _fault(error: dict[str, Any], path: list[str], fields: Mapping[str, FieldInfo]) -> str:
    """What one value is or must be; pydantic's own words where ours do not reach."""
    match error["type"]:
        case "missing":
            return "is missing"
        case "too_short":
            return "needs at least one entry"
        case "greater_than_equal":
            return f"must be at least {error['ctx']['ge']}"
        case "less_than_equal":
            return f"must be at most {error['ctx']['le']}"
        case "literal_error":
            return f"must be {error['ctx']['expected']}"
        case "string_pattern_mismatch":
            field = fields.get(path[-1])
            meant = ((field and field.description) or "").rstrip(".")
            return f"cannot be “{error['input']}”{meant and f'. What it is: {meant}'}"
    expected = _EXPECTED.get(error["type"].partition("_")[0])
    if expected is None:
        return f"is not right: {error['msg']}"
    if error["type"] == "tuple_type" and len(path) == 1 and path[0] in _WHAT:
        expected = f"a list of tables: write [[{path[0]}]] above each"
    return f"must be {expected.format(table=_header(path))}"


def _header(path: list[str]) -> str:
    """What stands above the table at this path."""
    name = ".".join(part for part in path if not part.isdigit())
    return f"[[{name}]]" if path[-1].isdigit() else f"[{name}]"


def _fields(
    path: list[str], settings: type[BaseModel], given: Mapping[str, Any]
) -> Mapping[str, FieldInfo]:
    """The settings of the table at this path; none where its keys are free to choose."""
    fields = settings.model_fields
    if len(path) > 1 and path[0] in _WHAT:
        return _fields_of_kind(path[0], given[path[0]][int(path[1])])
    for part in path:
        if part.isdigit():
            continue
        annotation = fields[part].annotation if part in fields else None
        table = next((a for a in getattr(annotation, "__args__", ()) if a is not ...), annotation)
        fields = getattr(table, "model_fields", {})
    return fields


def _fields_of_kind(tables: str, table: Mapping[str, Any]) -> Mapping[str, FieldInfo]:
    """The settings of a table of a kind."""
    if tables == "displays":
        return displays.settings_of(table.get("kind", displays.USUAL)).model_fields
    return sources.settings_of(table["kind"]).model_fields
