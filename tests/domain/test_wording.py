"""The agent's own words on labels, said in the language of whoever reads them."""

from __future__ import annotations

import datetime
import json

import pytest
from babel.dates import format_date

from glance_agent.domain.artwork import Artwork
from glance_agent.domain.display import shown
from glance_agent.domain.languages import in_language, known_languages
from glance_agent.domain.reply import Reply, Result, spoken
from glance_agent.domain.said import a_day, kept_of, said_of
from glance_agent.domain.strict_json import as_json
from glance_agent.domain.wording import (
    is_untitled,
    said_credit,
    said_date,
    said_medium,
    said_title,
    untitled_of,
)
from glance_agent.sources.starter import folder

DAY = datetime.date(2019, 7, 4)
MINE = Artwork(
    id="photos:1",
    title="Untitled, 4 July 2019",
    date="2019-07-04",
    medium="Photograph, Canon EOS R6",
)


@pytest.mark.parametrize("language", sorted(set(known_languages()) - {"en"}))
@pytest.mark.parametrize("month", range(1, 13))
def test_days_are_said_as_cldr_has_them(language: str, month: int) -> None:
    day = datetime.date(2019, month, 3)
    assert in_language(a_day(day), language) == format_date(day, "long", locale=language)


def test_a_day_is_kept_as_it_is_said() -> None:
    kept = said_of(kept_of(a_day(DAY)))
    assert (kept, in_language(kept, "de")) == ("4 July 2019", "4. Juli 2019")


@pytest.mark.parametrize(
    ("said", "english", "german"),
    [
        (said_date("2019-07-04"), "4 July 2019", "4. Juli 2019"),
        (said_date("1889-12-31"), "31 December 1889", "31. Dezember 1889"),
        (said_date("about 1906"), "about 1906", "um 1906"),
        (said_date("1906"), "1906", "1906"),
        (said_date("2019-07"), "2019-07", "2019-07"),
        (said_date("2019-02-30"), "2019-02-30", "2019-02-30"),
        (said_date("about 2019-07-04"), "about 2019-07-04", "um 2019-07-04"),
        (said_title(untitled_of(DAY)), "Untitled, 4 July 2019", "Ohne Titel, 4. Juli 2019"),
        (said_title("Untitled"), "Untitled", "Ohne Titel"),
        (said_title("Untitled, 4 Fish 2019"), "Untitled", "Ohne Titel"),
        (said_title("Untitled, Film Still"), "Untitled, Film Still", "Untitled, Film Still"),
        (said_medium("Photograph"), "Photograph", "Fotografie"),
        (
            said_medium("Photograph, Canon EOS R6"),
            "Photograph, Canon EOS R6",
            "Fotografie, Canon EOS R6",
        ),
        (said_medium("Screenshot"), "Screenshot", "Bildschirmfoto"),
        (said_medium("procedural painting"), "Procedural painting", "Prozedurale Malerei"),
        (said_credit("Gift of Mia"), "Gift of Mia", "Gift of Mia"),
        (said_medium("Photographs on paper"), "Photographs on paper", "Photographs on paper"),
        (said_medium("Oil on canvas"), "Oil on canvas", "Oil on canvas"),
    ],
)
def test_own_words_are_said_and_those_of_others_stay(said: str, english: str, german: str) -> None:
    assert (said, in_language(said, "de")) == (english, german)


def test_what_is_not_known_is_not_said() -> None:
    assert (said_date(None), said_medium(None)) == (None, None)


def test_a_title_of_a_day_is_known_again() -> None:
    assert is_untitled(untitled_of(DAY))
    assert not is_untitled("Untitled, Film Still")


@pytest.mark.parametrize(
    ("language", "title", "dated", "medium"),
    [
        (None, "Untitled, 4 July 2019", "4 July 2019", "Photograph, Canon EOS R6"),
        ("de", "Ohne Titel, 4. Juli 2019", "4. Juli 2019", "Fotografie, Canon EOS R6"),
        ("es", "Sin título, 4 de julio de 2019", "4 de julio de 2019", "Fotografía, Canon EOS R6"),
    ],
)
def test_an_answer_tells_a_work_in_its_language(
    language: str | None, title: str, dated: str, medium: str
) -> None:
    work = shown(MINE, liked=None)
    results = (Result(artwork=work, match=1.0, why="So."),)
    reply = Reply(verb="search", ok=True, message="", artwork=work, pair=work, results=results)
    told = spoken(reply, language)
    for one in (told.artwork, told.pair, told.results[0].artwork):
        assert one is not None
        assert (one.title, one.dated, one.medium) == (title, dated, medium)
        assert one.date == "2019-07-04"  # for programs
    assert f'"dated":"{dated}"' in as_json(told)


def test_the_state_of_a_display_is_told_in_the_language_of_the_house() -> None:
    state = in_language(shown(MINE, liked=None), "nl")
    assert (state["title"], state["dated"]) == ("Zonder titel, 4 juli 2019", "4 juli 2019")
    assert state["date"] == "2019-07-04"


@pytest.mark.parametrize("language", sorted(set(known_languages()) - {"en"}))
def test_what_comes_with_the_program_is_labelled_in_every_language(language: str) -> None:
    """The labels are read as they are packed: one that is worded anew is found here."""
    rows = json.loads((folder() / "gallery.json").read_text("utf-8"))
    painted = [row for row in rows if row["artist"] == "Glance generator"]
    assert painted
    for row in painted:
        work = shown(Artwork(id=row["id"], medium=row["medium"], credit=row["credit"]), liked=None)
        told = spoken(Reply(verb="describe", ok=True, message="", artwork=work), language).artwork
        assert told
        assert told.medium != work.medium
        assert told.credit != work.credit
