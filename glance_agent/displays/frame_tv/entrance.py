"""How a TV lets us in: people press Allow once, and newer models bear no token at the art app."""

from __future__ import annotations

from glance_agent.displays.frame_tv.record import TvRecord
from glance_agent.displays.frame_tv.troubles import TvRefuses
from glance_agent.displays.frame_tv.wire import (
    ART,
    REMOTE,
    OpenedChannel,
    TvAddress,
    TvWire,
    opened,
)


async def let_in(to: TvAddress, record: TvRecord) -> tuple[TvWire, TvRecord]:
    """A connection to the art app, and what is to be remembered of it.

    Raises TvAway, TvSilent and TvRefuses.
    """
    if (by_token := await _by_token(to, record)) is not None:
        art, token = by_token, by_token.token or record.token
    else:
        art, token = await _by_name(to, record)
    told = {"token_for_art": by_token is not None or art.token is not None, "token": token}
    return art.wire, record.model_copy(update={"known": True, **told})


async def _by_token(to: TvAddress, record: TvRecord) -> OpenedChannel | None:
    """With the token that the art app has given; None where there is none, or it has forgotten."""
    if not record.token_for_art or record.token is None:
        return None
    try:
        return await opened(to, ART, record.token)
    except TvRefuses:
        return None


async def _by_name(to: TvAddress, record: TvRecord) -> tuple[OpenedChannel, str | None]:
    """By our name alone; where the art app asks nobody, the remote control asks for it.

    With the token that either has given.
    """
    try:
        art = await opened(to, ART, None)
    except TvRefuses as refused:
        if refused.denied:
            raise
    else:
        return art, art.token or record.token
    remote = await opened(to, REMOTE, record.token)
    await remote.wire.close()
    art = await opened(to, ART, None)
    return art, art.token or remote.token or record.token
