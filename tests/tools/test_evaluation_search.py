"""The evaluation of search: its measures, its rivals, its verdicts, its figure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from math import log2
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from glance_agent.domain.artwork import Artwork
from glance_agent.domain.display import Reaction
from glance_agent.domain.vectors import unit_rows
from glance_agent.search.hits import Found, Hit
from glance_agent.search.reference_queries import FOREIGN_QUERIES, REFERENCE_QUERIES
from glance_agent.taste.collection import collection_of
from glance_agent.taste.replay import replayed
from tests.colour_encoder import COLOURS, ColourEncoder
from tests.views import view_of
from tools.evaluation.cli import app
from tools.evaluation.measures import gain, precision
from tools.evaluation.paintings import Exhibition, Labelled
from tools.evaluation.plot import HEIGHT, PALETTE, WIDTH, draw
from tools.evaluation.prompting import prompting
from tools.evaluation.questions import Question, about_paintings
from tools.evaluation.rivals import COLOURS as SHARES
from tools.evaluation.rivals import House, housed, rivals
from tools.evaluation.searching import (
    NOT_BY_TITLES,
    Answered,
    ask,
    likeness_table,
    table_of,
)
from tools.evaluation.verdicts import ABSENT, reliability, verdicts

PAINTED = ("red", "green", "blue", "yellow")
EACH = 12


def question(text: str, kind: str, colour: str) -> Question:
    return Question(text, kind, lambda w: colour in w.colours, lambda _: True)


QUESTIONS = [
    *(question(colour, "mood and colour", colour) for colour in PAINTED),
    question("yellow opus", "subject (titles)", "yellow"),
]


@pytest.fixture(scope="module")
def exhibition() -> Exhibition:
    """Four colours, twelve works of each; titles tell the yellow ones alone."""
    encoder, chance = ColourEncoder(), np.random.default_rng(1)
    works, pictures = [], []
    for colour in PAINTED:
        for number in range(EACH):
            near = np.clip(np.array(COLOURS[colour]) + chance.normal(0, 18, 3), 0, 255)
            pictures.append(Image.new("RGB", (4, 4), tuple(int(value) for value in near)))
            title = f"{'Yellow' if colour == 'yellow' else 'Nameless'} Opus {number}"
            work = Artwork(id=f"{colour}:{number}", title=title, artist=f"Painter {number}")
            share = tuple(float(name == colour) for name in SHARES)
            works.append(
                Labelled(work, style=colour, colours=frozenset({colour}), colour_share=share)
            )
    return Exhibition("colours", tuple(works), encoder.embed_images(pictures), encoder.space)


@pytest.fixture(scope="module")
def house(exhibition: Exhibition) -> Iterator[House]:
    with housed(exhibition, ColourEncoder()) as made:
        yield made


def test_precision_is_of_ten_or_of_what_can_be_right() -> None:
    ranked = [str(number) for number in range(20)]
    assert precision(ranked, {"0", "3", "15"}) == pytest.approx(2 / 3)
    assert precision(ranked, set(ranked[5:18])) == 0.5
    assert precision([], {"0"}) == 0.0
    assert precision(ranked, set()) == 0.0


def test_gain_counts_early_places_more() -> None:
    assert gain(["a", "b"], {"a", "b"}) == 1.0
    assert gain(["x", "a"], {"a"}) == pytest.approx(1 / log2(3))
    assert gain(["a", "x"], {"a"}) > gain(["x", "a"], {"a"})
    assert gain(["a"], set()) == 0.0


def test_rivals_find_what_they_can_see(exhibition: Exhibition, house: House) -> None:
    table = table_of(ask(exhibition.works, QUESTIONS, rivals(house)))
    by_colour = table["mood and colour"]
    assert by_colour["random"]["precision@10"] == 0.25
    assert by_colour["colours"]["precision@10"] == 1.0
    assert by_colour["vectors"]["precision@10"] > 0.9
    assert by_colour["hybrid"]["precision@10"] > 0.9
    assert by_colour["keywords"]["precision@10"] == 0.25  # the yellow ones alone
    assert table["subject (titles)"]["keywords"]["precision@10"] == 1.0
    assert table["subject (titles)"]["hybrid"]["precision@10"] == 1.0


def test_questions_labelled_by_titles_are_reported_apart() -> None:
    answers = [
        Answered(question("red", "style", "red"), "hybrid", 0.5, 0.4),
        Answered(question("sea", "subject (titles)", "blue"), "hybrid", 1.0, 1.0),
    ]
    table = table_of(answers)
    assert table[NOT_BY_TITLES]["hybrid"]["precision@10"] == 0.5
    assert table["all"]["hybrid"]["precision@10"] == 0.75


def test_what_cannot_be_judged_is_left_out(exhibition: Exhibition) -> None:
    asked = Question(
        "red", "style", lambda w: "red" in w.colours, lambda w: w.artwork.id != "red:0"
    )
    answers = ask(exhibition.works, [asked], {"one": lambda _: ["red:0", "red:1", "blue:0"]})
    (found,) = [a for a in answers if a.rival == "one"]
    assert found.precision == 0.1


def test_near_pictures_share_their_label(exhibition: Exhibition) -> None:
    table = likeness_table(exhibition)
    assert table["style"]["vectors"] > 0.9
    assert table["style"]["random"] == pytest.approx((EACH - 1) / (4 * EACH - 1), abs=1e-3)


def test_absent_wishes_are_not_those_of_the_calibration() -> None:
    assert not set(ABSENT) & {*REFERENCE_QUERIES, *FOREIGN_QUERIES}


def test_verdicts_are_counted() -> None:
    def find(text: str) -> Found:
        if text == "missed":
            return Found((Hit("a", 0.2, ""),), sure=False)
        match = 0.1 if text in ABSENT[1:] else 0.9
        return Found((Hit("a", match, ""),), sure=match > 0.5)

    figures = verdicts(find, ["sea", "missed"])
    assert figures["said to match"] == 0.5
    assert figures["said not to match"] == pytest.approx(1 - 1 / len(ABSENT), abs=1e-3)
    assert 0.9 < figures["told apart"] < 1


def test_matches_are_held_against_what_is_right(exhibition: Exhibition) -> None:
    hits = (Hit("red:0", 0.97, ""), Hit("blue:0", 0.95, ""), Hit("red:1", 0.31, ""))
    figures = reliability(lambda _: Found(hits), exhibition.works, QUESTIONS[:1])
    assert figures == {"0.3": {"works": 1.0, "right": 1.0}, "0.9": {"works": 2.0, "right": 0.5}}


def test_only_short_words_are_put_either_way(exhibition: Exhibition) -> None:
    sentence = question("a picture that is red", "style", "red")
    figures = prompting(exhibition, [*QUESTIONS, sentence], ColourEncoder())
    assert figures["short questions"] == len(QUESTIONS)
    assert figures["in use"] == "raw"
    assert figures["raw"] == figures["in sentences"]  # this encoder hears colours alone


def test_questions_that_hardly_a_work_answers_are_not_asked(exhibition: Exhibition) -> None:
    kinds = {q.kind for q in about_paintings(exhibition.works)}
    assert "mood and colour" in kinds
    assert "genre" not in kinds


def test_likes_that_belong_together_are_found_again(exhibition: Exhibition) -> None:
    ids = [work.artwork.id for work in exhibition.works]
    now = datetime(2026, 5, 1, tzinfo=UTC)
    likes = [
        Reaction("anna", f"red:{number}", "like", now - timedelta(days=number))
        for number in range(6)
    ]
    collection = collection_of(view_of(unit_rows(exhibition.matrix), ids))
    figures = replayed("anna", likes, [], collection=collection, now=now)
    assert figures is not None
    assert figures["mean rank"] > 0.7
    assert replayed("anna", likes[:2], [], collection=collection, now=now) is None


def test_the_figure_shows_every_rival(tmp_path: Path) -> None:
    path = tmp_path / "figure.png"
    draw(path, {"style": {"random": 0.1, "hybrid": 0.9}}, {"ours": [0.1, 0.5, 0.8]})
    with Image.open(path) as image:
        assert image.size == (WIDTH, HEIGHT)
        seen = {colour for _, colour in image.getcolors(maxcolors=1 << 20) or []}
    for colour in PALETTE[:2]:
        assert tuple(bytes.fromhex(colour[1:])) in seen


def test_without_paintings_the_starter_gallery_is_evaluated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.delenv("GLANCE_PAINTINGS", raising=False)
    result = CliRunner().invoke(app, ["--out", str(tmp_path / "out"), "--json"])
    assert result.exit_code == 0, result.output
    report = json.loads((tmp_path / "out" / "evaluation.json").read_text(encoding="utf-8"))
    figures = report["gallery"]["all"]
    assert figures["hybrid"]["precision@10"] > 2 * figures["keywords"]["precision@10"]
    assert report["gallery verdicts"]["told apart"] > 0.9
    assert "colours" not in figures
    assert "search" not in report
