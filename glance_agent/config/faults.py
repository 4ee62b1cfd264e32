"""What is wrong with a configuration, in sentences that say where and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import reduce
from typing import Any, Final

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from glance_agent.displays import registry as displays
from glance_agent.domain.said import in_a_row, many, say
from glance_agent.sources import registry as sources

_TABLES = frozenset({"sources", "displays"})
"""What stands in the tables that are of different kinds."""
_A_TABLE = "table"
_EXPECTED = {
    "string": say("text in quotes"),
    "path": say("a path in quotes"),
    "int": say("a whole number"),
    "float": say("a number"),
    "finite": say("a number"),
    "bool": say("true or false"),
    "url": say("a web address"),
    "date": say("a day, such as {example}", example="2026-05-01"),
    "time": say("a time of the day, such as {example}", example="21:30"),
    "list": say("a list"),
    "set": say("a list"),
    "frozen": say("a list"),
    "model": _A_TABLE,
    "dict": _A_TABLE,
    "tuple": say("a list"),
}
"""What a value should have been, by the beginning of pydantic's name for the fault."""


_CHOICE: Final = re.compile(r"'[^']*'|[^\s,']+(?=,| or |$)")
_KEY: Final = "[key]"
"""What pydantic puts behind a key that is wrong itself."""
_IS_A_TYPE: Final = re.compile(r"literal\[|constrained-")
"""What pydantic calls one type of several that a value may have."""


def sentences(invalid: ValidationError, settings: type[BaseModel], given: Mapping[str, Any]) -> str:
    """What is wrong, one sentence per fault, with the nearest known key where one is unknown.

    `given` is what was to be validated.
    """
    errors = _of_choices([dict(error) for error in invalid.errors(include_url=False)])
    told = [_sentence(each, settings, given) for each in errors if not _follows_from(each, errors)]
    return reduce(lambda first, then: say("{first}\n{then}", first=first, then=then), told)


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
    where = ".".join(path) or say("the configuration")
    if error["type"] == "kind_missing":
        kinds = ", ".join(sources.kinds())
        return say("In {where}: a kind is missing; one of {kinds}.", where=where, kinds=kinds)
    if error["type"] == "kind_unknown":
        return say(
            "In {where}: {why}", where=where, why=_unknown_kind(error["ctx"]["kind"], path[0])
        )
    if error["type"] == "extra_forbidden":
        near = get_close_matches(path[-1], _fields(path[:-1], settings, given), n=1)
        meant = ".".join([*path[:-1], *near])
        guess = say("Did you mean {name}?", name=meant) if near else ""
        return in_a_row(say("There is no setting {name}.", name=where), guess)
    if error["type"] == "value_error":
        why = error["ctx"]["error"]
        return say("In {where}: {why}.", where=where, why=why.args[0] if why.args else "")
    fault = _fault(error, path, _fields(path[:-1], settings, given))
    return say("{where} {fault}.", where=where, fault=fault)


def _unknown_kind(kind: str, tables: str) -> str:
    """That a table is of no kind, with the nearest one that there is."""
    kinds = displays.kinds() if tables == "displays" else sources.kinds()
    near = get_close_matches(kind, kinds, n=1)
    guess = (
        say("Did you mean {name}?", name=near[0])
        if near
        else say("There is {kinds}.", kinds=", ".join(kinds))
    )
    return in_a_row(_no_kind(kind, tables), guess)


def _no_kind(kind: str, tables: str) -> str:
    if tables == "displays":
        return say("there is no kind of display {kind}.", kind=kind)
    return say("there is no kind of source {kind}.", kind=kind)


def _fault(error: dict[str, Any], path: list[str], fields: Mapping[str, FieldInfo]) -> str:
    """What one value is or must be; pydantic's own words where ours do not reach."""
    match error["type"]:
        case "missing":
            return say("is missing")
        case "too_short":
            return say("needs at least one entry")
        case "literal_error" | "enum":
            return say("must be {what}", what=_one_of(error["ctx"]["expected"]))
        case "string_pattern_mismatch":
            field = fields.get(path[-1])
            meant = say(((field and field.description) or "").rstrip("."))
            value = str(error["input"])
            if not meant:
                return say("cannot be “{value}”", value=value)
            return say("cannot be “{value}”. What it is: {meant}", value=value, meant=meant)
    if (limit := _limit(error["type"], error.get("ctx", {}))) is not None:
        return limit
    expected = _EXPECTED.get(error["type"].partition("_")[0])
    if expected is None:
        return say("is not right: {why}", why=error["msg"])
    if error["type"] == "tuple_type" and len(path) == 1 and path[0] in _TABLES:
        return say("must be a list of tables: write [[{table}]] above each", table=path[0])
    if expected == _A_TABLE:
        return say("must be a table, such as {table}", table=_header(path))
    return say("must be {what}", what=expected)


def _limit(fault: str, limits: Mapping[str, Any]) -> str | None:
    """What a number, or the length of a value, must be; None for any other fault."""
    match fault:
        case "greater_than_equal":
            return say("must be at least {least}", least=str(limits["ge"]))
        case "greater_than":
            return say("must be more than {least}", least=str(limits["gt"]))
        case "less_than_equal":
            return say("must be at most {most}", most=str(limits["le"]))
        case "less_than":
            return say("must be less than {most}", most=str(limits["lt"]))
        case "multiple_of":
            return say("must be a multiple of {of}", of=str(limits["multiple_of"]))
        case "string_too_short":
            least = limits["min_length"]
            return many("must not be empty", "must have at least {n} characters", n=least)
        case "string_too_long":
            most = limits["max_length"]
            return many("must have 1 character at most", "must have at most {n} characters", n=most)
        case "too_long":
            most = limits["max_length"]
            return many("must have 1 entry at most", "must have at most {n} entries", n=most)
    return None


def _one_of(expected: str) -> str:
    """What pydantic lists, such as “'a', 'b' or 'c'”, as a list in any language."""
    *first, last = _CHOICE.findall(expected)
    return say("{first} or {last}", first=", ".join(first), last=last) if first else expected


def _header(path: list[str]) -> str:
    """What stands above the table at this path."""
    name = ".".join(part for part in path if not part.isdigit())
    return f"[[{name}]]" if path[-1].isdigit() else f"[{name}]"


def _fields(
    path: list[str], settings: type[BaseModel], given: Mapping[str, Any]
) -> Mapping[str, FieldInfo]:
    """The settings of the table at this path; none where its keys are free to choose."""
    fields = settings.model_fields
    if len(path) > 1 and path[0] in _TABLES:
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
