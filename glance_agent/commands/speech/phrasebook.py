"""The tables of phrases, one for each language, read once.

A row says which sentences mean a verb: `verb`, `says` (patterns), and `keys` that always hold.
Slots become keys of the verb; `seconds`, `counted` and `minutes` are durations. `<side>` makes
three rows of one, for the left work, the right one and both.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Any

from glance_agent.commands.speech.durations import DurationWords, seconds_in
from glance_agent.commands.speech.patterns import ByFirstWord, Pattern, Patterns, Reading
from glance_agent.commands.speech.sentence import Sentence, compared
from glance_agent.domain.command import COMMANDS

LASTING_VERBS = frozenset({"hide", "forget"})
"""What they do is not seen at once, and lasts."""
EXACT_VERBS = LASTING_VERBS | {"dislike"}
"""Only understood from exact phrases: never by likeness, never with typing errors."""

SIDES = ("left", "right", "both")
"""Of two works that hang together; the lists of a table have what each is called."""
_SIDE = "<side>"

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
    patterns: tuple[Pattern, ...]
    keys: Mapping[str, Any] = field(default_factory=dict)
    answer: str = ""
    naming: tuple[Pattern, ...] = ()
    """Those that name a display in their midst."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """A verb, its keys, what a courtesy is answered, and the language that says it so.

    The language is empty where several do, or none.
    """

    verb: str
    keys: Mapping[str, Any]
    answer: str = ""
    language: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Phrasebook:
    """One language."""

    language: str
    rows: tuple[Row, ...]
    begun: ByFirstWord[Row]
    """The rows by the words that their sentences begin with."""
    naming: ByFirstWord[Row]
    """The same of those that name a display in their midst, by the slot `place`."""
    wishes: ByFirstWord[Row]
    courtesy: tuple[Pattern, Pattern]
    chatter: tuple[Pattern, Pattern]
    """What may stand before and after any sentence, and what beside commands alone."""
    reasons: Pattern
    """What tells why something is wished for: “grandma is coming, put up something nice”."""
    inside: frozenset[str]
    """Words that mean nothing wherever they stand in a command."""
    joining: frozenset[str]
    """Words that may stand between two commands."""
    places: ByFirstWord[bool]
    """What names a place; True where it is all of them."""
    bare: ByFirstWord[bool]
    """The same without “in the”, where nothing but a command is left beside it."""
    all_of_them: ByFirstWord[tuple[str, ...]]
    """What means all displays at once, each with what would be said of one in its place."""
    after_places: frozenset[str]
    placing: Pattern
    painted: frozenset[str]
    """Screens that pictures show as well: “the garden wall”."""
    goes_on: Pattern
    """What goes on to tell of a place in front: “in the hall of mirrors”."""
    compounds: tuple[str, ...]
    """Screens as they end a word: “Schlafzimmerbild”."""
    rooms: Mapping[str, str]
    durations: DurationWords
    words: frozenset[str]
    """The words of all sentences."""

    def meaning(self, sentence: Sentence, reading: Reading) -> Meaning | None:
        """What a sentence means whose words are read like this."""
        return self._among(self.begun, sentence, reading)

    def wish(self, sentence: Sentence, reading: Reading) -> Meaning | None:
        """What is wished for, where the sentence is a request for a picture."""
        return self._among(self.wishes, sentence, reading)

    def trimmings(self, reading: Reading, *, chatter: bool) -> Iterator[tuple[int, int]]:
        """From which word to before which one there is courtesy, at either end; or chatter."""
        before, after = self.chatter if chatter else self.courtesy
        count = len(reading.words)
        if (last := reading.begins(before)) > 0:
            yield 0, last
        if (first := reading.ends(after)) < count:
            yield first, count

    def _among(
        self, rows: ByFirstWord[Row], sentence: Sentence, reading: Reading
    ) -> Meaning | None:
        for pattern, row in rows.beginning(reading.words[0]) if reading.words else ():
            if (found := reading.whole(pattern)) is not None:
                written = {slot: sentence.between(*span) for slot, span in found.items()}
                read = {slot: " ".join(reading.words[a:b]) for slot, (a, b) in found.items()}
                if (keys := self._keys(written, read)) is not None:
                    return Meaning(row.verb, {**row.keys, **keys}, row.answer, self.language)
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


def of_one_language(found: Iterable[Meaning | None]) -> Meaning | None:
    """The first of what languages make of a sentence; in none, where several make something."""
    meanings = [meaning for meaning in found if meaning is not None]
    if len({meaning.language for meaning in meanings}) > 1:
        return replace(meanings[0], language="")
    return meanings[0] if meanings else None


@cache
def all_words() -> frozenset[str]:
    """The words of the sentences of all languages."""
    return frozenset().union(*(book.words for book in phrasebooks()))


@cache
def phrasebooks() -> tuple[Phrasebook, ...]:
    """All languages, English first."""
    folder = files("glance_agent.commands") / "phrases"
    tables = [tomllib.loads(file.read_text("utf-8")) for file in folder.iterdir()]
    return tuple(
        _book(t) for t in sorted(tables, key=lambda t: (t["language"] != "en", t["language"]))
    )


def _book(table: Mapping[str, Any]) -> Phrasebook:
    patterns = Patterns(table["lists"])
    read = patterns.read
    rows = tuple(row for each in table["rows"] for row in _rows(each, read))
    wishes = Row("search", (*map(read, table["wishes"]),))
    # Those of courtesy, which are read after this, are no words that somebody may have misspelt.
    named = patterns.words()
    around, places = table["courtesy"], table["places"]
    durations = _durations(table["durations"])
    return Phrasebook(
        language=table["language"],
        rows=rows,
        begun=ByFirstWord((pattern, row) for row in rows for pattern in row.patterns),
        naming=ByFirstWord((pattern, row) for row in rows for pattern in row.naming),
        wishes=ByFirstWord((pattern, wishes) for pattern in wishes.patterns),
        courtesy=(read(around["before"]), read(around["after"])),
        chatter=(read(around["chatter_before"]), read(around["chatter_after"])),
        reasons=read(around.get("reasons", "")),
        inside=frozenset(read(around["inside"]).words()),
        joining=frozenset(read(around.get("joining", "")).words()),
        places=ByFirstWord(
            (read(says), kind == "everywhere")
            for kind in ("everywhere", "named")
            for says in places[kind]
        ),
        bare=ByFirstWord((read(says), False) for says in places.get("bare", [])),
        all_of_them=ByFirstWord(_all_of_them(places, read)),
        after_places=frozenset(read(places["after"]).words()),
        placing=read(places["placing"]),
        painted=frozenset(places.get("painted", "").split("|")),
        goes_on=read(places.get("goes_on", "")),
        compounds=tuple(places.get("compounds", ())),
        rooms=dict(_rooms(places["rooms"])),
        durations=durations,
        words=named | {*durations.numbers, *durations.units},
    )


def _rows(row: Mapping[str, Any], read: Callable[[str], Pattern]) -> Iterator[Row]:
    """A row of a table; of one that names a `<side>`, one for each."""
    if row["verb"] not in COMMANDS:
        return
    sides = SIDES if any(_SIDE in says for says in row["says"]) else [""]
    for side in sides:
        patterns = (read(says.replace(_SIDE, f"<{side}>")) for says in row["says"])
        keys = {**row.get("keys", {}), **({"side": side} if side else {})}
        naming = (*map(read, row.get("naming", ())),)
        yield Row(row["verb"], (*patterns,), keys, row.get("answer", ""), naming)


def _all_of_them(
    places: Mapping[str, Any], read: Callable[[str], Pattern]
) -> Iterator[tuple[Pattern, tuple[str, ...]]]:
    """What means all displays -> what would be said of one; “everywhere” is the display, too."""
    for says, of_one in places["all"].items():
        yield read(says), (*of_one,)
    for says in places["everywhere"]:
        yield read(says), (places["display"],)


def _rooms(table: Mapping[str, list[str]]) -> Iterator[tuple[str, str]]:
    """What a room or a screen is called -> the key by which all languages know it."""
    for key, names in table.items():
        for name in names:
            yield " ".join(Sentence(name).said), key


def _durations(table: Mapping[str, Any]) -> DurationWords:
    return DurationWords(
        {compared(word): float(number) for word, number in table["numbers"].items()},
        {compared(word): float(size) for word, size in table["units"].items()},
        frozenset(compared(word) for word in table["fillers"]),
    )
