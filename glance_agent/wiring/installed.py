"""Whether a newer version of this program is installed than the one that runs."""

from __future__ import annotations

import re


def newer_version(running: str) -> str | None:
    """The installed version where a restart of the program would bring a newer one, else None."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        installed = version("glance-agent")
    except PackageNotFoundError:
        return None
    return installed if _numbers(installed) > _numbers(running) else None


def _numbers(version: str) -> list[int]:
    """`0.10.2` -> [0, 10, 2]."""
    return [int(number) for number in re.findall(r"\d+", version)]
