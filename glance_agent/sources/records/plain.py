"""Foreign values made plain: any JSON value in, clean text, numbers and years out.

Nothing here raises on any JSON value: what cannot be understood becomes None or is left out.
Nothing takes long either: of each value only as much is read as a reader could want.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from itertools import islice
from urllib.parse import quote, urlsplit

TEXT_LIMIT = 500
LONG_TEXT_LIMIT = 4000
_NOTHING = {"", "-", "?", "n.d.", "n/a", "null", "unknown", "(not assigned)", "ukendt", "onbekend"}
_BREAKS = {"br", "p", "div", "li", "tr", "ul", "ol", "h1", "h2", "h3", "td"}
_VOID = {"br", "hr", "img", "input", "link", "meta", "wbr", "area", "base", "col", "embed"}
_SILENT = {"script", "style", "template"}
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_NO_TAG = re.compile(r"<(?![^<>]*>)")
_CUT_TAG = re.compile(r"<[^<>]*\Z")
_MARKUP_SHARE = 4
"""Of a text so many times its limit is read: the rest may have been markup."""
_MOST_LEVELS = 6
_MOST_WORDS = 200
_LONGEST_ADDRESS = 2000
_TURNING = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""What turns the direction of all that follows, beyond the text's own end."""
_LANGUAGES = ("en", "en-us", "en-gb", "mul", "none", "und", "@none", "def")


def at(value: object, *path: str | int) -> object:
    """What lies at a path of keys and indexes, or None where the path leads nowhere."""
    for step in path:
        if isinstance(step, str) and isinstance(value, dict):
            value = value.get(step)
        elif isinstance(step, int) and isinstance(value, list) and -len(value) <= step < len(value):
            value = value[step]
        else:
            return None
    return value


def many(value: object) -> list[object]:
    """A list for a list, for a single value and for nothing; nulls are left out."""
    values = value if isinstance(value, list) else [value]
    return [v for v in values if v is not None]


def rows(value: object) -> list[object]:
    """The records of a list, nulls among them: their number tells how far the list was read."""
    return value if isinstance(value, list) else []


def text(value: object, limit: int = TEXT_LIMIT) -> str | None:
    """Clean words: no markup, one line, NFC, at most `limit` characters; None for no words.

    Of a list the first entry with words counts; of an object its name.
    """
    return _text(value, limit, 0)


def _text(value: object, limit: int, level: int) -> str | None:
    if level > _MOST_LEVELS:
        return None
    if isinstance(value, list):
        return next((t for t in (_text(v, limit, level + 1) for v in value[:50]) if t), None)
    if isinstance(value, dict):
        return _named(value, limit, level)
    if isinstance(value, bool) or value is None:
        return None
    words = _clean(_begin(str(value), limit * _MARKUP_SHARE))
    if words.casefold() in _NOTHING:
        return None
    return words if len(words) <= limit else words[: limit - 1].rstrip() + "…"


def texts(value: object, *names: str, most: int = 30) -> tuple[str, ...]:
    """The different words of a list; of objects in it the entries of these names."""
    values = [next((v[n] for n in names if v.get(n)), None) if isinstance(v, dict) and names else v
              for v in many(value)[:300]]  # fmt: skip
    found = [t for t in map(text, values) if t]
    return tuple(dict.fromkeys(found))[:most]


def label(value: object, limit: int = TEXT_LIMIT) -> str | None:
    """Words in English where there are any: of a string, a list, or a map of languages.

    Understood are {"en": ["…"]}, {"@language": "en", "@value": "…"}, lists of these, and objects
    that hold one of these under …prefLabel or label.
    """
    some = islice(_by_language(value, 0), _MOST_WORDS)
    found = [(rank, words) for rank, words in some if words]
    best = min(found, key=lambda pair: pair[0], default=None)
    return text(best[1], limit) if best else None


def labels(value: object, most: int = 10) -> tuple[str, ...]:
    """The label of each entry of a list."""
    found = [t for t in (label(v) for v in many(value)[:100]) if t]
    return tuple(dict.fromkeys(found))[:most]


def number(value: object) -> int | None:
    """A whole number, also from a string such as "1263", "3.0" or " -44 "."""
    if isinstance(value, str):
        try:
            value = float(value[:40].strip().replace("\N{MINUS SIGN}", "-"))
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return int(value) if -(2**53) < value < 2**53 else None


def pixels(value: object) -> int | None:
    """A length in pixels, 1 to a million."""
    found = number(value)
    return found if found and 0 < found <= 1_000_000 else None


def flag(value: object) -> bool:
    """Whether the value says yes: true, 1, "1", "true", "yes"."""
    if isinstance(value, str):
        return value.strip().casefold() in {"1", "true", "yes"}
    return value is True or (isinstance(value, int) and value == 1)


def address(value: object) -> str | None:
    """A web address with what may not stand in one quoted; None for anything else."""
    if not isinstance(value, str) or len(value) > _LONGEST_ADDRESS:
        return None
    url = quote(_without_controls(value).strip(), safe="%/:=&?~#+!$,;'@()*[]")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return None
    usable = parts.scheme in ("http", "https") and host and len(url) <= _LONGEST_ADDRESS
    return url if usable else None


def colour(value: object) -> str | None:
    """A colour as `#rrggbb`."""
    match = re.fullmatch(r"#?([0-9a-fA-F]{6})", value.strip()) if isinstance(value, str) else None
    return f"#{match[1].lower()}" if match else None


def colours(values: Iterable[object]) -> tuple[str, ...]:
    """The different colours among the values, at most five."""
    return tuple(dict.fromkeys(c for c in map(colour, values) if c))[:5]


def key(value: object) -> str | None:
    """A museum's own id in the form that artwork ids allow: no blanks, at most 160 characters."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    found = re.sub(r"[\s\x7f]+", "_", _without_controls(str(value)[:500]).strip())
    return found if 0 < len(found) <= 160 else None


# -- inside ------------------------------------------------------------------------------------


def _named(value: dict[str, object], limit: int, level: int) -> str | None:
    for name in ("name", "title", "@value", "value", "label", "content", "prefLabel"):
        found = value.get(name)
        if found is not None and not isinstance(found, dict):
            return _text(found, limit, level + 1)
    return None


def _by_language(value: object, level: int) -> Iterator[tuple[int, object]]:
    """Words with the rank of their language; English first."""
    if isinstance(value, list) and level < _MOST_LEVELS:
        for inner in value[:100]:
            yield from _by_language(inner, level + 1)
    elif isinstance(value, dict) and level < _MOST_LEVELS:
        yield from _of_object(value, level)
    elif isinstance(value, str | int | float):
        yield 5, text(value)


def _of_object(value: dict[str, object], level: int) -> Iterator[tuple[int, object]]:
    some = dict(islice(value.items(), 100))
    if "@value" in some:
        yield _rank(some.get("@language")), text(some["@value"])
        return
    for name, inner in some.items():
        if name == "label" or name.endswith("prefLabel"):
            yield from _by_language(inner, level + 1)
            return
    for name, inner in some.items():
        if re.fullmatch(r"@none|def|[a-zA-Z]{2,4}(-[a-zA-Z0-9-]{1,12})?", name):
            for _, words in _by_language(inner, level + 1):
                yield _rank(name), words


def _rank(language: object) -> int:
    name = language.casefold() if isinstance(language, str) else "none"
    return _LANGUAGES.index(name) if name in _LANGUAGES else len(_LANGUAGES)


def _begin(raw: str, limit: int) -> str:
    """The text up to a limit, without the tag that is cut in two there."""
    return raw if len(raw) <= limit else _CUT_TAG.sub("", raw[:limit])


def _clean(raw: str) -> str:
    raw = "".join(" " if c in "\t\r\n\f\v\x85\u2028\u2029" else c for c in raw)
    if "<" in raw or "&" in raw:
        raw = _without_markup(raw)
    return " ".join(unicodedata.normalize("NFC", _without_controls(raw)).split())


def _without_controls(raw: str) -> str:
    """Without control characters, halves of characters, and what turns the writing around."""
    return raw if raw.isprintable() else "".join(
        c for c in raw if c not in _TURNING
        and (c.isprintable() or unicodedata.category(c) in ("Zs", "Cf", "Co", "Cn"))
    )  # fmt: skip


class _Words(HTMLParser):
    """Collects what a reader would see."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.seen: list[str] = []
        self._hidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        hides = tag in _SILENT or any(n == "style" and _HIDDEN.search(v or "") for n, v in attrs)
        if tag not in _VOID and (hides or self._hidden) and len(self._hidden) < _MOST_LEVELS * 10:
            self._hidden.append(tag)
        if tag in _BREAKS:
            self.seen.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._hidden:
            while self._hidden.pop() != tag:
                pass
        if tag in _BREAKS:
            self.seen.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.seen.append(data)


def _without_comments(raw: str) -> str:
    first, *others = raw.split("<!--")
    return first + "".join(other.partition("-->")[2] for other in others)


def _without_markup(raw: str) -> str:
    """What a reader would see. Tags that nothing closes are words: the parser of the standard
    library looks for their end again and again, through all that follows."""
    raw, words = _NO_TAG.sub("&lt;", _without_comments(raw)), _Words()
    try:
        words.feed(raw)
        words.close()
    except AssertionError:  # what the parser of the standard library raises on "<![x["
        return _TAG.sub(" ", raw)
    return "".join(words.seen)
