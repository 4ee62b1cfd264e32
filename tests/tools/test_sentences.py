"""The catalogues of what the agent says: whole, with the same holes, and nothing beside them."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from glance_agent.domain.languages import in_language
from glance_agent.domain.said import many
from tools import sentences
from tools.catalogue_files import read as read_again

LANGUAGES = sentences.catalogues()
HOLE = re.compile(r"(?<!\{)\{\w+\}")
SAME = {
    *(
        "{display}: {label}; {change}.",
        "{display}: {said}",
        "{reason}.",
        "{reason} ({detail})",
        "{why}: {advice}.",
        "{advice} ({why}).",
        "{why}; {hint}",
        "{count} {what}",
        "{why}.",
        "{label}.",
        "{where}: {why}.",
        "{what}: {said}",
        "{path}: {why}",
        "{where} {fault}.",
        "In {where}: {why}",
        "In {where}: {why}.",
        "{first}\n{then}",
        "{first}, {then}",
        "date",
    ),
    *("Firmware", "Interval", "Model", "Pause", "Problem", "Signal", "Version", "no", "ok"),
    *("Arguments", "Error", "Options"),
    *("beige", "elegant", "fruit", "renaissance", "rococo", "wild", "wind", "winter"),
}
"""Messages that have nothing but holes and marks, and names that are the same elsewhere."""
SPOKEN = {
    "CommandError": {1: "message", 2: "hint"},
    "refuse": {1: "message", 2: "hint"},
    "DisplayError": {0: "why", 1: "hint"},
    "DisplayRests": {0: "why"},
    "AddressRefused": {0: "said"},
    "HttpUnreachable": {0: "said"},
    **{name: {0: "said"} for name in ("ModelError", "ModelAway", "ModelLate")},
    **{name: {0: "said"} for name in ("SourceError", "Unreadable", "Passing")},
    "LinkError": {0: "reason"},
    "ConfigError": {0: "said"},
    "Diagnosis": {1: "said"},
    "Reply": {-1: "message", -2: "note"},
    "Hit": {2: "why"},
}
"""What is made of sentences: the places and names of the arguments that are."""


@cache
def read(language: str) -> Catalog:
    """The catalogue of a language; not to be changed."""
    return read_again(LANGUAGES[language])


def _all(said: str | Sequence[str] | None) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else tuple(said or ())


@pytest.fixture(scope="module")
def said() -> set[tuple[str, ...]]:
    """Every sentence of the agent."""
    return {_all(text) for _, text in sentences.said()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_in_every_catalogue(language: str, said: set[tuple[str, ...]]) -> None:
    kept = {_all(m.id): _all(m.string) for m in read(language) if m.id}
    assert said == set(kept)
    assert [texts for texts, others in kept.items() if not others or not all(others)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_have_the_same_holes_and_are_translations(language: str) -> None:
    for message in read(language):
        texts = _all(message.id or None)
        for text in _all(message.string) if texts else ():
            wanted = set(HOLE.findall(texts[-1]))
            assert set(HOLE.findall(text)) in (
                wanted,
                wanted - {"{n}"} if len(texts) > 1 else wanted,
            )
            assert text not in texts or texts[0] in SAME, text
            assert text == text.strip()
            text.format_map(dict.fromkeys((hole[1:-1] for hole in wanted), ""))


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_thing_is_a_word_that_a_voice_reads_in_its_gender(language: str) -> None:
    """“1 œuvre” is read “un œuvre”, “1 Werk” as “eins Werk”; so is a figure put into a hole."""
    counted = [m for m in read(language) if m.id and not isinstance(m.id, str)]
    assert [_all(m.string)[0] for m in counted if re.search(r"\b1\b", _all(m.string)[0])] == []
    assert [_all(m.string)[0] for m in counted if "{n}" in _all(m.string)[0]] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_no_one_thing(language: str) -> None:
    """In French none is counted as one is, which is told as a word here."""
    assert "0" in in_language(many("1 work", "{n} works", n=0), language)


FAMILIAR = re.compile(
    r"(?:^|[:;.] )(?:vérifie|corrige|vois|laisse|essaie|envoie|regarde|donne|mets|lance|prends) ",
    re.IGNORECASE,
)
"""What is said to a friend, in French, where all others are asked politely."""


def test_everybody_is_spoken_to_alike() -> None:
    """French says “vous”, but for what people say themselves, between quotation marks."""
    french = [text for m in read("fr") if m.id for text in _all(m.string)]
    plain = [re.sub("«.*?»", "", text) for text in french]
    assert [text for text in plain if FAMILIAR.search(text)] == []


@pytest.mark.parametrize("language", ["fr", "it"])
def test_apostrophes_are_those_of_print(language: str) -> None:
    """“l'ultima” beside “l’ultima” is seen."""
    texts = [text for m in read(language) if m.id for text in _all(m.string)]
    assert [text for text in texts if re.search(r"[a-zà-ü]'[a-zà-ü]", text)] == []


def test_no_exception_is_needless() -> None:
    same = {
        texts[0]
        for language in LANGUAGES
        for m in read(language)
        if (texts := _all(m.id or None)) and set(texts) & set(_all(m.string))
    }
    assert same == SAME


def test_a_plural_that_lacks_a_form_is_said_in_english(tmp_path: Path) -> None:
    path = tmp_path / "pt" / "LC_MESSAGES" / "agent.po"
    path.parent.mkdir(parents=True)
    path.write_text(
        'msgid ""\nmsgstr ""\n"Language: pt\\n"\n'
        '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
        'msgid "1 work"\nmsgid_plural "{n} works"\nmsgstr[0] "Uma obra"\nmsgstr[1] ""\n\n'
        'msgid "Yes"\nmsgstr "Sim"\n',
        encoding="utf-8",
    )
    assert json.loads(sentences.packed(path))["said_in"] == {"Yes": "Sim"}


def test_what_the_agent_reads_is_what_the_catalogues_say() -> None:
    for path, data in sentences.files().items():
        assert path.read_bytes() == data, f"python -m tools.write_docs renews {path.name}"


def test_nothing_is_said_beside_the_catalogues() -> None:
    said = [path for path in sentences.SOURCES if path.parent != sentences.TERMINAL]
    assert {path: texts for path in said if (texts := list(_texts_beside(path)))} == {}


PRINTED = {
    **{name: {0: "said"} for name in ("say", "complain", "GlanceError", "StoreError")},
    **{name: {0: "said"} for name in ("ModelError", "ConfigError", "print")},
}
"""What is printed at the terminal, where `told` makes sentences."""
CHECKING = ("settings", "tables", "appearance", "quiet", "secret", "spelling")
CHECKED = [
    path for path in sentences.SOURCES if path.stem in CHECKING or path.parent.name == "kinds"
]
"""Where the values of a configuration are checked."""


def test_nothing_is_printed_beside_the_catalogues() -> None:
    """But addresses, and what only puts together what was said before: texts without a word."""
    printed = [path for path in sentences.SOURCES if path.parent == sentences.TERMINAL]
    assert {p: texts for p in printed if (texts := list(_texts_beside(p, PRINTED)))} == {}


def _texts_beside(path: Path, spoken: Mapping[str, Mapping[int, str]] = SPOKEN) -> Iterator[str]:
    """What a file says in English alone; of what is printed, that which has a word."""
    for one in _beside(ast.parse(path.read_text(encoding="utf-8")), spoken):
        if spoken is not PRINTED or _has_words(one):
            yield ast.unparse(one)


MARKUP = re.compile(r"\[/?[a-z ]*\]")
"""Colours and the like, as the terminal has them."""


def _has_words(said: ast.expr) -> bool:
    parts = said.values if isinstance(said, ast.JoinedStr) else [said]
    texts = [str(part.value) for part in parts if isinstance(part, ast.Constant)]
    return any(re.search(r"[A-Za-z]{2}", MARKUP.sub("", text)) for text in texts)


def test_what_is_wrong_with_a_setting_is_in_the_catalogues() -> None:
    wrong = {"ValueError": {0: "said"}}
    assert {p: texts for p in CHECKED if (texts := list(_texts_beside(p, wrong)))} == {}


def _ways(given: ast.expr) -> Iterator[ast.expr]:
    """What may be given: of two ways each."""
    if isinstance(given, ast.IfExp):
        yield from (*_ways(given.body), *_ways(given.orelse))
    else:
        yield given


def _beside(tree: ast.AST, spoken: Mapping[str, Mapping[int, str]] = SPOKEN) -> Iterator[ast.expr]:
    """What is said in English alone: a text, or one that is put together, where a sentence is due;
    and what `say` says that is put together."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in sentences.KEYWORDS and name not in spoken:
            yield from (a for a in node.args if isinstance(a, ast.JoinedStr | ast.BinOp))
        places = spoken.get(name, {})
        given = [node.args[at] for at in places if 0 <= at < len(node.args)]
        given += [k.value for k in node.keywords if k.arg in places.values()]
        for one in (way for each in given for way in _ways(each)):
            if isinstance(one, ast.JoinedStr | ast.BinOp) or (
                isinstance(one, ast.Constant) and isinstance(one.value, str) and one.value
            ):
                yield one


def test_a_text_that_is_put_together_is_found() -> None:
    said = 'raise CommandError(CODE, f"There is no {x}.", say("Send it."))'
    assert [ast.unparse(one) for one in _beside(ast.parse(said))] == ["f'There is no {x}.'"]
    assert list(_beside(ast.parse('Reply(verb="say", ok=True, message="Hello")'))) != []
    assert list(_beside(ast.parse('say(f"There is no {x}.")'))) != []
    assert list(_beside(ast.parse('Reply(verb="say", ok=True, message=say("Hello"))'))) == []
