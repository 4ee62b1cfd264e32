"""How a decoding process is to behave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

PROCESSOR_SECONDS: Final = 9.0
IDLE_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Orders:
    """What a decoding process is given when it is started, as JSON.

    Of `megapixels` pictures may be large, and `process_bytes` the process. A picture may take
    `processor_seconds`; a process that is asked nothing for `idle_seconds` ends. One that
    `renders` makes frames for displays; `inks` says that some are of e-paper, `fonts` in which
    files labels are set; None is the font of ours. One that `divides` itself decodes nothing, and
    loads what those need that come of it.
    """

    megapixels: int
    process_bytes: int
    processor_seconds: float = PROCESSOR_SECONDS
    idle_seconds: float = IDLE_SECONDS
    niceness: int = 0
    renders: bool = True
    inks: bool = False
    fonts: tuple[str | None, ...] = ()
    divides: bool = False
