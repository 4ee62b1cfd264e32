"""What the text tower's words are taught from: dictionaries by way of other languages, phrases."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tools.embedded_model.languages.carrying import carried
from tools.embedded_model.languages.choosing import (
    Candidate,
    ranked,
    seen_nouns,
    take_turns,
    telling,
)
from tools.embedded_model.languages.composing import (
    FRAMES,
    PATTERNS,
    Composer,
    Known,
    Used,
    backwards,
    read_little_words,
    word_by_word,
)
from tools.embedded_model.languages.dictionaries import Entry, read_names, read_wikdict
from tools.embedded_model.languages.lexicon import LANGUAGES
from tools.embedded_model.languages.senses import weighed
from tools.embedded_model.languages.translations import NOUN_ENDINGS, Danish, Web, bones, nouns_of

WIKDICT = """\
Deutsch-polski FreeDict+WikDict dictionary ver. 2022.11.18
bar /baːɐ̯/ <suffix>
able
Schloss /ʃlɔs/ <n, neut>
1. zamek 2.
an einen Zugang montierte Schließvorrichtung
 3.
Teil einer Feuerwaffe
2. pałac, zamek (warowny)
prunkvolles Wohngebäude
traurig /ˈtʁaʊ̯ʁɪç/ /ˈtʁaʊ̯ʁɪk/ <adj>
smutny
betrübt
"""


def test_a_dictionary_gives_words_and_translations_but_neither_parts_nor_explanations() -> None:
    assert list(read_wikdict(WIKDICT.splitlines())) == [
        Entry("Schloss", "n", [["zamek"], ["pałac", "zamek"]]),
        Entry("traurig", "adj", [["smutny"]]),
    ]


def test_a_character_has_the_name_that_is_spoken(tmp_path: Path) -> None:
    file = tmp_path / "annotations-de.xml"
    file.write_text(
        '<ldml><annotations><annotation cp="🐕">Hund | Tier</annotation>'
        '<annotation cp="🐕" type="tts">Hund</annotation></annotations></ldml>',
        encoding="utf-8",
    )
    assert read_names([file]) == {"🐕": "Hund"}


def test_a_word_means_where_several_ways_lead_not_what_one_language_confounds() -> None:
    web = Web()
    web.add("pl", "en", "zamek", [["zip", "castle"]])
    web.add("fi", "en", "linna", [["castle"]])
    web.add("fi", "en", "vetoketju", [["zip"]])
    web.add("de", "pl", "Burg", [["zamek"]])
    web.add("de", "fi", "Burg", [["linna"]])
    meant = web.english()["de"]["burg"]
    assert next(iter(meant)) == "castle"
    assert meant["castle"] > 2 * meant["zip"]
    assert sum(meant.values()) == pytest.approx(1)


@pytest.mark.parametrize(
    ("danish", "other"),
    [("bog", "bok"), ("hvid", "hvit"), ("uge", "uke"), ("nation", "nasjon"), ("vej", "vei")],
)
def test_danish_is_spelt_like_its_neighbours_but_for_some_letters(danish: str, other: str) -> None:
    assert bones(danish) == bones(other)
    known = {"no": {other: {"found": 1.0}}, "sv": {}}
    assert Danish(known).english(danish) == {"found": 1.0}


def test_a_danish_word_unlike_all_of_its_neighbours_is_left_alone() -> None:
    known = {"no": {"tog": {"train": 1.0}}, "sv": {"hus": {"house": 1.0}}}
    assert Danish(known).english("skæv") == {}


@pytest.mark.parametrize(
    ("form", "nouns"),
    [
        ("ekar", {"ek"}),
        ("klippor", {"klippa"}),
        ("björkarna", {"björk"}),
        ("skeppet", {"skepp"}),
        ("målar", set()),
        ("ar", set()),
    ],
)
def test_a_swedish_form_is_of_a_noun_where_there_is_one(form: str, nouns: set[str]) -> None:
    kinds = dict.fromkeys(["ek", "klippa", "björk", "skepp"], "n") | {"måla": "v", "mål": "adj"}
    assert nouns_of(form, NOUN_ENDINGS["sv"], kinds) == nouns


def test_the_sense_that_the_teacher_sees_near_is_meant() -> None:
    munk = {"doughnut": 0.6, "monk": 0.4}
    near = weighed(munk, lambda _: 1.0, [0.1, 0.3])
    assert list(near) == ["monk", "doughnut"]
    assert sum(near.values()) == pytest.approx(1)
    assert list(weighed(munk, lambda _: 1.0)) == ["doughnut", "monk"]


def test_the_sense_that_is_in_titles_is_meant_where_no_teacher_reads_the_language() -> None:
    expected = {"monk": 3.0, "doughnut": 1.0}
    assert list(weighed({"doughnut": 0.6, "monk": 0.4}, expected.__getitem__)) == [
        "monk",
        "doughnut",
    ]


@pytest.mark.parametrize("code", LANGUAGES[1:])
def test_little_words_are_said_in_every_language(code: str) -> None:
    assert all(row[code][0] for row in read_little_words())
    assert {row["en"][0] for row in read_little_words()} >= set(FRAMES)


def _composer(language: str) -> Composer:
    words = {"n": [(Known("N", "noun"), 1.0)], "adj": [(Known("A", "good"), 1.0)]}
    words["v"] = [(Known("V", "goes"), 1.0)]
    return Composer(language, words, read_little_words())


def test_adjectives_stand_where_the_language_puts_them() -> None:
    chance = np.random.default_rng(1)
    said = {code: {_composer(code).draw(chance) for _ in range(300)} for code in ("de", "fr")}
    assert ("A N", "good noun") in said["de"]
    assert ("N A", "good noun") in said["fr"]
    assert ("NN", "noun noun") in said["de"]
    assert ("N N", "noun noun") in said["fr"]


def test_every_pattern_is_said_of_what_it_has() -> None:
    chance = np.random.default_rng(2)
    for _ in range(20 * len(PATTERNS)):
        text, english = _composer("pl").draw(chance)
        assert text.strip()
        assert english.strip()


def test_english_is_said_by_the_word_that_means_it_most_and_is_used_most() -> None:
    boats = [Used("Boot", {"boat": 1.0}, 1e-5, "n"), Used("Kahn", {"boat": 0.9}, 1e-7, "n")]
    said = backwards([*boats, Used("am", {"at": 1.0}, 1e-2, "prep")])
    assert word_by_word("Boat at Etretat", said) == "Boot am etretat"
    assert word_by_word("Madame Monet and Child", said) is None


def test_a_noun_can_be_seen_where_its_first_meaning_can(tmp_path: Path) -> None:
    (tmp_path / "data.noun").write_text(
        "  1 a licence\n00000010 20 n 01 moss 0 000 | a plant\n00000020 09 n 01 idea 0 000 | x\n"
    )
    (tmp_path / "index.noun").write_text(
        "  1 a licence\nmoss n 2 1 @ 2 1 00000010 00000020\nidea n 1 1 @ 1 1 00000020\n"
        "club_moss n 1 0 1 0 00000010\n"
    )
    assert seen_nouns(tmp_path) == {"moss", "club moss"}


def test_what_parts_the_pictures_tells_most() -> None:
    pictures = np.repeat(np.eye(2, dtype="f4"), 32, axis=0)
    told = telling(np.array([[1, 0], [0.7, 0.7]], "f4"), pictures)
    assert told[0] > 10 * told[1]


def test_a_basic_form_stands_for_those_with_endings_and_two_words_for_a_compound() -> None:
    birches = [Candidate("birken", "birke", 2.0), Candidate("birke", "birke", 1.0)]
    others = [Candidate("birkewald", "birkewald", 2.5), Candidate("wald", "wald", 4.0)]
    unlike = [Candidate("walder", "wald", 0.1), Candidate("zamki", "zamek", 0.5)]
    ranks = {"de": ranked([*birches, *others, *unlike])}
    assert [c.word for c in ranks["de"]][:3] == ["wald", "birke", "birkewald"]
    chosen = take_turns(ranks, ["a"], most=99, run_together=["de"])
    assert chosen == ["a", "wald", "birke", "zamki"]


def test_languages_take_turns_and_english_twice() -> None:
    words = {
        code: [Candidate(f"{code}{n}", f"{code}{n}", 1.0) for n in "abc"] for code in ("en", "de")
    }
    assert take_turns(words, [], most=4) == ["ena", "enb", "dea", "enc"]


def test_what_was_learned_of_a_piece_is_carried_over_and_of_a_new_one_foreseen() -> None:
    chance = np.random.default_rng(5)
    start = chance.normal(size=(200, 8)).astype("f4")
    learned = start @ chance.normal(size=(8, 3)).astype("f4")
    pieces = [f"p{n}" for n in range(200)]
    new = np.concatenate([start[:1], start[7:8], np.zeros((1, 8), "f4")])
    rows = carried(learned, pieces, start, ["new", "p7", "unknown"], new)
    assert np.abs(rows[0] - learned[0]).max() < 0.5
    assert (rows[1] == learned[7]).all()
    assert np.abs(rows[2] - learned.mean(0)).max() < 1e-5
