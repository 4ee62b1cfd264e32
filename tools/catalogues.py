"""The catalogues of what pages say: gettext's .po for whoever translates, JSON for the pages.

What pages say stands in English in their files: `_("…")` and `many("…", "…", …)` in scripts,
`[[…]]` in HTML; so do the phrases in which works are described, and those that say why items are
left out. `renewed()` brings a catalogue in line with that; `packed()` is what pages read.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_javascript

from glance_agent.domain import reasons
from glance_agent.doors.web.assets import SAID
from glance_agent.search import reference_queries
from tools.catalogue_files import LOCALE, PACKAGE, Said, catalogue_of, read, singular, written

PAGES = PACKAGE / "doors" / "web" / "pages"
KEYWORDS = {"_": None, "many": (1, 2)}


def catalogues() -> dict[str, Path]:
    """The catalogue of each language that pages speak beside English."""
    return {path.parts[-3]: path for path in sorted(LOCALE.glob("*/LC_MESSAGES/pages.po"))}


def said() -> Iterator[tuple[str, Said]]:
    """Every text of the pages, with the file that says it."""
    for module, phrases in (
        (reference_queries, reference_queries.REFERENCE_QUERIES),
        (reasons, reasons.REASONS),
    ):
        where = f"{module.__name__.replace('.', '/')}.py".partition("/")[2]
        yield from ((where, phrase) for phrase in phrases)
    for path in sorted([*PAGES.rglob("*.js"), *PAGES.rglob("*.html")]):
        name = path.relative_to(PACKAGE).as_posix()
        if path.suffix == ".html":
            texts = SAID.findall(path.read_text(encoding="utf-8"))
            yield from ((name, html.unescape(text)) for text in texts)
        else:
            yield from ((name, text) for text in _of_script(path))


def _of_script(path: Path) -> Iterator[Said]:
    with path.open("rb") as script:
        # A single text comes as itself, which Babel's own types leave out.
        extracted: Iterable[tuple[int, Any, Any, Any]] = extract_javascript(
            script, KEYWORDS, [], {}
        )
        for _, keyword, texts, _ in extracted:
            found = [texts] if isinstance(texts, str) else [text for text in texts if text]
            yield tuple(found[:2]) if keyword == "many" else found[0]


def template() -> Catalog:
    """All texts, without translations."""
    return catalogue_of(said())


def packed(path: Path) -> str:
    """What pages read of a catalogue: each text, or its plural forms by its singular."""
    messages = sorted((m for m in read(path) if m.id and m.string and all(m.string)), key=singular)
    words = {singular(m): m.string for m in messages}
    return json.dumps(words, ensure_ascii=False, indent=0) + "\n"


def files() -> dict[Path, bytes]:
    """All catalogues as they should be, by the file that each is kept in."""
    found: dict[Path, bytes] = {}
    wanted = template()
    for language, path in catalogues().items():
        found[path] = written(read(path), wanted)
        found[PAGES / "words" / f"{language}.json"] = packed(path).encode()
    return found
