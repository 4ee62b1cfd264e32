"""Custom sentences, matched as Home Assistant matches them, beside its own."""

from __future__ import annotations

import copy
import re
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

hassil = pytest.importorskip("hassil")
intents = pytest.importorskip("home_assistant_intents")

from hassil.expression import (  # noqa: E402 - both are development dependencies
    Alternative,
    Group,
    ListReference,
    RuleReference,
    TextChunk,
)
from hassil.intents import RangeSlotList, TextSlotList  # noqa: E402
from hassil.util import merge_dict, normalize_whitespace  # noqa: E402

from tools.sentence_triggers import commands, package, request_of, sentences_of  # noqa: E402

CONFIG = Path(__file__).parents[2] / "config" / "home_assistant"
PACKAGE_FILE = CONFIG / "packages" / "glance.yaml"
PACKAGE = yaml.load(PACKAGE_FILE.read_text(encoding="utf-8"), yaml.CSafeLoader)
LANGUAGES = ("en", "de", "fr", "es", "it", "nl")
NUMBERS = {"minutes", "hours", "century"}
COMPOUNDS = ("Landschaftsgemälde",)
"""Sentences that need a list to be taken apart."""

# What a house may hold: the switches of the agent are exposed to Assist by default.
HOUSE: dict[str, dict[str, list[str]]] = {
    "en": {
        "name": ["kitchen light", "Glance Slideshow", "front door", "picture frame"],
        "area": ["kitchen", "living room", "bedroom"],
        "floor": ["upstairs"],
    },
    "de": {
        "name": ["Küchenlicht", "Glance Slideshow", "Haustür", "Bilderrahmen"],
        "area": ["Küche", "Wohnzimmer", "Schlafzimmer"],
        "floor": ["Obergeschoss"],
    },
    "fr": {
        "name": ["lampe de la cuisine", "Glance Slideshow", "porte d'entrée", "cadre"],
        "area": ["cuisine", "salon", "chambre"],
        "floor": ["étage"],
    },
    "es": {
        "name": ["luz de la cocina", "Glance Slideshow", "puerta principal", "marco"],
        "area": ["cocina", "salón", "dormitorio"],
        "floor": ["planta de arriba"],
    },
    "it": {
        "name": ["luce della cucina", "Glance Slideshow", "porta d'ingresso", "cornice"],
        "area": ["cucina", "salotto", "camera"],
        "floor": ["piano di sopra"],
    },
    "nl": {
        "name": ["keukenlamp", "Glance Slideshow", "voordeur", "fotolijst"],
        "area": ["keuken", "woonkamer", "slaapkamer"],
        "floor": ["bovenverdieping"],
    },
}

SENTENCES = Path(__file__).parent / "voice"
LEAST_RIGHT = 0.95
"""Of the sentences that people want to be understood, so many are: verb and slots."""


def lines(language: str, kind: str) -> list[str]:
    text = (SENTENCES / f"{language}_{kind}.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def wanted(language: str) -> list[tuple[str, str, dict[str, Any]]]:
    """The sentences of a file, each with the intent and the slots that it has to have."""
    found = []
    for line in lines(language, "wanted"):
        said, _, meant = line.partition(" => ")
        intent, *slots = meant.split("; ")
        pairs = dict(slot.split(": ", 1) for slot in slots)
        found.append((said, f"Glance{intent}", {k: _number(v) for k, v in pairs.items()}))
    return found


def _number(text: str) -> int | str:
    return int(text) if text.isdecimal() else text


def ours(language: str) -> dict[str, Any]:
    """Our sentences, marked as Home Assistant marks custom ones, so that they win a tie."""
    path = CONFIG / "custom_sentences" / language / "glance.yaml"
    read: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    for intent in read["intents"].values():
        for block in intent["data"]:
            block.setdefault("metadata", {})["hass_custom_sentence"] = True
    return read


@cache
def everything(language: str) -> Any:
    """The built-in sentences of a language with ours merged in."""
    merged = copy.deepcopy(intents.get_intents(language))
    merge_dict(merged, ours(language))
    return hassil.Intents.from_dict(merged)


@cache
def only_ours(language: str) -> Any:
    return hassil.Intents.from_dict(ours(language))


@cache
def house(language: str) -> dict[str, Any]:
    """What may be named in a sentence."""
    named = HOUSE[language].items()
    return {name: TextSlotList.from_strings(values, name=name) for name, values in named}


def recognized(sentence: str, language: str, among: Any) -> tuple[str, dict[str, Any]] | None:
    """The intent that Home Assistant would carry out, and its slots."""
    result = hassil.recognize_best(
        sentence,
        among,
        slot_lists=house(language),
        best_metadata_key="hass_custom_sentence",
        best_slot_name="name",
        language=language,
    )
    if result is None:
        return None
    slots = {name: slot.value for name, slot in result.entities.items()}
    said = {name: v.strip() if isinstance(v, str) else v for name, v in slots.items()}
    return result.intent.name, said


@pytest.mark.parametrize("language", LANGUAGES)
def test_wanted_sentences_are_understood(language: str) -> None:
    asked = wanted(language)
    wrong = {
        said: found
        for said, intent, slots in asked
        if (found := recognized(said, language, everything(language)))
        != (intent, {**slots, "lang": language})
    }
    right = 1 - len(wrong) / len(asked)
    sys.stdout.write(f"{language}: {right:.1%} of {len(asked)} wanted sentences\n")
    assert len(asked) >= 80
    assert right >= LEAST_RIGHT, wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_taken_from_the_house(language: str) -> None:
    asked = lines(language, "unwanted")
    found = {said: recognized(said, language, everything(language)) for said in asked}
    taken = {said: f for said, f in found.items() if f is not None and f[0].startswith("Glance")}
    sys.stdout.write(f"{language}: {len(taken)} of {len(asked)} unwanted sentences hijacked\n")
    assert len(asked) >= 50
    assert taken == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_built_in_sentence_is_hijacked(language: str) -> None:
    """Sentences made of Home Assistant's own patterns, a few of each, with this house's names."""
    taken = [
        (sentence, found[0])
        for sentence in built_in(language)
        if (found := recognized(sentence, language, only_ours(language))) is not None
    ]
    assert taken == []


@cache
def built_in(language: str) -> list[str]:
    """Two sentences of each built-in pattern: all first choices in it, and all last ones.

    `hassil.sample` makes all sentences of a pattern first, of which some have millions.
    """
    builtin = hassil.Intents.from_dict(intents.get_intents(language))
    lists = {**builtin.slot_lists, **house(language)}
    patterns = [
        sentence.expression
        for intent in builtin.intents.values()
        for data in intent.data
        for sentence in data.sentences
    ]
    made = (
        normalize_whitespace(_one_of(pattern, lists, builtin.expansion_rules, at)).strip()
        for pattern in patterns
        for at in (0, -1)
    )
    return list(dict.fromkeys(made))


def _one_of(part: Any, lists: dict[str, Any], rules: dict[str, Any], at: int) -> str:
    """One way to say a part of a pattern; `at` is 0 for its first choices, -1 for its last.

    Wildcards stand for one odd word, numbers are in digits.
    """
    match part:
        case TextChunk():
            return str(part.original_text)
        case Alternative():
            return _one_of(part.items[at], lists, rules, at)
        case Group():
            return "".join(_one_of(item, lists, rules, at) for item in part.items)
        case RuleReference():
            return _one_of(rules[part.rule_name].expression, lists, rules, at)
        case ListReference():
            chosen = lists[part.list_name]
            if isinstance(chosen, TextSlotList):
                return _one_of(chosen.values[at].text_in, lists, rules, at)
            return (
                str((chosen.start, chosen.stop)[at])
                if isinstance(chosen, RangeSlotList)
                else "xylophon"
            )
    raise AssertionError(part)


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_is_an_answer_for_every_intent(language: str) -> None:
    assert set(ours(language)["intents"]) == set(PACKAGE["intent_script"])
    assert {intent for _, intent, _ in wanted(language)} == set(PACKAGE["intent_script"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_pattern_is_a_bare_wildcard(language: str) -> None:
    """At least one fixed word of two letters has to be left when all that may vary is gone."""
    for intent in ours(language)["intents"].values():
        for block in intent["data"]:
            for sentence in block["sentences"]:
                fixed = re.sub(r"\[[^]]*\]|\{[^}]*\}|\([^)]*\)", " ", sentence)
                rules = re.findall(r"<\w+>", fixed)
                assert re.search(r"\w{2}", fixed) or rules or "(" in sentence, sentence


@pytest.mark.parametrize(("index", "language"), [*enumerate(LANGUAGES)])
def test_sentence_triggers_understand_the_same(index: int, language: str) -> None:
    """Sentence triggers know no lists and no rules, so they leave out sentences with numbers."""
    told = sentences_of(PACKAGE["automation"][index])
    assert told == commands(language)
    requests = PACKAGE["script"]["glance_request"]["fields"]["request"]["selector"]["select"]
    assert told.keys() <= set(requests["options"])
    triggers = triggers_of(language)
    missed = []
    for said, intent, slots in wanted(language):
        if NUMBERS & slots.keys() or said.endswith(COMPOUNDS):
            continue
        found = recognized(said, language, triggers)
        if found is None or found[0] != request_of(intent):
            missed.append((said, found))
    assert missed == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentence_triggers_take_nothing_from_the_house_either(language: str) -> None:
    triggers = triggers_of(language)
    asked = [*lines(language, "unwanted"), *built_in(language)]
    assert [said for said in asked if recognized(said, language, triggers)] == []


def test_the_triggers_of_the_package_are_made_of_the_sentences() -> None:
    """To bring them up to date: python -m tools.sentence_triggers"""
    text = PACKAGE_FILE.read_text(encoding="utf-8")
    assert package(text) == text


@cache
def triggers_of(language: str) -> Any:
    """The sentence triggers, as Home Assistant matches them."""
    sentences = {
        "language": language,
        "intents": {
            request: {"data": [{"sentences": said}]} for request, said in commands(language).items()
        },
        "lists": {name: {"wildcard": True} for name in ("query", "artist", "mood", "room")},
    }
    return hassil.Intents.from_dict(sentences)
