"""`glance-agent taste`: what the agent believes, export, import and forgetting."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PIL import Image

from glance_agent.cli import main as cli
from glance_agent.domain.display import Reaction
from glance_agent.store.connection import open_database
from glance_agent.store.history import History
from tests.colour_encoder import COLOURS
from tests.home import Home

NOW = datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str


Terminal = Callable[..., Done]


@pytest.fixture
def terminal(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Terminal:
    """Types a command of `taste` in the home's folder, within this process."""
    monkeypatch.chdir(home.folder)
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setenv("GLANCE_CONFIG", str(home.toml(1)))

    def typed(*words: str, stdin: bytes = b"") -> Done:
        monkeypatch.setattr(sys, "argv", ["glance-agent", "taste", *words])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capsys.readouterr()
        code = 0
        try:
            cli.main()
        except SystemExit as end:
            code = int(end.code or 0)
        said = capsys.readouterr()
        return Done(code, said.out, said.err)

    return typed


def remember(home: Home, *said: tuple[str, str, str]) -> None:
    """Reactions as (user, kind, colour), a minute apart, until now."""
    database = open_database(home.database)
    for number, (user, kind, colour) in enumerate(reversed(said)):
        at = NOW - timedelta(minutes=number)
        verb: Any = kind
        History(database).react(Reaction(user, home.work(colour), verb, at))
    database.close()


def kept(home: Home) -> list[tuple[Any, ...]]:
    return home.rows("SELECT user, artwork_id, kind, at FROM reactions ORDER BY user, artwork_id")


# -- what is believed ---------------------------------------------------------------------------


def test_it_says_what_is_liked_and_draws_it(home: Home, terminal: Terminal) -> None:
    remember(home, ("household", "like", "blue"), ("household", "dislike", "red"))
    done = terminal()
    assert done.code == 0, done.err
    assert "“Blue Field”" in done.out
    assert "100%" in done.out
    assert "Dislikes most: “Red Field”" in done.out
    with Image.open(home.folder / "taste-household.png") as sheet:
        assert sheet.format == "PNG"
        seen = {colour for _, colour in sheet.convert("RGB").getcolors(1 << 20) or ()}
    assert {COLOURS["blue"], COLOURS["red"]} <= seen


def test_works_are_named_in_the_language(
    home: Home, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember(home, ("household", "like", "blue"), ("household", "dislike", "red"))
    monkeypatch.setenv("GLANCE_LANGUAGE", "de")
    out = terminal().out
    assert out.count("„Blue Field“") == 2
    assert out.count("„Red Field“") == 1
    assert "“Blue" not in out


def test_json_for_programs_draws_only_where_told(home: Home, terminal: Terminal) -> None:
    remember(home, ("mia", "like", "blue"), ("mia", "dislike", "red"), ("ben", "like", "red"))
    facts = json.loads(terminal("--user", "mia", "--json").out)
    assert facts["user"] == "mia"
    assert [t["medoid"]["id"] for t in facts["tastes"]] == [home.work("blue")]
    assert facts["tastes"][0]["share"] == 1.0
    assert [like["id"] for like in facts["likes"]] == [home.work("blue")]
    assert [dislike["title"] for dislike in facts["dislikes"]] == ["Red Field"]
    assert facts["likes"][0]["expected"] > 0 > facts["dislikes"][0]["expected"]
    assert not list(home.folder.glob("*.png"))
    terminal("--user", "mia", "--json", "--out", "mia.png")
    assert (home.folder / "mia.png").exists()


def test_of_someone_unknown_it_says_so(home: Home, terminal: Terminal) -> None:
    remember(home, ("ben", "like", "red"))
    done = terminal("--user", "Zoë/..")
    assert "Nothing is known of what zoë/.. likes" in done.out
    assert "known: ben" in done.out
    assert not list(home.folder.glob("*.png"))


def test_a_picture_that_has_gone_leaves_a_gap(home: Home, terminal: Terminal) -> None:
    remember(home, ("household", "like", "blue"))
    database = open_database(home.database)
    database.execute("UPDATE artworks SET location = '/nowhere.png'")
    database.close()
    assert terminal().code == 0
    assert (home.folder / "taste-household.png").exists()


def test_a_sheet_that_cannot_be_written_is_a_sentence(home: Home, terminal: Terminal) -> None:
    remember(home, ("household", "like", "blue"))
    done = terminal("--out", "nowhere/sheet.png")
    assert done.code == 1
    assert "nowhere/sheet.png cannot be written" in done.err


# -- taking along -------------------------------------------------------------------------------


def test_what_is_exported_can_be_imported_anywhere(home: Home, terminal: Terminal) -> None:
    remember(home, ("mia", "like", "blue"), ("ben", "dislike", "red"), ("mia", "like", "green"))
    before = kept(home)
    assert "Wrote 3 reactions to taste.json" in terminal("export", "taste.json").out
    written = json.loads((home.folder / "taste.json").read_text())
    assert {r["title"] for r in written["reactions"]} >= {"Blue Field", "Red Field"}
    for user in ("mia", "ben"):
        assert terminal("forget", "--user", user, "--yes").code == 0
    assert kept(home) == []
    assert "3 added, 0 changed, 0 unchanged, 0 older" in terminal("import", "taste.json").out
    assert kept(home) == before
    assert "0 added, 0 changed, 3 unchanged, 0 older" in terminal("import", "taste.json").out
    assert kept(home) == before


def test_export_and_import_through_a_pipe_for_one_person(home: Home, terminal: Terminal) -> None:
    remember(home, ("mia", "like", "blue"), ("ben", "like", "red"))
    text = terminal("export", "-", "--user", "mia").out
    assert [r["user"] for r in json.loads(text)["reactions"]] == ["mia"]
    everyone = terminal("export", "-").out
    terminal("forget", "--user", "mia", "--yes")
    terminal("forget", "--user", "ben", "--yes")
    done = terminal("import", "-", "--user", "ben", stdin=everyone.encode())
    assert done.code == 0, done.err
    assert [row[0] for row in kept(home)] == ["ben"]


def document(*items: object) -> bytes:
    return json.dumps({"reactions": items}).encode()


def item(artwork: str = "paint:elsewhere", **changes: object) -> dict[str, object]:
    return {"user": "mia", "artwork": artwork, "kind": "like", "at": NOW.isoformat()} | changes


def test_the_newer_of_two_reactions_holds(home: Home, terminal: Terminal) -> None:
    remember(home, ("mia", "like", "blue"), ("mia", "like", "red"))
    newer = item(home.work("blue"), kind="dislike", at=(NOW + timedelta(hours=1)).isoformat())
    older = item(home.work("red"), kind="dislike", at="2020-01-01T00:00:00+02:00")
    facts = json.loads(terminal("import", "-", "--json", stdin=document(newer, older)).out)
    assert facts == {"changed": 1, "older": 1, "unknown": [], "problems": []}
    kinds = {row[1]: row[2] for row in kept(home)}
    assert kinds == {home.work("blue"): "dislike", home.work("red"): "like"}


def test_works_that_are_not_there_yet_are_kept_and_told(home: Home, terminal: Terminal) -> None:
    done = terminal("import", "-", stdin=document(item()))
    assert done.code == 0, done.err
    assert "1 work not in the library yet: paint:elsewhere" in done.out
    assert [row[1] for row in kept(home)] == ["paint:elsewhere"]


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (item(artwork="no id"), "“artwork” must be an artwork id"),
        (item(kind="love"), "“kind” must be “like” or “dislike”"),
        (item(user=""), "“user” must be a name of 1 to 64 characters"),
        (item(at="2026-05-01T12:00:00"), "“at” must be a time with its zone"),
        (item(at="yesterday"), "“at” must be a time with its zone"),
        (item(at="2999-01-01T00:00:00+00:00"), "“at” must not be in the future"),
        ({"artwork": "paint:x"}, "“kind” must be"),
        ("paint:x", "it must be an object"),
    ],
)
def test_an_item_that_is_no_reaction_is_told_and_left_out(
    home: Home, terminal: Terminal, bad: object, said: str
) -> None:
    good = item(home.work("blue"))
    done = terminal("import", "-", stdin=document(bad, good))
    assert done.code == 1
    assert f"Reaction 1: {said}" in done.err.replace("\n", " ")
    assert [row[1] for row in kept(home)] == [home.work("blue")]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"likes: all", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b'{"reactions": [{"at": ' + b"9" * 6000 + b"}]}", "Reaction 1"),
        (b"[]", "no list of “reactions”"),
        (b'{"reactions": {}}', "no list of “reactions”"),
        (b"\xff\xfe", "no text in UTF-8"),
    ],
)
def test_a_file_that_holds_no_reactions_is_a_sentence(
    terminal: Terminal, data: bytes, said: str
) -> None:
    done = terminal("import", "-", stdin=data)
    assert (done.code, said in done.err) == (1, True), done.err


def test_a_file_that_is_not_there_is_a_sentence(terminal: Terminal) -> None:
    done = terminal("import", "missing.json")
    assert done.code == 1
    assert "missing.json cannot be read" in done.err


# -- forgetting ---------------------------------------------------------------------------------


def test_forgetting_wants_to_be_meant(home: Home, terminal: Terminal) -> None:
    remember(home, ("household", "like", "blue"), ("mia", "like", "red"))
    done = terminal("forget")
    assert done.code == 1
    assert "1 reaction of household" in done.err
    assert len(kept(home)) == 2
    assert terminal("forget", "--yes").code == 0
    assert [row[0] for row in kept(home)] == ["mia"]


def test_an_option_before_the_verb_is_not_lost(home: Home, terminal: Terminal) -> None:
    remember(home, ("household", "like", "blue"), ("mia", "like", "red"))
    done = terminal("--user", "mia", "forget", "--yes")
    assert done.code == 1
    assert "stand after `forget`" in done.err
    assert len(kept(home)) == 2
