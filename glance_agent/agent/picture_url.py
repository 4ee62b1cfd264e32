"""An address in, an artwork id out: a picture from outside joins the library, out of choices.

It can be shown, liked and searched by; `next` and searches never bring it up by themselves.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from time import perf_counter

from glance_agent.commands.dispatch import refused
from glance_agent.commands.unkept import not_kept
from glance_agent.domain.command import Command
from glance_agent.domain.errors import (
    AddressRefused,
    BadPicture,
    CommandError,
    ErrorCode,
    SourceError,
    StoreError,
)
from glance_agent.domain.outcome import Outcome
from glance_agent.domain.picture_verbs import Show
from glance_agent.domain.said import in_a_row, say

Bring = Callable[[str], Awaitable[None]]
Adopt = Callable[[str], Awaitable[str | None]]


class Outside:
    """Brings pictures in that commands name by their address."""

    def __init__(self, bring: Bring, adopt: Adopt) -> None:
        """`bring` ingests an address, or raises AddressRefused, SourceError or BadPicture;
        `adopt` keeps what came of it out of choices, and tells its id or None."""
        self._bring = bring
        self._adopt = adopt

    async def settled(self, command: Command) -> Command | Outcome:
        """The command with an artwork in place of its address, or why there can be none."""
        url, started = command.address, perf_counter()
        if url is None:
            return command
        try:
            artwork = await self._artwork(url)
        except CommandError as error:
            return refused(error, command, started)
        except StoreError as error:
            return refused(not_kept(error), command, started)
        key = "artwork" if isinstance(command, Show) else "like"
        return command.model_copy(update={"image_url": None, key: artwork})

    async def _artwork(self, url: str) -> str:
        """The id of the picture at this address. Raises CommandError."""
        try:
            await self._bring(url)
        except AddressRefused as error:
            raise _not_allowed(error) from error
        except (SourceError, BadPicture) as error:
            raise _not_fetched(error) from error
        artwork = await self._adopt(url)
        if artwork is None:
            raise _no_picture()
        return artwork


def _not_allowed(error: AddressRefused) -> CommandError:
    where = say("Allowed hosts are in fetching.picture_hosts.") if error.unlisted else ""
    return CommandError(
        ErrorCode.URL_REFUSED,
        say("The picture cannot be fetched from there."),
        in_a_row(error.said, where),
    )


def _not_fetched(error: SourceError | BadPicture) -> CommandError:
    """What is answered where the host is at fault, or the address is wrong."""
    if isinstance(error, SourceError):
        return CommandError(
            ErrorCode.PICTURE_UNREADABLE, say("The picture cannot be fetched now."), error.said
        )
    if error.reason == "not found":
        return CommandError(
            ErrorCode.PICTURE_UNREADABLE,
            say("The host has no such picture."),
            say("Check the address, or try again later."),
        )
    if error.reason in ("not served", "truncated"):
        return CommandError(
            ErrorCode.PICTURE_UNREADABLE,
            say("The host did not send the picture."),
            say("It did not answer in time, or with an error: try again later."),
        )
    if error.reason in ("too large", "too complex", "takes too long", "breaks the decoder"):
        return CommandError(
            ErrorCode.PICTURE_UNREADABLE,
            say("The picture cannot be decoded here."),
            say("{reason}.", reason=f"{str(error)[:1].upper()}{str(error)[1:]}"),
        )
    if error.reason == "not decoded":
        return CommandError(
            ErrorCode.PICTURE_UNREADABLE,
            say("The picture cannot be decoded now."),
            say("Try again later; the agent's log says more."),
        )
    return _no_picture()


def _no_picture() -> CommandError:
    return CommandError(
        ErrorCode.PICTURE_UNREADABLE,
        say("There is no picture at that address that can be shown."),
        say("Send the address of a JPEG, PNG or WebP."),
    )
