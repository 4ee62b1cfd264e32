"""Word lists that others compiled, read as they lie in Debian's packages: WikDict's dictionaries
(made from Wiktionary) and the names of characters in Unicode's CLDR.

`PAIRS` are those under CC BY-SA; other dictionaries of FreeDict are under the GPL and not read.
Run as a program, it prints the packages.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

CODES = {
    "deu": "de",
    "ell": "el",
    "eng": "en",
    "fin": "fi",
    "fra": "fr",
    "ita": "it",
    "nld": "nl",
    "nor": "no",
    "pol": "pl",
    "por": "pt",
    "spa": "es",
    "swe": "sv",
}
PAIRS = {
    "deu": "fin fra pol spa swe",
    "ell": "eng",
    "eng": "fin nor",
    "fin": "deu eng fra ita nld nor por swe",
    "fra": "deu fin ita pol por spa swe",
    "ita": "fin nor pol por spa swe",
    "nld": "fin ita pol por spa swe",
    "pol": "deu eng fin fra ita nld nor por spa swe",
    "por": "fra spa",
    "swe": "deu fin fra ita nld nor pol por spa",
}
OTHERS = ("unicode-cldr-core", "wordnet-base")
DICTIONARIES = Path("build/dictionaries")  # where the packages are unpacked
WORDNET = "usr/share/wordnet"
_ENTRY = re.compile(r"(?P<word>[^/<]+?)(?: /.*/)? <(?P<kind>[^>]+)>")
_SENSE = re.compile(r"\d+\. (.+)")
_NEXT_SENSE = re.compile(r" \d+\.$")
_REMARK = re.compile(r"\s*[(\[][^)\]]*[)\]]\s*")
_KINDS_LEFT_OUT = ("suffix", "prefix", "pn", "abbr", "symbol", "letter")
_LONGEST = 3  # words of a translation; longer ones are explanations


class Entry(NamedTuple):
    """A word, what it is ("n", "adj", "v" …), and of each sense its translations."""

    word: str
    kind: str
    senses: list[list[str]]


def read_wikdict(lines: Iterable[str]) -> Iterator[Entry]:
    """Every word and its senses, each with its translations, best first. Names and parts of words
    are left out, remarks in brackets taken away.
    """
    word, kind, begun = "", "", False
    senses: list[list[str]] = []
    for line in lines:
        entry = _ENTRY.fullmatch(line.rstrip("\n"))
        if entry:
            if word and senses:
                yield Entry(word, kind, senses)
            kind = entry["kind"].split(",")[0]
            word = "" if kind in _KINDS_LEFT_OUT else entry["word"].strip()
            senses, begun = [], True
            continue
        numbered = _SENSE.fullmatch(line.rstrip("\n"))
        if begun or numbered:
            found = _translations(numbered[1] if numbered else line.rstrip("\n"))
            if found:
                senses.append(found)
        begun = False
    if word and senses:
        yield Entry(word, kind, senses)


def _translations(line: str) -> list[str]:
    said = _REMARK.sub(" ", _NEXT_SENSE.sub("", line))
    parts = (part.strip(" ;.!?") for part in re.split(r"[,;]", said))
    return [part for part in parts if part and len(part.split()) <= _LONGEST]


def pairs() -> list[tuple[str, str]]:
    """From which language into which, by their codes in the packages' names."""
    return [(source, target) for source, targets in PAIRS.items() for target in targets.split()]


def open_wikdict(folder: Path, source: str, target: str) -> Iterator[Entry]:
    """The dictionary of a package that was unpacked into a folder. Raises FileNotFoundError."""
    file = folder / f"usr/share/dictd/freedict-{source}-{target}.dict.dz"
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        yield from read_wikdict(lines)


def open_names(folder: Path, language: str) -> dict[str, str]:
    """Of CLDR's package that was unpacked into a folder. Raises FileNotFoundError."""
    common = folder / "usr/share/unicode/cldr/common"
    kinds = ("annotations", "annotationsDerived")
    return read_names(common / kind / f"{language}.xml" for kind in kinds)


def read_names(files: Iterable[Path]) -> dict[str, str]:
    """Characters and their short names in one language, of CLDR's annotations."""
    names: dict[str, str] = {}
    for file in files:
        for told in ElementTree.parse(file).iter("annotation"):
            if told.get("type") == "tts" and told.text:
                names[told.get("cp", "")] = told.text.strip()
    return names


if __name__ == "__main__":
    print(*OTHERS, *(f"dict-freedict-{source}-{target}" for source, target in pairs()))
