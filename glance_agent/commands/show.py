"""One showing command in, one Glance out: search, similar, next, previous, show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from random import Random

from glance_agent.commands.finder import Finder, without_vectors
from glance_agent.commands.foresight import Foresight
from glance_agent.commands.messages import (
    MOOD_MISSED,
    Holdings,
    hidden_away,
    nothing_before,
    nothing_liked,
    nothing_of,
    nothing_to_show,
    so_far,
    without_vector,
)
from glance_agent.commands.out_of_reach import nothing_in_reach, source_is_away
from glance_agent.commands.pairing import Pairing
from glance_agent.commands.placing import Placing
from glance_agent.commands.showings import CurrentShowings, Showable
from glance_agent.commands.stores import Choices, CurrentIndex, Stores
from glance_agent.commands.wishes import Wishes
from glance_agent.commands.words_ahead import WordsAhead
from glance_agent.domain.artwork import Artwork
from glance_agent.domain.command import Hide
from glance_agent.domain.display import DisplaySettings, Glance, ShownArtwork, TimedSettings
from glance_agent.domain.errors import CommandError, ErrorCode, StoreError
from glance_agent.domain.items import SoFar
from glance_agent.domain.outcome import Outcome
from glance_agent.domain.picture_verbs import Next, Previous, Search, Show, Similar
from glance_agent.domain.said import in_a_row, listed, say
from glance_agent.domain.taking_back import Undo
from glance_agent.domain.timing import timed
from glance_agent.domain.values import Side
from glance_agent.domain.view import View
from glance_agent.domain.wording import said_title
from glance_agent.search.engine import SearchEngine
from glance_agent.search.hits import Hit
from glance_agent.search.label_match import Reader
from glance_agent.search.misspelt import Speller
from glance_agent.search.query import Example, Query, spoken
from glance_agent.search.query_embedding import Measurement, TextEncoder, Understanding
from glance_agent.search.query_parsing import query_of
from glance_agent.search.scoring import Background
from glance_agent.taste.feedback import MORE_OF_DISPLAYED, MORE_OF_SECOND
from glance_agent.taste.profiles import Learned, Lesson, Profiles
from glance_agent.taste.recommend import Recommender
from glance_agent.taste.selection import step_back
from glance_agent.taste.wish import Wish

WALK_BACK_SHOWINGS = 500
SIMILAR_NOT_AGAIN = 8
"""Of how many showings none comes back when more like one of them is asked for."""


class ShowingCommands:
    """Decides what goes on a display, and keeps that it did.

    Each verb takes one view of the index and hands it on: nothing behind it has the index.
    """

    def __init__(
        self,
        stores: Stores,
        index: CurrentIndex,
        encoder: TextEncoder,
        *,
        choices: Choices,
        arriving: Callable[[], SoFar | None] = lambda: None,
        hindered: Callable[[], StoreError | None] = lambda: None,
        unread: Callable[[], bool] = lambda: False,
        clock: Callable[[], datetime],
        chance: Random,
    ) -> None:
        """`arriving` tells how many works are here while the library is being filled, `hindered`
        why the last run could bring nothing into it, `unread` whether its vectors are still being
        read."""
        self._wishes = Wishes(stores.past, choices.timings, clock=clock)
        self._displays = CurrentShowings(
            stores.works, stores.past, self._wishes, clock=clock, image_url=choices.image_url
        )
        self._placing = Placing(
            stores.works,
            stores.past,
            self._displays,
            arriving,
            hindered=hindered,
            keeps_unmatched=choices.keeps_unmatched,
        )
        self.understanding = Understanding(encoder, stores.phrases)
        engine = SearchEngine(stores.works, Reader(stores.labels), self.understanding, unread)
        self._finder = Finder(
            stores.works, engine, sources=choices.sources, artwork=self.artwork, arriving=arriving
        )
        self._speller = Speller(stores.labels, stores.is_word)
        self._tastes = Profiles(stores.past, clock=clock)
        self._recommender = Recommender(
            stores.works,
            stores.past,
            self._tastes,
            understanding=self.understanding,
            clock=clock,
            chance=chance,
        )
        self._pairing = Pairing(stores.works, self._recommender, choices.paired)
        self.words = WordsAhead(
            self._speller,
            self._recommender,
            self.understanding,
            mood=lambda display: self.settings(display).mood,
            displays=choices.orientations,
        )
        self._foresight = Foresight(self._suggested, stores.works, stores.past)
        self._works = stores.works
        self._past = stores.past
        self._index = index
        self._choices = choices
        self._arriving = arriving
        self._clock = clock

    # -- the verbs ----------------------------------------------------------------------------

    def search(self, command: Search, display: str, *, suiting: bool = True) -> Outcome:
        """The works that answer the words, the best of them on the display: of those that suit a
        wall, unless others match far better; with `suiting` False whichever that is."""
        mended = self._speller.mended(query_of(command))
        query = self._finder.resolved(mended.query, display)
        if query.empty:
            raise CommandError(
                ErrorCode.MISSING_VALUE,
                say("A search needs something to look for."),
                say("Send for example “peaceful blue paintings”."),
            )
        view = self._index.now()
        if not query.texts and (unlike := without_vectors(query, view)):
            raise without_vector(self.artwork(unlike, display).label)
        found = self._finder.found(command, query, view, display, suiting=suiting)
        if found.listed == "hidden":
            # What is hidden is listed, and shown on no display.
            command = command.model_copy(update={"show": False})
        if command.show:
            wish = self._wish(display, command.user)
            found = self._pairing.found(found, wish, query.filters, view)
        lacks = self._finder.out_of_reach(query, view, found) if command.show else None
        more = in_a_row(mended.told, source_is_away(lacks) if lacks else "")
        return self._placing.results(
            command, display, found, asked=spoken(query), of=len(view), more=more
        )

    def similar(self, command: Similar, display: str) -> Outcome:
        """Works like the one given, or like the one on the display."""
        seeds = self.meant(command.artwork, command.side, display)
        view = self._index.now()
        if not len(view.numbers_of(seed.id for seed in seeds)):
            raise without_vector(seeds[0].label)
        query = _like_all(self._finder.resolved(query_of(command), display), seeds)
        hung = self._displays.hanging(display)
        found = self._finder.found(command, query, view, display, never=self._seen_lately(display))
        because = _because_alike(listed(seed.label for seed in seeds), query.words)
        marks = {
            part: float(artwork in {seed.id for seed in seeds})
            for part, artwork in zip((MORE_OF_DISPLAYED, MORE_OF_SECOND), hung, strict=False)
        }
        hits = tuple(replace(h, why=because, parts={**h.parts, **marks}) for h in found.hits)
        found = replace(found, hits=hits)
        if command.show:
            wish = self._wish(display, command.user)
            found = self._pairing.found(found, wish, query.filters, view)
        return self._placing.results(
            command, display, found, asked=said_title(seeds[0].title), of=len(view)
        )

    def _seen_lately(self, display: str) -> list[str]:
        return self._past.recent_ids(display, SIMILAR_NOT_AGAIN)

    def next(self, command: Next | Hide, display: str) -> Outcome:
        """Another work, chosen by taste, mood and chance; also in place of one that was hidden."""
        mood = command.mood if isinstance(command, Next) else None
        wish = self._wish(display, command.user, mood)
        hit = self._foresight.choose(wish, self._index.now())
        if hit is None:
            if self._works.out_of_reach() - self._works.withheld():
                raise nothing_in_reach(self._works.away())
            if wish.likes_of is not None:
                raise nothing_liked()
            if wish.sources and not self._works.of_sources(wish.sources) - self._works.withheld():
                raise nothing_of(wish.sources)
            raise nothing_to_show(self.holdings())
        missed = MOOD_MISSED if wish.mood and self.understanding.late else ""
        more = in_a_row(missed, so_far(self._arriving()))
        return self._placing.put(command, display, hit, more=more)

    def foresee(self, display: str) -> Glance | None:
        """What `next` is going to put up, unless something happens before; None where nothing.

        It is not kept, and no showing; where the model has to read a mood first, it is not known.
        """
        command = Next(display=display)
        if self.words.unread(command, [display]).sentences:
            return None
        hit = self._foresight.foresee(self._wish(display, command.user), self._index.now())
        return self._displays.expected(display, command.user, hit) if hit else None

    def _suggested(self, wish: Wish, view: View) -> Hit | None:
        """What suits a wish, with another work beside it where the display takes two."""
        hit = self._recommender.suggest(wish, view)
        return hit and self._pairing.chosen(hit, wish, view)

    def _wish(self, display: str, user: str, mood: str | None = None) -> Wish:
        """What is chosen by on a display, as it is set."""
        settings = self.settings(display)
        return Wish(
            display,
            user,
            mood=mood or settings.mood,
            discovery=settings.discovery,
            window=self._choices.no_repeat_showings,
            orientation=self._choices.orientations.get(display),
            likes_of=settings.likes_of,
            sources=self._finder.sources(display),
        )

    def previous(self, command: Previous, display: str) -> Outcome:
        """The work that was on the display before."""
        showings = self._past.showings(display, WALK_BACK_SHOWINGS)
        barred = self._works.barred()
        back = step_back(showings, barred | self._works.out_of_reach())
        if back is None and step_back(showings, barred) is not None:
            raise nothing_in_reach(self._works.away())
        if back is None or self._works.get(back.artwork_id) is None:
            raise nothing_before()
        pair = back.pair if back.pair not in barred else None
        hit = Hit(back.artwork_id, 0.0, say("Back to the picture before"), pair=pair)
        return self._placing.put(command, display, hit, back=True)

    def show(self, command: Show, display: str) -> Outcome:
        """The very work that was asked for; of words, what answers them, a title before all."""
        if command.query and not command.artwork:
            found = self.search(command.as_search, display, suiting=False)
            return replace(found, reply=found.reply.model_copy(update={"verb": command.verb}))
        work = self.artwork(command.artwork, display)
        if self._works.hidden(work.id):
            raise hidden_away(work.label)
        return self._placing.put(command, display, Hit(work.id, 0.0, say("You asked for it")))

    def put_back(
        self, command: Undo, display: str, artwork_id: str, pair: str | None = None
    ) -> Outcome | None:
        """The work on the display again, with the one beside it where that may be shown; None where
        it is gone, hidden or cannot be read."""
        barred = self._works.barred()
        if artwork_id in barred or self._works.get(artwork_id) is None:
            return None
        beside = pair if pair not in barred else None
        hit = Hit(artwork_id, 0.0, say("It hung here before"), pair=beside)
        return self._placing.put(command, display, hit, back=True)

    # -- what other use cases ask ---------------------------------------------------------------

    def artwork(self, artwork_id: str | None, display: str) -> Artwork:
        """The work of this id, or the one on the display; raises CommandError."""
        return self._displays.artwork(artwork_id, display)

    def meant(self, artwork_id: str | None, side: Side | None, display: str) -> tuple[Artwork, ...]:
        """The work of this id, or what hangs on that side of the display; raises CommandError."""
        return self._displays.meant(artwork_id, side, display)

    def current(self, display: str) -> Glance | None:
        """What the display shows, as it was kept."""
        return self._displays.current(display)

    def hanging(self, display: str) -> tuple[str, ...]:
        """The ids of the works that the display shows, as it was kept."""
        return self._displays.hanging(display)

    def seen_by(self, user: str, work: Artwork) -> ShownArtwork:
        """The work as this user sees it."""
        return self._displays.seen_by(user, work)

    def settings(self, display: str) -> DisplaySettings:
        """The settings of a display as they hold now: a mood whose time is over is none."""
        return (self._past.settings(display) or self._choices.defaults).at(self._clock())

    def told_settings(self, display: str) -> TimedSettings:
        """The settings with what the time makes of them, as everyone is told."""
        return timed(
            self.settings(display),
            self._wishes.timing(display),
            self._clock(),
            shown_at=self._wishes.shown_at(display),
            waiting=self._wishes.waiting(display),
        )

    def holdings(self) -> Holdings:
        """What the library holds."""
        return self._placing.holdings(len(self._index.now()))

    def repeat(self, command: Showable, display: str, other: str) -> Outcome | None:
        """Put on one display what has just been put on another one, or waits for it.

        None where works of its source do not come up there.
        """
        choices, own = self._choices, self._finder.sources(display)
        if own and not own & self._placing.sources_on(other):
            return None
        alike = choices.orientations.get(display) == choices.orientations.get(other)
        pairs = self._pairing.repeated(display, alike=alike)
        return self._placing.repeat(command, display, other, pairs=pairs)

    def hang_wish(self, display: str) -> Outcome:
        """Hang what waited for the display, where something does and may hang now."""
        return self._placing.hang_wish(display)

    # -- while nobody waits ---------------------------------------------------------------------

    def measurement(self) -> Measurement | None:
        """What ordinary wishes are to be measured by, in any thread; None where that is known."""
        return self.understanding.measurement(self._index.now())

    def adopt_background(self, measurement: Measurement, background: Background) -> None:
        """Judge searches by what was measured from now on."""
        self.understanding.adopt(measurement, background)

    def unlearned(self) -> list[str]:
        """Everyone whose taste was not learned from all that is there by now."""
        return self._tastes.unlearned(self._index.now())

    def lessons(self, users: Sequence[str]) -> list[Lesson]:
        """What the tastes of users are to be learned from, in any thread."""
        return self._tastes.lessons(users, self._index.now())

    def adopt_tastes(self, learned: Iterable[Learned]) -> None:
        """Choose by these tastes from now on."""
        for one in learned:
            self._tastes.adopt(one)


def _because_alike(works: str, words: str) -> str:
    """Why works like others are shown, which `words` narrow down where there are any."""
    if words:
        return say("Because it is like {works}, {words}", works=works, words=words)
    return say("Because it is like {works}", works=works)


def _like_all(query: Query, seeds: Sequence[Artwork]) -> Query:
    """The query for what is like each of these works; its first example stands for them."""
    examples = (*(Example(seed.id) for seed in seeds), *query.examples[1:])
    return replace(query, examples=examples)
