"""A display at work: what its kind has to say and do, each in a class of its own file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Generic, NamedTuple, TypeVar

from glance_agent.displays.memory import DisplayMemory
from glance_agent.displays.settings import PanelSettings

if TYPE_CHECKING:  # settings are read with the class of a display, and need neither
    from glance_agent.domain.device import DeviceReport
    from glance_agent.domain.frame import Frame

_S = TypeVar("_S", bound=PanelSettings)


class Diagnosis(NamedTuple):
    """What an examination of a display found; where it is not `ok`, `said` says what to do."""

    ok: bool
    said: str


def _to_nobody(_report: DeviceReport) -> None:
    """Where no agent runs, nobody is told."""


def _for_nobody() -> None:
    """Where no agent runs, no picture waits."""


class Display(Generic[_S]):
    """One display. MQTT tells of it and carries its picture; a kind by itself need do no more."""

    settings_class: ClassVar[type[PanelSettings]]
    says: ClassVar[tuple[str, ...]] = ()
    """What its device can say of itself: names of fields of DeviceReport."""

    def __init__(self, settings: _S) -> None:
        self.settings = settings
        self.report: Callable[[DeviceReport], None] = _to_nobody
        """To be called with what the device has said of itself; waits for nothing."""

    @property
    def writes_into(self) -> Path | None:
        """The folder that its pictures are written into, if any."""
        return None

    async def examine(self) -> Diagnosis | None:
        """Whether pictures can reach it now; makes and changes nothing. None: it is not for us."""
        return None


class PushedDisplay(Display[_S]):
    """A display that pictures are brought to."""

    def __init__(self, settings: _S) -> None:
        super().__init__(settings)
        self.again: Callable[[], None] = _for_nobody
        """To be called when a picture that waits may be brought again; waits for nothing."""
        self.memory = DisplayMemory()
        """What it keeps over restarts."""

    async def hang(self, frame: Frame) -> None:
        """Have the display show this picture; where it does already, nothing happens.

        Raises DisplayError where that does not work now, and DisplayRests where it is not wanted
        until the display calls `again`. Whatever else it raises is a fault.
        """
        raise NotImplementedError

    async def renew(self, frame: Frame) -> None:
        """The same for the picture that it was brought last, rendered again: without its label, or
        for the night."""
        await self.hang(frame)

    async def live(self) -> None:
        """What it does beside that, until cancelled, such as to listen to its device.

        Whatever it raises is a fault, after which it is begun again; what it opened it closes.
        """
