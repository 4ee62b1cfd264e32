"""Names of people as they are read: “Johannes Vermeer”, also where a catalogue turned it round.

And names of files: what in them says that they are copies.
"""

from __future__ import annotations

import re
from typing import overload

_PARTICLE = r"(?:van|von|de|del|della|di|da|du|la|le|den|der|ter|ten|zu|y|el|al)"
_TURNED = (
    rf"((?:{_PARTICLE}\s+){{0,2}}[^\W\d_][\w'’-]+),\s+"
    rf"((?:[^\W\d_][\w'’.-]*\s+){{0,2}}[^\W\d_][\w'’.-]*(?:\s+{_PARTICLE}){{0,2}})"
)
_NO_NAME = r"(?:jr|sr|ii|iii|iv|the\b.*|after\b.*|attributed\b.*)\.?"

EDITED = (
    r"edited|edit|bearbeitet|modifi[eé]|(?:ha )?editad[oa]|editat|modificato|bewerkt|edytowane|"
    r"redigere?t|redigerad|muokattu|編集済み|effects|collage"
)
"""What programs write behind the name of a picture that somebody has edited."""
_COPIED = r"copy|kopie|copie|copia|kopia"
_COPY = (
    rf"[\s_]*\(\d{{1,2}}\)$|[\s_]*[-–][\s_]*(?:{EDITED}|{_COPIED})(?:[\s_]*\d{{1,2}})?$"
    rf"|[\s_]+(?:{_COPIED})(?:[\s_]+\d{{1,2}})?$"
)
_COPY_OF = r"^(?:copy of|kopie von|copie de|copia de|copia di|kopie van)\s+"


def without_copy_marks(stem: str) -> str:
    """A file's name without what says that it is a copy or was edited: “Sunset - edited (1)”."""
    bare, before = re.sub(_COPY_OF, "", stem, flags=re.I), ""
    while bare != before:
        before, bare = bare, re.sub(_COPY, "", bare, flags=re.I).strip(" _-,")
    return bare


@overload
def first_name_first(name: str) -> str: ...
@overload
def first_name_first(name: None) -> None: ...
@overload
def first_name_first(name: str | None) -> str | None: ...
def first_name_first(name: str | None) -> str | None:
    """“Vermeer, Johannes” turned round; every other name, and None, as it is."""
    found = re.fullmatch(_TURNED, name, re.I) if name else None
    if (
        name is None
        or found is None
        or re.fullmatch(_NO_NAME, found[2], re.I)
        or not _has_capitals(found)
    ):
        return name
    return f"{found[2]} {found[1]}"


def _has_capitals(found: re.Match[str]) -> bool:
    """Whether both parts are written as names are; a place or a trade mostly is not."""
    return found[1].split()[-1][0].isupper() and found[2][0].isupper()
