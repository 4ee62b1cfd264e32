"""Lines of the log on standard error, as whoever reads them there needs them."""

from __future__ import annotations

import logging
import os
import sys
import threading

from glance_agent.cli.plain_output import PlainFormatter, TimedFormatter, log_accident


def log_to_stderr(level: str, *, lasting: bool = False) -> None:
    """Write log lines of this level and above, one line each; those of a program that is `lasting`
    begin with the time, unless the journal of systemd adds it.

    Warnings of libraries and what nobody caught are written in the same way.
    """
    handler = logging.StreamHandler()
    line = "%(levelname)s %(name)s: %(message)s"
    handler.setFormatter(PlainFormatter(line))
    logging.basicConfig(level=level.upper(), handlers=[handler])
    root = logging.getLogger()
    ours = [known for known in root.handlers if isinstance(known.formatter, PlainFormatter)]
    if ours:
        root.setLevel(level.upper())
    if lasting and not _is_in_journal():
        for known in ours:
            known.setFormatter(TimedFormatter(f"%(asctime)s {line}"))
    logging.captureWarnings(True)
    logging.getLogger("watchfiles").setLevel(max(root.level, logging.WARNING))  # counts changes
    sys.excepthook = log_accident
    threading.excepthook = lambda it: log_accident(it.exc_type, it.exc_value, it.exc_traceback)


def _is_in_journal() -> bool:
    """Whether standard error is the journal of systemd (systemd.exec(5))."""
    try:
        found = os.fstat(sys.__stderr__.fileno() if sys.__stderr__ else 2)
    except (OSError, ValueError):
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{found.st_dev}:{found.st_ino}"
