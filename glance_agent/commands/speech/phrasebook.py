"""The tables of phrases, one for each language, read once.

A row says which sentences mean a verb: `verb`, `says` (patterns), and `keys` that always hold.
Slots become keys of the verb; `seconds`, `counted` and `minutes` are durations.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from glance_agent.commands.speech.durations import DurationWords, seconds_in
from glance_agent.commands.speech.patterns import at_the_end, compiled, slots, vocabulary
from glance_agent.commands.speech.sentence import Sentence, compared
from glance_agent.domain.command import COMMANDS

EXACT_VERBS = frozenset({"hide", "forget", "dislike"})
"""Only understood from exact phrases: never by likeness, never with typing errors."""

_DURATIONS = {
    "seconds": "interval_seconds",
    "counted": "interval_seconds",
    "minutes": "minutes",
}
"""Slots that are durations, and the keys that they become."""


@dataclass(frozen=True, slots=True)
class Row:
    """Sentences that mean one verb with these keys; `answer` is what a courtesy is answered."""

    verb: str
    patterns: tuple[re.Pattern[str], ...]
    keys: Mapping[str, Any] = field(default_factory=dict)
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Meaning:
    """A verb, its keys, and what a courtesy is answered."""

    verb: str
    keys: Mapping[str, Any]
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Phrasebook:
    """One language."""

    rows: tuple[Row, ...]
    wishes: Row
    courtesy_before: re.Pattern[str]
    courtesy_after: re.Pattern[str]
    places: tuple[re.Pattern[str], ...]
    everywhere: tuple[re.Pattern[str], ...]
    after_places: frozenset[str]
    placing: re.Pattern[str]
    rooms: Mapping[str, str]
    durations: DurationWords
    words: frozenset[str]
    """The words of all sentences."""

    def meaning(self, sentence: Sentence, said: str) -> Meaning | None:
        """What a sentence means whose words are taken for `said`."""
        return next(filter(None, (self._of(row, sentence, said) for row in self.rows)), None)

    def wish(self, sentence: Sentence, said: str) -> Meaning | None:
        """What is wished for, where the sentence is a request for a picture."""
        return self._of(self.wishes, sentence, said)

    def courtesies(self, said: str) -> Iterator[tuple[int, int]]:
        """From which word to before which one there is courtesy, at either end."""
        if (found := self.courtesy_before.match(said)) is not None:
            yield 0, found.group().count(" ")
        if (found := self.courtesy_after.search(said)) is not None:
            yield said[: found.start()].count(" "), said.count(" ")

    def _of(self, row: Row, sentence: Sentence, said: str) -> Meaning | None:
        for pattern in row.patterns:
            if (found := pattern.fullmatch(said)) is not None:
                keys = self._keys(slots(sentence, found), found.groupdict())
                if keys is not None:
                    return Meaning(row.verb, {**row.keys, **keys}, row.answer)
        return None

    def _keys(self, written: Mapping[str, str], read: Mapping[str, str]) -> dict[str, Any] | None:
        """The keys of the slots, as they were written, durations as they were read.

        None where a duration is none.
        """
        keys: dict[str, Any] = {}
        for slot, text in written.items():
            if slot not in _DURATIONS:
                keys[slot] = text
                continue
            seconds = seconds_in(read[slot], self.durations, counted=slot == "counted")
            if seconds is None:
                return None
            keys[_DURATIONS[slot]] = seconds / 60 if slot == "minutes" else seconds
        return keys


@cache
def phrasebooks() -> tuple[Phrasebook, ...]:
    """All languages, English first."""
    folder = files("glance_agent.commands") / "phrases"
    tables = [tomllib.loads(file.read_text("utf-8")) for file in folder.iterdir()]
    return tuple(
        _book(t) for t in sorted(tables, key=lambda t: (t["language"] != "en", t["language"]))
    )


def _book(table: Mapping[str, Any]) -> Phrasebook:
    lists = table["lists"]
    rows = [row for row in table["rows"] if row["verb"] in COMMANDS]
    durations = _durations(table["durations"])
    patterns = [*table["wishes"], *(pattern for row in rows for pattern in row["says"])]
    words = {word for pattern in patterns for word in vocabulary(pattern, lists)}

    def all_of(texts: list[str]) -> tuple[re.Pattern[str], ...]:
        return tuple(compiled(text, lists) for text in texts)

    return Phrasebook(
        rows=tuple(
            Row(row["verb"], all_of(row["says"]), row.get("keys", {}), row.get("answer", ""))
            for row in rows
        ),
        wishes=Row("search", all_of(table["wishes"])),
        courtesy_before=compiled(f"({table['courtesy']['before']})", lists),
        courtesy_after=at_the_end(table["courtesy"]["after"], lists),
        places=all_of(table["places"]["named"]),
        everywhere=all_of(table["places"]["everywhere"]),
        after_places=frozenset(vocabulary(table["places"]["after"], lists)),
        placing=compiled(f"({table['places']['placing']})", lists),
        rooms=dict(_rooms(table["places"]["rooms"])),
        durations=durations,
        words=frozenset(words | {*durations.numbers, *durations.units}),
    )


def _rooms(table: Mapping[str, list[str]]) -> Iterator[tuple[str, str]]:
    """What a room or a screen is called -> the key by which all languages know it."""
    for key, names in table.items():
        for name in names:
            yield Sentence(name).said.strip(), key


def _durations(table: Mapping[str, Any]) -> DurationWords:
    return DurationWords(
        {compared(word): float(number) for word, number in table["numbers"].items()},
        {compared(word): float(size) for word, size in table["units"].items()},
        frozenset(compared(word) for word in table["fillers"]),
    )
