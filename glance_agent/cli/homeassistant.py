"""The terminal's verbs for Home Assistant and phones: remove, phone."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from glance_agent.cli.garbage import for_long
from glance_agent.cli.terminal import ConfigOption, in_language, load_config, say, utf8
from glance_agent.domain.errors import GlanceError
from glance_agent.domain.said import many
from glance_agent.domain.said import say as told
from glance_agent.domain.spelling import host_and_port

if TYPE_CHECKING:
    from glance_agent.config.settings import Config

app = typer.Typer(help="Home Assistant and phones.", no_args_is_help=True)


@app.command()
def remove(config: ConfigOption = None) -> None:
    """Take the agent's devices out of Home Assistant."""
    from glance_agent.homeassistant.discovery import removal_messages
    from glance_agent.store.history import History
    from glance_agent.store.opening import open_library
    from glance_agent.wiring.identity import identity_of

    settings = load_config(config)
    with closing(open_library(settings.library.place)) as database:
        history = History(database)
        history.speak_as(identity_of(settings, database))
        topics = [message.topic for message in removal_messages(history.published())]
        if not topics:
            say(told("Home Assistant was never told of this agent, or has been told to forget it."))
            return
        _clear(settings, topics)
        history.keep_published({})
    say(
        many(
            "Removed 1 device from Home Assistant.",
            "Removed {n} devices from Home Assistant.",
            n=len(topics),
        )
    )
    if settings.homeassistant.enabled:
        say(
            told(
                "An agent that runs brings them back; set homeassistant.enabled = false to "
                "prevent it."
            )
        )


def _clear(settings: Config, topics: list[str]) -> None:
    """Delete what is retained on these topics. Raises GlanceError."""
    from glance_agent.doors.mqtt.client import clear
    from glance_agent.doors.mqtt.reasons import LinkError

    try:
        for_long(clear(settings.mqtt, topics))
    except LinkError as error:
        where = host_and_port(settings.mqtt.host, settings.mqtt.effective_port)
        raise GlanceError(
            told("No connection to the broker at {where}: {why}.", where=where, why=error)
        ) from error


@app.command()
def phone(
    host: Annotated[
        str | None,
        typer.Option(help="The broker's name or address as phones reach it.", callback=utf8),
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Say what to enter in an MQTT app on a phone, with a code to scan."""
    import socket

    import segno

    settings = load_config(config)
    mqtt = settings.mqtt
    host = host or mqtt.host
    scheme = "mqtts" if mqtt.tls else "mqtt"
    address = f"{scheme}://{host_and_port(host, mqtt.effective_port)}"
    segno.make(address, micro=False).terminal(compact=True)
    say(told("Broker {address}", address=address))
    say(
        told(
            "with a client id of the phone's own; where the broker asks for a user, "
            "with its own, too."
        )
    )
    if host in {"localhost", "127.0.0.1", "::1"}:
        name = socket.gethostname()
        say(
            told(
                "{host} is this machine to itself. A phone needs another name: --host {name}.local",
                host=host,
                name=name,
            )
        )
    say("")
    for what, topic, payload in _phone_rows(settings):
        say(f"{in_language(what):<24} {topic:<34} {in_language(payload)}")


def _phone_rows(settings: Config) -> list[tuple[str, str, str]]:
    """What a phone app shows and sends, for the default display: what, topic, payload."""
    from glance_agent.domain.topics import Topics

    topics = Topics(settings.mqtt.base_topic)
    display = settings.displays[0].name
    buttons = ("next", "previous", "like", "dislike", "similar", "hide", "describe")
    return [
        (told("picture (image)"), topics.image(display), ""),
        (told("title (JSON)"), topics.artwork(display), "$.title"),
        (told("artist (JSON)"), topics.artwork(display), "$.artist"),
        (told("why (JSON)"), topics.artwork(display), "$.why"),
        (told("answer (JSON)"), topics.response, "$.message"),
        (told("search (text)"), f"{topics.command}/search", told("the words")),
        (told("mood (text)"), f"{topics.command}/mood", told("calm, evening")),
        (told("slideshow (switch)"), f"{topics.command}/slideshow", "on / off"),
        *(
            (told("{verb} (button)", verb=v), f"{topics.command}/{v}", told("(empty)"))
            for v in buttons
        ),
    ]
