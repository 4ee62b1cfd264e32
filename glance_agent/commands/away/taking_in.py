"""What waited on a machine while the library was away -> the library, in the place of a command."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Protocol

from glance_agent.domain.change import Change, Opinion
from glance_agent.domain.display import Reaction, Showing

if TYPE_CHECKING:  # only for a library that a server keeps
    from glance_agent.commands.away.kept import KeptForLater
    from glance_agent.domain.unsent import Unsent

TAKEN_IN_AT_ONCE = 50
"""So many entries are taken into the library in one transaction."""
SAID_TWICE: Final = timedelta(minutes=1)
"""What was said again so soon is the same."""
HideWork = Callable[[str], Iterable[str]]
"""Hides a work and its copies, and gives them."""


class TakesIn(Protocol):
    """The past of the library. Raises StoreError."""

    def transaction(self) -> AbstractContextManager[None]: ...
    def keep_shown(self, showings: Sequence[Showing]) -> None: ...
    def showings(self, display: str | None, limit: int) -> list[Showing]: ...
    def delivered(self, run: str) -> int: ...
    def note_delivered(self, run: str, number: int) -> None: ...
    def reaction(self, user: str, artwork_id: str) -> Reaction | None: ...
    def react(self, reaction: Reaction) -> None: ...
    def forget(self, user: str, artwork_id: str) -> bool: ...
    def keep_change(self, change: Change) -> None: ...
    def keep_receipts(self, keys: Iterable[str], reply: str, at: datetime) -> None: ...


def all_taken_in(outbox: KeptForLater, past: TakesIn, hide: HideWork) -> Iterator[list[Unsent]]:
    """Take everything that waits into the library, in order and once; of each part, when that is
    kept, what the library had not got yet. Raises StoreError where it is away again."""
    while entries := outbox.entries(TAKEN_IN_AT_ONCE):
        last = entries[-1][0]
        with past.transaction():
            outbox.send(last)
            new = _new_taken_in(past, entries, hide)
        outbox.sent(last)
        yield new


def _new_taken_in(
    past: TakesIn, entries: Sequence[tuple[int, Unsent]], hide: HideWork
) -> list[Unsent]:
    """Take in those entries that the library has not got, and give them."""
    known = {run: past.delivered(run) for run in {entry.run for _, entry in entries}}
    new = [(number, entry) for number, entry in entries if number > known[entry.run]]
    for number, entry in new:
        _take_in(past, entry, hide)
        known[entry.run] = number
    for run in {entry.run for _, entry in new}:
        past.note_delivered(run, known[run])
    return [entry for _, entry in new]


def _take_in(past: TakesIn, entry: Unsent, hide: HideWork) -> None:
    """Keep one entry as if it had been kept when it was said, so that it can be taken back; what
    somebody said later holds."""
    opinions, hidden = list[Opinion](), list[str]()
    if entry.is_showing:
        _show(past, entry)
    elif entry.verb == "hide":
        hidden = sorted({each for work in entry.works for each in hide(work)})
    else:
        opinions = _changed(past, entry)
    if opinions or hidden:
        whose = {"display": entry.display, "user": entry.user}
        what = {"opinions": tuple(opinions), "hidden": tuple(hidden)}
        past.keep_change(
            Change.model_validate({**whose, "at": entry.at, "verb": entry.verb, **what})
        )
    if entry.receipts:
        past.keep_receipts(entry.receipts, entry.reply, entry.at)


def _show(past: TakesIn, entry: Unsent) -> None:
    """Keep that works were shown, unless another agent has shown something there since then: that
    hangs."""
    newest = next(iter(past.showings(entry.display, 1)), None)
    if newest is None or newest.shown_at <= entry.at:
        past.keep_shown(
            [
                Showing(entry.display, work, entry.at, entry.verb, entry.user, entry.why)
                for work in entry.works
            ]
        )


def _changed(past: TakesIn, entry: Unsent) -> list[Opinion]:
    """Keep an opinion of each work of an entry; what was thought of those before that is new of."""
    before = []
    for work in entry.works:
        was = past.reaction(entry.user, work)
        if was is not None and was.at > entry.at:
            continue
        now = entry.kind
        if was is not None and was.kind == now and entry.at - was.at < SAID_TWICE:
            continue  # a commit whose confirmation was lost on the way had kept it
        if now is not None:
            past.react(Reaction(entry.user, work, now, entry.at))
        elif was is not None:
            past.forget(entry.user, work)
        kind, at = (was.kind, was.at) if was else (None, None)
        if kind != now:
            before.append(Opinion(user=entry.user, artwork=work, kind=kind, at=at))
    return before
