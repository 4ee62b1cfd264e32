"""What the decoding processes do, done here: for tests that are about something else."""

from __future__ import annotations

from PIL.Image import Image

from glance_agent.domain.frame import Frame, Surface
from glance_agent.pictures.decode import RawMetadata, raw_metadata, size_px
from glance_agent.pictures.prepare import Preparation, preparation, small
from glance_agent.pictures.render import rendered


class InProcess:
    """Decodes as `Decoder` does, without a process."""

    def look(self, data: bytes) -> tuple[tuple[int, int], RawMetadata]:
        return size_px(data), raw_metadata(data)

    def small(self, data: bytes, wanted_px: int) -> Image:
        return small(data, wanted_px)

    def prepare(self, data: bytes, *, colours: bool) -> Preparation:
        return preparation(data, colours=colours)

    def frame(self, data: bytes, surface: Surface) -> Frame:
        return rendered(data, surface)


header_of = InProcess().look
