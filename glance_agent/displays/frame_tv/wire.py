"""A connection to a channel of a Samsung TV, by the library samsungtvws.

The library opens it less carefully than a household needs: it writes tokens into the log, leaves
connections behind whose greeting fails, and waits for ever. So a channel is opened here.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from samsungtvws.async_connection import SamsungTVWSAsyncConnection
from samsungtvws.event import MS_CHANNEL_CONNECT_EVENT, MS_CHANNEL_READY_EVENT
from samsungtvws.helper import get_ssl_context, process_api_response
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from glance_agent.displays.frame_tv.troubles import TvAway, TvRefuses, TvSilent

ART: Final = "com.samsung.art-app"
REMOTE: Final = "samsung.remote.control"
CONSENT_SECONDS: Final = 60.0
"""A TV asks its people for half a minute whether somebody may come in."""
OPENING_SECONDS: Final = 10.0
CLOSING_SECONDS: Final = 2.0
MOST_BYTES: Final = 1_000_000
"""What a TV says at once is no longer; a list of 300 pictures takes a tenth of it."""
_REFUSED: Final = {"ms.channel.unauthorized": True, "ms.channel.timeOut": False}
_UNHEARD: Final = logging.CRITICAL + 1
_SILENT: Final = logging.Logger("connections of TVs", _UNHEARD)
# Both libraries log what is sent and said, and with that tokens.
logging.getLogger("samsungtvws").setLevel(_UNHEARD)


@dataclass(frozen=True, slots=True)
class TvAddress:
    """Where a TV is, and by which name it knows us."""

    host: str
    port: int
    name: str


@dataclass(slots=True)
class OpenedChannel:
    """A channel that is open, and the token that came with it, if any."""

    wire: TvWire
    token: str | None = field(repr=False)


class TvWire(SamsungTVWSAsyncConnection):
    """The library's connection, opened within limits and closed whatever comes of it."""

    connection: ClientConnection | None

    def __init__(self, to: TvAddress, channel: str, token: str | None) -> None:
        super().__init__(
            to.host, endpoint=channel, token=token, port=to.port, key_press_delay=0, name=to.name
        )

    async def open(self) -> ClientConnection:
        """Connect and be greeted. Raises TvAway, TvSilent, TvRefuses."""
        try:
            connection = await self._connected()
        except (WebSocketException, ssl.SSLError, ValueError) as error:
            raise TvSilent from error
        except OSError as error:
            raise TvAway from error
        try:
            await self._greeted(connection)
        except BaseException:
            connection.transport.abort()
            raise
        self.connection = connection
        return connection

    async def close(self) -> None:
        """End it, whether the TV takes part in that or not."""
        if self.connection is not None:
            # A TV answers one client at its art app: it is told that this one goes.
            with suppress(TimeoutError):
                async with asyncio.timeout(CLOSING_SECONDS):
                    await self.connection.close()
            self.connection.transport.abort()

    async def _connected(self) -> ClientConnection:
        """Explicit host and port: no redirect leads elsewhere, and no proxy comes between."""
        secured: dict[str, Any] = {"ssl": get_ssl_context()} if self._is_ssl_connection() else {}
        return await connect(
            self._format_websocket_url(self.endpoint),
            host=self.host,
            port=self.port,
            proxy=None,
            open_timeout=OPENING_SECONDS,
            max_size=MOST_BYTES,
            logger=_SILENT,
            **secured,
        )

    async def _greeted(self, connection: ClientConnection) -> None:
        """Wait until the TV lets us in; the art app says besides when it is ready."""
        wanted = {MS_CHANNEL_CONNECT_EVENT}
        if self.endpoint == ART:
            wanted.add(MS_CHANNEL_READY_EVENT)
        try:
            async with asyncio.timeout(CONSENT_SECONDS):
                while wanted:
                    said = heard(await connection.recv())
                    event = str(said.get("event"))
                    if event in _REFUSED:
                        raise TvRefuses(denied=_REFUSED[event])
                    if event == MS_CHANNEL_CONNECT_EVENT:
                        self.token = _token(said)
                    wanted.discard(event)
        except (TimeoutError, ConnectionClosed) as error:
            raise TvSilent from error


async def opened(to: TvAddress, channel: str, token: str | None) -> OpenedChannel:
    """An open channel. Raises TvAway, TvSilent, TvRefuses."""
    wire = TvWire(to, channel, token)
    await wire.open()
    return OpenedChannel(wire, wire.token)


def heard(raw: str | bytes) -> dict[str, Any]:
    """What the TV said at once; empty for what cannot be understood."""
    try:
        said = process_api_response(raw)
    except Exception:  # the library meets whatever a device makes up
        return {}
    return said if isinstance(said, dict) else {}


def _token(said: dict[str, Any]) -> str | None:
    data = said.get("data")
    token = data.get("token") if isinstance(data, dict) else None
    token = str(token) if isinstance(token, str | int) else ""
    return token if token.isascii() and token.isalnum() and len(token) <= 128 else None
