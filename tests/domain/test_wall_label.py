"""What a label says, and never says."""

from __future__ import annotations

from functools import partial

import pytest

from glance_agent.domain.artwork import Artwork
from glance_agent.domain.languages import in_language
from glance_agent.domain.wall_label import (
    LABEL_FIELDS,
    Label,
    LabelLine,
    LabelText,
    is_a_title,
    label_text,
)

LILIES = Artwork(
    id="met:1",
    title="Water Lilies",
    artist="Claude Monet",
    date="1906",
    medium="Oil on canvas",
    credit="Gift of A. B.",
    page_url="https://museum.example/1",
)


def test_it_says_who_what_and_when_and_of_what() -> None:
    assert label_text(LILIES, Label()) == LabelText(
        (
            LabelLine("Claude Monet"),
            LabelLine("Water Lilies, 1906", italic=True),
            LabelLine("Oil on canvas"),
        )
    )


def test_it_says_what_is_wanted() -> None:
    said = label_text(LILIES, Label(("credit", "date"), code=True))
    assert said == LabelText(
        (LabelLine("1906"), LabelLine("Gift of A. B.")), "https://museum.example/1"
    )


@pytest.mark.parametrize(
    "title",
    ["IMG_1234", "DSC00012", "PXL_20230101_101112", "20230101_101112", "P1030245", "holiday.JPG",
     "_DSC1234", "3f2504e04f8941d3", "Screenshot 2024-01-01", "WhatsApp Image 2024-01-01", "0001",
     "Untitled", "Untitled, 4 July 2019", " ", "IMG-20230101-WA0001"],
)  # fmt: skip
def test_names_of_files_are_no_titles(title: str) -> None:
    assert not is_a_title(title)
    work = Artwork(id="photos:1", title=title, date="2023")
    assert label_text(work, Label()).lines == (LabelLine("2023"),)


@pytest.mark.parametrize(
    ("title", "date", "said"),
    [
        ("Untitled, 4 July 2019", "2019-07-04", "“Untitled”, 4 July 2019"),
        ("Untitled, 4 July 2019", None, "“Untitled, 4 July 2019”"),
        ("Untitled, Film Still", "1978", "“Untitled, Film Still”, 1978"),
    ],
)
def test_a_day_is_said_once(title: str, date: str | None, said: str) -> None:
    assert Artwork(id="photos:1", title=title, date=date).label == said


@pytest.mark.parametrize(
    "title", ["Stormy Sea", "Number 1A, 1948", "Guernica", "P", "№ 5", "IMG", "Sampo"]
)
def test_titles_are(title: str) -> None:
    assert is_a_title(title)


@pytest.mark.parametrize("address", [None, "javascript:alert(1)", "file:///etc/passwd"])
def test_a_code_leads_to_pages_alone(address: str | None) -> None:
    work = LILIES.model_copy(update={"page_url": address})
    assert label_text(work, Label(code=True)).address is None


def test_nothing_is_said_of_a_work_of_which_nothing_is_known() -> None:
    assert label_text(Artwork(id="a:b"), Label(LABEL_FIELDS, code=True)) == LabelText()


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["4 July 2019", "Photograph, Canon EOS R6"]),
        ("de", ["4. Juli 2019", "Fotografie, Canon EOS R6"]),
        ("fr", ["4 juillet 2019", "Photographie, Canon EOS R6"]),
    ],
)
def test_a_photograph_is_labelled_in_the_language_of_the_house(
    language: str, said: list[str]
) -> None:
    work = Artwork(
        id="photos:1",
        title="Untitled, 4 July 2019",
        date="2019-07-04",
        medium="Photograph, Canon EOS R6",
    )
    text = label_text(work, Label(language=language), partial(in_language, language=language))
    assert [line.text for line in text.lines] == said
