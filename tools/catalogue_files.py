"""Catalogues of gettext as they are kept: read, brought in line with a template, written."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).parent.parent / "glance_agent"
LOCALE = PACKAGE / "locale"
NOISE = tuple(
    f'"{name}'.encode()
    for name in ("Project", "Report", "POT-", "PO-", "Last-", "Language-Team", "Generated")
)
"""Beginnings of lines that would differ from day to day and tell nobody anything."""
Said = str | tuple[str, ...]


def read(path: Path) -> Catalog:
    """A catalogue as it is kept."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3])


def catalogue_of(said: Iterable[tuple[str, Said]]) -> Catalog:
    """All texts, with the files that say them, without translations."""
    catalog = Catalog(project="glance-agent")
    for name, text in said:
        catalog.add(text, locations=[(name, 0)])
    return catalog


def written(kept: Catalog, template: Catalog) -> bytes:
    """A catalogue with exactly the texts that there are; new ones wait to be translated."""
    kept.update(template, no_fuzzy_matching=True)
    kept.obsolete.clear()
    written = BytesIO()
    write_po(written, kept, width=96, include_lineno=False, sort_output=True)
    lines = written.getvalue().splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(NOISE))


def singular(message: Message) -> str:
    """The text by which programs know a message: of a plural, its singular."""
    return message.id if isinstance(message.id, str) else message.id[0]
