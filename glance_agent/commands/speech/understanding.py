"""A sentence in, what it means out: a command, a wish, or why it is not carried out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache

from glance_agent.commands.speech.all_at_once import ALL_AT_ONCE, said_of_one
from glance_agent.commands.speech.forms import fillers, shorter_forms, without_courtesy
from glance_agent.commands.speech.patterns import reading
from glance_agent.commands.speech.phrasebook import (
    EXACT_VERBS,
    LASTING_VERBS,
    Meaning,
    Phrasebook,
    all_words,
    of_one_language,
    phrasebooks,
)
from glance_agent.commands.speech.places import (
    OF_A_PICTURE,
    Somewhere,
    beside,
    named_within,
    placed,
    unknown_place,
)
from glance_agent.commands.speech.sentence import Sentence, names_of_pictures
from glance_agent.domain.display_names import Place
from glance_agent.domain.errors import CommandError, ErrorCode
from glance_agent.domain.plain_text import short
from glance_agent.domain.said import say
from glance_agent.domain.topics import EVERYWHERE
from glance_agent.search.typing_errors import corrected, is_swapped

LONGEST_SENTENCE = 200
"""Longer texts are a wish; no command needs as many characters."""
MOST_WORDS = 24
"""And none as many words."""
MOST_CLAUSES = 4
"""More parts between commas are no command."""
SWITCHING_VERBS = frozenset({"power"})
"""What is switched on and off: displays, of which “all” may be meant."""
OPINIONS = frozenset({"like", "dislike"})
AFTER_THEM = frozenset({"next", "similar", "previous"})
"""What may be asked for in one breath with an opinion."""
PLAIN_VERBS = frozenset({"next", "previous", "undo", "pause", "resume", "slideshow"})
"""Beside these the bare name of a room can only be where: “bedroom next”, but “calm bedroom”."""
IsWord = Callable[[str], bool]
"""Whether a word as it is compared is one that people write, in any language."""
Spelled = Callable[[str], Meaning | CommandError | None]
"""What a text means that begins with a verb and goes on as the contract says; the error where its
value is impossible; None where it is anything else."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a sentence means, and the display that it names."""

    meaning: Meaning
    display: str | None = None


def heard(
    text: str, places: Collection[Place], spelled: Spelled, is_word: IsWord = lambda word: False
) -> Heard:
    """What somebody says, by the phrases of all languages. Raises CommandError.

    What `is_word` is never read as a misspelling: “toro” is no “otro”, “Schloss” no “Schluss”.
    """
    sentence = Sentence(text)
    if len(text) > LONGEST_SENTENCE or len(sentence.words) > MOST_WORDS:
        return Heard(_certain(spelled(text)) or _as_said(sentence))
    if (switched := _switched(sentence, places)) is not None:
        return switched
    bare = without_courtesy(sentence)
    if (everywhere := _of_all(bare, spelled)) is not None:
        return everywhere
    where = placed(bare, phrasebooks(), places)
    if where.unknown:
        meaning = _command(where.rest, spelled, is_word)
        if where.surely or meaning is not None or (where.native and _is_placing(where.rest)):
            raise _no_such_place(where, bare, places, meaning)
    elif where.rest != bare:
        meaning = _meaning(where.rest, spelled, is_word)
        return Heard(replace(meaning, language=meaning.language or where.language), where.display)
    if (meaning := _command(sentence, spelled, is_word)) is not None:
        return Heard(meaning)
    return _beside(bare, places, spelled, is_word) or Heard(_wish(sentence, spelled, is_word))


def _of_all(sentence: Sentence, spelled: Spelled) -> Heard | None:
    """The command for all displays that a sentence is; None for any other sentence."""
    for of_one, language in said_of_one(sentence, phrasebooks()):
        meaning = _exact_command(of_one, spelled)
        if meaning is not None and meaning.verb in ALL_AT_ONCE:
            if _told(sentence) is not None:
                return None
            return Heard(replace(meaning, language=meaning.language or language), EVERYWHERE)
    return None


def _beside(
    sentence: Sentence, places: Collection[Place], spelled: Spelled, is_word: IsWord
) -> Heard | None:
    """The command that is left beside a place, however it is named; None for any other sentence.

    Raises CommandError where the house has no such place.
    """
    for where in beside(sentence, phrasebooks(), places):
        meaning = _exact_command(where.rest, spelled)
        if meaning is None and where.introduced:
            meaning = _meaning(where.rest, spelled, is_word)
        if meaning is None or not (where.apart or meaning.verb in PLAIN_VERBS):
            continue
        if where.unknown:
            raise _no_such_place(where, sentence, places, meaning)
        return Heard(meaning, where.display)
    return None


def _no_such_place(
    where: Somewhere, sentence: Sentence, places: Collection[Place], meaning: Meaning | None
) -> CommandError:
    """That the house has no such place, in the language of the sentence that names it."""
    language = where.language or (meaning.language if meaning else "")
    return unknown_place(sentence.written(where.unknown), places, OF_A_PICTURE, language)


def _switched(sentence: Sentence, places: Collection[Place]) -> Heard | None:
    """What a sentence means that switches a display, which it may name in its midst.

    “On” belongs to the verb in it, not to a place: “turn on the kitchen display”. Raises
    CommandError where the display is none of the house.
    """
    for form in shorter_forms(sentence, chatter=True):
        if (told := _told(form)) is not None:
            if told.verb not in SWITCHING_VERBS and "display" not in told.keys:
                return None
            keys = dict(told.keys)
            display = keys.pop("display", None)
            return Heard(Meaning(told.verb, keys, language=told.language), display)
        if (named := named_within(form, phrasebooks(), places)) is not None:
            meaning, where = named
            if where.unknown:
                raise _no_such_place(where, form, places, meaning)
            return Heard(meaning, where.display)
    return None


def _meaning(sentence: Sentence, spelled: Spelled, is_word: IsWord) -> Meaning:
    """The command that a sentence is; else what it wishes for. Raises CommandError."""
    return _command(sentence, spelled, is_word) or _wish(sentence, spelled, is_word)


def _wish(sentence: Sentence, spelled: Spelled, is_word: IsWord) -> Meaning:
    """What a sentence that is no command wishes for. Raises CommandError."""
    fault = spelled(sentence.text)
    if isinstance(fault, CommandError):
        raise fault
    return _asked(sentence, is_word)


def _command(sentence: Sentence, spelled: Spelled, is_word: IsWord) -> Meaning | None:
    """The command that a sentence is, with or without courtesy, or with errors of typing."""
    exact = _exact_command(sentence, spelled)
    for clauses in dict.fromkeys((sentence.clauses, sentence.parted(_joining()))):
        exact = exact or _common_command(clauses, spelled)
    if exact is not None:
        return exact
    bare = without_courtesy(sentence)
    plain = without_courtesy(bare, chatter=True)
    return _misspelt(bare, is_word) or (_misspelt(plain, is_word) if plain != bare else None)


def _exact_command(sentence: Sentence, spelled: Spelled) -> Meaning | None:
    """The command that a sentence is, with or without courtesy, all words as in the tables."""
    polite = shorter_forms(sentence, chatter=False)
    forms = (*polite, sentence.once, *shorter_forms(sentence, chatter=True))
    for form in dict.fromkeys(forms):
        meaning = _certain(spelled(form.text)) or _told(form)
        # “Shall I hide this?” is no exact phrase for it.
        if meaning is not None and (form in polite or meaning.verb not in LASTING_VERBS):
            return meaning
    return None


def _common_command(clauses: Collection[Sentence], spelled: Spelled) -> Meaning | None:
    """The command that every clause means: “not this again, next!”; or what somebody thinks and
    what is to come after it: “I don't like it, next”.

    Greetings and reasons among them do not count. What lasts is said alone: “thanks, forget it”
    is no command.
    """
    if not 1 < len(clauses) <= MOST_CLAUSES:
        return None
    common: Meaning | None = None
    for clause in clauses:
        meaning = _exact_command(clause, spelled)
        if meaning is None and _tells_why(clause):
            continue
        if meaning is None or meaning.verb in LASTING_VERBS:
            return None
        if common is None or common.verb == "say":
            common = meaning
        elif meaning.verb != "say" and common != meaning:
            common = _the_wider(common, meaning) or _one_after_the_other(common, meaning)
            if common is None:
                return None
    return common


def _the_wider(first: Meaning, second: Meaning) -> Meaning | None:
    """The one of two commands of a verb that has no keys but those of the other: “what was the
    last one, show it again”."""
    if first.verb != second.verb:
        return None
    for one, other in ((first, second), (second, first)):
        if one.keys.items() <= other.keys.items():
            return one
    return None


def _one_after_the_other(first: Meaning, second: Meaning) -> Meaning | None:
    """What somebody thinks, and what is to hang after it, in either order; None for others."""
    opinion, after = (first, second) if first.verb in OPINIONS else (second, first)
    if opinion.verb not in OPINIONS or after.verb not in AFTER_THEM:
        return None
    if opinion.keys.keys() - {"side"} or after.keys.keys() - {"unhide"}:
        return None
    language = opinion.language if opinion.language == after.language else ""
    return Meaning(opinion.verb, {**opinion.keys, "then": after.verb}, language=language)


def _certain(spelled: Meaning | CommandError | None) -> Meaning | None:
    return spelled if isinstance(spelled, Meaning) else None


def _told(sentence: Sentence) -> Meaning | None:
    """The command that the sentence is, word by word; pictures beside words may be left out."""
    for form in dict.fromkeys((sentence, sentence.without_pictures)):
        if form != sentence and fillers().issuperset(form.said):
            continue  # of a picture and “please”, the picture is what is meant
        read = reading(form.said)
        if form.words and (
            meaning := of_one_language(b.meaning(form, read) for b in phrasebooks())
        ):
            # Pictures are of no language.
            return replace(meaning, language="") if form.drawn else meaning
    return None


def _misspelt(sentence: Sentence, is_word: IsWord) -> Meaning | None:
    """The command that the sentence is once misspelt words are read as those of the tables.

    Raises CommandError where that would be one which is understood from exact phrases alone.
    """
    for book in phrasebooks():
        said = _mended(sentence, book, is_word)
        if said == sentence.said or (meaning := book.meaning(sentence, reading(said))) is None:
            continue
        if meaning.verb in EXACT_VERBS:
            raise CommandError(
                ErrorCode.UNKNOWN_VERB,
                say(
                    "“{text}” is not done, since it is not spelled exactly.",
                    text=short(sentence.text),
                ),
                say("Did you mean “{said}”?", said=" ".join(said)),
                book.language,
            )
        return meaning
    return None


def _asked(sentence: Sentence, is_word: IsWord) -> Meaning:
    """What a sentence wishes for: what follows “show me”, or all of it."""
    bare = without_courtesy(sentence)
    forms = dict.fromkeys((bare, *_after_greetings(sentence), sentence))
    found = (_request(form, is_word) for form in forms)
    said = next((meaning for meaning in found if meaning is not None), None)
    return said or _as_said(_after_reasons(sentence) or bare)


def _request(sentence: Sentence, is_word: IsWord) -> Meaning | None:
    """What follows “show me” in a sentence, also where that is misspelt."""
    books, read = phrasebooks(), reading(sentence.said)
    if (
        wish := of_one_language(_shortest(book.wish(sentence, read) for book in books))
    ) is not None:
        return wish
    mended = ((book, _mended(sentence, book, is_word)) for book in books)
    wishes = (
        book.wish(sentence, reading(said))
        for book, said in mended
        if _begins_alike(sentence.said, said)
    )
    return next((meaning for meaning in wishes if meaning is not None), None)


def _shortest(wishes: Iterable[Meaning | None]) -> list[Meaning]:
    """Those of what languages take for a wish that leave the fewest words of it: “hang” is in two
    languages, of which one alone has “hang … op”."""
    found = [wish for wish in wishes if wish is not None]
    lengths = [len(wish.keys["query"].split()) for wish in found]
    return [wish for wish, n in zip(found, lengths, strict=True) if n == min(lengths)]


def _mended(sentence: Sentence, book: Phrasebook, is_word: IsWord) -> tuple[str, ...]:
    """The words with the misspelt ones as a language has them; no word of another is misspelt."""
    known = all_words()
    return corrected(sentence.said, book.words, lambda word: word in known or is_word(word))


def _begins_alike(said: tuple[str, ...], mended: tuple[str, ...]) -> bool:
    """Whether the first word is no other one: “neige en hiver” does not begin with “zeige”."""
    return said[:1] == mended[:1] or is_swapped(said[0], mended[0])


def _after_greetings(sentence: Sentence) -> Iterator[Sentence]:
    """What follows “good morning,” or “oh,” in front, without courtesy."""
    said = 0
    for clause in sentence.clauses[: min(len(sentence.clauses), MOST_CLAUSES) - 1]:
        if not _says_nothing(clause):
            break
        said += len(clause.words)
        yield without_courtesy(sentence.without(0, said))


def _says_nothing(clause: Sentence) -> bool:
    """Whether it is only a greeting, a reason, or what may stand before any command."""
    told, said = _told(clause), reading(clause.said)
    if told is not None:
        return told.verb == "say"
    if _tells_why(clause):
        return True
    return any(
        said.whole(kind[0]) is not None for b in phrasebooks() for kind in (b.courtesy, b.chatter)
    )


def _tells_why(clause: Sentence) -> bool:
    """Whether it only tells why something is wished for: “grandma is coming”."""
    return any(reading(clause.said).whole(book.reasons) is not None for book in phrasebooks())


def _after_reasons(sentence: Sentence) -> Sentence | None:
    """What follows “I have a headache,” in front, without courtesy; None where nothing does."""
    first, *others = sentence.clauses or (sentence,)
    if not others or not _tells_why(first):
        return None
    return without_courtesy(sentence.without(0, len(first.words)))


def _as_said(sentence: Sentence) -> Meaning:
    """All of it is the wish; of emoji alone, what they show."""
    text = names_of_pictures(sentence.text) if sentence.drawn else ""
    return Meaning("search", {"query": text or sentence.text})


@cache
def _joining() -> frozenset[str]:
    """Words that may stand between two commands, in any language."""
    return frozenset(word for book in phrasebooks() for word in book.joining)


def _is_placing(sentence: Sentence) -> bool:
    """Whether a picture is to be put somewhere, as “hang” and “put” say."""
    return any(reading(sentence.said).begins(book.placing) for book in phrasebooks())
