"""Writes the documents, and the parts of documents, that are made from the code.

`python -m tools.write_docs` rewrites them in the pages of `PAGES`; a test compares the two.
"""

from __future__ import annotations

import ast
import asyncio
import json
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from glance_agent.agent.present import Present
from glance_agent.config.load import load
from glance_agent.displays.appearance import AppearanceSettings
from glance_agent.displays.registry import display_kinds
from glance_agent.displays.settings import PanelSettings, PulledSettings
from glance_agent.domain import schema
from glance_agent.domain.command import COMMANDS, keys_of
from glance_agent.domain.device import DeviceState
from glance_agent.domain.display import ShownArtwork, TimedSettings
from glance_agent.domain.errors import ERROR_MEANINGS
from glance_agent.domain.published import (
    AgentFacts,
    DisplayArtwork,
    ErrorMessage,
    IngestEvent,
    ModelEvent,
    ReactionEvent,
    ShownEvent,
)
from glance_agent.domain.topics import Topics
from glance_agent.doors.web.openapi import openapi
from glance_agent.sources.registry import source_kinds
from glance_agent.sources.settings import FetchingSettings, KeyedSource, WebSource
from glance_agent.wiring.agents import agent_of
from glance_agent.wiring.household import Household
from glance_agent.wiring.pages import pages_of
from glance_agent.wiring.reading import reading_room
from glance_agent.wiring.rooms import open_rooms
from tools import catalogues, sentences

ROOT = Path(__file__).parent.parent
EVERYWHERE = {"display", "user", "transaction", "language"}


def verbs_table() -> str:
    """The verbs: what they do, their plain text, and their JSON keys."""
    lines = ["| verb | what it does | plain text | JSON keys |", "|---|---|---|---|"]
    for verb, kind in COMMANDS.items():
        keys = "; ".join(
            f"`{key}`: {must}" for key, must in keys_of(kind).items() if key not in EVERYWHERE
        )
        does = (kind.__doc__ or "").strip().rstrip(".")
        lines.append(f"| `{verb}` | {does} | {kind.plain_text.said} | {keys or '–'} |")
    return "\n".join(lines)


def errors_table() -> str:
    """The closed list of error codes."""
    rows = [f"| `{code}` | {meaning} |" for code, meaning in ERROR_MEANINGS.items()]
    return "\n".join(["| code | meaning |", "|---|---|", *rows])


def artwork_keys() -> str:
    """The keys of an artwork as the outside world sees it."""
    shown = (key for key, field in ShownArtwork.model_fields.items() if not field.exclude)
    return ", ".join(f"`{key}`" for key in shown) + "."


def state_table() -> str:
    """What is retained, and its JSON keys."""
    topics, display = Topics("<base>"), "<display>"
    most = "at most `max_image_bytes`, or what the broker takes"
    said = {
        topics.status: "`online` or `offline`; `offline` is also the last will",
        topics.agent: _keys(AgentFacts),
        topics.artwork(display): _keys(DisplayArtwork),
        topics.image(display): f"the picture, fitted to the display: JPEG bytes (PNG or BMP where "
        f"its `encoding` or `panel` says so), {most}",
        topics.settings(display): _keys(TimedSettings),
        topics.power(display): "`on` or `off`: whether the display is wanted to be on",
        topics.device(display): _keys(DeviceState),
    }
    rows = [f"| `{topic}` | {payload} |" for topic, payload in said.items()]
    return "\n".join(["| topic | payload |", "|---|---|", *rows])


def events_table() -> str:
    """What is told once, and its JSON keys."""
    topics = Topics("<base>")
    said: dict[str, type[BaseModel]] = {
        topics.event("shown"): ShownEvent,
        topics.event("reaction"): ReactionEvent,
        topics.event("ingest"): IngestEvent,
        topics.event("model"): ModelEvent,
        topics.error: ErrorMessage,
    }
    rows = [f"| `{topic}` | {_keys(kind)} |" for topic, kind in said.items()]
    return "\n".join(["| topic | payload |", "|---|---|", *rows])


INHERITED: dict[type[BaseModel], str] = {
    DisplayArtwork: f"the keys of `{Topics('<base>').artwork('<display>')}`",
    ShownArtwork: "the keys of an artwork",
}
"""Keys that are listed elsewhere in the contract."""


def _keys(kind: type[BaseModel]) -> str:
    """The keys of a message, each with its meaning or its few possible values."""
    base = next((b for b in kind.__mro__[1:] if b in INHERITED), None)
    listed = base.model_fields if base else {}
    own = [_key(name, f) for name, f in kind.model_fields.items() if name not in listed]
    return "JSON: " + ", ".join([*([INHERITED[base]] if base else []), *own])


def _key(name: str, field: FieldInfo) -> str:
    """A key, and its few possible values or what it means."""
    meaning = field.description
    if get_origin(field.annotation) is Literal:
        meaning = ", ".join(f"`{value}`" for value in get_args(field.annotation))
    elif field.annotation is ShownArtwork:
        meaning = "an artwork"
    return f"`{name}` ({meaning})" if meaning else f"`{name}`"


def source_settings() -> str:
    """The settings of every kind of source: those that all share first, then each one's own."""
    kinds = source_kinds()
    every, web = kinds["starter"].model_fields, WebSource.model_fields
    keyed = KeyedSource.model_fields
    parts = [
        _settings("Every source", every, {"kind"}),
        _settings("Every museum (all kinds but `starter` and `folder`)", web, set(every)),
        _settings("Every museum with a key", keyed, set(web)),
    ]
    for kind, settings in kinds.items():
        shared = every | (keyed if issubclass(settings, KeyedSource) else web)
        doc = (settings.__doc__ or "").strip()
        own = {
            name: field
            for name, field in settings.model_fields.items()
            if name != "kind" and (name not in shared or field.default != shared[name].default)
        }
        if own:
            parts.append(_settings(f"`{kind}`", own, set(), doc))
    parts.append(_settings("`[fetching]`", FetchingSettings.model_fields, set()))
    return "\n\n".join(parts)


def display_settings() -> str:
    """The settings that every display has, then those of each kind."""
    shared = PanelSettings.model_fields
    looks = AppearanceSettings.model_fields
    parts = [_settings("Every display", shared, set(looks))]
    parts.append(_settings("Every display: how pictures look", looks, set()))
    pulled = PulledSettings.model_fields
    parts.append(_settings("Every display whose device asks for its picture", pulled, set(shared)))
    for kind, settings in display_kinds().items():
        known = {**shared, **(pulled if issubclass(settings, PulledSettings) else {})}
        own = {
            name: field
            for name, field in settings.model_fields.items()
            if name != "kind" and (name not in known or field.default != known[name].default)
        }
        if own:
            parts.append(_settings(f"`{kind}`", own, set(), (settings.__doc__ or "").strip()))
    return "\n\n".join(parts)


def _settings(title: str, fields: Mapping[str, FieldInfo], but: set[str], doc: str = "") -> str:
    """A section with one row for each setting."""
    rows = [
        f"| `{name}` | {_default(field)} | {field.description or ''} |"
        for name, field in fields.items()
        if name not in but
    ]
    head = [f"### {title}", "", *([doc, ""] if doc else [])]
    return "\n".join([*head, "| setting | default | meaning |", "|---|---|---|", *rows])


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    if field.default is None:
        return "–"
    value = list(field.default) if isinstance(field.default, tuple) else field.default
    return f"`{json.dumps(value, ensure_ascii=False)}`"


def house_map() -> str:
    """Every room of the package with the first line of its docstring; rooms within rooms below."""
    package = ROOT / "glance_agent"
    rooms = sorted(path.parent for path in package.rglob("*/__init__.py"))
    named = [(room.relative_to(package).as_posix() + "/", room / "__init__.py") for room in rooms]
    return "\n".join(["```text", *(f"{n:<20} {_first_line(f)}" for n, f in named), "```"])


def _first_line(path: Path) -> str:
    doc = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return doc.partition("\n")[0]


PAGES: dict[Path, dict[str, Callable[[], str]]] = {
    ROOT / "docs" / "contract.md": {
        "verbs": verbs_table,
        "errors": errors_table,
        "state": state_table,
        "artwork": artwork_keys,
        "events": events_table,
    },
    ROOT / "CONTRIBUTING.md": {"map": house_map},
    ROOT / "docs" / "displays.md": {"settings": display_settings},
    ROOT / "docs" / "sources.md": {"settings": source_settings},
}


def renewed(page: str, parts: dict[str, Callable[[], str]]) -> str:
    """The page with its generated parts as the code has them now."""
    for mark, text in parts.items():
        begin, _, rest = page.partition(f"<!-- {mark} -->\n")
        _, _, end = rest.partition("<!-- end -->")
        page = f"{begin}<!-- {mark} -->\n{text()}\n<!-- end -->{end}"
    return page


def schemas() -> dict[Path, dict[str, Any]]:
    """The contract as documents for programs, by the file that each is kept in."""
    folder = ROOT / "config" / "schema"
    commands = {
        folder / "commands" / f"{verb}.json": schema.command_schema(verb) for verb in COMMANDS
    }
    documents = {"asyncapi.json": schema.asyncapi("glance"), "openapi.json": openapi_document()}
    return {**{folder / name: document for name, document in documents.items()}, **commands}


def openapi_document() -> dict[str, Any]:
    """What an agent of the usual configuration answers over HTTP."""
    return asyncio.run(_openapi())


async def _openapi() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as opened:
        config = load(None, {"GLANCE_LIBRARY__PATH": f"{folder}/glance.db"})
        rooms = opened.enter_context(open_rooms(config))
        reading = opened.enter_context(reading_room(rooms))
        worker = opened.enter_context(ThreadPoolExecutor(1))
        household = Household(rooms, agent_of(rooms, worker, reading), worker, reading)
        nobody: Any = None
        pages = pages_of(household, Present(), broker=nobody)
        return openapi(opened.enter_context(pages).routes)


def main() -> None:
    """Rewrite the pages, the schemas and the catalogues."""
    for path, parts in PAGES.items():
        path.write_text(renewed(path.read_text(encoding="utf-8"), parts), encoding="utf-8")
    for path, document in schemas().items():
        path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    for path, data in (catalogues.files() | sentences.files()).items():
        path.write_bytes(data)


if __name__ == "__main__":
    main()
