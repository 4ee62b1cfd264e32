"""What was left out can be read, with the reason: after a run, and at any time later."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from contextlib import closing
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from PIL import Image

from glance_agent.domain.items import Skipped
from glance_agent.domain.languages import ENGLISH, in_language, known_languages
from glance_agent.domain.reasons import AT_THE_TERMINAL, REASONS
from glance_agent.ingest.left_out import MOST_LINES, facts, lines
from glance_agent.ingest.progress import Progress
from glance_agent.sources.folders.file_states import is_settled
from glance_agent.sources.folders.folder import FolderSource
from glance_agent.sources.folders.walking import SETTLED_SECONDS
from glance_agent.store.connection import open_database
from glance_agent.store.library import Library
from tests.cli.typed import typed
from tests.colour_encoder import COLOURS
from tests.home import SOURCE, Home, ingest_all, paint, picture
from tests.in_process import header_of


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A household with a dozen pictures, a copy of one, a letter, and no library yet."""
    home = Home(tmp_path / "home", tmp_path / "pictures")
    home.folder.mkdir()
    paint(home.pictures)
    (home.pictures / "letter.jpg").write_bytes(b"Dear Vincent")
    (home.pictures / "twin.png").write_bytes(picture("red"))
    return home


def glance(home: Home, *arguments: str) -> str:
    """What a command prints for people."""
    done = typed(*arguments, "--config", home.toml(1), GLANCE_CONFIG="")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_name_of_a_file_stays_in_its_line_and_commands_no_terminal() -> None:
    _, said = lines("art", [Skipped("two\nlines\x1b[2J.jpg", "broken")])
    assert said == "  two lines [2J.jpg: broken"


async def test_the_library_knows_what_was_left_out_and_why(home: Home) -> None:
    await ingest_all(home.database, FolderSource(SOURCE, home.pictures, header_of))
    letter = Skipped("letter.jpg", "not a picture")
    twin = Skipped("twin.png", "duplicate", f"of {home.work('red')}")
    with closing(open_database(home.database)) as db:
        library = Library(db)
        found = [replace(item, fingerprint="") for item in library.left_out(SOURCE)]
        some = library.left_out(SOURCE, ["red-field.png", "twin.png"])
        assert library.left_out("elsewhere") == []
    assert found == [letter, twin]
    assert [item.key for item in some] == ["twin.png"]


def test_every_run_names_what_is_left_out(home: Home) -> None:
    for unchanged in (0, len(COLOURS)):
        told = " ".join(glance(home, "ingest").split())
        assert f"{unchanged} unchanged, left out: 1 not a picture, 1 duplicate" in told
        assert "Left out of paint: letter.jpg: not a picture twin.png: duplicate (of " in told
    (event,) = json.loads(glance(home, "ingest", "--json"))
    assert event["left_out"] == {"not a picture": 1, "duplicate": 1}
    assert [item["item"] for item in event["left_out_items"]] == ["letter.jpg", "twin.png"]


def test_the_list_of_sources_names_it_too(home: Home) -> None:
    glance(home, "ingest")
    assert "  letter.jpg: not a picture" in glance(home, "sources", "list")
    (source,) = json.loads(glance(home, "sources", "list", "--json"))["sources"]
    assert [item["item"] for item in source["left_out"]] == ["letter.jpg", "twin.png"]


def test_a_long_list_is_cut_for_people_and_whole_for_programs() -> None:
    items = [Skipped(f"{n}.jpg", "unreadable", "PermissionError") for n in range(MOST_LINES + 7)]
    told = lines("art", items)
    assert told[:2] == ["Left out of art:", "  0.jpg: unreadable (PermissionError)"]
    assert (len(told), told[-1].split(";")[0]) == (MOST_LINES + 2, "… and 7 more")
    assert [fact["item"] for fact in facts(items)] == [item.key for item in items]
    assert lines("art", []) == []


@pytest.mark.parametrize("language", [code for code in known_languages() if code != ENGLISH])
def test_reasons_are_said_in_the_language_of_whoever_reads_them(language: str) -> None:
    for reason in (*REASONS, *AT_THE_TERMINAL):
        run = Progress("art", left_out=Counter({reason: 2}))
        told = *lines("art", [Skipped("a.jpg", reason, "x")]), run.summary()
        for english, said in zip(told, in_language(list(told), language), strict=True):
            assert reason in english or "art:" in english
            assert not re.search(rf"\b{reason}\b", said)


def test_what_a_copy_is_of_is_said_in_the_language_too() -> None:
    (_, told) = lines("art", [Skipped("b.jpg", "duplicate", "of art:a.jpg")])
    assert told == "  b.jpg: duplicate (of art:a.jpg)"
    assert in_language(told, "de") == "  b.jpg: doppelt (von art:a.jpg)"


def test_a_reason_of_a_later_version_is_said_as_it_is() -> None:
    (_, told) = lines("art", [Skipped("a.jpg", "too {odd}")])
    assert in_language(told, "de") == "  a.jpg: too {odd}"


def test_a_list_that_just_fits_has_no_rest() -> None:
    items = [Skipped(f"{n}.jpg", "truncated") for n in range(MOST_LINES)]
    assert "more" not in "\n".join(lines("art", items))


# -- pictures whose files end early ----------------------------------------------------------------


def cut_jpeg() -> bytes:
    """A JPEG that lacks its last rows."""
    out = BytesIO()
    Image.effect_noise((300, 800), 90).convert("RGB").save(out, "JPEG")
    return out.getvalue()[: len(out.getvalue()) * 97 // 100]


async def test_a_file_that_may_still_be_copied_is_not_taken_half(tmp_path: Path) -> None:
    home = Home(tmp_path, tmp_path / "pictures")
    home.pictures.mkdir()
    (home.pictures / "Torn.jpg").write_bytes(cut_jpeg())
    clock = [time.time() + 5]
    source = FolderSource(SOURCE, home.pictures, header_of, clock=lambda: clock[0])
    for _ in range(2):
        assert (await ingest_all(home.database, source)).left_out == {"truncated": 1}
    clock[0] += SETTLED_SECONDS
    assert (await ingest_all(home.database, source)).added == 1
    ((width, height, cut),) = home.rows("SELECT width, height, cut FROM artworks")
    assert (width, cut) == (300, 1)
    assert 720 <= height < 800


async def test_what_is_cut_says_so_and_what_is_whole_does_not(tmp_path: Path) -> None:
    home = Home(tmp_path, tmp_path / "pictures")
    home.pictures.mkdir()
    (home.pictures / "Torn.jpg").write_bytes(cut_jpeg())
    paint(home.pictures)
    source = FolderSource(SOURCE, home.pictures, header_of, clock=lambda: time.time() + 3_600)
    await ingest_all(home.database, source)
    (torn,) = home.rows("SELECT id FROM artworks WHERE title = 'Torn'")
    assert "Its file ends early" in glance(home, "describe", torn[0])
    assert "Its file ends early" not in glance(home, "describe", home.work("red"))
    with closing(open_database(home.database)) as db:
        works = Library(db).get_many([torn[0], home.work("red")])
    assert [work.cut for work in works] == [True, False]


@pytest.mark.parametrize(
    ("written", "changed", "settled"),
    [(-5, -5, False), (-300, -5, False), (-5, -300, False), (-300, -300, True), (40, -300, False),
     (9e8, -300, True)],
)  # fmt: skip
def test_a_file_is_settled_when_neither_of_its_times_is_of_now(
    written: float, changed: float, settled: bool
) -> None:
    class Seen:
        def stat(self) -> SimpleNamespace:
            return SimpleNamespace(st_mtime=1e9 + written, st_ctime=1e9 + changed)

    assert is_settled(cast(Path, Seen()), 1e9) is settled
