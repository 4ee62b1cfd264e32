"""What a TV says of itself to everyone, over HTTP."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from glance_agent.displays.http import HttpRequest, HttpUnreachable, http_answer
from glance_agent.domain.device import said_by_device
from glance_agent.domain.foreign import JsonLimits, json_value
from glance_agent.domain.spelling import host_and_port

FACTS_SECONDS: Final = 10.0
SECURED_PORT: Final = 8002
_JSON: Final = JsonLimits(64 * 1024, 2_000, 200, 10)


@dataclass(frozen=True, slots=True)
class TvFacts:
    """A TV, as it describes itself."""

    tv: str | None
    """Which one it is."""
    model: str | None
    has_art: bool
    stands_by: bool
    size_px: tuple[int, int] | None


async def facts_of(host: str, port: int) -> TvFacts | None:
    """What the TV says there; None where nobody answers, or no TV."""
    scheme = "https" if port == SECURED_PORT else "http"
    url = f"{scheme}://{host_and_port(host, port)}/api/v2/"
    try:
        asked = HttpRequest("GET", url, checks=False, seconds=FACTS_SECONDS)
        said = json_value((await http_answer(asked)).body, _JSON)
    except (HttpUnreachable, ValueError):
        return None
    device = said.get("device") if isinstance(said, dict) else None
    return _read(device) if isinstance(device, dict) else None


def _read(device: dict[str, Any]) -> TvFacts:
    size = re.fullmatch(r"(\d{2,5})x(\d{2,5})", str(device.get("resolution")), re.A)
    return TvFacts(
        tv=next(filter(None, (said_by_device(device.get(k)) for k in ("wifiMac", "duid"))), None),
        model=said_by_device(device.get("modelName")),
        has_art=str(device.get("FrameTVSupport")).lower() == "true",
        stands_by=str(device.get("PowerState")).lower() == "standby",
        size_px=(int(size[1]), int(size[2])) if size else None,
    )
