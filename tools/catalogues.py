"""The catalogues of what pages say: gettext's .po for whoever translates, JSON for the pages.

What pages say stands in English in their files: `_("…")` and `many("…", "…", …)` in scripts,
`[[…]]` in HTML; so do the phrases in which works are described, and those that say why items are
left out. `renewed()` brings a catalogue in line with that; `packed()` is what pages read.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_javascript
from babel.messages.pofile import read_po, write_po

from glance_agent.domain import reasons
from glance_agent.doors.web.assets import SAID
from glance_agent.search import reference_queries

PACKAGE = Path(__file__).parent.parent / "glance_agent"
LOCALE = PACKAGE / "locale"
PAGES = PACKAGE / "doors" / "web" / "pages"
KEYWORDS = {"_": None, "many": (1, 2)}
NOISE = tuple(
    f'"{name}'.encode()
    for name in ("Project", "Report", "POT-", "PO-", "Last-", "Language-Team", "Generated")
)
"""Beginnings of lines that would differ from day to day and tell nobody anything."""
Said = str | tuple[str, ...]


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
    catalog = Catalog(project="glance-agent")
    for name, text in said():
        catalog.add(text, locations=[(name, 0)])
    return catalog


def read(path: Path) -> Catalog:
    """A catalogue as it is kept."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3])


def renewed(path: Path) -> bytes:
    """A catalogue with exactly the texts that there are; new ones wait to be translated."""
    kept = read(path)
    kept.update(template(), no_fuzzy_matching=True)
    kept.obsolete.clear()
    written = BytesIO()
    write_po(written, kept, width=96, include_lineno=False, sort_output=True)
    lines = written.getvalue().splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(NOISE))


def packed(path: Path) -> str:
    """What pages read of a catalogue: each text, or its plural forms by its singular."""
    messages = sorted((m for m in read(path) if m.id and m.string), key=_singular)
    words = {_singular(m): m.string for m in messages}
    return json.dumps(words, ensure_ascii=False, indent=0) + "\n"


def _singular(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def files() -> dict[Path, bytes]:
    """All catalogues as they should be, by the file that each is kept in."""
    found: dict[Path, bytes] = {}
    for language, path in catalogues().items():
        found[path] = renewed(path)
        found[PAGES / "words" / f"{language}.json"] = packed(path).encode()
    return found
