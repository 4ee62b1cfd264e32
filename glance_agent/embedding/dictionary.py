"""Words of English, as far as the model of the package has them in one piece."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

_SHORTEST = 3


def is_word(word: str) -> bool:
    """Whether a folded word is one that people write, so that it is not misspelt."""
    return word in _words()


@cache
def _words() -> frozenset[str]:
    """The pieces that begin a word and may be all of it; read when first asked for."""
    file = files("glance_agent.embedding") / "embedded" / "tokenizer.txt"
    pieces = file.read_text(encoding="utf-8").splitlines()
    return frozenset(piece for piece in pieces if piece.isalpha() and len(piece) >= _SHORTEST)
