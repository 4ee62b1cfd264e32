"""Words as the text tower was trained to read them: cleaned up, split, numbered, padded.

A model's tokenizer.json is used for its vocabulary and its rules only. Its special tokens are
taken out before it reads a user's words, so `<|endoftext|>` in a query is twelve characters
and no end of text; start, end and padding are set here.
"""

from __future__ import annotations

import html
import json
import string
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from glance_agent.domain.errors import ModelError
from glance_agent.domain.said import say
from glance_agent.embedding.folded_pieces import FoldedPieces
from glance_agent.embedding.models.catalogue import CatalogueModel, CleanUp, TokenizerKind
from glance_agent.embedding.pieces import UNKNOWN, LetterPieces

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_NO_PUNCTUATION: Final = str.maketrans("", "", string.punctuation)
_FRAME: Final[dict[TokenizerKind, tuple[str | None, str | None]]] = {
    "clip-bpe": ("<|startoftext|>", "<|endoftext|>"),
    "siglip": (None, "</s>"),
    "gemma": (None, "<eos>"),
    "wordpiece": (None, None),
    "letters": (None, None),
    "folded": (None, None),
    "bert": ("[CLS]", "[SEP]"),
}
_WORDLESS: Final[dict[TokenizerKind, str]] = {"folded": "a"}
"""What stands for a text without words; with all others the unknown token does."""
_Pieces = Callable[[str], list[int]]
_Find = Callable[[str], int | None]


class WordTokenizer:
    """Turns text into the token numbers of one model's text tower. Safe in several threads."""

    def __init__(self, path: Path, entry: CatalogueModel) -> None:
        self._pieces, self._find = _reader(path, entry)
        self._clean_up = entry.text_clean_up
        self._length = entry.context_length
        self._pad_id = entry.pad_id if entry.pad_rule == "to_context" else None
        start, end = _FRAME[entry.tokenizer]
        self._start = self._number(start, path)
        self._end = self._number(end, path)
        self._empty = (
            [] if self._end else self._number(_WORDLESS.get(entry.tokenizer, UNKNOWN), path)
        )

    def ids(self, text: str) -> list[int]:
        """The token numbers, framed, cut to the context (the end stays last) and padded."""
        words = self._pieces(cleaned(text, self._clean_up))
        room = self._length - len(self._start) - len(self._end)
        ids = [*self._start, *(words[:room] or self._empty), *self._end]
        if self._pad_id is not None:
            ids += [self._pad_id] * (self._length - len(ids))
        return ids

    def _number(self, token: str | None, path: Path) -> list[int]:
        if token is None:
            return []
        number = self._find(token)
        if number is None:
            raise ModelError(
                say(
                    "The tokenizer file {file} has no token {token}, so it belongs to "
                    "another model. Fetch the model again.",
                    file=path.name,
                    token=token,
                )
            )
        return [number]


def cleaned(text: str, rule: CleanUp) -> str:
    """The text as the reference of this rule cleans it before splitting.

    `clip` is OpenAI's: mended, unescaped twice, white space collapsed, lower case.
    `canonicalize` is big_vision's, which SigLIP was trained with: no punctuation either.
    """
    if rule == "none":
        return text
    text = html.unescape(html.unescape(_mended(text)))
    if rule == "canonicalize":
        text = text.replace("_", " ").translate(_NO_PUNCTUATION)
    return " ".join(text.split()).lower()


def _mended(text: str) -> str:
    """Wrongly decoded characters put right, typographic quotes made plain."""
    if text.isascii() and text.isprintable():
        return text
    import ftfy

    return ftfy.fix_text(text)


def _reader(path: Path, entry: CatalogueModel) -> tuple[_Pieces, _Find]:
    """What cuts cleaned text into token numbers, and what tells the number of one token."""
    try:
        if entry.tokenizer == "letters":
            letters = LetterPieces.read(path)
            return letters.ids, letters.numbers.get
        if entry.tokenizer == "folded":
            folded = FoldedPieces.read(path)
            return lambda text: folded.ids(text, entry.context_length), folded.number
        tokenizer = _plain(path)
    except Exception as error:  # the tokenizers library raises bare Exception
        raise ModelError(
            say(
                "The tokenizer of the model {model} cannot be read: {why}. Run: "
                "glance-agent models check {model}",
                model=entry.name,
                why=error,
            )
        ) from error
    return lambda text: tokenizer.encode(text, add_special_tokens=False).ids, tokenizer.token_to_id


def _plain(path: Path) -> Tokenizer:
    """The tokenizer of a file without special tokens, frame, padding or truncation."""
    from tokenizers import Tokenizer

    rules: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    for key in ("post_processor", "padding", "truncation"):
        rules[key] = None
    rules["added_tokens"] = []
    return Tokenizer.from_str(json.dumps(rules, ensure_ascii=False))
