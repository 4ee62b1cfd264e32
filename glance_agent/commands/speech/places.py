"""Which display a sentence names: by its name, its title or its room, in any language."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from glance_agent.commands.speech.patterns import reading
from glance_agent.commands.speech.phrasebook import Meaning, Phrasebook
from glance_agent.commands.speech.sentence import Sentence
from glance_agent.domain.display_names import Place
from glance_agent.domain.errors import CommandError, ErrorCode
from glance_agent.domain.folding import folded
from glance_agent.domain.plain_text import short
from glance_agent.domain.said import in_a_row, say
from glance_agent.domain.topics import EVERYWHERE

_SAYS_NOTHING = frozenset(
    {"the", "a", "this", "that", "my", "our", "your", "in", "on", "of"}
    | {"der", "die", "das", "den", "dem", "diese", "diesen", "dieses", "dieser", "im", "am", "auf"}
    | {"mein", "meine", "meinen", "unser", "unsere", "unseren"}
)

_ANY = frozenset({"a", "an", "ein", "eine", "einen", "un", "une", "una", "uno", "een"})
"""Before a place these say that it is none of the house: “a television on” is wished for."""

OF_A_PICTURE = say("If it belongs to the picture, say “search” before it.")
"""What to do about a place that the house does not have, and may not have meant."""
LONGEST_PLACE = 7
"""So many words may name a place, with “on the” before it."""
LONGEST_ROOM = 4
"""So many words may be what a room is called: “salle à manger”."""
SCREENS = frozenset({"tv", "tablet", "monitor"})
"""Rooms of the tables that are screens: where there is but one display, it is meant."""


@dataclass(frozen=True, slots=True)
class Somewhere:
    """Where a sentence wants something: the rest of it, and the display.

    `unknown` is a place that the house does not have, as it was said. It is `surely` one where a
    screen was named as well that no picture shows, or of a room, and where a room stands in front:
    “in the bathroom a boat”; else it may belong to the picture: “a woman in the bathroom”.
    It is `native` where the room and the words before it are of one language: “studio” is Italian;
    `apart` where it cannot be part of a command, and `introduced` where anything may follow it.
    Its `language` is the one that alone names the place so: “dans la cuisine”; else it is empty.
    """

    rest: Sentence
    display: str | None = None
    unknown: str = ""
    surely: bool = False
    native: bool = True
    apart: bool = False
    introduced: bool = False
    language: str = ""


def placed(
    sentence: Sentence, books: Collection[Phrasebook], places: Collection[Place]
) -> Somewhere:
    """What a sentence says of a place, if anything: at its end, or before all the rest."""
    rooms = _rooms_of(books)
    doubtful = None
    for first, last in _spans(sentence, books):
        named = list(_places_in(sentence.said[first:last], books, bare=False))
        for book, found in named:
            rest = sentence.without(first, last)
            if first == 0 and any(reading(rest.said).begins(b.goes_on) for b in books):
                continue
            somewhere = _meant(found, rest, places, book, rooms)
            if somewhere is None:
                continue
            somewhere = replace(somewhere, language=_language_of(named))
            if first == 0 and somewhere.native and _is_introduced(sentence, found):
                somewhere = replace(somewhere, surely=bool(somewhere.unknown))
            if not somewhere.unknown:
                return somewhere
            if doubtful is None or somewhere.native > doubtful.native:
                doubtful = somewhere
    return doubtful or Somewhere(sentence)


def _is_introduced(sentence: Sentence, found: Mapping[str, str] | None) -> bool:
    """Whether there is an “in the” before a place in front: not in “upstairs room with a view”."""
    return (found or {}).get("place", "").partition(" ")[0] != sentence.said[0]


def _language_of(named: Iterable[tuple[Phrasebook, Mapping[str, str] | None]]) -> str:
    """The language that alone has a place named so among its rooms, or its word for everywhere."""
    having = {
        book.language
        for book, found in named
        if found is None or found.get("place", "") in book.rooms
    }
    return having.pop() if len(having) == 1 else ""


def called_exactly(
    said: str, books: Collection[Phrasebook], places: Collection[Place]
) -> str | None:
    """The display whose name, title or room this is, in any case and language, or all of them."""
    words = Sentence(said).said
    if folded(said) == EVERYWHERE:
        return EVERYWHERE
    if words and any(found is None for _, found in _places_in(words, books, bare=False)):
        return EVERYWHERE
    rooms = _rooms_of(books)
    called = (
        place.name
        for place in places
        for name in (place.name, *place.called)
        if _canonical(name, rooms) == _canonical(said, rooms) != ""
    )
    return next(called, None)


def unknown_place(
    said: str, places: Collection[Place], advice: str = "", language: str = ""
) -> CommandError:
    """That the house has no display of that name, with those that it has."""
    here = ", ".join(str(place) for place in places)
    return CommandError(
        ErrorCode.UNKNOWN_DISPLAY,
        say("There is no display “{name}”.", name=short(said)),
        in_a_row(say("Displays: {displays}.", displays=here), advice),
        language,
    )


def beside(
    sentence: Sentence, books: Collection[Phrasebook], places: Collection[Place]
) -> Iterator[Somewhere]:
    """Where a sentence may want something that says so in a way that wishes have as well: a place
    within it, or at an end without “in the”. Only what is left of it can tell: “bedroom, next”.
    """
    rooms, count = _rooms_of(books), len(sentence.words)
    ends = [(0, last) for last in range(1, min(count, LONGEST_PLACE))]
    ends += [(first, count) for first in range(max(1, count - LONGEST_PLACE), count)]
    within = [
        (first, last)
        for first in range(1, count - 1)
        for last in range(first + 1, min(count, first + LONGEST_PLACE + 1))
    ]
    for first, last in (*ends, *within):
        is_end = first == 0 or last == count
        for book, found in _places_in(sentence.said[first:last], books, bare=is_end):
            if is_end and not _is_native(found, places, book):
                continue
            somewhere = _meant(found, sentence.without(first, last), places, book, rooms)
            if somewhere is not None and (somewhere.display or somewhere.unknown):
                mark = sentence.gap(first or last)
                apart = not is_end or "screen" in (found or ()) or any(c in mark for c in ",;:")
                yield replace(somewhere, apart=apart, introduced=first == 0 and ":" in mark)


def _is_native(
    found: Mapping[str, str] | None, places: Collection[Place], book: Phrasebook
) -> bool:
    """Whether a place is called so in a language, or is the very name of a display."""
    named = (found or {}).get("place", "")
    return named in book.rooms or _called(named, places, {}) is not None


def _rooms_of(books: Iterable[Phrasebook]) -> dict[str, str]:
    """What rooms and screens are called in all languages -> the key that these share."""
    return {said: key for book in books for said, key in book.rooms.items()}


def named_within(
    sentence: Sentence, books: Collection[Phrasebook], places: Collection[Place]
) -> tuple[Meaning, Somewhere] | None:
    """What a sentence means that names a display in its midst: “turn the bedroom display off”.

    None where it is no such sentence, or names neither a display nor a place for one.
    """
    rooms, said = _rooms_of(books), reading(sentence.said)
    for book in books:
        for pattern, row in book.naming.beginning(sentence.said[0]) if sentence.said else ():
            if (slots := said.whole(pattern)) is None:
                continue
            found = {slot: " ".join(said.words[a:b]) for slot, (a, b) in slots.items()}
            if found["place"].partition(" ")[0] in _ANY:
                continue
            for named in (found, *_compounds(found["place"], book)):
                if (somewhere := _meant(named, sentence, places, book, rooms)) is not None:
                    return Meaning(row.verb, row.keys, language=book.language), somewhere
    return None


def _compounds(word: str, book: Phrasebook) -> Iterator[Mapping[str, str]]:
    """What a word may say of a place that ends in a screen: “Küchenbild”."""
    for screen in book.compounds:
        if (stem := word.removesuffix(screen)) not in ("", word):
            for place in dict.fromkeys((stem, stem.removesuffix("n"), stem.removesuffix("s"))):
                yield {"place": place}


def _spans(sentence: Sentence, books: Collection[Phrasebook]) -> Iterator[tuple[int, int]]:
    """The words that may name the place: the last ones, fewest first, then the first ones, then
    those behind “show me”.

    A German verb leaves a particle behind the place: “häng Rosen im Flur auf”.
    """
    count = len(sentence.words)
    after = any(last in book.after_places for book in books for last in sentence.said[-1:])
    for end in (count, *([count - 1] if after else [])):
        for first in range(end - 1, max(0, end - LONGEST_PLACE - 1), -1):
            yield first, end
    for last in range(min(count - 1, LONGEST_PLACE), 0, -1):
        yield 0, last
    if any(reading(sentence.said).begins(book.placing) for book in books):
        for first in (1, 2):
            for last in range(min(count - 1, first + LONGEST_PLACE), first, -1):
                yield first, last


def _places_in(
    words: tuple[str, ...], books: Iterable[Phrasebook], *, bare: bool
) -> Iterator[tuple[Phrasebook, Mapping[str, str] | None]]:
    """What these words say of a place, by slot, in each language; None for everywhere.

    Where it is `bare`, without “in the” before it.
    """
    for book in books:
        named = book.bare if bare else book.places
        for pattern, everywhere in named.beginning(words[0]):
            if (found := reading(words).whole(pattern)) is not None:
                slots = {slot: " ".join(words[a:b]) for slot, (a, b) in found.items()}
                yield book, None if everywhere else slots


def _meant(
    found: Mapping[str, str] | None,
    rest: Sentence,
    places: Collection[Place],
    book: Phrasebook,
    rooms: Mapping[str, str],
) -> Somewhere | None:
    """The display that is meant; unknown where the house has none of that name."""
    if found is None:
        return Somewhere(rest, EVERYWHERE)
    named, screen = found.get("place"), found.get("screen")
    if named is None:
        return Somewhere(rest)
    if named.partition(" ")[0] in _ANY or (" " in named and named.split()[-1] in _SAYS_NOTHING):
        return None
    if (display := _called(named, places, rooms)) is not None:
        return Somewhere(rest, display)  # also where it is called “Den”
    if set(named.split()) <= _SAYS_NOTHING:
        return None
    if _canonical(named, rooms) in SCREENS and len(places) == 1:
        return Somewhere(rest)
    is_room = _canonical(named, rooms) in rooms.values()
    if screen is None and not is_room:
        return None
    native = _canonical(named, book.rooms) in book.rooms.values()
    surely = screen is not None and (is_room or screen not in book.painted)
    return Somewhere(rest, None, named, surely=surely, native=native)


def _called(said: str, places: Iterable[Place], rooms: Mapping[str, str]) -> str | None:
    """The display that is called so: exactly, or alone with these words in what it is called."""
    wanted = _canonical(said, rooms)
    names = {
        # Patterns read “guest-room” as one word.
        place.name: [
            *(_canonical(name, rooms) for name in (place.name, *place.called)),
            folded(place.name.replace("-", "")),
        ]
        for place in places
    }
    for name, called in names.items():
        if wanted in called:
            return name
    words = set(wanted.split()) - _SAYS_NOTHING
    near = [name for name, called in names.items() if any(words <= set(c.split()) for c in called)]
    return near[0] if words and len(near) == 1 else None


@lru_cache(maxsize=1024)
def _words_of(name: str) -> tuple[str, ...]:
    """The words of a name, which is compared with every place that a sentence may name."""
    return Sentence(name.replace("_", " ").replace("-", " ")).said


def _canonical(name: str, rooms: Mapping[str, str]) -> str:
    """What something is called, with rooms and screens by the key that all languages share."""
    words = _words_of(name)
    found: list[str] = []
    at = 0
    while at < len(words):
        ends = range(min(len(words), at + LONGEST_ROOM), at, -1)
        end = next((end for end in ends if " ".join(words[at:end]) in rooms), 0)
        said = " ".join(words[at : end or at + 1])
        found.append(rooms.get(said, said))
        at = end or at + 1
    return folded(" ".join(found))
