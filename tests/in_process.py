"""What the decoding processes do, done here: for tests that are about something else."""

from __future__ import annotations

from PIL.Image import Image

from glance_agent.decoding.work import preparation, rendered, small
from glance_agent.domain.frame import Beside, Frame
from glance_agent.domain.panel import PanelProfile
from glance_agent.domain.wall_label import LabelText
from glance_agent.pictures.decode import header
from glance_agent.pictures.fitting import SquareFit
from glance_agent.pictures.metadata import RawMetadata
from glance_agent.pictures.prepare import Preparation
from glance_agent.pictures.streamed import PictureBytes, whole


class InProcess:
    """Decodes as `Decoder` does, without a process."""

    limit = "nothing"

    def look(self, data: bytes) -> tuple[tuple[int, int], RawMetadata]:
        return header(data)

    def small(self, data: bytes, wanted_px: int) -> Image:
        return small(data, wanted_px)

    def see(self, data: PictureBytes) -> tuple[Preparation, RawMetadata]:
        return preparation(whole(data))

    def prepare(
        self, data: bytes, *, colours: bool, fitting: SquareFit | None = None
    ) -> Preparation:
        return preparation(data, colours=colours, fitting=fitting)[0]

    def frame(
        self,
        data: bytes,
        profile: PanelProfile,
        text: LabelText | None = None,
        beside: Beside | None = None,
    ) -> Frame:
        return rendered(data, profile, text, beside)


header_of = InProcess().look
