"""A display is named as people name it, and never silently another one."""

from __future__ import annotations

import pytest

from glance_agent.commands.speech.phrasebook import phrasebooks
from glance_agent.commands.speech.places import placed
from glance_agent.commands.speech.sentence import Sentence
from glance_agent.domain.display_names import Place

HOUSE = (
    Place("wall", ("Living room",)),
    Place("bedroom"),
    Place("kueche", ("Küche",)),
    Place("frame-2", ("The big salon",)),
)


@pytest.mark.parametrize(
    ("text", "rest", "display"),
    [
        ("next on the bedroom display", "next", "bedroom"),
        ("NEXT IN THE BEDROOM", "NEXT", "bedroom"),
        ("next in the living room", "next", "wall"),
        ("next on the wall display", "next", "wall"),
        ("In the big salon, next", "next", "frame-2"),
        ("next on frame 2", "next", "frame-2"),
        ("sunflowers in the kitchen", "sunflowers", "kueche"),
        ("Sonnenblumen in der Küche", "Sonnenblumen", "kueche"),
        ("Rosen in der Kueche", "Rosen", "kueche"),
        ("ein Sturm im Schlafzimmer", "ein Sturm", "bedroom"),
        ("a boat in the harbour in the bedroom", "a boat in the harbour", "bedroom"),
        ("roses everywhere", "roses", "all"),
        ("on all displays roses", "roses", "all"),
        ("Rosen in allen Zimmern", "Rosen", "all"),
        ("roses on the wall", "roses", None),
        ("roses on the display", "roses", None),
        ("boats on the lake", "boats on the lake", None),
        ("in the bedroom", "in the bedroom", None),
    ],
)
def test_a_place_is_taken_out_of_the_sentence(text: str, rest: str, display: str | None) -> None:
    found = placed(Sentence(text), phrasebooks(), HOUSE)
    assert (found.rest.text, found.display, found.unknown) == (rest, display, "")


@pytest.mark.parametrize(
    ("text", "unknown", "surely"),
    [
        ("next on the balcony display", "balcony", True),
        ("next on the garden screen", "garden", True),
        ("roses in the attic", "attic", False),
        ("Rosen im Keller", "keller", False),
        ("next on the tv", "tv", False),
    ],
)
def test_a_place_that_is_not_there_is_no_other_one(text: str, unknown: str, surely: bool) -> None:
    found = placed(Sentence(text), phrasebooks(), HOUSE)
    assert (found.unknown, found.surely, found.display) == (unknown, surely, None)


def test_the_only_display_is_also_the_tv() -> None:
    found = placed(Sentence("roses on the tv"), phrasebooks(), HOUSE[:1])
    assert (found.rest.text, found.unknown) == ("roses", "")


def test_of_two_displays_in_one_room_neither_is_chosen() -> None:
    both = (Place("left", ("Hall, left",)), Place("right", ("Hall, right",)))
    found = placed(Sentence("next in the hall"), phrasebooks(), both)
    assert (found.display, found.unknown) == (None, "hall")
