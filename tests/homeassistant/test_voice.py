"""Custom sentences, matched as Home Assistant matches them, beside its own."""

from __future__ import annotations

import copy
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

hassil = pytest.importorskip("hassil")
intents = pytest.importorskip("home_assistant_intents")

from hassil.intents import RangeSlotList, TextSlotList  # noqa: E402 - both are development dependencies
from hassil.util import merge_dict  # noqa: E402

CONFIG = Path(__file__).parents[2] / "config" / "home_assistant"
PACKAGE = yaml.safe_load((CONFIG / "packages" / "glance.yaml").read_text(encoding="utf-8"))

SAMPLES = 1
"""Sentences made of each built-in pattern."""

# What a house may hold: the switches of the agent are exposed to Assist by default.
HOUSE: dict[str, dict[str, list[str]]] = {
    "en": {
        "name": ["kitchen light", "Glance Slideshow", "front door", "picture frame"],
        "area": ["kitchen", "living room"],
        "floor": ["upstairs"],
    },
    "de": {
        "name": ["Küchenlicht", "Glance Slideshow", "Haustür", "Bilderrahmen"],
        "area": ["Küche", "Wohnzimmer"],
        "floor": ["Obergeschoss"],
    },
}

WANTED: dict[str, list[tuple[str, str, dict[str, Any]]]] = {
    "en": [
        ("show me paintings of a stormy sea", "Search", {"query": "a stormy sea"}),
        ("find a picture with sunflowers", "Search", {"query": "sunflowers"}),
        ("Show art about loneliness.", "Search", {"query": "loneliness"}),
        ("show me something calm and blue on the wall", "Search", {"query": "calm and blue"}),
        ("search the art collection for Hokusai waves", "Search", {"query": "Hokusai waves"}),
        ("more like this", "Similar", {}),
        ("show me more like this painting", "Similar", {}),
        ("show me more paintings like this", "Similar", {}),
        ("next painting", "Next", {}),
        ("show me the next artwork", "Next", {}),
        ("show me another picture", "Next", {}),
        ("skip this artwork", "Next", {}),
        ("previous painting", "Previous", {}),
        ("go back to the previous artwork", "Previous", {}),
        ("I love this painting", "Like", {}),
        ("save this artwork", "Like", {}),
        ("I don't like this picture", "Dislike", {}),
        ("never show this painting again", "Hide", {}),
        ("what painting is this", "Describe", {}),
        ("who painted that?", "Describe", {}),
        ("tell me about this picture", "Describe", {}),
        ("set the art mood to calm and warm", "Mood", {"mood": "calm and warm"}),
        ("show paintings in a melancholic mood", "Mood", {"mood": "melancholic"}),
        ("clear the art mood", "NoMood", {}),
        ("start the art slideshow", "SlideshowStart", {}),
        ("change the picture every five minutes", "SlideshowStart", {"minutes": 5}),
        ("stop the art slideshow", "SlideshowStop", {}),
        ("keep the painting", "SlideshowStop", {}),
    ],
    "de": [
        ("zeig mir ein Bild von Schiffen bei Nacht", "Search", {"query": "Schiffen bei Nacht"}),
        ("suche Gemälde mit Sonnenblumen", "Search", {"query": "Sonnenblumen"}),
        ("zeige uns Kunst über Einsamkeit", "Search", {"query": "Einsamkeit"}),
        ("zeige uns etwas Ruhiges in Blau an der Wand", "Search", {"query": "Ruhiges in Blau"}),
        ("häng etwas Fröhliches an die Wand", "Search", {"query": "Fröhliches"}),
        ("mehr davon", "Similar", {}),
        ("zeig mir mehr Bilder wie dieses", "Similar", {}),
        ("zeig mir ähnliche Bilder", "Similar", {}),
        ("nächstes Bild", "Next", {}),
        ("zeig mir ein anderes Gemälde", "Next", {}),
        ("überspring dieses Bild", "Next", {}),
        ("vorheriges Bild", "Previous", {}),
        ("zurück zum letzten Bild", "Previous", {}),
        ("das Bild gefällt mir", "Like", {}),
        ("wir mögen dieses Kunstwerk", "Like", {}),
        ("dieses Gemälde gefällt uns nicht", "Dislike", {}),
        ("ich mag das Bild nicht", "Dislike", {}),
        ("zeig mir dieses Bild nie wieder", "Hide", {}),
        ("was ist das für ein Bild?", "Describe", {}),
        ("wer hat das gemalt", "Describe", {}),
        ("von wem ist dieses Gemälde", "Describe", {}),
        ("stell die Bilderstimmung auf ruhig und warm", "Mood", {"mood": "ruhig und warm"}),
        ("beende die Bilderstimmung", "NoMood", {}),
        ("starte die Bilderschau", "SlideshowStart", {}),
        ("wechsle das Bild alle zehn Minuten", "SlideshowStart", {"minutes": 10}),
        ("stoppe die Bilderschau", "SlideshowStop", {}),
        ("lass das Bild hängen", "SlideshowStop", {}),
    ],
}  # fmt: skip

NOT_OURS: dict[str, list[str]] = {
    "en": [
        "show me the kitchen camera",
        "next",
        "next track",
        "skip to the next song",
        "previous track",
        "turn on Glance Slideshow",
        "turn off the kitchen light",
        "what time is it",
        "what is the weather like",
        "add paint to my shopping list",
        "set a timer for five minutes",
        "show me something",
        "stop",
        "start the vacuum",
    ],
    "de": [
        "zeig mir die Haustür",
        "nächster Titel",
        "vorheriges Lied",
        "schalte Glance Slideshow ein",
        "schalte das Küchenlicht aus",
        "wie spät ist es",
        "wie ist das Wetter",
        "stelle einen Timer auf zehn Minuten",
        "setze Farbe auf die Einkaufsliste",
        "stopp",
    ],
}


def ours(language: str) -> dict[str, Any]:
    """Our sentences, marked as Home Assistant marks custom ones, so that they win a tie."""
    path = CONFIG / "custom_sentences" / language / "glance.yaml"
    read: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
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
    return result.intent.name, {name: slot.value for name, slot in result.entities.items()}


@pytest.mark.parametrize(
    ("language", "sentence", "intent", "slots"),
    [(language, *wanted) for language, all_of in WANTED.items() for wanted in all_of],
)
def test_every_wanted_sentence_is_understood(
    language: str, sentence: str, intent: str, slots: dict[str, Any]
) -> None:
    found = recognized(sentence, language, everything(language))
    assert found == (f"Glance{intent}", {**slots, "lang": language})


@pytest.mark.parametrize(
    ("language", "sentence"),
    [(language, sentence) for language, all_of in NOT_OURS.items() for sentence in all_of],
)
def test_no_sentence_is_taken_from_the_house(language: str, sentence: str) -> None:
    found = recognized(sentence, language, everything(language))
    assert found is None or not found[0].startswith("Glance")


@pytest.mark.parametrize("language", WANTED)
def test_no_built_in_sentence_is_hijacked(language: str) -> None:
    """Sentences made of Home Assistant's own patterns, a few of each, with this house's names."""
    taken = [
        (sentence, found[0])
        for sentence in built_in(language)
        if (found := recognized(sentence, language, only_ours(language))) is not None
    ]
    assert taken == []


def built_in(language: str) -> list[str]:
    """The first sentences of each built-in pattern; wildcards stand for one odd word.

    Numbers are in digits: a hundred of them in words make a pattern take as long as all others.
    """
    from hassil.sample import sample_sentence

    builtin = hassil.Intents.from_dict(intents.get_intents(language))
    lists = {**builtin.slot_lists, **house(language)}
    for name, kind in lists.items():
        if type(kind).__name__ == "WildcardSlotList":
            lists[name] = TextSlotList.from_strings(["xylophon"], name=name)
        elif isinstance(kind, RangeSlotList):
            lists[name] = replace(kind, words=False)
    made: list[str] = []
    for intent in builtin.intents.values():
        for data in intent.data:
            for sentence in data.sentences:
                samples = sample_sentence(
                    sentence, lists, builtin.expansion_rules, language=language
                )
                made += [text for text, _ in zip(samples, range(SAMPLES), strict=False)]
    return made


@pytest.mark.parametrize("language", WANTED)
def test_there_is_an_answer_for_every_intent(language: str) -> None:
    assert set(ours(language)["intents"]) == set(PACKAGE["intent_script"])
    assert {f"Glance{intent}" for _, intent, _ in WANTED[language]} == set(PACKAGE["intent_script"])


@pytest.mark.parametrize("language", WANTED)
def test_no_pattern_is_a_bare_wildcard(language: str) -> None:
    """At least one fixed word of two letters has to be left when all that may vary is gone."""
    for intent in ours(language)["intents"].values():
        for block in intent["data"]:
            for sentence in block["sentences"]:
                fixed = re.sub(r"\[[^]]*\]|\{[^}]*\}|\([^)]*\)", " ", sentence)
                rules = re.findall(r"<\w+>", fixed)
                assert re.search(r"\w{2}", fixed) or rules or "(" in sentence, sentence


@pytest.mark.parametrize(("index", "language"), [(0, "en"), (1, "de")])
def test_sentence_triggers_understand_the_same(index: int, language: str) -> None:
    """Sentence triggers know no lists and no rules, so they leave out sentences with numbers."""
    automation = PACKAGE["automation"][index]
    sentences = {
        "language": language,
        "intents": {
            trigger["id"]: {"data": [{"sentences": trigger["command"]}]}
            for trigger in automation["triggers"]
        },
        "lists": {"query": {"wildcard": True}},
    }
    triggers = hassil.Intents.from_dict(sentences)
    requests = PACKAGE["script"]["glance_request"]["fields"]["request"]["selector"]["select"]
    assert set(sentences["intents"]) <= set(requests["options"])
    missed = [
        sentence
        for sentence, _, slots in WANTED[language]
        if "minutes" not in slots and recognized(sentence, language, triggers) is None
    ]
    assert missed == []
