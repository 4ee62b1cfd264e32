"""Every command gets one answer: a reply, or an error of the closed list, and nothing else."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from glance_agent.commands.describe import described
from glance_agent.commands.idempotency import Asked, Delivery
from glance_agent.commands.parse import BadCommand, parse_command
from glance_agent.domain.artwork import Filters
from glance_agent.domain.command import COMMANDS, Command, keys_of
from glance_agent.domain.display import shown
from glance_agent.domain.errors import ErrorCode
from glance_agent.domain.outcome import Outcome
from glance_agent.domain.reply import Reply, refusal
from glance_agent.domain.topics import Topics
from glance_agent.embedding.pairing import AbsentEncoder
from glance_agent.store.history import History
from glance_agent.wiring import rooms as wired
from glance_agent.wiring.facts import facts_of
from glance_agent.wiring.rooms import Rooms, open_rooms
from tests.colour_encoder import COLOURS, ColourEncoder
from tests.home import SOURCE, Home, move_in

TOPICS = Topics("glance")
REPLY_KEYS = {
    "transaction", "verb", "ok", "display", "message", "speech", "artwork", "results", "error",
    "took_ms", "note", "sure", "varied", "pair",
}  # fmt: skip
ARTWORK_KEYS = {
    "id", "title", "artist", "date", "year_from", "year_to", "medium", "source", "credit",
    "licence", "page_url", "image_url", "width", "height", "colours", "liked", "dated",
}  # fmt: skip


@contextmanager
def rooms_in(home: Home, encoder: Any, **changes: Any) -> Iterator[Rooms]:
    """The rooms of a household, with this encoder; nothing is connected."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wired, "encoder_of", lambda config: encoder)
        with open_rooms(home.config(1, **changes)) as rooms:
            yield rooms


@pytest.fixture
def rooms(home: Home) -> Iterator[Rooms]:
    with rooms_in(home, ColourEncoder()) as opened:
        yield opened


@pytest.fixture(scope="module", params=["a model", "no model"])
def lasting(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    stocked: Path,
    pictures: Path,
) -> Iterator[Rooms]:
    """A small library in which any number of commands are carried out, one after the other."""
    home = move_in(tmp_path_factory.mktemp("lasting"), stocked, pictures)
    encoder = ColourEncoder() if request.param == "a model" else AbsentEncoder("none here")
    with rooms_in(home, encoder) as opened:
        yield opened


def said(rooms: Rooms, text: str, /, **keys: Any) -> Reply:
    """The reply to a command as a phone sends it."""
    return done(rooms, text, **keys).reply


def done(rooms: Rooms, text: str, /, **keys: Any) -> Outcome:
    return rooms.answers.answer(command(text, **keys))


def command(text: str, /, **keys: Any) -> Command:
    """The command of a plain text, or of a verb and JSON keys."""
    payload = json.dumps({"command": text, **keys}) if keys else text
    parsed = parse_command(TOPICS, TOPICS.command, payload.encode())
    assert not isinstance(parsed, BadCommand), parsed.error.message
    return parsed


def check(reply: Reply) -> None:
    """The reply keeps the contract, as the JSON that goes out."""
    sent = json.loads(reply.model_dump_json())
    assert set(sent) == REPLY_KEYS
    assert Reply.model_validate(sent) == reply
    assert isinstance(sent["message"], str)
    assert sent["message"].strip()
    assert "\n" not in sent["message"]
    assert "Traceback" not in sent["message"]
    assert (sent["error"] is None) == sent["ok"]
    works = [result["artwork"] for result in sent["results"]]
    for work in [*works, *([sent["artwork"]] if sent["artwork"] else [])]:
        assert set(work) == ARTWORK_KEYS
        assert work["liked"] in (True, False, None)
    assert all(0 <= result["match"] <= 1 and result["why"] for result in sent["results"])
    if not sent["ok"]:
        assert set(sent["error"]) == {"code", "message", "hint"}
        assert sent["error"]["code"] in set(ErrorCode)
        assert sent["error"]["code"] != ErrorCode.INTERNAL


# -- anything that can be asked ------------------------------------------------------------------

WORDS = st.one_of(
    st.sampled_from([*COLOURS, "peaceful blue water please", "red -blue", "by monet", "1890s"]),
    st.text(max_size=40),
    st.lists(st.sampled_from(["not", "without", '"', "AND", "NEAR(", "*", "-", ":", "red"]))
    .map(" ".join),
)  # fmt: skip
WORKS = st.one_of(
    st.sampled_from(["paint:0", f"{SOURCE}:none", "aic:16568"]), st.integers(0, len(COLOURS) - 1)
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "artwork": WORKS,
    "like": WORKS,
    "display": st.sampled_from(["wall", "hall", "attic"]),
    "user": st.sampled_from(["household", "ann", "Bob B."]),
    "limit": st.integers(0, 101),
    "show": st.booleans(),
    "unseen": st.booleans(),
    "on": st.booleans(),
    "interval_seconds": st.integers(5, 700_000),
    "minutes": st.floats(allow_nan=False, allow_infinity=False),
    "percent": st.integers(-1, 101),
    "orientation": st.sampled_from(["landscape", "portrait", "square", "round"]),
    "year_from": st.integers(-10_001, 2_201),
    "year_to": st.integers(-10_001, 2_201),
    "source": st.sampled_from([SOURCE, "louvre"]),
    "transaction": st.one_of(st.integers(), st.text(max_size=5), st.floats()),
    "image_url": st.sampled_from(["https://example.org/a.jpg", "file:///etc/passwd"]),
}


@st.composite
def messages(draw: st.DrawFn) -> dict[str, Any]:
    verb = draw(st.sampled_from(list(COMMANDS)))
    keys = draw(st.sets(st.sampled_from(list(keys_of(COMMANDS[verb]))), max_size=5))
    return {"command": verb, **{key: draw(VALUES.get(key, WORDS)) for key in sorted(keys)}}


@settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(messages())
def test_any_command_gets_an_answer_that_keeps_the_contract(
    lasting: Rooms, message: dict[str, Any]
) -> None:
    ids = [row[0] for row in lasting.library.db.execute("SELECT id FROM artworks ORDER BY id")]
    message = {
        key: ids[value] if key in ("artwork", "like") and isinstance(value, int) else value
        for key, value in message.items()
    }
    parsed = parse_command(TOPICS, TOPICS.command, json.dumps(message).encode())
    if isinstance(parsed, BadCommand):
        check(refusal(parsed.verb, parsed.error, parsed.display))
        return
    if getattr(parsed, "image_url", None) is not None:
        # Fetched by the agent before the command comes here; see test_outside.
        return
    reply = lasting.answers.answer(parsed).reply
    check(reply)
    assert (reply.verb, reply.transaction) == (parsed.verb, parsed.transaction)


@pytest.mark.parametrize("verb", COMMANDS)
def test_every_verb_is_answered_by_an_empty_library(tmp_path: Path, verb: str) -> None:
    (tmp_path / "nothing").mkdir()
    needs: dict[str, dict[str, Any]] = {
        "search": {"query": "red"},
        "show": {"artwork": "a:1"},
        "slideshow": {"on": True},
        "discovery": {"percent": 5},
        "power": {"on": False},
        "say": {"text": "hello"},
    }
    needed = needs.get(verb, {"user": "ann"})
    with rooms_in(Home(tmp_path, tmp_path / "nothing"), ColourEncoder()) as rooms:
        check(said(rooms, verb, **needed))


# -- what verbs do ---------------------------------------------------------------------------------


def test_previous_walks_back_through_what_was_shown(rooms: Rooms, home: Home) -> None:
    assert said(rooms, "previous").error is not None
    for colour in ("red", "green", "blue"):
        assert said(rooms, "show", artwork=home.work(colour)).ok
    back = [said(rooms, "previous").artwork for _ in range(2)]
    assert [work.id for work in back if work] == [home.work("green"), home.work("red")]
    last = said(rooms, "previous")
    assert last.error is not None
    assert last.error.code == ErrorCode.NO_PREVIOUS


@pytest.mark.parametrize("verb", ["like", "dislike", "forget"])
def test_every_display_that_shows_a_work_tells_of_a_reaction(
    rooms: Rooms, home: Home, verb: str
) -> None:
    red = home.work("red")
    said(rooms, "dislike" if verb == "like" else "like", artwork=red)
    said(rooms, "show", artwork=red)
    said(rooms, "show", artwork=red, display="hall", user="ann")
    liked = {"like": True, "dislike": False, "forget": None}[verb]
    for glance in done(rooms, verb).glances:
        # To each as the one sees it for whom the display shows it.
        assert glance.artwork.liked is (liked if glance.display == "wall" else None)
    said(rooms, "show", artwork=red, display="hall")
    glances = done(rooms, verb).glances
    assert [(g.display, g.artwork.liked) for g in glances] == [("wall", liked), ("hall", liked)]
    said(rooms, "show", artwork=home.work("blue"), display="hall")
    assert [g.display for g in done(rooms, verb, artwork=red).glances] == ["wall"]


# -- hidden works ---------------------------------------------------------------------------------


def test_previous_steps_over_what_was_hidden(rooms: Rooms, home: Home) -> None:
    for colour in ("red", "green", "blue"):
        said(rooms, "show", artwork=home.work(colour))
    said(rooms, "hide", artwork=home.work("green"))
    rooms.library.mark_unusable(home.work("blue"), "vanished")
    said(rooms, "show", artwork=home.work("cyan"))
    assert said(rooms, "previous").message.startswith("Back to “Red Field”")
    assert said(rooms, "previous").error is not None
    assert home.showings()[-2:] == [home.work("cyan"), home.work("red")]


@pytest.mark.parametrize(
    "hide", [{}, {"display": "hall"}, {"artwork": "red"}], ids=["wall", "hall", "by id"]
)
def test_what_is_hidden_leaves_every_display(
    rooms: Rooms, home: Home, hide: dict[str, str]
) -> None:
    red = home.work("red")
    for display in ("wall", "hall"):
        said(rooms, "show", artwork=red, display=display)
    keys = {k: red if k == "artwork" else v for k, v in hide.items()}
    outcome = done(rooms, "hide", user="ann", **keys)
    assert [g.display for g in outcome.glances] == ["wall", "hall"]
    assert [e.name for e in outcome.events] == ["reaction", "shown", "shown"]
    for glance, event in zip(outcome.glances, outcome.events[1:], strict=True):
        assert glance.artwork.id != red
        assert rooms.showing.current(glance.display) == glance
        assert (event.payload["display"], event.payload["id"]) == (
            glance.display,
            glance.artwork.id,
        )


def test_hiding_leaves_displays_alone_that_show_something_else(rooms: Rooms, home: Home) -> None:
    said(rooms, "show", artwork=home.work("red"), display="hall")
    said(rooms, "show", artwork=home.work("blue"))
    outcome = done(rooms, "hide", artwork=home.work("red"))
    assert [g.display for g in outcome.glances] == ["hall"]
    assert home.showings() == [home.work("blue")]


def test_the_last_work_stays_up_when_it_is_hidden(rooms: Rooms, home: Home) -> None:
    said(rooms, "show", artwork=home.work("red"))
    for colour in COLOURS:
        if colour != "red":
            rooms.library.hide(home.work(colour))
    outcome = done(rooms, "hide")
    assert outcome.reply.ok
    assert [g.artwork.id for g in outcome.glances] == [home.work("red")]


def test_what_is_hidden_is_not_shown_by_its_id(rooms: Rooms, home: Home) -> None:
    said(rooms, "hide", artwork=home.work("red"))
    refused = said(rooms, "show", artwork=home.work("red"))
    check(refused)
    assert refused.error is not None
    assert refused.error.code == ErrorCode.NO_MATCH
    assert refused.message == "“Red Field” was hidden, so it is not shown again."
    assert home.showings() == []


def test_what_is_shown_on_request_is_never_chosen_and_may_come_back(
    rooms: Rooms, home: Home
) -> None:
    red = home.work("red")
    rooms.library.keep_on_request(red)
    assert said(rooms, "show", artwork=red).ok
    assert said(rooms, "next").ok
    assert said(rooms, "previous").message.startswith("Back to “Red Field”")
    for _ in range(2 * len(COLOURS)):
        said(rooms, "next")
    assert home.showings().count(red) == 2
    said(rooms, "hide", artwork=red)
    assert not said(rooms, "show", artwork=red).ok


def test_hiding_a_work_says_nothing_about_the_time_that_it_hung(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    monkeypatch.setattr(wired, "utc_now", lambda: now)
    with rooms_in(home, ColourEncoder()) as rooms:
        said(rooms, "show", artwork=home.work("red"))
        now += timedelta(minutes=30)
        said(rooms, "hide")
        assert rooms.showing.lessons(["household"])[0].signs == ()


def test_only_works_that_can_be_shown_are_counted(rooms: Rooms, home: Home) -> None:
    def counted() -> tuple[int, int]:
        facts = facts_of(rooms)
        return facts["artworks"], facts["embedded"]

    left = len(COLOURS)
    assert counted() == (left, left)
    said(rooms, "hide", artwork=home.work("red"))
    assert counted() == (left - 1, left - 1)
    rooms.library.mark_unusable(home.work("blue"), "vanished")
    rooms.library.keep_on_request(home.work("green"))
    assert counted() == (left - 3, left - 3)
    rooms.index.remove([home.work("pink")])
    assert counted() == (left - 3, left - 4)


def test_hiding_hides_the_copies_too(rooms: Rooms, home: Home) -> None:
    red, copy = home.work("red"), home.work("pink")
    rooms.library.db.execute("UPDATE artworks SET twin_of = ? WHERE id = ?", [red, copy])
    said(rooms, "show", artwork=copy)
    outcome = done(rooms, "hide", artwork=red)
    assert [g.artwork.id not in (red, copy) for g in outcome.glances] == [True]
    rooms.library.mark_unusable(red, "gone")
    assert copy in rooms.library.withheld()
    assert not said(rooms, "show", artwork=copy).ok


# -- what comes next ------------------------------------------------------------------------------


def test_next_does_not_repeat_what_was_shown_lately(rooms: Rooms, home: Home) -> None:
    for _ in range(2 * len(COLOURS)):
        said(rooms, "next")
    shown = home.showings()
    window = rooms.config.choice.no_repeat_showings
    assert len(shown) > window > 1
    for place, work in enumerate(shown):
        assert work not in shown[max(0, place - window) : place]


def test_similar_finds_what_is_near_and_not_the_work_itself(rooms: Rooms, home: Home) -> None:
    said(rooms, "show", artwork=home.work("red"))
    reply = said(rooms, "similar", limit=3)
    found = [result.artwork.id for result in reply.results]
    assert home.work("red") not in found
    assert found
    assert reply.artwork is not None
    assert home.showings()[-1] == found[0] == reply.artwork.id


def test_describe_tells_what_is_on_the_display(rooms: Rooms, home: Home) -> None:
    nothing = said(rooms, "describe")
    assert nothing.error is not None
    assert nothing.error.code == ErrorCode.NOTHING_SHOWN
    said(rooms, "show", artwork=home.work("red"))
    assert said(rooms, "describe").message.startswith("This is “Red Field”")
    other = said(rooms, "describe", artwork=home.work("blue"))
    assert other.message.startswith("“Blue Field”")


def test_why_something_hangs_is_answered_by_that_alone(rooms: Rooms, home: Home) -> None:
    said(rooms, "show", artwork=home.work("red"))
    assert said(rooms, "describe", about="why").message == "You asked for it."
    elsewhere = said(rooms, "describe", about="why", artwork=home.work("blue"))
    assert elsewhere.message.startswith("“Blue Field”")


def test_what_is_asked_of_a_picture_is_answered_by_that_alone(rooms: Rooms, home: Home) -> None:
    said(rooms, "show", artwork=home.work("red"))
    told = rooms.library.get(home.work("red"))
    assert told is not None
    known = told.model_copy(
        update={
            "artist": "Claude Monet",
            "date": "2019-07-04",
            "medium": "Photograph",
            "description": "Lisboa, Portugal",
            "tags": ("sea", "Lisboa", "Portugal"),
        }
    )
    rooms.library.db.execute(
        "UPDATE artworks SET artist = NULL, date = NULL WHERE id = ?", [told.id]
    )
    about = ("artist", "date", "place", "title")
    assert [said(rooms, "describe", about=one).message for one in about] == [
        "Who made “Red Field” is not known here.",
        "When “Red Field” was made is not known here.",
        "Where “Red Field” was made is not known here.",
        "“Red Field”.",
    ]
    seen = [shown(known, liked=None)]
    assert [described(seen, None, about=one).reply.message for one in about] == [
        "“Red Field” by Claude Monet.",
        "“Red Field”, 4 July 2019.",
        "“Red Field”, Lisboa, Portugal.",
        "“Red Field”.",
    ]
    nameless = shown(known.model_copy(update={"title": "Untitled, 4 July 2019"}), liked=None)
    assert described([nameless], None, about="title").reply.message == "It has no title."
    painted = shown(known.model_copy(update={"medium": "Oil"}), liked=None)
    assert "not known" in described([painted], None, about="place").reply.message


def test_reactions_belong_to_a_user(rooms: Rooms, home: Home) -> None:
    red = home.work("red")
    assert said(rooms, "like", artwork=red, user="ann").ok
    assert said(rooms, "dislike", artwork=red, user="bob").ok
    for user, liked in (("ann", True), ("bob", False), ("household", None)):
        work = said(rooms, "describe", artwork=red, user=user).artwork
        assert work is not None
        assert work.liked is liked
    assert said(rooms, "forget", artwork=red, user="ann").message.startswith("Forgotten")
    assert said(rooms, "forget", artwork=red, user="ann").message.startswith("You had not")


# -- once only -----------------------------------------------------------------------------------


def test_a_redelivery_is_answered_again_and_changes_nothing(rooms: Rooms, home: Home) -> None:
    first = rooms.answers.answer(command("next"), Delivery("k", redelivered=False))
    again = rooms.answers.answer(command("next"), Delivery("k", redelivered=True))
    assert again.reply.artwork == first.reply.artwork
    assert (again.glance, again.events) == (None, ())
    assert len(home.showings()) == 1
    # The same content and packet identifier, but sent anew: another wish.
    rooms.answers.answer(command("next"), Delivery("k", redelivered=False))
    assert len(home.showings()) == 2


def test_a_redelivery_that_was_never_carried_out_is(rooms: Rooms, home: Home) -> None:
    assert rooms.answers.answer(command("next"), Delivery("k", redelivered=True)).glance is not None
    assert len(home.showings()) == 1


def test_what_was_shown_by_its_address_is_known_ahead_of_fetching_it_again(
    rooms: Rooms, home: Home
) -> None:
    url = "https://museum.example/a.jpg"
    asked = Asked(command("show", image_url=url, transaction=7), Delivery("k", redelivered=False))
    assert rooms.answers.ahead(asked) is None
    settled = command("show", artwork=home.work("red"), transaction=7)
    first = rooms.answers.answer(asked.command, asked.delivery, settled=settled)
    assert first.glance is not None
    redelivered = replace(asked, delivery=Delivery("k", redelivered=True))
    for again in (asked, redelivered):
        known = rooms.answers.ahead(again)
        assert known is not None
        assert (known.reply, known.glance) == (first.reply, None)
    other = command("show", image_url=url, transaction=8)
    assert rooms.answers.ahead(Asked(other)) is None
    assert home.showings() == [home.work("red")]


def test_nothing_is_fetched_for_a_display_that_is_not_there(rooms: Rooms) -> None:
    asked = Asked(command("show", image_url="https://museum.example/a.jpg", display="attic"))
    known = rooms.answers.ahead(asked)
    assert known is not None
    assert known.reply.error is not None
    assert known.reply.error.code == ErrorCode.UNKNOWN_DISPLAY


def test_one_answer_serves_all_that_asked_together(rooms: Rooms, home: Home) -> None:
    also = [Asked(command("next"), Delivery(k, redelivered=False)) for k in ("b", "c")]
    one = rooms.answers.answer(command("next"), Delivery("a", redelivered=False), also)
    for key in ("a", "b", "c"):
        again = rooms.answers.answer(command("next"), Delivery(key, redelivered=True))
        assert again.reply.artwork == one.reply.artwork
    assert len(home.showings()) == 1


def test_a_transaction_is_new_again_after_a_while(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    monkeypatch.setattr(wired, "utc_now", lambda: now)
    with rooms_in(home, ColourEncoder()) as rooms:
        for minutes, showings in ((0, 1), (9, 1), (21, 2)):
            now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
            assert said(rooms, "next", transaction=7).transaction == 7
            assert len(home.showings()) == showings


def test_an_error_of_ours_undoes_everything_and_tells_nothing(
    rooms: Rooms, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = History.keep_receipts

    def fail(self: History, *arguments: Any) -> None:
        raise RuntimeError("disk /dev/sda1 is on fire")

    monkeypatch.setattr(History, "keep_receipts", fail)
    delivery = Delivery("k", redelivered=False)
    reply = rooms.answers.answer(command("like", artwork=home.work("red")), delivery).reply
    assert reply.error is not None
    assert reply.error.code == ErrorCode.INTERNAL
    assert "sda1" not in reply.model_dump_json()
    assert home.likes() == []
    monkeypatch.setattr(History, "keep_receipts", keep)
    again = replace(delivery, redelivered=True)
    assert rooms.answers.answer(command("like", artwork=home.work("red")), again).reply.ok
    assert home.likes() == [home.work("red")]


@pytest.mark.parametrize("verb", ["next", "search"])
def test_a_library_of_which_nothing_can_be_shown_is_not_called_empty(
    home: Home, rooms: Rooms, verb: str
) -> None:
    for work in rooms.library.matching(Filters()):
        rooms.library.mark_unusable(work, "vanished")
    reply = said(rooms, verb, **({"query": "red"} if verb == "search" else {}))
    assert reply.error is not None
    assert reply.error.code == ErrorCode.NO_MATCH
    assert reply.message.startswith(f"{len(COLOURS)} works are known, and none can be shown")


def test_a_library_without_a_vector_says_that_only_labels_can_answer(home: Home) -> None:
    with closing(sqlite3.connect(home.database)) as db, db:
        db.execute("DELETE FROM embeddings")
    with rooms_in(home, ColourEncoder()) as rooms:
        reply = said(rooms, "search", query="peaceful", show=False)
        assert said(rooms, "search", query="red", show=False).ok
    assert reply.error is not None
    assert reply.error.code == ErrorCode.NO_MATCH
    assert "no picture has been embedded yet" in reply.message


def test_a_name_is_the_same_person_however_it_is_written(rooms: Rooms, home: Home) -> None:
    said(rooms, "like", artwork=home.work("red"), user="Mia")
    said(rooms, "like", artwork=home.work("blue"), user="mia")
    assert rooms.history.users() == ["mia"]
    assert len(said(rooms, "search", liked=True, user="MIA", show=False).results) == 2


def test_an_opinion_and_the_next_picture_in_one_breath(rooms: Rooms) -> None:
    first = said(rooms, "next")
    assert first.artwork is not None
    outcome = done(rooms, "I don't like it, next")
    reply = outcome.reply
    assert (reply.verb, reply.ok) == ("dislike", True)
    assert reply.artwork is not None
    assert reply.artwork.id != first.artwork.id
    assert reply.message.startswith("I will show less like")
    assert "Showing" in reply.message
    assert [event.name for event in outcome.events] == ["reaction", "shown"]
    assert rooms.history.liked("household", first.artwork.id) is False
    took_back = said(rooms, "undo")
    assert took_back.artwork is not None
    assert took_back.artwork.id == first.artwork.id
    assert rooms.history.liked("household", first.artwork.id) is None


def test_an_opinion_holds_where_nothing_can_come_after_it(rooms: Rooms) -> None:
    first = said(rooms, "next")
    assert first.artwork is not None
    reply = said(rooms, "like", then="previous")
    assert reply.ok
    assert "There is no earlier picture" in reply.message
    assert rooms.history.liked("household", first.artwork.id) is True


def test_only_likes_are_played_until_everything_is_again(rooms: Rooms) -> None:
    said(rooms, "slideshow", on=True, liked=True, user="anna")
    refused = said(rooms, "next")
    assert refused.error is not None
    assert refused.error.code == ErrorCode.NO_MATCH
    assert "Play everything" in refused.error.hint
    works = sorted(rooms.library.matching(Filters()))[:2]
    for work in works:
        said(rooms, "like", artwork=work, user="anna")
    said(rooms, "like", artwork=sorted(rooms.library.matching(Filters()))[3], user="ben")
    replies = [said(rooms, "next") for _ in range(6)]
    shown = [reply.artwork.id for reply in replies if reply.artwork]
    assert set(shown) == set(works)
    assert rooms.showing.told_settings("wall").likes_of == "anna"
    assert "Everything" in said(rooms, "slideshow", liked=False).message
    assert rooms.showing.told_settings("wall").likes_of is None
    said(rooms, "undo")
    assert rooms.showing.told_settings("wall").likes_of == "anna"
