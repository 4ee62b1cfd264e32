"""Which files of a folder are wanted: by its settings, by files that say so in it, by custom.

Patterns are those of gitignore(5), matched by pathspec. `exclude` and `include` of the settings
count from the folder; those of `.glanceignore` (and `.plexignore`) from the folder they lie in,
the deepest that says anything first. What `exclude` names cannot be had back by another pattern.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from glance_agent.domain.said import say

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

IGNORE_FILES: Final = (".glanceignore", ".plexignore")
"""Files whose patterns say what of their folder is not wanted."""
MARKS: Final = (".nomedia", ".noimage")
"""Files that say that nothing of their folder is wanted."""
MOST_STARS: Final = 4
"""Runs of stars in one pattern: matching takes longer with each of them."""
_LONGEST_PATTERN: Final = 300
_MOST_BYTES: Final = 100_000
_NOT_THEIRS: Final = frozenset(
    ("@eadir", "@recycle", "@__thumb", "@recently-snapshot", "@tmp", "@sharebin", "#recycle",
     "#snapshot", "~snapshot", "$recycle.bin", "recycler", "system volume information",
     "lost+found", "__macosx")
)  # fmt: skip
"""What network drives and systems keep in folders: thumbnails, snapshots, what was deleted."""


def is_left_alone(name: str) -> bool:
    """Whether a file or folder of this name is none that people put there: hidden, or a system's.

    `.Trash*` and `.thumbnails` are hidden.
    """
    return name.startswith(".") or name.casefold() in _NOT_THEIRS


def says_what_is_wanted(name: str) -> bool:
    """Whether a file of this name changes which others are wanted."""
    return name in IGNORE_FILES or name in MARKS


def pattern_fault(pattern: str) -> str | None:
    """What is wrong with a pattern, as a clause; None where nothing is."""
    if len(pattern) > _LONGEST_PATTERN or len(re.findall(r"\*+", pattern)) > MOST_STARS:
        return say(
            "a pattern has at most {letters} letters and {stars} stars",
            letters=str(_LONGEST_PATTERN),
            stars=str(MOST_STARS),
        )
    try:
        _spec((pattern,))
    except ValueError:
        return say("“{pattern}” is no pattern as gitignore has them", pattern=pattern)
    return None


@dataclass(frozen=True)
class WantedFiles:
    """What the settings of a folder say: `include` and `exclude` are patterns.

    `linked` are the folders that links may lead to beside the folder itself; None follows no
    link to a folder.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    linked: tuple[Path, ...] | None = None

    def folder(self, key: str) -> bool:
        """Whether pictures below this folder may be wanted; `key` ends with a slash."""
        return not self.exclude or not self._excluded.match_file(key)

    def file(self, key: str) -> bool:
        """Whether the file at this relative path is wanted."""
        return self.folder(key) and (not self.include or self._included.match_file(key))

    @cached_property
    def _excluded(self) -> GitIgnoreSpec:
        return _spec(self.exclude)

    @cached_property
    def _included(self) -> GitIgnoreSpec:
        return _spec(self.include)


@dataclass(frozen=True, slots=True)
class Ignored:
    """What the ignore files on the way to a folder say is not wanted; the deepest comes first."""

    files: tuple[tuple[str, GitIgnoreSpec], ...] = field(default=())

    def below(self, prefix: str, lines: Iterable[str]) -> Ignored:
        """What holds below a folder whose own ignore files have these lines.

        A pattern that cannot be matched is passed over, as git does.
        """
        own = [line for line in lines if pattern_fault(line) is None]
        return Ignored(((prefix, _spec(own)), *self.files)) if own else self

    def has(self, key: str) -> bool:
        """Whether this file, or this folder with a slash at its end, is not wanted."""
        for prefix, spec in self.files:
            said = spec.check_file(key[len(prefix) :]).include
            if said is not None:
                return said
        return False


def _spec(lines: Iterable[str]) -> GitIgnoreSpec:
    """Raises ValueError."""
    from pathspec import GitIgnoreSpec  # most folders have no pattern, and need not wait for it

    return GitIgnoreSpec.from_lines(lines)


def ignore_lines(folder: Path, names: Iterable[str]) -> list[str]:
    """The lines of a folder's own ignore files, of those that it has. Raises OSError."""
    return [line for name in IGNORE_FILES if name in names for line in _lines(folder / name)]


def lines_of(content: bytes) -> list[str]:
    """The lines of an ignore file; of one that is absurdly long as many as are read."""
    return [os.fsdecode(line) for line in content[:_MOST_BYTES].splitlines()]


def _lines(path: Path) -> list[str]:
    """The lines of an ignore file; one that waits for a writer is not opened. Raises OSError."""
    if not path.is_file():
        raise OSError(f"{path.name} is not a regular file")
    with path.open("rb") as file:
        return lines_of(file.read(_MOST_BYTES))
