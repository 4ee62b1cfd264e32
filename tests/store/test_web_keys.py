"""The keys of the pages: only hashes are kept, invitations open once, names can be revoked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from glance_agent.domain.library_place import LibraryPlace
from glance_agent.domain.web_key import KeyKind, WebKey, WebRole
from glance_agent.store.database import Database
from glance_agent.store.opening import to_work_in
from glance_agent.store.web_keys import MOST_SESSIONS, WebKeys

NOW = datetime(2026, 11, 28, 20, 0, tzinfo=UTC)
SOON = NOW + timedelta(minutes=10)


@pytest.fixture
def db(place: LibraryPlace) -> Iterator[Database]:
    with to_work_in(place) as database:
        yield database


def test_an_invitation_is_redeemed_once(db: Database) -> None:
    keys = WebKeys(db)
    keys.add("invitation", WebKey(KeyKind.INVITATION, "Ann", WebRole.USE, NOW, SOON))
    opened = keys.redeem("invitation", "session", NOW)
    assert opened == WebKey(KeyKind.SESSION, "Ann", WebRole.USE, NOW)
    assert keys.find("session") == opened
    assert keys.redeem("invitation", "another", NOW) is None
    assert keys.redeem("session", "another", NOW) is None, "a session invites nobody"
    assert keys.all_that_hold(NOW) == [opened]


def test_a_token_takes_the_place_of_one_of_its_name(db: Database) -> None:
    keys = WebKeys(db)
    for digest in ("first", "second"):
        keys.add(digest, WebKey(KeyKind.TOKEN, "frame", WebRole.VIEW, NOW))
    assert keys.find("first") is None
    assert keys.find("second") is not None
    assert keys.revoke("frame") == 1
    assert keys.find("second") is None
    assert keys.revoke("frame") == 0


def test_sessions_and_invitations_do_not_pile_up(db: Database) -> None:
    keys = WebKeys(db)
    keys.add("old", WebKey(KeyKind.INVITATION, "Ann", WebRole.USE, NOW, SOON))
    for number in range(MOST_SESSIONS + 1):
        keys.add(f"session {number}", WebKey(KeyKind.SESSION, "Ann", WebRole.USE, SOON))
    assert keys.find("old") is None
    assert keys.find("session 0") is None
    assert len(keys.all_that_hold(SOON)) == MOST_SESSIONS


def test_what_makes_no_sense_is_damage_and_opens_nothing(db: Database) -> None:
    from glance_agent.domain.errors import StoreError, Trouble

    db.execute("INSERT INTO web_keys VALUES (1, 'h', 'token', 'x', 'emperor', 'now', NULL)")
    db.conn.commit()
    with pytest.raises(StoreError) as error:
        WebKeys(db).find("h")
    assert error.value.trouble is Trouble.DAMAGED
