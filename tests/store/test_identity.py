"""Who an agent is: the library's own id for its first, one of its own for all others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from glance_agent.domain.identity import Identity
from glance_agent.domain.library_place import LibraryPlace
from glance_agent.store import identity
from glance_agent.store.connection import open_database
from glance_agent.store.database import Database
from glance_agent.store.history import History
from glance_agent.store.identity import identify
from glance_agent.store.opening import open_library
from tests.databases.make import AT

OLD = Path(__file__).parents[1] / "databases"


@pytest.fixture
def db(place: LibraryPlace) -> Iterator[Database]:
    with closing(open_library(place)) as one:
        yield one


def who(
    db: Database, folder: Path, base_topic: str = "glance", configured: str | None = None
) -> Identity:
    instance = History(db).instance_id
    file = folder / "glance.db.agent"
    return identify(db, instance, file, configured=configured, base_topic=base_topic)


@pytest.mark.parametrize("name", ["v0.1.db", "m005.db"])
def test_the_agent_of_an_older_library_keeps_the_id_that_it_had(name: str, tmp_path: Path) -> None:
    copied = tmp_path / "glance.db"
    copied.write_bytes((OLD / name).read_bytes())
    with closing(open_database(copied)) as db:
        instance = History(db).instance_id
        assert who(db, tmp_path) == Identity(instance, instance)
        assert who(db, tmp_path, "elsewhere") == Identity(instance, instance)
        assert who(db, tmp_path) == Identity(instance, instance)


def test_another_agent_of_the_library_has_an_id_of_its_own(db: Database, tmp_path: Path) -> None:
    first = who(db, tmp_path / "pi")
    second = who(db, tmp_path / "attic", "upstairs")
    assert first.agent == History(db).instance_id != second.agent
    assert first.house != second.house
    assert who(db, tmp_path / "pi") == first
    assert who(db, tmp_path / "attic", "upstairs") == second
    assert (tmp_path / "attic" / "glance.db.agent").read_text() == f"{second.agent}\n"


def test_who_stands_in_on_the_same_topics_is_the_same_to_home_assistant(
    db: Database, tmp_path: Path
) -> None:
    first, second = who(db, tmp_path / "pi"), who(db, tmp_path / "attic")
    assert first.agent != second.agent
    assert first.house == second.house
    third, fourth = (who(db, tmp_path / name, "floor") for name in ("hall", "bar"))
    assert third.agent != fourth.agent
    assert third.house == fourth.house != first.house


def test_an_id_moves_with_its_file_and_is_found_again_without(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = who(db, tmp_path / "pi"), who(db, tmp_path / "attic")
    for name in ("pi", "attic"):
        (tmp_path / name / "glance.db.agent").unlink()
    assert [who(db, tmp_path / name) for name in ("pi", "attic")] == [first, second]
    monkeypatch.setattr(identity, "_MACHINE", tmp_path / "another machine")
    monkeypatch.setattr("socket.gethostname", lambda: "another machine")
    (tmp_path / "new").mkdir()
    (tmp_path / "attic" / "glance.db.agent").rename(tmp_path / "new" / "glance.db.agent")
    assert who(db, tmp_path / "new") == second


def test_an_id_that_cannot_be_kept_is_the_same_again(db: Database, tmp_path: Path) -> None:
    who(db, tmp_path)
    (tmp_path / "file").write_text("in the way of a folder")
    second = who(db, tmp_path / "file")
    assert second == who(db, tmp_path / "file") != who(db, tmp_path)


def test_nonsense_in_the_file_is_no_id(db: Database, tmp_path: Path) -> None:
    first = who(db, tmp_path)
    (tmp_path / "glance.db.agent").write_bytes(b"\xff\0 glance/#\n")
    assert who(db, tmp_path) == first


def test_an_id_may_be_configured(db: Database, tmp_path: Path) -> None:
    instance = History(db).instance_id
    assert who(db, tmp_path, configured="hall-pi") == Identity("hall-pi", instance)
    assert who(db, tmp_path / "attic", configured="attic") == Identity("attic", instance)
    assert who(db, tmp_path, "moved", configured="hall-pi") == Identity("hall-pi", instance)


def test_what_brokers_deliver_to_two_agents_is_two_things(db: Database, tmp_path: Path) -> None:
    ours, theirs = History(db), History(db)
    ours.speak_as(who(db, tmp_path / "pi"))
    theirs.speak_as(who(db, tmp_path / "attic"))
    ours.keep_receipts(["delivery:1", "transaction:1"], "ours", AT)
    assert theirs.receipt("delivery:1", AT) is None
    assert theirs.receipt("transaction:1", AT) == "ours"
    theirs.keep_receipts(["delivery:1"], "theirs", AT + timedelta(seconds=1))
    assert (ours.receipt("delivery:1", AT), theirs.receipt("delivery:1", AT)) == ("ours", "theirs")
    theirs.forget_deliveries()
    assert (ours.receipt("delivery:1", AT), theirs.receipt("delivery:1", AT)) == ("ours", None)
    theirs.keep_receipts(["delivery:1"], "theirs", AT)
    ours.forget_deliveries()
    assert (ours.receipt("delivery:1", AT), theirs.receipt("delivery:1", AT)) == (None, "theirs")


def test_what_home_assistant_was_told_is_kept_for_each_group_of_topics(
    db: Database, tmp_path: Path
) -> None:
    ours, theirs = History(db), History(db)
    ours.keep_published({"homeassistant/device/old/config": {}})
    ours.speak_as(who(db, tmp_path / "pi"))
    theirs.speak_as(who(db, tmp_path / "attic", "upstairs"))
    assert (ours.published(), theirs.published()) == ({"homeassistant/device/old/config": {}}, {})
    theirs.keep_published({"homeassistant/device/new/config": {}})
    assert ours.published() == {"homeassistant/device/old/config": {}}


def test_who_stands_in_for_another_agent_knows_what_was_delivered_to_that_one(
    db: Database, tmp_path: Path
) -> None:
    first, heir, other = History(db), History(db), History(db)
    first.speak_as(who(db, tmp_path / "pi"), shared=True)
    heir.speak_as(who(db, tmp_path / "attic"), shared=True)
    other.speak_as(who(db, tmp_path / "bar", "bar"), shared=True)
    first.keep_receipts(["delivery:1"], "done", AT)
    assert (heir.receipt("delivery:1", AT), other.receipt("delivery:1", AT)) == ("done", None)
