"""The terminal's verbs for the contract's documents: asyncapi, command."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from glance_agent.domain.errors import GlanceError
from glance_agent.domain.said import say as told

app = typer.Typer(help="The contract as documents, for programs and editors.", no_args_is_help=True)


@app.command()
def asyncapi(
    base: Annotated[str, typer.Option(help="The base topic, mqtt.base_topic.")] = "glance",
) -> None:
    """Print the whole contract as an AsyncAPI 3 document."""
    from glance_agent.config.load import load
    from glance_agent.domain import schema

    settings = load(None, {"GLANCE_MQTT__BASE_TOPIC": base})
    _print(schema.asyncapi(settings.mqtt.base_topic))


@app.command()
def command(verb: Annotated[str, typer.Argument(help="A verb, such as search.")]) -> None:
    """Print the JSON Schema of a command's JSON payload."""
    from glance_agent.domain import schema
    from glance_agent.domain.command import COMMANDS

    if verb not in COMMANDS:
        raise GlanceError(
            told(
                "There is no command “{verb}”. Verbs: {verbs}.",
                verb=verb,
                verbs=", ".join(COMMANDS),
            )
        )
    _print(schema.command_schema(verb))


def _print(document: dict[str, Any]) -> None:
    print(json.dumps(document, indent=2, ensure_ascii=False))
