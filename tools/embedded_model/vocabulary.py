"""The text tower's word pieces, and the phrases on which it imitates its teacher."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import numpy as np
import torch
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers
from torch import Tensor

from tools.embedded_model.captions import Captioner, Facts, facts
from tools.embedded_model.colours import Look
from tools.embedded_model.minilm import MiniLm
from tools.embedded_model.prepare import open_measures, open_records
from tools.embedded_model.workplace import arguments

UNKNOWN = "[UNK]"
TABLE_WIDTH = 256
CONTEXT_TOKENS = 24
CAPTIONS_PER_PICTURE = 2
PHRASE_FORMS = ("{} painting", "{} landscape", "a painting of {}", "{} colours", "{} mood")


def kept_pieces(teacher: Tokenizer) -> dict[str, int]:
    """Word pieces of plain letters and their ids at the teacher, in the teacher's order."""
    pieces = sorted(teacher.get_vocab().items(), key=lambda item: item[1])
    return {piece: number for piece, number in pieces if re.fullmatch(r"(##)?[a-z]+", piece)}


def build_tokenizer(pieces: list[str]) -> Tokenizer:
    """Lower-cases, strips accents, drops all but letters, cuts into pieces; adds no special
    tokens.
    """
    tokenizer = Tokenizer(
        models.WordPiece(
            {UNKNOWN: 0, **{p: i + 1 for i, p in enumerate(pieces)}}, unk_token=UNKNOWN
        )
    )
    plain = [normalizers.NFD(), normalizers.StripAccents(), normalizers.Lowercase()]
    tokenizer.normalizer = normalizers.Sequence(
        [*plain, normalizers.Replace(Regex("[^a-z]+"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.enable_truncation(CONTEXT_TOKENS)
    return tokenizer


def token_table(teacher: MiniLm, teacher_ids: list[int]) -> Tensor:
    """What the teacher makes of each piece alone, turned onto its 256 strongest directions; row 0
    (unknown) is zero.
    """
    first, last = (teacher.tokenizer.token_to_id(mark) for mark in ("[CLS]", "[SEP]"))
    rows = torch.tensor([[first, number, last] for number in teacher_ids])
    alone = torch.cat([teacher.embed_ids(part) for part in rows.split(512)])
    centred = alone - alone.mean(0)
    directions = torch.linalg.eigh(centred.T @ centred)[1].flip(1)[:, :TABLE_WIDTH]
    table = centred @ directions
    return torch.cat([torch.zeros(1, TABLE_WIDTH), table / table.std()])


def phrases(all_facts: list[Facts], words: list[str]) -> list[str]:
    """Titles, captions, every whole word, and words in short phrases: each once, in a fixed
    order.
    """
    chance = np.random.default_rng(7)
    captioner = Captioner(all_facts)
    titles = [told.title for told in all_facts if told.title]
    drawn = [
        captioner.draw(told, chance).text for told in all_facts for _ in range(CAPTIONS_PER_PICTURE)
    ]
    framed = [str(chance.choice(PHRASE_FORMS)).format(word) for word in words]
    return list(dict.fromkeys([*titles, *drawn, *words, *framed]))


def main(options: argparse.Namespace) -> None:
    """Write tokenizer.json, table.pt, phrases.txt and phrase-vectors.npy."""
    work: Path = options.work
    teacher = MiniLm(options.minilm)
    kept = kept_pieces(teacher.tokenizer)
    build_tokenizer(list(kept)).save(str(work / "tokenizer.json"), pretty=False)
    torch.save(token_table(teacher, list(kept.values())), work / "table.pt")
    pairs = zip(open_records(work), open_measures(work), strict=True)
    all_facts = [
        facts(record, Look.from_row(row)) for record, row in pairs if record.split == "train"
    ]
    told = phrases(
        all_facts, [piece for piece in kept if not piece.startswith("##") and len(piece) > 2]
    )
    (work / "phrases.txt").write_text("\n".join(told), encoding="utf-8")
    np.save(work / "phrase-vectors.npy", teacher.embed(told, "phrases").numpy().astype(np.float16))


if __name__ == "__main__":
    parser = arguments("word pieces and the text teacher's view of many phrases")
    parser.add_argument(
        "--minilm",
        type=Path,
        required=True,
        help="folder with model.safetensors and tokenizer.json",
    )
    main(parser.parse_args())
