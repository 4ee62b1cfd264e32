"""The Danish words for kinds of works and materials, in English."""

from __future__ import annotations

import re

_WORDS = {
    "maleri": "painting",
    "tegning": "drawing",
    "træsnit": "woodcut",
    "clair-obscur træsnit": "chiaroscuro woodcut",
    "radering": "etching",
    "kobberstik": "engraving",
    "litografi": "lithograph",
    "akvarel": "watercolour",
    "akvatinte": "aquatint",
    "skulptur": "sculpture",
    "fotografi": "photograph",
    "grafik": "print",
    "skitse": "sketch",
    "portræt": "portrait",
    "landskab": "landscape",
    "olie": "oil",
    "oliemaling": "oil paint",
    "tempera": "tempera",
    "lærred": "canvas",
    "papir": "paper",
    "træ": "wood",
    "egetræ": "oak",
    "kobber": "copper",
    "pap": "cardboard",
    "plade": "panel",
    "blyant": "pencil",
    "pen": "pen",
    "pensel": "brush",
    "blæk": "ink",
    "tusch": "Indian ink",
    "kridt": "chalk",
    "sort kridt": "black chalk",
    "rødkridt": "red chalk",
    "kul": "charcoal",
    "gips": "plaster",
    "marmor": "marble",
    "bronze": "bronze",
}


def in_english(words: str) -> str:
    """A Danish term in English where it is known, also “olie på lærred”; else as it is."""
    known = _WORDS.get(words.casefold())
    if known:
        return known
    parts = re.split(r" på ", words)
    found = [_WORDS.get(part.strip().casefold()) for part in parts]
    return " on ".join(part for part in found if part) if all(found) else words
