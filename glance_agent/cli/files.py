"""What a command of the terminal writes: where it was told to, or where there is room."""

from __future__ import annotations

import tempfile
from pathlib import Path

from glance_agent.cli.faults import because
from glance_agent.domain.errors import GlanceError
from glance_agent.domain.private import write_private
from glance_agent.domain.said import say as told


def write_file(path: Path, data: bytes) -> None:
    """Write what a command makes. Raises GlanceError, which names the place."""
    try:
        write_private(path, data)
    except OSError as error:
        raise GlanceError(
            told("{path} cannot be written: {why}", path=path, why=because(error))
        ) from error


def leave_file(name: str, data: bytes) -> Path:
    """Write what nobody named a place for: where the person stands, or where there is room.

    The place is to be said. Raises GlanceError.
    """
    path = Path(name)
    try:
        write_private(path, data)
    except OSError:
        # As with “sudo -u glance-agent” in somebody's home, where that user may write nothing.
        path = Path(tempfile.mkdtemp(prefix="glance-agent-")) / name
        write_file(path, data)
    return path
