"""What pages ask, over HTTP: works in lists and one by one, displays, tastes, sources."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from urllib.parse import quote

import pytest
import pytest_asyncio
from aiohttp import ClientSession

from glance_agent.agent.present import Present
from glance_agent.domain.command import Dislike, Hide, Like, Pause, Power
from glance_agent.domain.device import DeviceState
from glance_agent.domain.event import Event
from glance_agent.domain.news import DeviceHeard
from glance_agent.domain.picture_verbs import Search, Show
from glance_agent.domain.taking_back import Unhide
from glance_agent.doors.web.gallery import GalleryDesk
from glance_agent.store.label_folding import fold_labels
from glance_agent.wiring.gallery import looking_of
from glance_agent.wiring.reading import reading_room
from glance_agent.wiring.rooms import Rooms, open_rooms
from tests.broker import Broker, free_port
from tests.colour_encoder import COLOURS
from tests.doors.web.served import agent_with_pages, door_of, serving
from tests.home import SOURCE, Home, picture


@pytest.fixture
def rooms(home: Home) -> Iterator[Rooms]:
    with open_rooms(home.config(1)) as rooms:
        yield rooms


@asynccontextmanager
async def pages(rooms: Rooms, present: Present | None = None) -> AsyncIterator[ClientSession]:
    """A client of pages of these rooms, whose commands are carried out by the test."""
    with reading_room(rooms) as reading:
        looking = looking_of(reading)
        desk = GalleryDesk(looking, present or Present())
        async with serving(door_of(desk.routes())) as session:
            yield session
        looking.close()


@pytest_asyncio.fixture
async def session(rooms: Rooms) -> AsyncIterator[ClientSession]:
    async with pages(rooms) as session:
        yield session


async def ask(session: ClientSession, path: str, **parameters: Any) -> dict[str, Any]:
    """What is answered to a question, which can be."""
    async with session.get(f"/api/{path}", params=parameters) as answer:
        told: dict[str, Any] = await answer.json()
        assert answer.status == 200, told
        assert answer.headers["Cache-Control"] == "no-store"
        return told


async def refused(session: ClientSession, path: str, **parameters: Any) -> tuple[int, str]:
    """Status and code of what is answered to one that cannot be."""
    async with session.get(f"/api/{path}", params=parameters) as answer:
        told = await answer.json()
        assert not told["ok"]
        assert told["message"]
        return answer.status, told["error"]["code"]


def titles(page: dict[str, Any]) -> list[str]:
    return [work["title"] for work in page["works"]]


def artwork(work: str) -> str:
    return f"artworks/{quote(work, safe='')}"


# -- lists ---------------------------------------------------------------------------------------


async def test_all_works_are_listed_the_newest_first(home: Home, session: ClientSession) -> None:
    page = await ask(session, "artworks")
    assert page["total"] == len(page["works"]) == len(COLOURS)
    newest = home.rows("SELECT id FROM artworks ORDER BY rowid DESC LIMIT 1")[0][0]
    first = page["works"][0]
    assert first["id"] == newest
    assert (first["width"], first["height"], first["source"]) == (96, 64, SOURCE)
    assert first["colour"].startswith("#")
    assert first["thumb"].startswith("thumbs/")
    assert (first["liked"], first["hidden"], first["match"], first["why"]) == (
        None,
        False,
        None,
        None,
    )


async def test_pages_of_a_list_stay_as_they_are_while_works_arrive(
    home: Home, rooms: Rooms, session: ClientSession
) -> None:
    first = await ask(session, "artworks", limit=5)
    rooms.library.db.execute(
        "INSERT INTO artworks (id, source, title, colours, tags, location, added_at) "
        "VALUES ('new:1', 'new', 'Just In', '[]', '[]', '/new', '2026-01-01')"
    )
    rooms.library.db.conn.commit()
    rest = await ask(session, "artworks", result=first["result"], offset=5, limit=200)
    assert rest["result"] == first["result"]
    assert (rest["total"], rest["offset"]) == (len(COLOURS), 5)
    assert len({*titles(first), *titles(rest)}) == len(COLOURS)
    again = await ask(session, "artworks", limit=5)
    assert titles(again)[0] == "Just In"
    assert again["total"] == len(COLOURS) + 1


async def test_a_list_that_is_not_kept_is_made_anew_under_another_id(
    session: ClientSession,
) -> None:
    page = await ask(session, "artworks", q="red")
    for other in ({"result": "gone"}, {"result": page["result"], "list": "liked"}):
        anew = await ask(session, "artworks", offset=2, **{"q": "red", **other})
        assert anew["result"] != page["result"]
        assert anew["offset"] == 2


async def test_a_search_says_how_well_and_why(session: ClientSession) -> None:
    page = await ask(session, "artworks", q="a red field")
    assert page["sure"]
    assert page["by_pictures"]
    assert page["asked"] == "a red field"
    best = page["works"][0]
    assert best["title"] == "Red Field"
    assert 0.5 < best["match"] <= 1
    assert best["why"]
    whole = await ask(session, artwork(best["id"]), result=page["result"])
    assert whole["why"] == best["why"]
    assert "picture" in whole["parts"]


async def test_a_search_finds_what_the_command_finds(rooms: Rooms, session: ClientSession) -> None:
    reply = rooms.answers.answer(Search(query="blue", limit=5, show=False)).reply
    page = await ask(session, "artworks", q="blue", limit=5)
    assert page["works"][0]["id"] == reply.results[0].artwork.id


async def test_works_like_one_are_found_and_it_is_the_reason(
    home: Home, session: ClientSession
) -> None:
    page = await ask(session, "artworks", like=home.work("red"), limit=3)
    assert "Red Field" not in titles(page)
    assert "like “Red Field”" in page["works"][0]["why"]


async def test_filters_alone_list_all_that_pass(session: ClientSession) -> None:
    assert (await ask(session, "artworks", q="orientation:landscape"))["total"] == len(COLOURS)
    assert (await ask(session, "artworks", q="year:1900-1910"))["total"] == 0
    assert (await ask(session, "artworks", source="nowhere"))["total"] == 0
    assert (await ask(session, "artworks", source=SOURCE))["total"] == len(COLOURS)


async def test_what_a_user_likes_and_what_is_hidden_has_lists(
    home: Home, rooms: Rooms, session: ClientSession
) -> None:
    for command in (
        Like(artwork=home.work("red"), user="mia"),
        Like(artwork=home.work("blue"), user="mia"),
        Dislike(artwork=home.work("green"), user="mia"),
        Hide(artwork=home.work("black")),
    ):
        assert rooms.answers.answer(command).reply.ok
    assert titles(await ask(session, "artworks", list="liked", user="mia")) == [
        "Blue Field",
        "Red Field",
    ]
    assert titles(await ask(session, "artworks", list="liked")) == []
    assert titles(await ask(session, "artworks", list="disliked", user="mia")) == ["Green Field"]
    hidden = await ask(session, "artworks", list="hidden")
    assert titles(hidden) == ["Black Field"]
    assert hidden["works"][0]["hidden"]
    every = await ask(session, "artworks", user="mia")
    assert "Black Field" not in titles(every)
    liked = {work["title"]: work["liked"] for work in every["works"]}
    assert (liked["Red Field"], liked["Green Field"], liked["Pink Field"]) == (True, False, None)
    among = await ask(session, "artworks", q="red", list="liked", user="mia")
    assert titles(among)[0] == "Red Field"
    assert among["total"] == 2
    assert titles(await ask(session, "artworks", q="dark", list="hidden")) == ["Black Field"]
    assert titles(await ask(session, "artworks", q="hidden:yes")) == ["Black Field"]
    assert rooms.answers.answer(Unhide(artwork=home.work("black"))).reply.ok
    assert (await ask(session, "artworks", list="hidden"))["total"] == 0


async def test_what_displays_have_shown_is_listed_the_latest_first(
    rooms: Rooms, session: ClientSession
) -> None:
    for words, display in (("red", "wall"), ("blue", "hall"), ("green", "wall"), ("red", "wall")):
        rooms.answers.answer(Search(query=words, display=display))
    latest = await ask(session, "artworks", list="shown")
    assert titles(latest) == ["Red Field", "Green Field", "Blue Field"]
    one = await ask(session, "artworks", list="shown", display="hall")
    assert titles(one) == ["Blue Field"]
    this = await ask(session, "artworks", q="like this", display="hall", limit=3)
    assert "Blue Field" not in titles(this)
    assert await refused(session, "artworks", display="attic") == (404, "unknown_display")


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"limit": 0}, "bad_value"),
        ({"limit": 201}, "bad_value"),
        ({"offset": -1}, "bad_value"),
        ({"offset": "9" * 6_000}, "bad_value"),
        ({"offset": 10**12}, "bad_value"),
        ({"offset": "nan"}, "bad_value"),
        ({"list": "secret"}, "bad_value"),
        ({"q": "x" * 501}, "bad_value"),
        ({"q": "year:later"}, "bad_value"),
        ({"display": "../wall"}, "bad_value"),
        ({"result": "x" * 65}, "bad_value"),
        ({"colour": "red"}, "unknown_key"),
        ({"like": "no id"}, "bad_value"),
    ],
)
async def test_what_cannot_be_asked_is_refused(
    session: ClientSession, parameters: dict[str, Any], code: str
) -> None:
    assert await refused(session, "artworks", **parameters) == (400, code)


async def test_a_parameter_that_is_given_twice_is_refused(session: ClientSession) -> None:
    async with session.get("/api/artworks?limit=5&limit=6") as answer:
        assert answer.status == 400


async def test_how_long_words_may_be_is_said(session: ClientSession) -> None:
    async with session.get("/api/artworks", params={"q": "x" * 501}) as answer:
        refusal = (await answer.json())["error"]
    assert refusal["message"] == "“q” is too long."
    assert refusal["hint"] == "At most 500 characters."


async def test_what_a_parameter_has_to_be_is_said_in_the_language_of_the_page(
    session: ClientSession,
) -> None:
    for language, hint in (
        ("en", "“limit”: how many at most."),
        ("de", "„limit“: wie viele höchstens."),
    ):
        asked = {"Accept-Language": language}
        async with session.get("/api/artworks?limit=0", headers=asked) as answer:
            assert (await answer.json())["error"]["hint"] == hint


async def test_an_offset_beyond_the_end_gives_nothing(session: ClientSession) -> None:
    page = await ask(session, "artworks", offset=100_000_000)
    assert (page["works"], page["total"]) == ([], len(COLOURS))


async def test_words_mean_what_they_do_in_the_language_of_the_page(
    rooms: Rooms, session: ClientSession
) -> None:
    titled = (("Sea at Dusk", "Red Field"), ("Lake at Dusk", "Blue Field"))
    rooms.library.db.conn.executemany("UPDATE artworks SET title = ? WHERE title = ?", titled)
    fold_labels(rooms.library.db)
    rooms.library.db.conn.commit()

    async def best(page: str, **more: str) -> str:
        headers = {"Accept-Language": page}
        async with session.get("/api/artworks", params={"q": "meer", **more}, headers=headers) as a:
            return titles(await a.json())[0]

    assert await best("nl") == "Lake at Dusk"
    assert await best("de") == "Sea at Dusk"
    assert await best("de", language="nl") == "Lake at Dusk"


# -- search by a picture -------------------------------------------------------------------------


async def send(session: ClientSession, data: bytes, kind: str = "image/png") -> dict[str, Any]:
    """What is answered to a picture, with the status."""
    async with session.post(
        "/api/pictures", data=BytesIO(data), headers={"Content-Type": kind}
    ) as answer:
        return {**await answer.json(), "status": answer.status}


async def test_works_are_found_by_a_picture_that_is_not_kept(
    home: Home, session: ClientSession
) -> None:
    before = files(home)
    sent = (await send(session, picture("red", number=77)))["picture"]
    page = await ask(session, "artworks", picture=sent)
    assert page["works"][0]["title"] == "Red Field"
    assert page["works"][0]["why"] == "It is like the picture that you sent"
    assert page["works"][0]["match"] > page["works"][-1]["match"]
    rest = await ask(session, "artworks", picture=sent, result=page["result"], offset=1)
    assert titles(rest) == titles(page)[1:]
    both = await ask(session, "artworks", picture=sent, q="blue")
    assert {"Purple Field", "Blue Field"} <= set(titles(both)[:4]), "between red and blue"
    assert files(home) == before


def files(home: Home) -> set[str]:
    """What there is, but for what SQLite has beside its file."""
    names = {str(path) for path in home.folder.rglob("*")}
    return {name for name in names if not name.endswith(("-wal", "-shm"))}


async def test_what_is_no_picture_is_not_searched_by(session: ClientSession) -> None:
    cut = picture("red")[:100]
    for data, kind, status, code in (
        (b"", "image/png", 409, "picture_unreadable"),
        (b"<svg onload=alert(1)>", "image/svg+xml", 409, "picture_unreadable"),
        (cut, "image/png", 409, "picture_unreadable"),
        (picture("red"), "text/plain", 415, "bad_value"),
        (b"x" * (8 * 1024 * 1024 + 1), "image/png", 413, "too_large"),
    ):
        told = await send(session, data, kind)
        assert (told["status"], told["error"]["code"]) == (status, code)
    assert await refused(session, "artworks", picture="gone") == (404, "unknown_artwork")


# -- one work ------------------------------------------------------------------------------------

ODD = (
    "odd:a/b",
    "odd:..",
    "odd:../../etc/passwd",
    "odd:%2e%2e%2f",
    "odd:\"'<b>&?#;=+%",
    "odd:é—水",
)


@pytest.mark.parametrize("work", ODD)
async def test_a_work_of_any_id_is_found(rooms: Rooms, session: ClientSession, work: str) -> None:
    rooms.library.db.execute(
        "INSERT INTO artworks (id, source, title, colours, tags, location, added_at) "
        "VALUES (?, 'odd', '<b>Odd</b>', '[]', '[]', '/odd', '2026-01-01')",
        [work],
    )
    rooms.library.db.conn.commit()
    assert (await ask(session, artwork(work)))["id"] == work
    page = await ask(session, "artworks", source="odd")
    assert [w["id"] for w in page["works"]] == [work]


async def test_a_work_is_told_in_full(home: Home, rooms: Rooms, session: ClientSession) -> None:
    rooms.answers.answer(Search(query="red", display="hall"))
    told = await ask(session, artwork(home.work("red")))
    assert told["label"] == "“Red Field”"
    assert told["colours"]
    assert [h["display"] for h in told["hangs"]] == ["hall"]
    assert told["why"] == told["hangs"][0]["why"]
    assert told["parts"]
    assert told["cut"] is False
    for unknown in ("paint:nothing", "x", "a" * 3_000):
        assert await refused(session, artwork(unknown)) == (404, "unknown_artwork")


# -- displays, tastes, sources -------------------------------------------------------------------


async def test_displays_say_what_hangs_and_how_they_are_set(
    home: Home, rooms: Rooms, session: ClientSession
) -> None:
    rooms.answers.answer(Search(query="red", display="wall"))
    wall, hall = (await ask(session, "displays"))["displays"]
    assert (wall["name"], wall["width"], wall["height"]) == ("wall", 160, 96)
    assert wall["hangs"]["work"]["id"] == home.work("red")
    assert wall["hangs"]["position"] == 1
    assert wall["picture"] == "display/wall"
    assert (wall["discovery"], wall["slideshow"], wall["mood"]) == (20, False, None)
    assert hall["hangs"] is None


async def test_displays_say_when_they_may_change(
    home: Home, rooms: Rooms, session: ClientSession
) -> None:
    rooms.answers.answer(Pause(display="wall"))
    rooms.answers.answer(Power(on=False, display="hall"))
    wall, hall = (await ask(session, "displays"))["displays"]
    assert (wall["power"], hall["power"]) == (True, False)
    assert (wall["paused"], hall["paused"]) == (True, False)
    assert (wall["quiet_until"], wall["next_change_at"], wall["waiting"]) == (None, None, None)


async def test_displays_say_how_their_devices_are(rooms: Rooms) -> None:
    present = Present()
    state = DeviceState(seen_at=datetime(2026, 6, 1, tzinfo=UTC), battery=81, missing=True)
    await present.announce(DeviceHeard("hall", state))
    async with pages(rooms, present) as session:
        wall, hall = (await ask(session, "displays"))["displays"]
    assert wall["device"] is None
    assert (hall["device"]["battery"], hall["device"]["missing"]) == (81, True)


async def test_a_panel_that_may_not_change_yet_says_what_waits(home: Home) -> None:
    with open_rooms(home.config(1, wall={"min_interval_seconds": 900})) as rooms:
        for colour in ("red", "blue"):
            rooms.answers.answer(Show(artwork=home.work(colour)))
        async with pages(rooms, Present()) as session:
            wall = (await ask(session, "displays"))["displays"][0]
        told = rooms.showing.told_settings("wall")
    assert wall["waiting"] == home.work("blue")
    assert wall["hangs"]["work"]["id"] == home.work("red")
    assert datetime.fromisoformat(wall["next_change_at"]) == told.next_change_at


async def test_what_was_told_of_a_display_counts_before_what_is_kept(
    home: Home, rooms: Rooms
) -> None:
    present = Present()
    outcome = rooms.answers.answer(Search(query="red", display="wall"))
    assert outcome.glance is not None
    unkept = rooms.answers.answer(Search(query="blue", display="wall", show=True)).glance
    assert unkept is not None
    rooms.library.db.execute("DELETE FROM showings WHERE position > 1")
    rooms.library.db.conn.commit()
    await present.announce(unkept)
    async with pages(rooms, present) as session:
        wall = (await ask(session, "displays"))["displays"][0]
    assert wall["hangs"]["work"]["title"] == "Blue Field"


async def test_a_taste_is_told_in_works_and_words(
    home: Home, rooms: Rooms, session: ClientSession
) -> None:
    assert (await ask(session, "taste/nobody"))["sides"] == []
    for colour in ("red", "orange", "pink"):
        rooms.answers.answer(Like(artwork=home.work(colour), user="mia"))
    rooms.answers.answer(Dislike(artwork=home.work("blue"), user="mia"))
    taste = await ask(session, "taste/mia")
    assert sum(side["share"] for side in taste["sides"]) == pytest.approx(1, abs=0.01)
    assert sum(side["likes_in_all"] for side in taste["sides"]) == 3
    assert [r["work"]["title"] for r in taste["dislikes"]] == ["Blue Field"]
    assert taste["likes"][0]["expected"] > taste["dislikes"][0]["expected"]
    assert taste["users"] == ["mia"]
    assert await refused(session, f"taste/{'x' * 65}") == (400, "bad_value")


async def test_the_library_is_a_map_with_what_is_liked_on_it(
    home: Home, rooms: Rooms, session: ClientSession
) -> None:
    rooms.answers.answer(Like(artwork=home.work("red"), user="mia"))
    rooms.answers.answer(Hide(artwork=home.work("black")))
    told = await ask(session, "map", user="mia", limit=4)
    assert told["total"] == len(COLOURS)
    assert 2 <= len(told["ids"]) <= 5, "half of what is wanted at least, and what is liked"
    liked = dict(zip(told["ids"], told["liked"], strict=True))
    assert liked[home.work("red")], "what is liked is on it, however few works are wanted"
    whole = await ask(session, "map", user="mia")
    assert len(set(whole["ids"])) == len(COLOURS) - 1
    assert home.work("black") not in whole["ids"]
    for name in ("titles", "across", "down", "colours", "liked", "thumbs"):
        assert len(whole[name]) == len(whole["ids"])
    assert all(0 <= place <= 1000 for place in (*whole["across"], *whole["down"]))
    assert whole["areas"]
    assert [side["stands_for_it"] for side in whole["sides"]] == [home.work("red")]
    assert await refused(session, "map", limit=20_001) == (400, "bad_value")


async def test_sources_say_what_came_of_them(home: Home, rooms: Rooms) -> None:
    rooms.library.db.execute(
        "INSERT INTO items VALUES (?, 'bad.png', '1', NULL, NULL, 'broken', '/secret/path', ''), "
        "(?, 'safe.jpg.gpg', '1', NULL, NULL, 'name is not UTF-8', 'rename it', '')",
        [SOURCE, SOURCE],
    )
    rooms.library.db.conn.commit()
    present = Present()
    progress = {"event_type": "progress", "source": SOURCE, "done": 3, "total": 9}
    await present.announce(Event("ingest", progress))
    async with pages(rooms, present) as session:
        told = await ask(session, "sources")
        assert told["artworks"] == len(COLOURS)
        source = told["sources"][0]
        assert (source["name"], source["kind"], source["works"]) == (SOURCE, "folder", len(COLOURS))
        assert source["left_out"] == {"broken": 1, "name is not UTF-8": 1}
        assert source["progress"] == progress
        session.headers["Accept-Language"] = "de"
        page = await ask(session, f"sources/{SOURCE}")
        assert page["total"] == 2
        assert page["items"][0] == {
            "item": "bad.png", "reason": "broken", "duplicate_of": None, "hint": None
        }  # fmt: skip
        assert page["items"][1]["hint"] == "benenne es um"
        assert await refused(session, "sources/nowhere") == (404, "unknown_source")


# -- beside the commands -------------------------------------------------------------------------


async def like(session: ClientSession, work: str) -> bool:
    async with session.post("/api/command/like", json={"artwork": work}) as answer:
        return bool((await answer.json())["ok"])


async def test_pages_are_answered_while_a_command_waits_for_the_library(
    home: Home, broker: Broker
) -> None:
    async with agent_with_pages(home, broker.port, free_port()) as session:
        with home.write_lock():
            waiting = asyncio.create_task(like(session, home.work("red")))
            assert (await ask(session, "artworks", q="red"))["total"] > 0
            assert len((await ask(session, "displays"))["displays"]) == 2
            assert not waiting.done()
        assert await waiting


async def test_words_that_are_misspelt_are_read_as_commands_read_them(
    session: ClientSession,
) -> None:
    right, wrong = (
        await ask(session, "artworks", q="purple"),
        await ask(session, "artworks", q="purpel"),
    )
    assert titles(wrong) == titles(right)
    assert (wrong["asked"], wrong["read_as"]) == ("purple", "I read “purpel” as “purple”.")
    assert right["read_as"] == ""
