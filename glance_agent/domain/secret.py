"""A secret's file -> the secret, which is never empty: an empty one would open every door."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Final

from glance_agent.domain.errors import ConfigError
from glance_agent.domain.foreign import shown
from glance_agent.domain.said import say
from glance_agent.domain.system_words import said_by_system

LONGEST_SECRET: Final = 4000


def read_secret(path: Path) -> str:
    """The first line of a secret's file; raises ConfigError where there is nothing in it."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            secret = file.readline(LONGEST_SECRET + 1).strip()
    except (OSError, ValueError) as error:
        raise ConfigError(
            say("The secret file {path} cannot be read: {why}.", path=path, why=reason(error))
        ) from error
    if not secret:
        raise ConfigError(
            say(
                "The first line of the secret file {path} is empty: write the secret into it.",
                path=path,
            )
        )
    if len(secret) > LONGEST_SECRET or shown(secret, one_line=True) != secret:
        raise ConfigError(
            say(
                "The first line of the secret file {path} is no secret: it is longer than {most} "
                "letters, or holds what cannot be typed.",
                path=path,
                most=LONGEST_SECRET,
            )
        )
    return secret


def basic_login(user: str, password: str) -> dict[str, str]:
    """The field of a request's head that lets a user in (RFC 7617)."""
    words = base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
    return {"Authorization": f"Basic {words}"}


def check_folder_login(url: str, user: str | None, password_file: Path | None) -> None:
    """Raises ValueError where these name no folder on a server, or half a login."""
    if (user is None) != (password_file is None):
        raise ValueError(say("user and password_file belong together: write both, or none"))
    if "?" in url or "#" in url:
        raise ValueError(say("url is the address of a folder: write it without ? and #"))


def reason(error: Exception) -> str:
    """Why a file cannot be read, without its path."""
    return said_by_system(error) if isinstance(error, OSError) else say("it is not UTF-8 text")
