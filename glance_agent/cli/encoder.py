"""The terminal's verb for the stronger machine: serve-encoder."""

from __future__ import annotations

import ipaddress
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from glance_agent.cli.garbage import for_long
from glance_agent.cli.logs import log_to_stderr
from glance_agent.cli.terminal import ConfigOption, load_config, say
from glance_agent.domain.errors import ConfigError, GlanceError
from glance_agent.domain.said import say as told
from glance_agent.domain.spelling import host_and_port
from glance_agent.domain.system_words import said_by_system

if TYPE_CHECKING:
    from glance_agent.config.settings import Config

MOST_MEGAPIXELS = 25
"""Agents send pictures that are shrunk; nobody needs more."""

app = typer.Typer()


@app.command("serve-encoder")
def serve_encoder(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8765,
    token_file: Annotated[
        Path | None, typer.Option(help="A file with the token that agents must send.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Embed for agents on weaker machines, with the model of this configuration."""
    from glance_agent.domain.secret import read_secret

    settings = load_config(config)
    token = read_secret(token_file) if token_file else None
    if token is None and not is_loopback(host):
        raise ConfigError(
            told(
                "Serving at {host} needs a token, or anyone in the network could use it. "
                "Give one with --token-file.",
                host=host,
            )
        )
    log_to_stderr(settings.log.level, lasting=True)
    try:
        for_long(_serve(settings, token, (host, port)))
    except OSError as error:
        where = host_and_port(host, port)
        raise GlanceError(
            told("{where} cannot be listened on: {why}.", where=where, why=said_by_system(error))
        ) from error


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def _serve(settings: Config, token: str | None, address: tuple[str, int]) -> None:
    import asyncio
    from concurrent.futures import ThreadPoolExecutor
    from contextlib import closing

    from glance_agent.decoding.opening import Decoders
    from glance_agent.doors.encoder_http import EncoderDoor, serve
    from glance_agent.embedding.encoder import open_encoder

    model, stopping = settings.model, asyncio.Event()
    encoder = open_encoder(
        model.name,
        model.directory,
        threads=model.threads,
        memory_arena=model.memory_arena,
        prepacking=model.prepacking,
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    megapixels = min(settings.library.max_picture_megapixels, MOST_MEGAPIXELS)
    decoders = Decoders(megapixels)
    with ThreadPoolExecutor(1, "encoder") as executor, closing(decoders):
        await asyncio.get_running_loop().run_in_executor(executor, encoder.load, "image")
        say(
            told(
                "{name} serves at {where}, space {space}.",
                name=model.name,
                where=host_and_port(*address),
                space=encoder.space,
            )
        )
        decoder = decoders.in_background
        door = EncoderDoor(encoder, executor=executor, decoder=decoder, token=token)
        await serve(door, *address, stopping)
