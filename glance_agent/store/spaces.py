"""Which space answers, what another one still lacks, and what is left of earlier ones."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass

from glance_agent.domain.vectors import WORDING
from glance_agent.store.database import Database
from glance_agent.store.degrade import or_nothing
from glance_agent.store.legible import legible
from glance_agent.store.side_files import Seals
from glance_agent.store.transaction import transaction
from glance_agent.store.vectors import ALL_WORKS

_FACT = "answering"


@dataclass(frozen=True, slots=True)
class Answering:
    """The space that searches look at, and the local model of that space, if it is one."""

    space: str
    model: str | None


class Spaces:
    """The spaces of one database; one thread at a time."""

    def __init__(self, db: Database) -> None:
        self.db = db

    @or_nothing(lambda: None, "which model answers")
    def answering(self) -> Answering | None:
        """The space that answered last, or None for a new library."""
        sql = "SELECT value FROM facts WHERE name = ?"
        row = self.db.execute(sql, [_FACT]).fetchone()
        with legible():
            return Answering(**json.loads(row[0])) if row else None

    def answer_with(self, answering: Answering) -> None:
        """Remember which space answers from now on."""
        if answering != self.answering():
            with transaction(self.db):
                self.db.execute(
                    "INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)",
                    [_FACT, json.dumps(asdict(answering))],
                )

    @or_nothing(int, "the vectors of works")
    def count(self, space: str) -> int:
        """How many vectors there are in this space."""
        sql = "SELECT count(*) FROM embeddings WHERE space = ?"
        return int(self.db.execute(sql, [space]).fetchone()[0])

    @or_nothing(int, "the vectors of works")
    def lacking(self, space: str) -> int:
        """How many usable works have no vector in this space."""
        sql = f"SELECT count(*) FROM artworks a WHERE {LACKS}"
        return int(self.db.execute(sql, {"space": space}).fetchone()[0])

    @or_nothing(bool, "the vectors of works")
    def lacks_any(self, space: str) -> bool:
        """Whether any usable work has no vector in this space: by how many there are of each, since
        to look at every work takes seconds of a million."""
        unusable = "FROM artworks WHERE unusable IS NOT NULL"
        vectors = "SELECT count(*) FROM embeddings WHERE space = :space"
        sql = (
            f"SELECT ({ALL_WORKS}), (SELECT count(*) {unusable}), ({vectors}), "
            f"({vectors} AND artwork_id IN (SELECT id {unusable}))"
        )
        works, without, all_vectors, useless = self.db.execute(sql, {"space": space}).fetchone()
        return bool(works - without > all_vectors - useless)

    def prune(self, kept: Collection[str]) -> int:
        """Delete all vectors of other spaces than these, words' too; how many works' they were."""
        spaces = json.dumps(list(kept))
        with transaction(self.db):
            for table in ("query_vectors", "embeddings"):
                gone = self.db.execute(
                    f"DELETE FROM {table} WHERE substr(space, 1, instr(space || :mark, :mark) - 1) "
                    "NOT IN (SELECT value FROM json_each(:spaces))",
                    {"mark": WORDING, "spaces": spaces},
                ).rowcount
            self.db.execute(
                "DELETE FROM vector_changes WHERE space NOT IN (SELECT DISTINCT space "
                "FROM embeddings)"
            )
            # What was kept of an index would not be told that its vectors are gone.
            Seals(self.db).forget()
        return int(gone)


LACKS = (
    "a.unusable IS NULL AND NOT EXISTS "
    "(SELECT 1 FROM embeddings WHERE artwork_id = a.id AND space = :space)"
)
