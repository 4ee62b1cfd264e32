"""The catalogues of what the agent says: gettext's .po for whoever translates, JSON for the agent.

Sentences stand in English where they are said: `say("…")` and `many("…", "…")` in Python, the
descriptions of keys, which complete “… must be”, and those of the parameters of addresses.
`renewed()` brings a catalogue in line with that; `packed()` is what the agent reads, with what of
CLDR (by Babel) its sentences need.
"""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog, Message
from pydantic import BaseModel
from typer.main import get_command

from glance_agent.cli.helping import HELP_ITSELF, parts_of, texts_of
from glance_agent.cli.main import app
from glance_agent.commands.build import SOMETHING_ELSE
from glance_agent.config.tables import AgentSettings
from glance_agent.displays import registry as displays
from glance_agent.domain import plain_text, reasons
from glance_agent.domain.command import COMMANDS, keys_of
from glance_agent.doors.web import images, live  # noqa: F401 - they have questions of their own
from glance_agent.gallery.questions import PageQuestion
from glance_agent.search.reference_queries import REFERENCE_QUERIES
from glance_agent.sources import registry as sources
from tools.catalogue_files import LOCALE, PACKAGE, Said, catalogue_of, read, singular, written

CATALOGUE = PACKAGE / "embedding" / "models" / "catalogue.toml"
EMBEDDED = PACKAGE / "embedding" / "embedded" / "entry.toml"
KEYWORDS = {"say": 1, "many": 2, "told": 1}
"""What says a sentence, and how many texts stand first in it."""
AGENT = "agent.po"
TERMINAL = PACKAGE / "cli"
SOURCES = sorted(PACKAGE.rglob("*.py"))
"""What speaks to people; at the terminal, `say` prints and `told` is what makes sentences."""


def catalogues() -> dict[str, Path]:
    """The catalogue of each language that the agent speaks beside English."""
    return {path.parts[-3]: path for path in sorted(LOCALE.glob(f"*/LC_MESSAGES/{AGENT}"))}


def said() -> Iterator[tuple[str, Said]]:
    """Every sentence of the agent, with the file that says it."""
    for path in SOURCES:
        name = path.relative_to(PACKAGE).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (texts := _texts(node, path)) is not None:
                yield name, texts
    yield from (("domain/command.py", text) for text in _of_keys())
    yield from (("domain/reasons.py", text) for text in reasons.REASONS)
    yield from (("domain/reasons.py", text) for text in reasons.AT_THE_TERMINAL)
    yield from (("domain/reasons.py", text) for text in reasons.HINTS)
    yield from ((f"embedding/models/{CATALOGUE.name}", text) for text in _of_models())
    yield from (("cli/main.py", text) for text in _of_help())
    yield from (("search/reference_queries.py", text) for text in REFERENCE_QUERIES)
    yield from (("gallery/questions.py", text) for text in _of_questions(PageQuestion))
    yield from (("config/settings.py", text) for text in _of_patterns())


def _texts(node: ast.AST, path: Path) -> Said | None:
    """What a call says; None for any other part of a program, and where a variable says it."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return None
    prints = path.parent == TERMINAL
    count = 0 if node.func.id == ("say" if prints else "told") else KEYWORDS.get(node.func.id, 0)
    texts = [a.value for a in node.args[:count] if isinstance(a, ast.Constant)]
    if not count or len(texts) != count:
        return None
    return str(texts[0]) if count == 1 else tuple(map(str, texts))


def _of_keys() -> Iterator[str]:
    """What keys must be, what text behind a verb must be, and what validators of verbs say."""
    for kind in COMMANDS.values():
        yield from keys_of(kind).values()
        if isinstance(kind.plain_text, plain_text.Number):
            yield kind.plain_text.said
    yield SOMETHING_ELSE
    yield plain_text.AN_ID
    yield from _raised(PACKAGE / "domain" / "command.py")
    yield from _raised(PACKAGE / "domain" / "picture_verbs.py")


def _of_help() -> Iterator[str]:
    """What `--help` says of verbs and options."""
    for command in parts_of(get_command(app)):
        yield from texts_of(command)
    yield HELP_ITSELF


def _of_models() -> Iterator[str]:
    """What the catalogue says of models."""
    embedded = tomllib.loads(EMBEDDED.read_text(encoding="utf-8"))
    others = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))["models"]
    for model in (embedded, *others):
        yield from filter(None, (model.get("title"), model.get("warning")))
        if not re.fullmatch(r"[\w.-]+", model["licence"]):  # more than the name of one
            yield model["licence"]


def _of_questions(kind: type[PageQuestion]) -> Iterator[str]:
    """What the parameters of addresses are; those of all kinds that have been imported."""
    yield from (field.description for field in kind.model_fields.values() if field.description)
    for each in kind.__subclasses__():
        yield from _of_questions(each)


def _of_patterns() -> Iterator[str]:
    """What settings are that have to look like something: said where a value does not."""
    of_displays = (displays.settings_of(kind) for kind in displays.kinds())
    of_sources = (sources.settings_of(kind) for kind in sources.kinds())
    all_settings: Iterable[type[BaseModel]] = (AgentSettings, *of_displays, *of_sources)
    for settings in all_settings:
        for field in settings.model_fields.values():
            if field.description and _is_checked(str(field.annotation), str(field.metadata)):
                yield field.description.rstrip(".")


def _is_checked(annotation: str, metadata: str) -> bool:
    """Whether a value is compared with a pattern, or is one of several types."""
    several = "Literal" in annotation and ("Annotated" in annotation or "int" in annotation)
    return "pattern=" in annotation + metadata or several


def _raised(path: Path) -> Iterator[str]:
    """The sentences of the validators in a file."""
    names = {"AN_ID": plain_text.AN_ID}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "ValueError":
            said = node.args[0]
            parts = said.values if isinstance(said, ast.JoinedStr) else [said]
            yield "".join(_part(part, names) for part in parts)


def _part(part: ast.expr, names: Mapping[str, str]) -> str:
    if isinstance(part, ast.FormattedValue):
        return names[ast.unparse(part.value)]
    return str(ast.literal_eval(part))


def template() -> Catalog:
    """All sentences, without translations."""
    return catalogue_of(said())


def packed(path: Path) -> str:
    """What the agent reads of a catalogue."""
    language, kept = path.parts[-3], read(path)
    locale = Locale.parse(language)
    messages = sorted((m for m in kept if m.id and _is_done(m)), key=singular)
    words = {
        "plural": kept.plural_expr,
        "group": locale.number_symbols["latn"]["group"].strip(),  # a voice reads “1 234” as two
        "grouped": 3 + _least_grouped(language),
        "decimal": locale.number_symbols["latn"]["decimal"],
        "percent": locale.percent_formats[None].pattern.replace("#,##0", "{n}"),
        "lists": {kind: _list(locale, style) for kind, style in _STYLES.items()},
        "months": [locale.months["format"]["wide"][month] for month in range(1, 13)],
        "day": _day(locale),
        "said_in": {singular(m): m.string for m in messages},
    }
    return json.dumps(words, ensure_ascii=False, indent=0) + "\n"


def _is_done(message: Message) -> bool:
    """Whether it is translated, in all forms of its plural: until then it is said in English."""
    said = message.string
    return all(said) if isinstance(said, (list, tuple)) else bool(said)


_STYLES = {"and": "standard", "or": "or"}


def _list(locale: Locale, style: str) -> list[str]:
    patterns = locale.list_patterns[style]
    return [patterns[part] for part in ("2", "start", "middle", "end")]


def _day(locale: Locale) -> str:
    """CLDR's long date, of which everyone has the day, the month's name and the year."""
    pattern = locale.date_formats["long"].pattern
    holes = {"d": "{day}", "MMMM": "{month}", "y": "{year}"}
    parts = re.findall(r"'([^']*)'|([A-Za-z]+)|([^A-Za-z']+)", pattern)
    return "".join(
        quoted or holes[hole] if quoted or hole else plain for quoted, hole, plain in parts
    )


def _least_grouped(language: str) -> int:
    """How many digits stand before the first separator at least, by CLDR's `minimumGroupingDigits`,
    which Babel does not tell."""
    return 2 if language in {"es", "pl", "pt"} else 1


def files() -> dict[Path, bytes]:
    """All catalogues as they should be, by the file that each is kept in."""
    found: dict[Path, bytes] = {}
    wanted = template()
    for language, path in catalogues().items():
        found[path] = written(read(path), wanted)
        found[LOCALE / language / "agent.json"] = packed(path).encode()
    return found
