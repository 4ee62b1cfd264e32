"""What is believed of one user's taste, in works and words."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime

from glance_agent.domain.listing import ListedWork
from glance_agent.domain.vectors import Vector
from glance_agent.gallery.answers import RatedWork, Taste, TasteSide
from glance_agent.gallery.rows import row
from glance_agent.gallery.stores import Mind, ReadStores
from glance_agent.search.query_embedding import Understanding
from glance_agent.taste.profiles import Profiles
from glance_agent.taste.report import Side, TasteReport, believed

MOST_KEPT = 8
MOST_LIKES = 24
"""How many likes of a side are told; the others are counted."""


class Tastes:
    """Reports on tastes; one thread at a time. The last few are kept until something changes."""

    def __init__(self, mind: Mind, *, clock: Callable[[], datetime]) -> None:
        self._mind = mind
        self._clock = clock
        self._kept: OrderedDict[tuple[str, str, int], TasteReport] = OrderedDict()

    def of(self, user: str, stores: ReadStores) -> Taste:
        """What is believed of this user; nothing of somebody who has not reacted to anything."""
        report = self.report(user, stores)
        named = stores.lists.by_id(report.named(), user)
        works = {work.artwork.id: work for work in named}
        return Taste(
            user=user,
            sides=tuple(_side(s, works) for s in report.sides if s.medoid in works),
            likes=_rated(report.likes, works),
            dislikes=_rated(report.dislikes, works),
            users=tuple(stores.past.users()),
        )

    def report(self, user: str, stores: ReadStores) -> TasteReport:
        """The same by ids, and with all that is known of its sides."""
        view = self._mind.index.now()
        key = (user, stores.past.reactions_marks([user])[user], view.last)
        report = self._kept.get(key)
        if report is None:
            profiles = Profiles(stores.past, clock=self._clock)
            taste = profiles.refresh(user, view)
            report = believed(taste, profiles.collection(view), self.phrases(stores))
            self._kept[key] = report
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return report

    def phrases(self, stores: ReadStores) -> Mapping[str, Vector]:
        """The phrases in which works can be described, with their vectors."""
        words = Understanding(self._mind.encoder, stores.phrases)
        words.unread_references(0.0)
        return words.references()


def _side(side: Side, works: Mapping[str, ListedWork]) -> TasteSide:
    likes = [row(works[artwork]) for artwork in side.likes if artwork in works]
    return TasteSide(
        share=round(side.share, 3),
        words=side.words,
        stands_for_it=row(works[side.medoid]),
        likes=tuple(likes[:MOST_LIKES]),
        likes_in_all=len(side.likes),
        dislikes_like_it=side.passed,
    )


def _rated(
    strongest: tuple[tuple[str, float], ...], works: Mapping[str, ListedWork]
) -> tuple[RatedWork, ...]:
    return tuple(
        RatedWork(work=row(works[artwork]), expected=expected)
        for artwork, expected in strongest
        if artwork in works
    )
