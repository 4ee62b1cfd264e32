"""What the system says of an error, in words that can be told in any language."""

from __future__ import annotations

import errno
import os
import socket
from typing import Final

from glance_agent.domain.said import say

_SAID: Final = {
    errno.EACCES: say("Permission denied"),
    errno.EPERM: say("Operation not permitted"),
    errno.ENOENT: say("No such file or directory"),
    errno.ENOTDIR: say("Not a directory"),
    errno.EISDIR: say("Is a directory"),
    errno.EROFS: say("Read-only file system"),
    errno.ENOSPC: say("No space left on device"),
    errno.EDQUOT: say("Disk quota exceeded"),
    errno.EIO: say("Input/output error"),
    errno.EMFILE: say("Too many open files"),
    errno.EADDRINUSE: say("Address already in use"),
    errno.EADDRNOTAVAIL: say("Cannot assign requested address"),
    errno.ECONNREFUSED: say("Connection refused"),
    errno.ECONNRESET: say("Connection reset by peer"),
    errno.EHOSTUNREACH: say("No route to host"),
    errno.ENETUNREACH: say("Network is unreachable"),
    errno.ETIMEDOUT: say("Connection timed out"),
}
_OF_NAMES: Final = {
    socket.EAI_NONAME: say("Name or service not known"),
    socket.EAI_AGAIN: say("Temporary failure in name resolution"),
}


def said_by_system(error: OSError) -> str:
    """The system's own reason, where it is one of the usual ones in any language."""
    if isinstance(error, socket.gaierror):
        usual = _OF_NAMES.get(error.errno or 0)
    else:
        is_its_own = error.strerror in (None, os.strerror(error.errno or 0))
        usual = _SAID.get(error.errno or 0) if is_its_own else None
    return usual or error.strerror or str(error) or type(error).__name__
