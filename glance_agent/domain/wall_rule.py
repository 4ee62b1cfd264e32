"""Which pictures of a source come up by themselves, and which only where they are asked for."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

_TAKEN_OF_A_SCREEN: Final = (
    r"[\W\d_]*(?:screen[ _-]?shots?|screen[ _-]?captures?|scrnshot|bildschirm(?:foto|aufnahme)"
    r"|capture[ _]d[’'_ ]?[eé]cran|captura[ _]de[ _](?:pantalla|ecr[aã]|tela)|schermata"
    r"|istantanea[ _]schermo|scherm(?:afdruk|afbeelding|opname)|zrzut[ _]ekranu"
    r"|sk[aä]rm(?:avbild|bild|dump)|sk[aæ]rm(?:billede|klip)|skjerm(?:bilde|dump)|n[aä]ytt[oö]kuva"
    r"|ekran[ _](?:g[oö]r[uü]nt[uü]s[uü]|resmi|al[ıi]nt[ıi]s[ıi])|sn[ií]mek[ _]obrazovky"
    r"|k[eé]perny[oő](?:k[eé]p|fot[oó])|(?:снимок|знімок)[ _](?:экрана|екрана)|скриншот"
    r"|スクリーンショット|스크린샷|屏幕截图|截屏|(?:微信)?截图|螢幕(?:截圖|快照|擷取畫面))(?![^\W\d_])"
)
"""How phones and computers begin the name of one, in the languages most in use."""


@dataclass(frozen=True, slots=True)
class WallRule:
    """What a picture needs in order to come up by itself: `min_px` on its shorter side, and to be
    at most `max_aspect` times as long as broad; what was on a screen only with `screenshots`."""

    min_px: int = 0
    max_aspect: float = 1_000_000.0
    screenshots: bool = True


ANYTHING: Final = WallRule()
USUAL: Final = WallRule(400, 4.0, screenshots=False)
"""What keeps icons, hairlines and screenshots of a folder off the wall."""


def is_screenshot(path: str) -> bool:
    """Whether a file's name, or path, is one that programs give what was on a screen."""
    name = unicodedata.normalize("NFC", PurePath(path).name)
    return re.match(_TAKEN_OF_A_SCREEN, name, re.I) is not None
