"""Bytes on a topic become the right command, or an answer that helps."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glance_agent.commands.parse import MAX_PAYLOAD_BYTES, BadCommand, parse_command
from glance_agent.domain.command import COMMANDS, Command, keys_of
from glance_agent.domain.errors import ErrorCode
from glance_agent.domain.picture_verbs import Next, Search, Similar
from glance_agent.domain.topics import Topics
from glance_agent.search.politeness import without_politeness

TOPICS = Topics("glance")


def parse(
    topic: str, payload: str | bytes = b"", *, retained: bool = False
) -> Command | BadCommand:
    data = payload.encode() if isinstance(payload, str) else payload
    return parse_command(TOPICS, topic, data, retained=retained)


def understood(topic: str, payload: str | bytes = b"") -> dict[str, object]:
    """What a message says, without what is only the default."""
    command = parse(topic, payload)
    assert not isinstance(command, BadCommand), command.error.message
    said = command.model_dump(exclude_unset=True, by_alias=True, exclude_none=True)
    return {"verb": command.verb, **{k: v for k, v in said.items() if k != "verb"}}


def refused(topic: str, payload: str | bytes = b"", *, retained: bool = False) -> BadCommand:
    command = parse(topic, payload, retained=retained)
    assert isinstance(command, BadCommand), command
    return command


@pytest.mark.parametrize(
    ("topic", "payload", "said"),
    [
        ("glance/command", "next", {"verb": "next"}),
        ("glance/command", "  Next ", {"verb": "next"}),
        ("glance/command", "search stormy sea", {"verb": "search", "query": "stormy sea"}),
        ("glance/command", "Search stormy sea, please", {"verb": "search", "query": "stormy sea"}),
        ("glance/command", "search lilies on the wall", {"verb": "search", "query": "lilies"}),
        ("glance/command", "more like this", {"verb": "similar"}),
        ("glance/command", "More like this, please!", {"verb": "similar"}),
        ("glance/command", "what is this?", {"verb": "describe"}),
        ("glance/command/search", "peaceful blue", {"verb": "search", "query": "peaceful blue"}),
        ("glance/command/SEARCH", "peaceful blue", {"verb": "search", "query": "peaceful blue"}),
        ("glance/command/search", "\n\tcalm \u0007 sea ", {"verb": "search", "query": "calm sea"}),
        ("glance/command/search", '{"query": "x", "limit": 3, "show": false}',
         {"verb": "search", "query": "x", "limit": 3, "show": False}),
        ("glance/command/search", '{"query": "x", "limit": "3"}',
         {"verb": "search", "query": "x", "limit": 3}),
        ("glance/command/search", '{"query": "x", "not": "people"}',
         {"verb": "search", "query": "x", "not": "people"}),
        ("glance/command/search", '{"like": "aic:16568"}', {"verb": "search", "like": "aic:16568"}),
        ("glance/command/search", '{"query": "x", "artist": null}',
         {"verb": "search", "query": "x"}),
        ("glance/command/next/kitchen", "", {"verb": "next", "display": "kitchen"}),
        ("glance/command/next", "PRESS", {"verb": "next"}),
        ("glance/command", "Next.", {"verb": "next"}),
        ("glance/command", "Search: stormy sea", {"verb": "search", "query": "stormy sea"}),
        ("glance/command/search", '{"query": "x", "orientation": "Portrait"}',
         {"verb": "search", "query": "x", "orientation": "portrait"}),
        ("glance/command/next", "please", {"verb": "next"}),
        ("glance/command/next", '{"mood": "calm"}', {"verb": "next", "mood": "calm"}),
        ("glance/command", '{"command": "next", "display": "kitchen"}',
         {"verb": "next", "display": "kitchen"}),
        ("glance/command/next", '{"command": "next"}', {"verb": "next"}),
        ("glance/command/like", "", {"verb": "like"}),
        ("glance/command/like", "starter:a", {"verb": "like", "artwork": "starter:a"}),
        ("glance/command/like", '{"user": "Mia", "transaction": 7}',
         {"verb": "like", "user": "mia", "transaction": 7}),
        ("glance/command/mood", "calm, evening", {"verb": "mood", "mood": "calm, evening"}),
        ("glance/command/mood", "", {"verb": "mood", "mood": ""}),
        ("glance/command/mood", '{"mood": "calm", "minutes": 30}',
         {"verb": "mood", "mood": "calm", "minutes": 30.0}),
        ("glance/command/next", '{"mood": "None"}', {"verb": "next", "mood": ""}),
        ("glance/command/like", '{"user": "unavailable"}', {"verb": "like", "user": "household"}),
        ("glance/command/like", '{"user": "None"}', {"verb": "like", "user": "household"}),
        ("glance/command/search", "unknown artist", {"verb": "search", "query": "unknown artist"}),
        ("glance/command/search", '{"query": "x", "artist": "Unknown"}',
         {"verb": "search", "query": "x", "artist": "Unknown"}),
        ("glance/command/slideshow", "on", {"verb": "slideshow", "on": True}),
        ("glance/command/slideshow", "OFF", {"verb": "slideshow", "on": False}),
        ("glance/command/slideshow", "120",
         {"verb": "slideshow", "on": True, "interval_seconds": 120}),
        ("glance/command/slideshow", '{"on": "ON"}', {"verb": "slideshow", "on": True}),
        ("glance/command/power", "off", {"verb": "power", "on": False}),
        ("glance/command/power", "Off.", {"verb": "power", "on": False}),
        ("glance/command/slideshow", "off.", {"verb": "slideshow", "on": False}),
        ("glance/command/mood", "off.", {"verb": "mood", "mood": ""}),
        ("glance/command/mood", "Uit.", {"verb": "mood", "mood": ""}),
        ("glance/command/mood", "spento", {"verb": "mood", "mood": ""}),
        ("glance/command/power/hall", '{"on": true}', {"verb": "power", "on": True,
                                                       "display": "hall"}),
        ("glance/command", "power on", {"verb": "power", "on": True}),
        ("glance/command/discovery", "40", {"verb": "discovery", "percent": 40}),
        ("glance/command/discovery", "40 %", {"verb": "discovery", "percent": 40}),
        ("glance/command/discovery", "40.0", {"verb": "discovery", "percent": 40}),
        ("glance/command/ingest", "", {"verb": "ingest"}),
        ("glance/command/ingest", "starter", {"verb": "ingest", "source": "starter"}),
        ("glance/command/status", "", {"verb": "status"}),
        ("glance/command/describe", "", {"verb": "describe"}),
        ("glance/command/show", "met:1", {"verb": "show", "artwork": "met:1"}),
        ("glance/command/show", "a stormy sea", {"verb": "show", "query": "a stormy sea"}),
        ("glance/command/mood", "calm, please", {"verb": "mood", "mood": "calm"}),
        ("glance/command/say", "next please", {"verb": "next"}),
        ("glance/command/say/hall", "stormy sea", {"verb": "search", "query": "stormy sea",
                                                  "display": "hall"}),
        ("glance/command/say", '{"text": "I love this", "user": "Mia", "transaction": 7}',
         {"verb": "like", "user": "mia", "transaction": 7}),
        ("glance/command", '{"command": "say", "text": "next", "display": "hall"}',
         {"verb": "next", "display": "hall"}),
    ],
)  # fmt: skip
def test_three_spellings_one_meaning(topic: str, payload: str, said: dict[str, object]) -> None:
    assert understood(topic, payload) == said


@pytest.mark.parametrize(
    "payload",
    [
        "off",
        "OFF",
        "none",
        "None",
        "null",
        "reset",
        "clear",
        "No mood",
        "false",
        "0",
        "Off.",
        "OFF!",
        "none …",
        "aus",
        "Keine.",
    ],
)
def test_what_means_no_mood_ends_the_mood(payload: str) -> None:
    ended = {"verb": "mood", "mood": ""}
    assert understood("glance/command/mood/wall", payload) == {**ended, "display": "wall"}
    assert understood("glance/command", f"mood {payload}") == ended
    assert understood("glance/command/mood", f'{{"mood": "{payload}"}}') == ended


@pytest.mark.parametrize("state", ["unknown", "unavailable", "Unavailable", "unavailable."])
@pytest.mark.parametrize("verb", sorted(COMMANDS.keys() - {"ingest"}))
def test_an_entity_without_a_value_asks_for_nothing(verb: str, state: str) -> None:
    """Whatever the verb; `ingest` alone looks for a source of that name."""
    bad = refused(f"glance/command/{verb}", state)
    assert bad.error.code == ErrorCode.BAD_VALUE
    said = bad.error.message.casefold()
    assert state.casefold() in said or "takes no text" in said


@pytest.mark.parametrize(
    ("verb", "key"), [("search", "query"), ("similar", "query"), ("next", "mood"), ("mood", "mood")]
)
def test_no_words_of_a_template_without_a_value_are_a_wish(verb: str, key: str) -> None:
    bad = refused(f"glance/command/{verb}", f'{{"{key}": "unknown"}}')
    assert (bad.error.code, bad.verb) == (ErrorCode.BAD_VALUE, verb)
    assert "no value now" in bad.error.message


@pytest.mark.parametrize(
    ("topic", "payload", "code", "words"),
    [
        ("glance/command", "", ErrorCode.MISSING_VALUE, "empty"),
        ("glance/command/serch", "sea", ErrorCode.UNKNOWN_VERB, "“search”"),
        ("glance/command/dance", "", ErrorCode.UNKNOWN_VERB, "dance"),
        ("glance/command/next/a/b", "", ErrorCode.UNKNOWN_VERB, "levels"),
        ("glance/command/next/Küche", "", ErrorCode.UNKNOWN_DISPLAY, "display"),
        ("glance/command/search", "", ErrorCode.MISSING_VALUE, "words"),
        ("glance/command/search", "{", ErrorCode.BAD_JSON, "JSON"),
        ("glance/command/search", '{"query": NaN}', ErrorCode.BAD_JSON, "JSON"),
        ("glance/command/search", '{"a":' * 5000, ErrorCode.BAD_JSON, "JSON"),
        ("glance/command/search", '{"query": "x", "bogus": 1}', ErrorCode.UNKNOWN_KEY, "bogus"),
        ("glance/command", '{"command": "next", "language": "xx"}',
         ErrorCode.BAD_VALUE, "such as “de”"),
        ("glance/command/next", '{"language": "german"}', ErrorCode.BAD_VALUE, "language"),
        ("glance/command/next", '{"language": "de_DE.UTF-8"}', ErrorCode.BAD_VALUE, "language"),
        ("glance/command/search", '{"query": 7}', ErrorCode.BAD_VALUE, "query"),
        ("glance/command/search", '{"query": "x", "limit": 0}', ErrorCode.BAD_VALUE, "1 to 100"),
        ("glance/command/search", '{"query": "x", "limit": true}', ErrorCode.BAD_VALUE, "limit"),
        ("glance/command/search", '{"query": "x", "orientation": "round"}',
         ErrorCode.BAD_VALUE, "landscape, portrait or square"),
        ("glance/command/search", "x" * 501, ErrorCode.TOO_LARGE, "too long"),
        ("glance/command/search", '{"image_url": "file:///etc/p"}', ErrorCode.BAD_VALUE, "http"),
        ("glance/command/next", "faster", ErrorCode.BAD_VALUE, "no text"),
        ("glance/command/like", "that one", ErrorCode.BAD_VALUE, "artwork id"),
        ("glance/command/show", "", ErrorCode.MISSING_VALUE, "artwork id"),
        ("glance/command/similar", "a stormy sea", ErrorCode.BAD_VALUE, "artwork id"),
        ("glance/command/mood", '{"mood": "x", "minutes": true}', ErrorCode.BAD_VALUE, "minutes"),
        ("glance/command/next", f'{{"user": "{"x" * 65}"}}', ErrorCode.TOO_LARGE, "64"),
        ("glance/command/slideshow", "", ErrorCode.MISSING_VALUE, "on"),
        ("glance/command/mood", "[[[[", ErrorCode.BAD_VALUE, "a letter"),
        ("glance/command/next", '{"mood": "…"}', ErrorCode.BAD_VALUE, "mood"),
        ("glance/command/slideshow", "often", ErrorCode.BAD_VALUE, "often"),
        ("glance/command/slideshow", "5", ErrorCode.BAD_VALUE, "interval_seconds"),
        ("glance/command/discovery", "", ErrorCode.MISSING_VALUE, "0 to 100"),
        ("glance/command/discovery", "101", ErrorCode.BAD_VALUE, "0 to 100"),
        ("glance/command/discovery", "{}", ErrorCode.MISSING_VALUE, "percent"),
        ("glance/command", '{"query": "x"}', ErrorCode.MISSING_VALUE, "command"),
        ("glance/command", '{"command": 7}', ErrorCode.BAD_VALUE, "command"),
        ("glance/command/next", '{"command": "like"}', ErrorCode.BAD_VALUE, "different"),
        ("glance/command/next/a", '{"display": "b"}', ErrorCode.BAD_VALUE, "different"),
        ("glance/command/next", '{"transaction": [1]}', ErrorCode.BAD_VALUE, "transaction"),
    ],
)  # fmt: skip
def test_what_is_no_command_is_answered_with_advice(
    topic: str, payload: str, code: ErrorCode, words: str
) -> None:
    error = refused(topic, payload).error
    assert error.code == code
    assert words in f"{error.message} {error.hint}"
    assert error.message.endswith(".")


def test_an_unknown_key_is_named_with_the_known_ones() -> None:
    error = refused("glance/command/next", '{"moood": "calm"}').error
    assert "moood" in error.message
    assert all(key in error.hint for key in keys_of(Next))


def test_an_unknown_verb_gets_the_nearest_one() -> None:
    assert "“similar”" in refused("glance/command/similer").error.hint


@pytest.mark.parametrize("verb", ["dance", "unlike", "lake", "tide", "nest", "x"])
def test_a_word_that_is_only_a_little_like_a_verb_is_not_taken_for_it(verb: str) -> None:
    assert "Did you mean" not in refused(f"glance/command/{verb}").error.hint


def test_bytes_that_are_no_text_are_refused() -> None:
    assert refused("glance/command/search", b"\xff\xfe\x00").error.code == ErrorCode.BAD_TEXT


def test_a_payload_over_64_kib_is_refused() -> None:
    assert (
        refused("glance/command", b"x" * (MAX_PAYLOAD_BYTES + 1)).error.code == ErrorCode.TOO_LARGE
    )
    exactly = b"search " + b" " * (MAX_PAYLOAD_BYTES - 8) + b"x"
    assert understood("glance/command", exactly) == {"verb": "search", "query": "x"}


def test_a_retained_command_is_not_executed() -> None:
    error = refused("glance/command/search", b"sea", retained=True).error
    assert error.code == ErrorCode.RETAINED
    assert "clear the retained message" in error.hint


@pytest.mark.parametrize("below", ["/next", "/search", ""])
def test_clearing_a_retained_command_is_answered_and_not_asked_for_again(below: str) -> None:
    error = refused(f"glance/command{below}", b"", retained=True).error
    assert error.code == ErrorCode.RETAINED
    assert "clears its topic" in error.message
    assert "clear the" not in error.hint


def test_a_refusal_carries_the_address_of_its_command() -> None:
    bad = refused("glance/command/next/kitchen", '{"transaction": "t-1", "bogus": 1}')
    assert (bad.verb, bad.display, bad.transaction) == ("next", "kitchen", "t-1")
    bad = refused("glance/command/search", '{"display": "kitchen", "query": 5}')
    assert (bad.verb, bad.display) == ("search", "kitchen")


def test_a_refusal_repeats_little_of_what_a_stranger_sent() -> None:
    bad = refused("glance/command", "x" * 60_000)
    assert len(f"{bad.verb}{bad.error.message}{bad.error.hint}") < 500


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ("stormy sea please", "stormy sea"),
        ("stormy sea on the wall, please.", "stormy sea"),
        ("please", "please"),
        ("girl on the wall of Jericho", "girl on the wall of Jericho"),
        ("das Meer bitte", "das Meer"),
        ("thanksgiving", "thanksgiving"),
    ],
)
def test_politeness_is_dropped_at_the_end_only(words: str, left: str) -> None:
    assert without_politeness(words) == left


@pytest.mark.parametrize("verb", ["like", "x", "", None, 1, ["like"]])
def test_a_verb_in_the_json_is_a_key_that_nobody_knows(verb: object) -> None:
    for topic in ("glance/command/describe", "glance/command/describe/wall"):
        if verb is None:
            # A key with null counts as not sent.
            assert understood(topic, '{"verb": null}')["verb"] == "describe"
            continue
        outcome = refused(topic, json.dumps({"verb": verb}))
        assert outcome.error.code == ErrorCode.UNKNOWN_KEY
        assert outcome.verb == "describe"


@pytest.mark.parametrize("way", ['{"command": "like"}', '{"verb": "like", "command": "like"}'])
def test_no_payload_makes_another_verb_of_the_one_in_the_topic(way: str) -> None:
    for topic in ("glance/command/status", "glance/command/status/wall", "glance/command/status/"):
        assert refused(topic, way).error.code == ErrorCode.BAD_VALUE


@pytest.mark.parametrize("below", ["/like", "status//like", "/", "//", "status/wall/"])
def test_a_topic_with_an_empty_level_names_no_verb(below: str) -> None:
    if below == "status/wall/":
        assert understood(f"glance/command/{below}") == {"verb": "status", "display": "wall"}
        return
    outcome = refused(f"glance/command/{below}", '{"command": "like"}')
    assert outcome.error.code == ErrorCode.UNKNOWN_VERB


@pytest.mark.parametrize("key", ["transaction", "query", "user", "not", "artwork", "\\ud83d"])
def test_half_of_a_character_is_refused_and_not_repeated(key: str) -> None:
    outcome = refused("glance/command/search", f'{{"query": "sea", "{key}": "a \\udfff"}}')
    assert outcome.error.code == ErrorCode.BAD_TEXT
    assert outcome.transaction is None
    assert understood("glance/command/search", r'{"query": "\ud83c\udf0a"}')["query"] == "🌊"


@pytest.mark.parametrize("number", ["1e400", "-1e400", 4000 * "9", "1e201", "NaN", "Infinity"])
def test_a_number_that_others_cannot_read_is_refused_and_not_repeated(number: str) -> None:
    outcome = refused("glance/command/next", f'{{"transaction": {number}}}')
    assert outcome.error.code in (ErrorCode.BAD_VALUE, ErrorCode.BAD_JSON)
    assert outcome.transaction is None


def test_a_fault_of_ours_is_an_answer_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(verb: str) -> str:
        raise RuntimeError("/home/secret: it is broken")

    monkeypatch.setattr("glance_agent.commands.parse.known", broken)
    outcome = refused("glance/command/next", '{"transaction": 7}')
    assert (outcome.error.code, outcome.transaction) == (ErrorCode.INTERNAL, 7)
    assert "secret" not in outcome.error.message + outcome.error.hint


@given(st.binary(max_size=300), st.text(max_size=40))
def test_any_bytes_on_any_command_topic_are_a_command_or_an_answer(
    payload: bytes, below: str
) -> None:
    for topic in (f"glance/command/{below}", "glance/command", f"glance/command/search/{below}"):
        outcome = parse(topic, payload)
        if isinstance(outcome, BadCommand):
            assert outcome.error.message
            assert outcome.error.code in ErrorCode


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec=None, exclude_categories=()), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
NAMES = {key for kind in COMMANDS.values() for key in keys_of(kind)}
KEYS = st.sampled_from(sorted({*NAMES, "verb", "command", "avoid"}))


@given(st.sampled_from(sorted(COMMANDS)), st.dictionaries(KEYS, JSON, max_size=5))
def test_any_json_for_any_verb_is_a_command_or_an_answer(
    verb: str, fields: dict[str, object]
) -> None:
    outcome = parse(f"glance/command/{verb}", json.dumps(fields))
    assert isinstance(outcome, BadCommand) or outcome.verb == verb


@given(st.text(min_size=1, max_size=80))
def test_every_query_survives_the_way_through_json(words: str) -> None:
    outcome = parse("glance/command/search", json.dumps({"query": words}))
    plain = " ".join("".join(c if c.isprintable() else " " for c in words).split())
    if isinstance(outcome, Search):
        assert outcome.query
        assert plain.startswith(outcome.query)
    else:
        assert isinstance(outcome, BadCommand)
        assert not without_politeness(plain)


def test_similar_takes_words_beside_the_artwork() -> None:
    command = parse("glance/command/similar", '{"artwork": "a:b", "query": "but at night"}')
    assert isinstance(command, Similar)
    assert command.query == "but at night"


@pytest.mark.parametrize(
    ("tag", "spoken"),
    [("de-AT", "de"), ("DE_at", "de"), ("pt-BR", None), ("zh-Hans-CN", None), ("gsw", None)],
)
def test_a_language_that_is_not_spoken_here_is_no_fault(tag: str, spoken: str | None) -> None:
    command = understood("glance/command/next", f'{{"language": "{tag}"}}')
    assert (command["verb"], command.get("language")) == ("next", spoken)


@pytest.mark.parametrize("mood", ["calm", "5", "无", "🌧"])
def test_a_mood_has_something_to_say(mood: str) -> None:
    assert understood("glance/command/mood", mood)["mood"] == mood
