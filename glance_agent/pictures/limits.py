"""How much of this machine a stranger's picture may take."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

SETTING: Final = "library.max_picture_megapixels"
BYTES_A_PIXEL: Final = 4
"""What Pillow keeps of a pixel in colour."""
BESIDE_BYTES: Final = 80_000_000
"""What a decoding process takes beside the largest picture: the interpreter, the file, a copy."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How large pictures may be, and what decoding one may take.

    `max_pixels` is for formats that are decoded whole, `max_shrunk_pixels` for those that can be
    shrunk meanwhile. `memory_bytes` is for everything that decoding allocates; None for no limit.
    """

    max_pixels: int = 80_000_000
    max_shrunk_pixels: int = 120_000_000
    memory_bytes: int | None = None

    @classmethod
    def of(cls, megapixels: int) -> Limits:
        """The limits that follow from the setting; those that shrink may have half as much more."""
        return cls(megapixels * 1_000_000, megapixels * 1_500_000)

    @property
    def process_bytes(self) -> int:
        """What a process that decodes one picture at a time may take in all."""
        return BESIDE_BYTES + BYTES_A_PIXEL * self.max_pixels

    def within(self, memory_bytes: int) -> Limits:
        """The same in so much memory."""
        return replace(self, memory_bytes=memory_bytes)


NO_MEMORY_LIMIT: Final = Limits()
"""For pictures of our own."""
