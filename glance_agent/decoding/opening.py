"""Who decodes for whom: some processes for people who wait, some for everything else."""

from __future__ import annotations

import os
from typing import Final, NamedTuple

from glance_agent.decoding.decoder import Decoder
from glance_agent.decoding.nursery import PROGRAM, Nursery
from glance_agent.decoding.orders import Orders
from glance_agent.pictures.limits import Limits
from glance_agent.pictures.memory import Memory

AT_ONCE_FOR_PEOPLE: Final = 2
LARGE_BYTES: Final = 96_000_000
"""For one large picture that nobody waits for: 12 megapixels that are decoded whole take 80."""
LARGE_FILE_BYTES: Final = 32_000_000
"""For the large files among them: what is decoded whole is mostly stored nearly as large."""
NICENESS: Final = 10
"""Of the processes that nobody waits for; the others get nine times their time."""


class Renders(NamedTuple):
    """What rendering takes for the displays that there are: inks of e-paper, and the files of fonts
    for labels; None is the font that comes along."""

    inks: bool = False
    fonts: tuple[str | None, ...] = ()


PLAINLY: Final = Renders()


class Decoders:
    """Both kinds; no process runs before there is something to decode."""

    def __init__(
        self, megapixels: int, *, renders: Renders = PLAINLY, program: str = PROGRAM
    ) -> None:
        """`megapixels` is the setting library.max_picture_megapixels; `renders` says what
        displays need; `program` is what they run."""
        room, processors = Limits.of(megapixels).process_bytes, os.cpu_count() or 1
        self._memory = Memory(room)
        self._behind = Memory(LARGE_BYTES * max(1, processors // 2), within=self._memory)
        self._files = Memory(LARGE_FILE_BYTES * max(1, processors // 2))
        people = Orders(megapixels, room, inks=renders.inks, fonts=renders.fonts)
        self._nursery = Nursery(people, program)
        self.for_people = Decoder(
            people, at_once=AT_ONCE_FOR_PEOPLE, memory=self._memory, nursery=self._nursery
        )
        self.in_background = Decoder(
            Orders(megapixels, room, niceness=NICENESS, renders=False),
            at_once=processors,
            memory=self._behind,
            nursery=self._nursery,
            files=self._files,
        )

    def close(self) -> None:
        """End every process."""
        self._files.close()
        self._behind.close()
        self._memory.close()
        self.for_people.close()
        self.in_background.close()
        self._nursery.close()
