"""What displays showed and show, and what waits for them.

While nothing can be written, showings are remembered here and kept as soon as there is room.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from glance_agent.domain.display import Showing
from glance_agent.domain.strict_json import as_json
from glance_agent.store.awaited import AwaitedPictures
from glance_agent.store.database import Database
from glance_agent.store.degrade import or_nothing
from glance_agent.store.kept_wishes import KeptWishes
from glance_agent.store.legible import legible
from glance_agent.store.showing_rows import COLUMNS, showing_of, told_of
from glance_agent.store.transaction import transaction

if TYPE_CHECKING:  # where several agents share the library
    from glance_agent.store.display_leases import DisplayOwner

REMEMBERED_SHOWINGS = 1_000
"""How many showings are remembered while none can be kept."""
_PART = "what displays showed"


class Showings:
    """The showings of one database; one thread at a time."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self._unkept: list[Showing] = []
        self._unkept_of: Counter[str] = Counter()
        self._keeping = True
        self.owner: DisplayOwner | None = None
        """Says whose displays are, where several agents share the library."""
        self._wishes = KeptWishes(db)
        self._awaited = AwaitedPictures(db)
        self._up: deque[tuple[str, int]] = deque()

    # -- putting up -----------------------------------------------------------------------

    def show(self, showing: Showing) -> int:
        """Keep that a display shows a work from now on; returns its position, counted from 1.

        Its picture is awaited until `hung` or `take_back`.
        """
        if not self._keeping:
            if self.owner is not None:
                self.owner.check_unkept(showing.display)
            return self._remember(showing)
        if self.owner is not None:
            self.owner.check(self.db, showing.display)
        position = self._keep_showing(showing)
        self._awaited.begin(showing.display, position)
        return position

    def _keep_showing(self, showing: Showing) -> int:
        kept = self.db.execute(
            "INSERT INTO showings (display, position, artwork_id, shown_at, verb, user, why, "
            "match, parts, pair, told) VALUES (?1, (SELECT coalesce(max(position), 0) + 1 FROM "
            "showings WHERE display = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) "
            "RETURNING position",
            [
                showing.display,
                showing.artwork_id,
                showing.shown_at.isoformat(),
                showing.verb,
                showing.user,
                showing.why,
                showing.match,
                as_json(showing.parts),
                showing.pair,
                told_of(showing.why),
            ],
        ).fetchall()
        return int(kept[0][0])

    def keep_shown(self, showings: Sequence[Showing]) -> None:
        """Keep what displays have shown meanwhile, oldest first; what hangs on one that is another
        agent's by now stays. Raises StoreError."""
        with self.transaction():
            for showing in filter(self._is_ours, showings):
                self._keep_showing(showing)

    def _is_ours(self, showing: Showing) -> bool:
        return self.owner is None or self.owner.has(self.db, showing.display)

    @contextmanager
    def unkept(self) -> Iterator[None]:
        """Within it showings are remembered and not written, since the file stands in the way."""
        self._keeping = False
        try:
            yield
        finally:
            self._keeping = True

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing: on disk when the block ends, undone when it raises. Raises StoreError.

        What could not be kept before is kept with it.
        """
        if self.db.conn.in_transaction:
            with transaction(self.db):
                yield
            return
        up = list(self._up)
        with transaction(self.db):
            self._keep_up(dict(up))
            for showing in filter(self._is_ours, self._unkept):
                self._keep_showing(showing)
            self._wishes.write()
            yield
        for _ in up:
            self._up.popleft()
        self._unkept.clear()
        self._unkept_of.clear()
        self._wishes.written()

    def _remember(self, showing: Showing) -> int:
        position = self.position(showing.display) + 1
        self._unkept.append(showing)
        self._unkept_of[showing.display] += 1
        del self._unkept[:-REMEMBERED_SHOWINGS]
        return position

    # -- what became of it ----------------------------------------------------------------

    def hung(self, display: str, position: int) -> None:
        """The picture of this showing is on its display; kept with what is kept next.

        Any thread may say so.
        """
        self._up.append((display, position))

    def settle(self) -> None:
        """Keep which pictures are up, where nothing else was to be kept. Raises StoreError."""
        if self._up:
            with self.transaction():
                pass

    def _keep_up(self, up: Mapping[str, int]) -> None:
        for display, position in up.items():
            first = self._awaited.since(display)
            if first is not None and first <= position:
                self._awaited.go_on(display, position + 1)

    def take_back(self, display: str, position: int, *, source: str | None = None) -> bool:
        """Undo a showing whose picture never was on its display; False where it was.

        With `source`, showings of that source go too that it came after, before their own pictures
        were there. Their answers are given no more. Raises StoreError.
        """
        if position > self._kept_position(display):
            return self._forget_unkept(display, position)
        with self.transaction():
            return self._awaited.drop(display, position, source)

    def _forget_unkept(self, display: str, position: int) -> bool:
        newest = next((s for s in reversed(self._unkept) if s.display == display), None)
        if newest is None or position != self.position(display):
            return False
        self._unkept.remove(newest)
        self._unkept_of[display] -= 1
        return True

    def part(self, display: str, position: int) -> None:
        """Of two works that a display was to show, the second is not there. Raises StoreError."""
        if position > self._kept_position(display):
            self._part_unkept(display)
            return
        with self.transaction():
            self.db.execute(
                "UPDATE showings SET pair = NULL WHERE display = ? AND position = ?",
                [display, position],
            )

    def _part_unkept(self, display: str) -> None:
        for at, showing in reversed(list(enumerate(self._unkept))):
            if showing.display == display:
                self._unkept[at] = replace(showing, pair=None)
                return

    def unmake_showing(self, display: str, position: int) -> None:
        """Let a showing say nothing of what anybody likes: it was taken back."""
        self.db.execute(
            "UPDATE showings SET verb = 'undone' WHERE display = ? AND position = ?",
            [display, position],
        )

    # -- looking back ---------------------------------------------------------------------

    def position(self, display: str) -> int:
        """How many showings a display has had."""
        return self._kept_position(display) + self._unkept_of[display]

    def showings(self, display: str | None, limit: int) -> list[Showing]:
        """The last showings of a display, or of all displays, newest first."""
        unkept = [s for s in reversed(self._unkept) if display in (None, s.display)][:limit]
        return unkept + self._kept(display, limit - len(unkept))

    def recent_ids(self, display: str, limit: int) -> list[str]:
        """The works of the last showings of a display, newest first; of the older ones, each once.

        Older ones are those that are folded. Two that hung together count as one after the other.
        """
        unkept = [i for s in reversed(self._unkept) if s.display == display for i in s.works]
        unkept = unkept[:limit]
        return unkept + self._recent(display, limit - len(unkept))

    def has_shown(self, user: str, limit: int) -> bool:
        """Whether any of the last showings, of all displays, came up for this user."""
        return any(s.user == user for s in self._unkept) or self._has_shown(user, limit)

    def ever_shown(self, artwork_id: str) -> bool:
        """Whether any display has shown the work."""
        return any(artwork_id in s.works for s in self._unkept) or self._was_shown(artwork_id)

    @or_nothing(int, _PART)
    def _kept_position(self, display: str) -> int:
        sql = "SELECT coalesce(max(position), 0) FROM showings WHERE display = ?"
        return int(self.db.execute(sql, [display]).fetchone()[0])

    @or_nothing(list, _PART)
    def _kept(self, display: str | None, limit: int) -> list[Showing]:
        newest = "ORDER BY id DESC LIMIT :limit"
        if display is not None:
            newest = "WHERE display = :display ORDER BY position DESC LIMIT :limit"
        rows = self.db.execute(
            f"SELECT {COLUMNS} FROM showings {newest}", {"display": display, "limit": limit}
        ).fetchall()
        with legible():
            return [showing_of(row) for row in rows]

    @or_nothing(list, _PART)
    def _recent(self, display: str, limit: int) -> list[str]:
        rows = self.db.execute(
            "SELECT artwork_id, pair FROM showings WHERE display = ? "
            "ORDER BY position DESC LIMIT ?",
            [display, limit],
        )
        recent = [artwork for row in rows for artwork in row if artwork is not None][:limit]
        if len(recent) < limit:
            older = self.db.execute(
                "SELECT artwork_id FROM folded_showings WHERE display = :display AND "
                "last_position > (SELECT max(position) FROM showings WHERE display = :display) "
                "- :limit ORDER BY last_position DESC",
                {"display": display, "limit": limit},
            )
            recent += [row[0] for row in older]
        return recent

    @or_nothing(bool, _PART)
    def _has_shown(self, user: str, limit: int) -> bool:
        sql = (
            "SELECT EXISTS (SELECT 1 FROM (SELECT user FROM showings ORDER BY id DESC LIMIT ?) "
            "last WHERE user = ?)"
        )
        return bool(self.db.execute(sql, [limit, user]).fetchone()[0])

    @or_nothing(bool, _PART)
    def _was_shown(self, artwork_id: str) -> bool:
        sql = (
            "SELECT EXISTS (SELECT 1 FROM showings WHERE artwork_id = ?1) "
            "OR EXISTS (SELECT 1 FROM showings WHERE pair = ?1) "
            "OR EXISTS (SELECT 1 FROM folded_showings WHERE artwork_id = ?1)"
        )
        return bool(self.db.execute(sql, [artwork_id]).fetchone()[0])

    # -- what waits -----------------------------------------------------------------------

    def wish(self, display: str) -> Showing | None:
        """What was asked for on a display and waits until it may hang, as it was asked for."""
        return self._wishes.of(display)

    def keep_wish(self, wish: Showing) -> None:
        """Keep what waits for its display, in the place of what waited before."""
        self._wishes.set(wish.display, wish, keeping=self._keeping)

    def drop_wish(self, display: str) -> None:
        """Nothing waits for the display any more."""
        if self._wishes.of(display) is not None:
            self._wishes.set(display, None, keeping=self._keeping)
