"""The code of the agent, as tests take it apart."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "glance_agent"


def nodes(
    *words: str, below: Path = PACKAGE, files: str = "*.py"
) -> Iterator[tuple[Path, ast.AST]]:
    """All parts of the files that have one of these words in them, each with its file.

    What a test looks for has a name that stands in the file: to take the others apart, of which
    there are hundreds, would find nothing and take a second.
    """
    for path in below.rglob(files):
        text = path.read_text(encoding="utf-8")
        if any(word in text for word in words):
            yield from ((path, node) for node in ast.walk(ast.parse(text)))
