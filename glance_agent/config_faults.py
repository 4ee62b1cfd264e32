"""What is wrong with a configuration, in sentences that say where and what to write instead."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

from glance_agent.sources.settings import source_kinds


def sentences(invalid: ValidationError, settings: type[BaseModel]) -> str:
    """What is wrong, one sentence per fault, with the nearest known key where one is unknown."""
    return "\n".join(
        _sentence(dict(error), settings) for error in invalid.errors(include_url=False)
    )


def _sentence(error: dict[str, Any], settings: type[BaseModel]) -> str:
    path = [str(part) for part in error["loc"]]
    where = ".".join(_as_written(path)) or "the configuration"
    if error["type"] == "union_tag_not_found":
        return f"In {where}: a kind is missing; one of {', '.join(source_kinds())}."
    if error["type"] == "union_tag_invalid":
        near = get_close_matches(error["ctx"]["tag"], list(source_kinds()), n=1)
        guess = f" Did you mean {near[0]}?" if near else ""
        return f"In {where}: there is no kind of source {error['ctx']['tag']}.{guess}"
    if error["type"] == "extra_forbidden":
        near = get_close_matches(path[-1], _known_keys(path[:-1], settings), n=1)
        guess = f" Did you mean {'.'.join(_as_written([*path[:-1], near[0]]))}?" if near else ""
        return f"There is no setting {where}.{guess}"
    if error["type"] == "value_error":
        return f"In {where}: {error['ctx']['error']}."
    return f"{where}: {error['msg']}."


def _known_keys(path: list[str], settings: type[BaseModel]) -> list[str]:
    """The keys of the settings table at this path."""
    model: Any = settings
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
