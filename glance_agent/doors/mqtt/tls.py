"""TLS to the broker: whose certificate is trusted, for which name, and the agent's own."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from glance_agent.domain.errors import ConfigError
from glance_agent.domain.said import say
from glance_agent.domain.system_words import said_by_system
from glance_agent.doors.mqtt.settings import MqttSettings


def tls_context(settings: MqttSettings) -> ssl.SSLContext:
    """What the settings trust and show. Raises ConfigError where a file cannot be used."""
    context = _NamedContext(ssl.PROTOCOL_TLS_CLIENT)
    context.server_name = settings.server_name
    if settings.ca_file is not None:
        with _named("mqtt.ca_file", settings.ca_file):
            context.load_verify_locations(settings.ca_file)
    else:
        context.load_default_certs()
    if settings.certificate_file is not None:
        with _named("mqtt.certificate_file or its key_file", settings.certificate_file):
            context.load_cert_chain(settings.certificate_file, settings.key_file, _no_password)
    return context


def _no_password() -> str:
    """In place of OpenSSL's question at the terminal. Raises ConfigError."""
    raise ConfigError(
        say(
            "mqtt.key_file is encrypted, and nobody is there to type its password: write the key "
            "without one ({command}) into a file that only the agent reads.",
            command="openssl pkey -in KEY -out PLAIN_KEY",
        )
    )


def check_credentials(settings: MqttSettings) -> None:
    """Read every file that a connection needs; raises ConfigError."""
    settings.secret()
    if settings.tls:
        tls_context(settings)


@contextmanager
def _named(setting: str, path: Path) -> Iterator[None]:
    """Say which setting a certificate that cannot be used belongs to. Raises ConfigError."""
    try:
        yield
    except OSError as error:  # ssl.SSLError is one
        is_tls = isinstance(error, ssl.SSLError)
        foreign = say("it holds no certificate, or the key of another one")
        raise ConfigError(
            say(
                "{setting} cannot be used ({path}): {why}.",
                setting=setting,
                path=path,
                why=foreign if is_tls else said_by_system(error),
            )
        ) from error


class _Socket(ssl.SSLSocket):
    """Closes itself when the broker is not the one it says; paho leaves that to chance.

    `fault` is what TLS failed at later: with version 1.3 a broker that does not accept our
    certificate says so behind the handshake, and paho only sees the connection end.
    """

    fault: ssl.SSLError | None = None

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        """As its parent; raises ssl.SSLError and OSError."""
        try:
            return super().recv(buflen, flags)
        except ssl.SSLError as error:
            if not isinstance(error, ssl.SSLWantReadError | ssl.SSLWantWriteError):
                self.fault = error
            raise

    def do_handshake(self, block: bool = False) -> None:
        """As its parent; raises ssl.SSLError and OSError."""
        try:
            super().do_handshake(block)
        except BaseException:
            self.close()
            raise


class _NamedContext(ssl.SSLContext):
    """Verifies the broker's certificate against `server_name` where it is not the host's name."""

    sslsocket_class = _Socket
    server_name: str | None = None

    def wrap_socket(self, *arguments: Any, **options: Any) -> ssl.SSLSocket:
        """As its parent, asking for the configured name (SNI and verification alike)."""
        if self.server_name is not None:
            options["server_hostname"] = self.server_name
        return super().wrap_socket(*arguments, **options)
