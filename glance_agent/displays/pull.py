"""Displays that ask for their pictures over HTTP, at addresses of their kind.

A kind says which addresses its devices know, whose request it is, and what is answered; the table
finds the display that a device belongs to, and turns everybody else away.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, ClassVar, Final, Protocol, TypeVar

from pydantic import SecretStr

from glance_agent.displays.display import Display
from glance_agent.displays.settings import PulledSettings
from glance_agent.domain.device_http import (
    DeviceAddress,
    DeviceAnswer,
    DeviceRequest,
    json_answer,
)
from glance_agent.domain.device_id import device_id
from glance_agent.domain.display import Glance, TimedSettings
from glance_agent.domain.frame import Frame
from glance_agent.domain.languages import ENGLISH
from glance_agent.domain.said import say
from glance_agent.domain.sleeping import sleep_seconds

_S = TypeVar("_S", bound=PulledSettings)
SHORTEST_TOKEN: Final = 16
MOST_STRANGERS: Final = 100
"""So many unknown devices are told of in the log, each once; a hostile one has many names."""
MOST_SAID: Final = 20
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Moment:
    """What is known of a display when its device asks."""

    now: datetime
    frame: Frame | None = None
    glance: Glance | None = None
    settings: TimedSettings | None = None
    battery: float | None = None
    """Percent, as the device said last."""
    key: str = ""
    """A secret of this display's own, the same for ever, that nobody can guess."""
    language: str = ENGLISH
    """What the agent's own words are said in there."""


Answering = Callable[[Any, DeviceRequest, Moment], Awaitable[DeviceAnswer]]
"""A method of the display's class."""


@dataclass(frozen=True, slots=True)
class DeviceRoute:
    """One address of a kind: `whose` is the id that a request names, None where it names none."""

    method: str
    path: str
    whose: Callable[[DeviceRequest], str | None]
    answer: Answering


def guessable(token: SecretStr | None) -> str | None:
    """What is wrong with the token of a device, if anything."""
    if token is None:
        return None
    text = token.get_secret_value().strip()
    if len(text) >= SHORTEST_TOKEN and text.isascii():
        return None
    return say(
        "token can be guessed: write one of {least} letters and digits or more",
        least=str(SHORTEST_TOKEN),
    )


class TellsRoutes(Protocol):
    """What the web door is handed: the addresses that devices ask."""

    def addresses(self) -> Sequence[DeviceAddress]: ...


class PulledDisplay(Display[_S]):
    """A display whose device asks for its picture."""

    says: ClassVar[tuple[str, ...]] = ("interval_seconds",)

    @classmethod
    def routes(cls) -> Sequence[DeviceRoute]:
        """The addresses of its kind; each is known with a / at its end, too."""
        return ()

    turned_away: ClassVar[DeviceAnswer] = json_answer(
        {"status": 404, "message": "This device has no display here."}, 404
    )
    """What a device of this kind is answered that has no display."""

    def __init__(self, settings: _S) -> None:
        super().__init__(settings)
        self._said: set[str] = set()

    def exact(self, moment: Moment) -> Frame | None:
        """The picture that hangs now; None, and a line in the log, where it has not the size that
        its device takes alone."""
        frame = moment.frame
        if frame is None or (frame.width_px, frame.height_px) == self.settings.sent_px:
            return frame
        self.say_once(
            f"its picture has {frame.width_px} x {frame.height_px} pixels, as the broker or "
            "max_image_bytes takes no larger one, and its device shows none but of its own size"
        )
        return None

    def say_once(self, what: str) -> None:
        """Say in the log what somebody should mend."""
        if what not in self._said and len(self._said) < MOST_SAID:
            self._said.add(what)
            _log.warning("the display %s: %s", self.settings.name, what)

    def sleeps(self, moment: Moment, battery: float | None = None) -> int:
        """Seconds until its device is to look again."""
        return sleep_seconds(
            moment.settings,
            moment.now,
            usual=self.settings.wake_seconds,
            least=max(60, self.settings.least_seconds // 4),
            battery=battery if battery is not None else moment.battery,
        )


class DeviceTable:
    """Which display is whose: the addresses of all kinds, each answered for the device that asks.

    Where requests name no device, it is the one at the address of its settings, or the only one
    of its kind.
    """

    def __init__(
        self, displays: Iterable[PulledDisplay[Any]], moment: Callable[[str], Awaitable[Moment]]
    ) -> None:
        """`moment` finds what is known of a display now, by its name."""
        self._displays = list(displays)
        self._moment = moment
        self._strangers: OrderedDict[str, None] = OrderedDict()

    def addresses(self) -> Sequence[DeviceAddress]:
        """Every address of the kinds that are configured."""
        kinds = dict.fromkeys(type(display) for display in self._displays)
        return [
            DeviceAddress(route.method, path, partial(self._answer, kind, route))
            for kind in kinds
            for route in kind.routes()
            for path in (route.path, f"{route.path}/")
        ]

    async def _answer(
        self, kind: type[PulledDisplay[Any]], route: DeviceRoute, request: DeviceRequest
    ) -> DeviceAnswer:
        display = self._found(kind, route.whose(request), request.address)
        if display is None:
            self._tell_of(kind, route.whose(request), request.address)
            return kind.turned_away
        moment = await self._moment(display.settings.name)
        answer: DeviceAnswer = await route.answer(display, request, moment)
        return answer

    def _found(
        self, kind: type[PulledDisplay[Any]], named: str | None, address: str
    ) -> PulledDisplay[Any] | None:
        ours = [display for display in self._displays if type(display) is kind]
        if named is not None:
            named = device_id(named)
            return next((d for d in ours if named is not None and d.settings.device == named), None)
        at = [display for display in ours if display.settings.address == address]
        free = [display for display in ours if display.settings.address is None]
        return next(iter(at or (free if len(ours) == 1 else ())), None)

    def _tell_of(self, kind: type[PulledDisplay[Any]], named: str | None, address: str) -> None:
        """One line for each unknown device, with what to write so that it is known."""
        known = device_id(named) if named else None
        line = f'address = "{address}"' if named is None else f'device = "{known}"'
        what = kind.__name__ if known is None and named is not None else line
        if what in self._strangers or len(self._strangers) >= MOST_STRANGERS:
            return
        self._strangers[what] = None
        if known is None and named is not None:
            _log.warning("a device at %s names itself in a way that cannot be read", address)
            return
        _log.warning(
            "a device at %s has no display here. If it is yours, write into its [[displays]] "
            "table of the configuration: %s",
            address,
            line,
        )
