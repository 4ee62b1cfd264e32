"""Strange messages: topics, bytes, JSON, text and numbers that nobody would send in earnest."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from glance_agent.commands.parse import MAX_PAYLOAD_BYTES
from glance_agent.domain.command import COMMANDS, keys_of

_T = TypeVar("_T")

VERBS = tuple(COMMANDS)
KEYS = tuple(sorted({key for kind in COMMANDS.values() for key in keys_of(kind)}))
UNKNOWN_KEYS = ("verb", "command", "avoid", "__class__", "", "\\ud800", "Query", "a b", "\\u0000")
NUMBERS = (
    "0", "-0", "1", "-1", "1e400", "-1e400", "1e-400", "NaN", "Infinity", "-Infinity", "0.1e1",
    "1E5", "01", "1_000", "0x10", "9" * 19, "9" * 200, "9" * 201, "9" * 4_299, "9" * 5_000,
    "-" + "9" * 4_300, "0." + "3" * 5_000, "1e999999999", "1.7976931348623157e308",
    "18446744073709551616", "2.5", "١٢",
)  # fmt: skip
TEXTS = (
    "", " ", "sea", "blue, -people", "artist:turner", "year:99999999999999999999", "2:sea,3:night",
    r"\ud800", r"\udfff\ud800", r"half \ud83d of it", r"\u0000", r"\u202eevil", r"\u001b[31m",
    r"\ufeff", "🌊", "ﷺ" * 20, "a" * 501, "é" * 400, "x" * 70_000, "starter:calm-sea-at-dawn",
    "a:" + "b" * 161, "household", "wall", "cellar", "../../etc/passwd", "http://[::1", "on",
    "http://127.0.0.1:99999/", "https://example.org/a.jpg", "{}", "null", '" OR 1=1', "%s%n",
    "true", "'; DROP TABLE artworks;--", "{{ 7 * 7 }}", "NEAR/2 AND NOT *", '"unclosed', "😀" * 100,
    r"\n\n", "more like this",
)  # fmt: skip
PLAUSIBLE = {
    "artwork": ("starter:calm-sea-at-dawn", "starter:stormy-sea", "starter:desert-dunes"),
    "like": ("starter:calm-sea-at-dawn", "starter:stormy-sea"),
    "query": ("stormy sea", "red -blue", "2:sea, 1:night", "year:1800-1900"),
    "mood": ("calm", "evening", "party", ""),
    "not": ("people", "boats or people"),
    "display": ("wall",),
    "user": ("anna", "Ben"),
    "on": (True, False),
    "show": (True, False),
    "unseen": (True, False),
    "orientation": ("landscape", "portrait"),
}
SMALL_NUMBERS = (1, 7, 30, "30", 99)


@dataclass(frozen=True, slots=True)
class Strange:
    """One message, of which kind it is, and which verb its topic names, if any."""

    kind: str
    topic: str
    payload: bytes


class Strangers:
    """Makes messages, always the same from the same chance."""

    def __init__(self, chance: Random, *, base: str = "glance") -> None:
        self._chance = chance
        self._command = f"{base}/command"
        self._kinds: dict[str, Callable[[], tuple[str, bytes]]] = {
            "topics": self._topics,
            "bytes": self._bytes,
            "plain text": self._plain_text,
            "JSON keys and values": self._keys_and_values,
            "JSON shapes": self._shapes,
            "numbers": self._numbers,
            "half characters and escapes": self._characters,
            "nesting": self._nesting,
            "broken JSON": self._broken,
            "sizes": self._sizes,
        }

    def message(self) -> Strange:
        """One more message, of any kind."""
        kind = self._chance.choice(tuple(self._kinds))
        topic, payload = self._kinds[kind]()
        return Strange(kind, topic, payload)

    # -- kinds ----------------------------------------------------------------------------------

    def _topics(self) -> tuple[str, bytes]:
        levels = (
            *(*VERBS, "wall", "cellar", "", " ", "LIKE", "🌊"),
            *("a" * 300, "..", "%2f", "$SYS", "nExt"),
        )
        below = "/".join(self._one(*levels) for _ in range(self._chance.randrange(5)))
        return f"{self._command}/{below}", self._one(b"", b"{}", b"next", self._object().encode())

    def _bytes(self) -> tuple[str, bytes]:
        some = self._chance.randbytes(self._chance.randrange(1, 200))
        start = self._one(b"", b"{", b'{"', b"\xef\xbb\xbf", b"\xff\xfe", b"\x00", b'{"query": "')
        return self._some_topic(), start + some

    def _plain_text(self) -> tuple[str, bytes]:
        words = self._one(*TEXTS, "", "").encode().decode("unicode_escape", "replace")
        said = f"{self._one('', *VERBS)}{self._one(' ', ': ', '')}{words}"
        if self._chance.random() < 0.5:
            return self._command, said.encode("utf-8", "replace")
        return self._some_topic(), said.encode("utf-8", self._one("replace", "surrogatepass"))

    def _keys_and_values(self) -> tuple[str, bytes]:
        verb = self._one(*VERBS)
        return f"{self._command}/{verb}", self._object(verb).encode()

    def _shapes(self) -> tuple[str, bytes]:
        inner = self._object()
        shaped = self._one(
            f"[{inner}]", f'{{"command": {inner}}}', f'{{"query": {inner}}}', f"{inner}{inner}",
            f'{{"transaction": {inner}}}', f'{{"query": [{inner}, {inner}]}}', f" {inner} ", "{}",
            '{"command": ["next"]}', '{"command": "next", "command": "like"}', "{null}", "{1: 2}",
        )  # fmt: skip
        return self._some_topic(), shaped.encode()

    def _numbers(self) -> tuple[str, bytes]:
        key = self._one("transaction", "limit", "percent", "minutes", "interval_seconds", "year_to")
        number = self._one(*NUMBERS)
        said = self._one(number, f'"{number}"', f"[{number}]")
        return self._some_topic(), f'{{"query": "sea", "{key}": {said}}}'.encode()

    def _characters(self) -> tuple[str, bytes]:
        half = self._one(r"\ud800", r"\udfff", r"\ud83d", r"\u0000", r"\u202e", r"\u001b]0;x\u0007")
        key = self._one("transaction", "query", "user", "artwork", "mood", "display", half)
        return self._some_topic(), f'{{"{key}": "a{half}b", "query": "sea"}}'.encode()

    def _nesting(self) -> tuple[str, bytes]:
        depth = self._one(10, 500, 990, 1_100, 5_000, 30_000)
        opening, closing = self._one(("[", "]"), ('{"a":', "}"))
        deep = opening * depth + self._one("", "1") + closing * self._one(depth, depth - 1, 0)
        key = self._one("query", "transaction", "command", "artwork")
        return self._some_topic(), f'{{"{key}": {deep}}}'.encode()

    def _broken(self) -> tuple[str, bytes]:
        sound = bytearray(self._object().encode())
        for _ in range(self._chance.randrange(1, 4)):
            at = self._chance.randrange(len(sound))
            sound[at] = self._chance.randrange(256)
        return self._some_topic(), bytes(sound[: self._chance.randrange(1, len(sound) + 1)])

    def _sizes(self) -> tuple[str, bytes]:
        size = MAX_PAYLOAD_BYTES + self._one(-40_000, -60, 0, 1, 60_000, 400_000)
        start, end = self._one((b"", b""), (b'{"query": "', b'"}'), (b"search ", b""))
        filling = self._one(b"a", b" ", b"\\", b"[", "🌊".encode(), b"-x ")
        return self._some_topic(), start + filling * (size // len(filling)) + end

    # -- pieces ---------------------------------------------------------------------------------

    def _some_topic(self) -> str:
        verb = self._one(*VERBS)
        below = self._one("", f"/{verb}", f"/{verb}", f"/{verb}/wall", f"/{verb}/cellar")
        return f"{self._command}{below}"

    def _object(self, verb: str = "search") -> str:
        """A JSON object of keys of the verb and of others, each with some value."""
        own = tuple(keys_of(COMMANDS[verb])) or KEYS
        keys = [
            self._one(*own) if self._chance.random() < 0.8 else self._one(*KEYS, *UNKNOWN_KEYS)
            for _ in range(self._chance.randrange(5))
        ]
        if self._chance.random() < 0.1:
            keys.append("command")
        said = ", ".join(f'"{key}": {self._value(key)}' for key in dict.fromkeys(keys))
        return f"{{{said}}}"

    def _value(self, key: str) -> str:
        if self._chance.random() < 0.7:
            return json.dumps(self._one(*PLAUSIBLE.get(key, SMALL_NUMBERS)))
        if key in ("command", "verb"):
            return json.dumps(self._one(*VERBS, "x", "LIKE ", ""))
        text = self._one(*TEXTS)
        escaped = text if "\\" in text else json.dumps(text, ensure_ascii=False)[1:-1]
        quoted = f'"{escaped}"'
        return self._one(
            quoted, self._one(*NUMBERS), "true", "false", "null", "[]", "{}", f"[{quoted}]"
        )

    def _one(self, *of: _T) -> _T:
        return self._chance.choice(of)
