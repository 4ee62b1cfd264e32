"""The OpenAPI document is valid, complete, and what a running agent answers by."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from openapi_spec_validator import OpenAPIV31SpecValidator

from glance_agent.domain.command import COMMANDS
from tests.broker import Broker, free_port
from tests.doors.web.served import agent_with_pages
from tests.home import Home

DOCUMENT: dict[str, Any] = json.loads(
    (Path(__file__).parents[3] / "config" / "schema" / "openapi.json").read_text(encoding="utf-8")
)
SCHEMAS = DOCUMENT["components"]["schemas"]


def test_the_document_is_valid() -> None:
    assert [str(error) for error in OpenAPIV31SpecValidator(DOCUMENT).iter_errors()] == []


def test_every_verb_has_its_address() -> None:
    for verb in COMMANDS:
        for path in (f"/api/command/{verb}", f"/api/command/{verb}/{{display}}"):
            assert DOCUMENT["paths"][path]["post"]["summary"]


def test_every_address_and_every_part_of_it_is_described() -> None:
    for path, methods in DOCUMENT["paths"].items():
        for does in methods.values():
            told = {p["name"] for p in does.get("parameters", ()) if p["in"] == "path"}
            assert told == set(re.findall(r"\{(\w+)\}", path)), path
            assert does["summary"], path


async def test_a_running_agent_answers_by_the_document(home: Home, broker: Broker) -> None:
    async with agent_with_pages(home, broker.port, free_port()) as session:
        async with session.get("/api/openapi.json") as answer:
            assert await answer.json() == DOCUMENT, "run: python -m tools.write_docs"
        for method, path, body in (
            ("GET", "/healthz", None),
            ("GET", "/api/session", None),
            ("GET", "/api/artworks", None),
            ("GET", "/api/artworks?q=red&limit=0", None),
            ("GET", "/api/displays", None),
            ("GET", "/api/sources", None),
            ("POST", "/api/command/search", {"query": "red", "show": False}),
            ("POST", "/api/command/search", {}),
            ("POST", "/api/session", {"secret": "wrong"}),
        ):
            async with session.request(method, path, json=body) as answer:
                told = await answer.json()
                does = DOCUMENT["paths"][path.partition("?")[0]][method.lower()]
                kinds = does["responses"]["200" if answer.status == 200 else "default"]
                schema = kinds["content"]["application/json"].get("schema", {})
                errors = validator(schema).iter_errors(told)
                assert [error.message for error in errors] == [], path


def validator(schema: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator({**schema, "components": {"schemas": SCHEMAS}})
