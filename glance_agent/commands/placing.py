"""What was found or chosen in, the work on its display and the answer that says so out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

from glance_agent.commands.messages import Holdings, answered, nothing_found, so_far
from glance_agent.commands.showings import CurrentShowings, Showable, Waits
from glance_agent.commands.stores import ShowableWorks, ShowingPast
from glance_agent.domain.display import Glance, Showing
from glance_agent.domain.errors import StoreError
from glance_agent.domain.event import Event
from glance_agent.domain.items import SoFar
from glance_agent.domain.outcome import Outcome
from glance_agent.domain.picture_verbs import Search, Similar
from glance_agent.domain.reply import Reply, Result
from glance_agent.domain.said import in_a_row, many, say
from glance_agent.domain.timing import hour_of
from glance_agent.search.hits import Found, Hit


class Placing:
    """Puts works on displays, and tells what was put where."""

    def __init__(
        self,
        works: ShowableWorks,
        past: ShowingPast,
        displays: CurrentShowings,
        arriving: Callable[[], SoFar | None],
        *,
        hindered: Callable[[], StoreError | None],
        keeps_unmatched: bool,
    ) -> None:
        """`arriving` tells how many works are here while the library is being filled, `hindered`
        why the last run could bring nothing into it.

        A wish that nothing matches leaves the picture where `keeps_unmatched`.
        """
        self._works = works
        self._past = past
        self._displays = displays
        self._arriving = arriving
        self._hindered = hindered
        self._keeps_unmatched = keeps_unmatched

    def results(
        self,
        command: Search | Similar,
        display: str,
        found: Found,
        *,
        asked: str,
        of: int,
        more: str = "",
    ) -> Outcome:
        """The results, of so many works, and the best on the display if that was wanted.

        The sentence that says so ends with `more`.
        """
        works = {work.id: work for work in self._works.get_many(h.artwork_id for h in found.hits)}
        hits = [h for h in found.hits if h.artwork_id in works]
        if not hits:
            raise nothing_found(self.holdings(of), asked, found)
        seen = self._displays.shown(works.values(), command.user)
        results = tuple(
            Result(artwork=seen[h.artwork_id], match=round(h.match, 3), why=h.why) for h in hits
        )
        best = results[0].artwork
        keeps = command.show and self._stays(command, display, found)
        placed = (
            self._displays.put(command, display, hits[0], match=results[0].match, seen=best)
            if command.show and not keeps
            else None
        )
        is_up = isinstance(placed, Glance)
        named = placed.label if placed else best.label
        message = answered(found, named, asked, len(results), showing=is_up, keeps=keeps)
        reply = Reply(
            verb=command.verb,
            ok=True,
            display=display if placed else None,
            message=in_a_row(message, _waiting(placed), more, so_far(self._arriving())),
            artwork=best,
            pair=placed.pair if placed else None,
            results=results,
            sure=found.sure,
            varied=any(first.match < then.match for first, then in pairwise(results)),
        )
        return _outcome(reply, placed)

    def _stays(self, command: Search | Similar, display: str, found: Found) -> bool:
        """Whether a wish that nothing matches leaves the picture that hangs."""
        if found.sure or not self._keeps_unmatched:
            return False
        return isinstance(command, Search) and self._displays.current(display) is not None

    def put(
        self,
        command: Showable,
        display: str,
        hit: Hit,
        *,
        match: float | None = None,
        back: bool = False,
        more: str = "",
    ) -> Outcome:
        """The work on the display, and a sentence that says so; `back` where it hung before."""
        placed = self._displays.put(command, display, hit, match=match)
        label = placed.label
        message = (
            say("Back to {label}.", label=label) if back else say("Showing {best}.", best=label)
        )
        if isinstance(placed, Waits):
            message = many(
                "{label} hangs at {at}.",
                "{label} hangs at {at}.",
                n=hour_of(placed.at),
                label=label,
                at=placed.at,
            )
        reply = Reply(
            verb=command.verb,
            ok=True,
            display=display,
            message=in_a_row(message, more),
            artwork=placed.artwork,
            pair=placed.pair,
        )
        return _outcome(reply, placed)

    def repeat(self, command: Showable, display: str, other: str, *, pairs: bool) -> Outcome:
        """Put on one display what has just been put on another one, or waits for it.

        The work beside it is left out where the display does not pair as the other one does.
        """
        last = self._last(other)
        pair = last.pair if pairs else None
        hit = Hit(last.artwork_id, last.match or 0.0, last.why, parts=last.parts, pair=pair)
        return self.put(command, display, hit, match=last.match)

    def sources_on(self, display: str) -> frozenset[str]:
        """The source of what has just been put on a display, or waits for it."""
        work = self._works.get(self._last(display).artwork_id)
        return frozenset({work.source} if work else ())

    def _last(self, display: str) -> Showing:
        return self._past.wish(display) or self._past.showings(display, 1)[0]

    def hang_wish(self, display: str) -> Outcome:
        """Hang what waited for the display, where something does and may hang now."""
        glance = self._displays.hang_wish(display)
        message = say("Showing {best}.", best=glance.label) if glance else say("Nothing new hangs.")
        reply = Reply(verb="show", ok=True, display=display, message=message)
        return replace(_outcome(reply, glance), settings_of=(display,))

    def holdings(self, embedded: int) -> Holdings:
        """What there is, where nothing was found in it."""
        works, away = self._works.held(), self._works.left_alone()
        showable = works - len(self._works.withheld())
        return Holdings(works, showable, embedded, self._arriving(), self._hindered(), away)


def _waiting(placed: Glance | Waits | None) -> str:
    """When what waits for its panel hangs; else nothing."""
    if not isinstance(placed, Waits):
        return ""
    return many("It hangs at {at}.", "It hangs at {at}.", n=hour_of(placed.at), at=placed.at)


def _outcome(reply: Reply, placed: Glance | Waits | None) -> Outcome:
    if isinstance(placed, Glance):
        shown = {"event_type": "shown", "display": placed.display, **placed.state()}
        return Outcome(reply, (placed,), events=(Event("shown", shown),))
    changed = (reply.display,) if placed is not None and reply.display else ()
    return Outcome(reply, settings_of=changed)
