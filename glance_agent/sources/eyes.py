"""What looks at strangers' files for a source: their headers, and what is seen in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from glance_agent.pictures.metadata import RawMetadata
from glance_agent.pictures.prepare import Preparation
from glance_agent.pictures.streamed import PictureBytes

Look = Callable[[bytes], tuple[tuple[int, int], RawMetadata]]
"""The size of a picture upright, and what else its header says; blocks. Raises BadPicture."""
See = Callable[[PictureBytes], tuple[Preparation, RawMetadata]]
"""The picture ready to be embedded, and what else its header says; blocks. Raises BadPicture."""


class Eyes(Protocol):
    """Both; they may be used by several threads."""

    @property
    def look(self) -> Look: ...
    @property
    def see(self) -> See: ...
