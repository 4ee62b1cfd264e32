"""What a person is told of an error at the terminal, with what to do next."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from typing import Any

from glance_agent.domain.errors import GlanceError, StoreError
from glance_agent.domain.said import at_the_start, in_a_row
from glance_agent.domain.said import say as told
from glance_agent.domain.system_words import said_by_system


def leaves(group: BaseExceptionGroup[Any]) -> Iterator[BaseException]:
    """The single errors of a group, however deep."""
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from leaves(error)
        else:
            yield error


def as_sentence(error: BaseException) -> str:
    """What a person is told of an error, with what to do next."""
    if isinstance(error, StoreError):
        return at_the_start(error.said)
    if not isinstance(error, OSError):
        return error.said if isinstance(error, GlanceError) else str(error)
    named = isinstance(error.filename, str | bytes) and error.filename
    if not named and error.errno == errno.ENOENT:
        # Only where a program stands is asked for without a name.
        return told("The folder that you are in is not there any more: change to another one.")
    if not named:
        return because(error)
    return told("{path}: {why}", path=os.fsdecode(named), why=because(error))


def because(error: OSError) -> str:
    """The system's own reason, and what to do about it."""
    why = told("{why}.", why=said_by_system(error))
    return in_a_row(why, _advice(error.errno))


def _advice(number: int | None) -> str:
    match number:
        case errno.EACCES | errno.EPERM:
            return told(
                "The user {user} may not do this: run it as another user, or allow it.",
                user=_user(),
            )
        case errno.EROFS:
            return told("Nothing can be written there: name another place.")
        case errno.ENOSPC:
            return told("Make room on this disk.")
        case errno.EDQUOT:
            return told("Make room: the user {user} may keep no more on this disk.", user=_user())
        case errno.EIO:
            return told("The disk reports errors: look into the kernel's log.")
        case errno.EMFILE:
            return told("Raise the limit on open files (ulimit -n).")
    return ""


def _user() -> str:
    """Who runs this, by name where the machine knows one."""
    import pwd

    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return f"number {os.geteuid()}"
