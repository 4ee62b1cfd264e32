"""What waits on a machine while the server is away: on the disk, in order, until it is in."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from glance_agent.domain.errors import StoreError
from glance_agent.domain.unsent import Unsent
from glance_agent.store.outbox import LibraryOutbox, opened_outbox
from glance_agent.store.sqlite import connect

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)


def said(verb: str, work: str = "a:1", **more: object) -> Unsent:
    told = {"display": "wall", "user": "ann", "works": (work,), "at": AT, "position": 3}
    return Unsent.model_validate({"verb": verb, **told, **more})


def numbers(outbox: LibraryOutbox) -> list[tuple[int, str]]:
    return [(number, entry.verb) for number, entry in outbox.entries(99)]


def test_what_is_kept_is_there_again_under_the_same_number(tmp_path: Path) -> None:
    with closing(LibraryOutbox(tmp_path / "outbox")) as outbox:
        outbox.keep(said("like"))
        outbox.keep(said("dislike", receipts=("one",), reply="{}"))
        run = outbox.run
    with closing(LibraryOutbox(tmp_path / "outbox")) as outbox:
        assert outbox.run != run
        assert {entry.run for _, entry in outbox.entries(9)} == {run}
        assert numbers(outbox) == [(1, "like"), (2, "dislike")]
        assert outbox.answered("one") == "{}"
        assert outbox.answered("two") is None
        outbox.sent(2)
        assert outbox.waiting == 0
    with closing(LibraryOutbox(tmp_path / "outbox")) as outbox:
        outbox.keep(said("forget"))
        assert numbers(outbox) == [(3, "forget")], "no number comes again"


def test_what_was_kept_survives_a_death_without_goodbye(tmp_path: Path) -> None:
    program = (
        "import os\nfrom pathlib import Path\nfrom tests.store.test_outbox import said\n"
        "from glance_agent.store.outbox import LibraryOutbox\n"
        f"LibraryOutbox(Path({str(tmp_path / 'outbox')!r})).keep(said('like'))\nos._exit(9)\n"
    )
    assert subprocess.run([sys.executable, "-c", program]).returncode == 9
    with closing(LibraryOutbox(tmp_path / "outbox")) as outbox:
        assert numbers(outbox) == [(1, "like")]
        assert (tmp_path / "outbox").stat().st_mode & 0o777 == 0o600


def test_only_what_the_library_cannot_have_yet_is_taken_back(tmp_path: Path) -> None:
    with closing(LibraryOutbox(tmp_path / "outbox")) as outbox:
        outbox.keep(said("like"))
        outbox.keep(said("like", display="hall"))
        last = outbox.last("wall")
        assert last is not None
        assert last[0] == 1
        outbox.take_back(1, said("undo", works=()))
        assert outbox.last("wall") is None
        outbox.keep(said("dislike"))
        outbox.send(4)
        assert outbox.last("wall") is None
        outbox.keep(said("like", work="a:2"))
    with closing(LibraryOutbox(tmp_path / "outbox")) as outbox:
        last = outbox.last("wall")
        assert last is not None
        assert last[0] == 5
        assert outbox.last("hall") is None
        assert [entry.works for _, entry in outbox.entries(9)][:3] == [(), ("a:1",), ()]


def test_what_makes_no_sense_keeps_nothing_else_back(tmp_path: Path) -> None:
    with closing(LibraryOutbox(tmp_path / "outbox")) as outbox:
        outbox.keep(said("like"))
        outbox.keep(said("dislike"))
    with closing(connect(tmp_path / "outbox")) as db:
        db.execute("UPDATE unsent SET entry = 'noise' WHERE number = 1")
        db.commit()
    with closing(LibraryOutbox(tmp_path / "outbox")) as outbox:
        assert numbers(outbox) == [(2, "dislike")]


def test_a_file_that_is_damaged_is_put_aside(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    noise = b"no database at all" * 100
    (tmp_path / "outbox").write_bytes(noise)
    with closing(opened_outbox(tmp_path / "outbox")) as outbox:
        outbox.keep(said("like"))
    aside = next(tmp_path.glob("outbox.damaged-*"))
    assert aside.read_bytes() == noise
    assert str(aside) in caplog.text


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "outbox").mkdir()
    with pytest.raises(StoreError, match="outbox cannot be opened"):
        opened_outbox(tmp_path / "outbox")


def test_what_waits_for_one_library_does_not_come_into_another(tmp_path: Path) -> None:
    with closing(LibraryOutbox(tmp_path / "outbox")) as outbox:
        outbox.belong_to("one")
        outbox.keep(said("like"))
        outbox.belong_to("two")
        assert outbox.waiting == 0
        outbox.keep(said("dislike"))
        outbox.sent(2)
    with closing(LibraryOutbox(tmp_path / "outbox")) as outbox:
        outbox.belong_to("two")
        assert outbox.waiting == 0
        outbox.belong_to("one")
        assert numbers(outbox) == [(1, "like")]


def test_what_names_no_run_is_of_the_one_before_there_were_any(tmp_path: Path) -> None:
    with closing(LibraryOutbox(tmp_path / "outbox")):
        pass
    with closing(connect(tmp_path / "outbox")) as db:
        db.execute("UPDATE outbox SET id = 'one'")
        sql = "INSERT INTO unsent (library, entry) VALUES ('', ?)"
        db.execute(sql, [said("like").model_dump_json(exclude={"run"})])
        db.commit()
    with closing(LibraryOutbox(tmp_path / "outbox")) as outbox:
        outbox.keep(said("dislike"))
        assert [entry.run for _, entry in outbox.entries(9)] == ["one", outbox.run]
