"""What pages were told and have sent lately, whichever model answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from glance_agent.gallery.results import Results
from glance_agent.gallery.sent_pictures import SentPictures


@dataclass(frozen=True, slots=True)
class Lately:
    """Lists, and pictures to search by; one thread at a time."""

    results: Results
    sent: SentPictures


def nothing_yet(clock: Callable[[], float], name: Callable[[], str]) -> Lately:
    """`clock` tells steady seconds, `name` makes up an id that nobody guesses."""
    return Lately(Results(clock=clock, name=name), SentPictures(clock=clock, name=name))
