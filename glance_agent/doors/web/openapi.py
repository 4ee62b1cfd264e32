"""The routes as an OpenAPI 3.1 document: made from the same data and models that are served."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Final

from aiohttp import web
from pydantic import BaseModel

from glance_agent.domain.command import COMMANDS
from glance_agent.domain.reply import Reply
from glance_agent.domain.schema import COMPONENTS, Schema, command_schema, schemas_of
from glance_agent.domain.values import DISPLAY_PATTERN
from glance_agent.domain.web_key import ROLE_MEANINGS
from glance_agent.doors.web.refusing import Refusal
from glance_agent.doors.web.route import Route

_PARTS: Final = re.compile(r"\{(\w+)(?::([^}]*))?\}")
_VERB: Final = "verb"
_FOR_BROWSERS: Final = frozenset({"text/html", "*/*"})
"""What pages and their files are, which are no part of the document."""
_SIGNED_IN: Final[list[Schema]] = [{"token": []}, {"cookie": []}]


def openapi(routes: Sequence[Route]) -> Schema:
    """The document of these routes; addresses are relative to the root of the pages."""
    paths: dict[str, Schema] = {}
    for route in routes:
        for path, operation in _operations(route):
            paths.setdefault(path, {})[route.method.lower()] = operation
    commands = {f"{verb}_command": _body_of(verb) for verb in COMMANDS}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "glance-agent",
            "version": "1.0.0",
            "description": "What a glance-agent is asked over HTTP. Every refusal carries a code "
            "of the contract. Roles: "
            + "; ".join(f"{role} may {may}" for role, may in ROLE_MEANINGS.items())
            + ".",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "."}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": {**commands, **schemas_of(Reply, Refusal, *_models_of(routes))},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "cookie": {"type": "apiKey", "in": "cookie", "name": "glance-8787"},
            },
        },
    }


def document_route(routes: Sequence[Route]) -> Route:
    """Where the document of these routes, and of itself, is; made when it is first asked for."""

    @cache
    def made() -> str:
        return json.dumps(openapi([*routes, route]), ensure_ascii=False)

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(text=made(), content_type="application/json")

    route = Route("GET", "/api/openapi.json", answer, says="This document.")
    return route


def _operations(route: Route) -> Iterator[tuple[str, Schema]]:
    """The paths of a route with what each does: a route of all verbs is one path for each."""
    if route.gives in _FOR_BROWSERS:
        return
    path = _PARTS.sub(r"{\1}", route.path)
    if f"{{{_VERB}}}" not in path:
        yield path, _operation(route, says=_says(route))
        return
    for verb, kind in COMMANDS.items():
        does = _operation(route, says=(kind.__doc__ or "").strip())
        body = {"schema": {"$ref": f"{COMPONENTS}{verb}_command"}}
        does["requestBody"] = {"content": {"application/json": body}}
        refusals = [{"$ref": f"{COMPONENTS}{model.__name__}"} for model in (Reply, Refusal)]
        does["responses"]["default"] = _json("Why it was not done.", {"anyOf": refusals})
        yield path.replace(f"{{{_VERB}}}", verb), does


def _operation(route: Route, *, says: str) -> Schema:
    parameters = [*_of_path(route.path), *_of_query(route)]
    refusal = {"$ref": f"{COMPONENTS}{Refusal.__name__}"}
    return {
        "summary": says,
        **({"description": f"Needs the role {route.needs}."} if route.needs else {}),
        "security": _SIGNED_IN if route.needs else [],
        **({"parameters": parameters} if parameters else {}),
        **({"requestBody": _body(route)} if route.takes else {}),
        "responses": {"200": _answer(route), "default": _json("A refusal.", refusal)},
    }


def _says(route: Route) -> str:
    told = (route.tells.__doc__ or "").strip().partition("\n")[0] if route.tells else ""
    return route.says or told


def _answer(route: Route) -> Schema:
    if route.tells is not None:
        return _json("The answer.", {"$ref": f"{COMPONENTS}{route.tells.__name__}"})
    return {"description": "The answer.", "content": {route.gives: {}}}


def _body(route: Route) -> Schema:
    name = route.takes.__name__ if route.takes else ""
    return {"content": {route.content_type: {"schema": {"$ref": f"{COMPONENTS}{name}"}}}}


def _json(says: str, schema: Schema) -> Schema:
    return {"description": says, "content": {"application/json": {"schema": schema}}}


def _of_path(path: str) -> Iterator[Schema]:
    """The parameters that a path holds."""
    for name, form in _PARTS.findall(path):
        if name != _VERB:
            schema: Schema = {"type": "string"}
            if name == "display":
                schema["pattern"] = DISPLAY_PATTERN
            elif re.fullmatch(r"[a-z|]+", form):
                schema["enum"] = form.split("|")
            yield {"name": name, "in": "path", "required": True, "schema": schema}


def _of_query(route: Route) -> Iterator[Schema]:
    """The parameters that an address may have behind “?”."""
    if route.asks is None:
        return
    schema = schemas_of(Refusal, route.asks)[route.asks.__name__]
    in_path = {name for name, _ in _PARTS.findall(route.path)}
    for name, of_it in schema.get("properties", {}).items():
        if name not in in_path:
            required = name in schema.get("required", ())
            yield {"name": name, "in": "query", "required": required, "schema": of_it}


def _body_of(verb: str) -> Schema:
    """What the body of a verb may hold: what MQTT's may, but for what the address says."""
    schema = command_schema(verb)
    said: dict[str, Any] = schema["properties"]
    kept = {name: of_it for name, of_it in said.items() if name not in ("command", "display")}
    return {**{k: v for k, v in schema.items() if k != "$schema"}, "properties": kept}


def _models_of(routes: Sequence[Route]) -> list[type[BaseModel]]:
    """What routes answer with and take, each once."""
    named = (model for route in routes for model in (route.tells, route.takes))
    return list(dict.fromkeys(model for model in named if model is not None))
