"""The library's upkeep, put together: folded showings, old answers, damage, and its place."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from glance_agent.config.settings import Config
from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.domain.library_place import PostgresPlace
from glance_agent.store.label_folding import fold_labels
from glance_agent.store.mending import mend
from glance_agent.store.opening import LibraryClaim, served_by
from glance_agent.store.reserve import lay_by, spend
from glance_agent.taste.feedback import came_of
from glance_agent.wiring.clock import utc_now
from glance_agent.wiring.going_on import going_on
from glance_agent.wiring.rooms import Rooms, open_rooms

_log = logging.getLogger(__name__)


class Upkept:
    """The open library of an agent, as it is looked after."""

    def __init__(self, rooms: Rooms, answering: Callable[[], Rooms]) -> None:
        """`answering` gives the rooms of the model that answers by now."""
        self._rooms = rooms
        self._answering = answering
        self._connection: Any = rooms.library.db.conn
        self._file = file_of(rooms.config)
        self._instance = rooms.history.instance_id

    def check_place(self) -> None:
        """Raises StoreError where the library was deleted or replaced."""
        self._connection.check_place()

    def prune(self) -> bool:
        """Fold some old showings and labels, drop some old answers; True once none are left."""
        if self._file is not None:
            lay_by(self._file)
        history = self._rooms.history
        old = history.fold(came_of) or history.drop_receipts(utc_now())
        return fold_labels(self._rooms.library.db) and not old

    def damage(self) -> str | None:
        """What was met that is damaged and can be mended here, or None."""
        damage: str | None = self._connection.damage
        return damage if self._file else None

    def mend(self) -> str:
        """Put what is legible in the place of what is damaged; what was done. Raises StoreError."""
        path, fault = self._rooms.config.library.path, self._connection.damage or ""
        done = mend(path, fault, instance=self._instance, now=utc_now())
        self._connection.damage = None
        self._connection.unreadable.clear()
        self._rooms.library.forget_read()
        self._answering().follower.start_over()
        return done.said


@contextmanager
def opened_sound(config: Config, claim: LibraryClaim) -> Iterator[Rooms]:
    """The rooms of a library, which is mended first where damage keeps it from being opened.

    A disk that is full gets back what was laid by for that, so that displays can go on. It is
    said in the log where it is another library than the last time. Raises StoreError.
    """
    with ExitStack() as stack:
        if isinstance(config.library.place, PostgresPlace):
            away = stack.enter_context(going_on(config))
            rooms = stack.enter_context(open_rooms(config, at_once=True, while_away=away))
            if config.library.search == "pgvector":
                _log.info(
                    "%s looks through the vectors of the library; none are held here",
                    served_by(rooms.library.db),
                )
            away.belong_to(rooms.history.instance_id, rooms.library.hide)
            yield rooms
            return
        try:
            rooms = stack.enter_context(open_rooms(config, at_once=True))
            instance = rooms.history.instance_id
        except StoreError as error:
            file = file_of(config)
            if file is None or not _helped(file, error, claim):
                raise
            stack.close()
            rooms = stack.enter_context(open_rooms(config, at_once=True))
            instance = rooms.history.instance_id
        if said := claim.settle(rooms.library.db.conn.place, instance):
            _log.warning("%s", said)
        yield rooms


def _helped(library: Path, error: StoreError, claim: LibraryClaim) -> bool:
    """Whether something was done about what keeps a library from being opened."""
    if error.trouble is Trouble.FULL:
        return spend(library)
    if error.trouble is not Trouble.DAMAGED:
        return False
    known = claim.instance or secrets.token_hex(6)
    _log.error("%s", mend(library, str(error), instance=known, now=utc_now()))
    return True


def file_of(config: Config) -> Path | None:
    """The file of a library; None where a server keeps it, and looks after it."""
    place = config.library.place
    return place if isinstance(place, Path) else None
