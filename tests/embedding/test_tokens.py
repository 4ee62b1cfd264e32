"""Token numbers: those of OpenAI's vocabulary, those of the tokenizers library, and no tricks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from glance_agent.domain.errors import ModelError
from glance_agent.embedding.models.catalogue import CatalogueModel, find
from glance_agent.embedding.tokens import WordTokenizer, cleaned
from tests.embedding.toy import clip_rules, wordpiece_rules

GOLDEN = {
    "a photo of a cat": [320, 1125, 539, 320, 2368],
    "a painting of a stormy sea": [320, 3086, 539, 320, 20075, 2102],
    "van Gogh": [2451, 19697],
    "Claude Monet's water lilies, 1906": [17461, 24499, 568, 1573, 38110, 267, 272, 280, 271, 277],
    "naïve café": [1097, 35689, 563, 15304],
    "日本": [39121, 19277, 361],
    "": [],
}
START, END = 49406, 49407


def changed(entry: CatalogueModel, **changes: object) -> CatalogueModel:
    return CatalogueModel.model_validate({**entry.model_dump(), **changes})


@pytest.fixture(scope="module")
def clip_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "tokenizer.json"
    path.write_text(clip_rules(), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def clip(clip_file: Path) -> WordTokenizer:
    return WordTokenizer(clip_file, find("clip-vit-b32"))


@pytest.fixture(scope="module")
def library(clip_file: Path) -> Tokenizer:
    """The tokenizers library with the untouched file, which sets start and end itself."""
    return Tokenizer.from_file(str(clip_file))


@pytest.mark.parametrize("text", GOLDEN)
def test_golden_numbers(clip: WordTokenizer, text: str) -> None:
    assert clip.ids(text) == [START, *GOLDEN[text], END]


@pytest.mark.parametrize(
    ("written", "same_as"),
    [
        ("  A   Photo\tof\n a cat ", "a photo of a cat"),
        ("Monet’s “Impression”", 'monet\'s "impression"'),
        ("salt &amp; pepper", "salt & pepper"),
        ("&amp;lt;3", "<3"),
        ("caf\u0065\u0301", "caf\u00e9"),
        ("ＡＢＣ", "abc"),
    ],
)
def test_the_clean_up_of_clip(clip: WordTokenizer, written: str, same_as: str) -> None:
    assert clip.ids(written) == clip.ids(same_as)


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_characters="<|>"), max_size=60))
def test_the_library_agrees_on_any_text(clip: WordTokenizer, library: Tokenizer, text: str) -> None:
    ids = library.encode(cleaned(text, "clip")).ids
    assert clip.ids(text) == (ids if len(ids) <= 77 else [*ids[:76], END])


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40), st.sampled_from(["<|endoftext|>", "<|startoftext|>"]), st.text())
def test_special_tokens_in_a_query_are_plain_text(
    clip: WordTokenizer, before: str, token: str, after: str
) -> None:
    ids = clip.ids(before + token + after)
    assert ids[0] == START
    assert ids[-1] == END
    assert not {START, END} & set(ids[1:-1])
    assert len(ids) <= 77


def test_special_tokens_kept_whole_by_the_splitter_are_plain_text_too(tmp_path: Path) -> None:
    rules = json.loads(clip_rules())
    split = rules["pre_tokenizer"]["pretokenizers"][0]["pattern"]
    split["Regex"] = r"<\|startoftext\|>|<\|endoftext\|>|" + split["Regex"]
    path = tmp_path / "tokenizer.json"
    path.write_text(json.dumps(rules), encoding="utf-8")
    ids = WordTokenizer(path, find("clip-vit-b32")).ids("sea <|endoftext|>")
    assert not {START, END} & set(ids[1:-1])
    assert len(ids) > 4


def test_long_texts_keep_their_end(clip: WordTokenizer) -> None:
    ids = clip.ids("sea " * 200)
    assert len(ids) == 77
    assert ids[0] == START
    assert ids[1:-1] == [2102] * 75
    assert ids[-1] == END


def test_a_tower_that_was_trained_with_padding_gets_it(clip_file: Path) -> None:
    words = WordTokenizer(clip_file, find("mobileclip-s0"))
    assert words.ids("van Gogh") == [START, 2451, 19697, END, *[0] * 73]
    assert len(words.ids("sea " * 200)) == 77


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("A “Stormy” Sea, 1889!", "a stormy sea 1889"),
        ("water_lilies", "water lilies"),
        ("</s> <eos>", "s eos"),
        ("  ", ""),
    ],
)
def test_the_clean_up_of_siglip(written: str, read: str) -> None:
    assert cleaned(written, "canonicalize") == read


def siglip(tmp_path: Path) -> WordTokenizer:
    rules = json.loads(wordpiece_rules())
    rules["model"]["vocab"]["</s>"] = len(rules["model"]["vocab"])
    path = tmp_path / "tokenizer.json"
    path.write_text(json.dumps(rules), encoding="utf-8")
    return WordTokenizer(path, find("siglip-b16"))


def test_siglip_ends_and_pads_to_its_context(tmp_path: Path) -> None:
    words = siglip(tmp_path)
    end = words.ids("")[0]
    assert words.ids("") == [end, *[1] * 63]
    assert words.ids("Red!")[1:3] == [end, 1]
    assert words.ids("red " * 100)[62:] == [words.ids("red")[0], end]


def wordpiece(tmp_path: Path, **changes: object) -> WordTokenizer:
    path = tmp_path / "tokenizer.json"
    path.write_text(wordpiece_rules(), encoding="utf-8")
    kinds = {"tokenizer": "wordpiece", "context_length": 6, "pad_rule": "none", **changes}
    return WordTokenizer(path, changed(find("clip-vit-b32"), **kinds))


def test_word_pieces_are_neither_framed_nor_padded(tmp_path: Path) -> None:
    vocabulary = json.loads(wordpiece_rules())["model"]["vocab"]
    words = wordpiece(tmp_path)
    assert words.ids("A red Seaside") == [vocabulary[p] for p in ("a", "red", "sea", "##side")]
    assert words.ids("") == [vocabulary["[UNK]"]]
    assert words.ids("red " * 9) == [vocabulary["red"]] * 6
    assert vocabulary["[CLS]"] not in words.ids("[CLS] red")


def test_bert_is_framed(tmp_path: Path) -> None:
    vocabulary = json.loads(wordpiece_rules())["model"]["vocab"]
    words = wordpiece(tmp_path, tokenizer="bert")
    assert words.ids("red") == [vocabulary["[CLS]"], vocabulary["red"], vocabulary["[SEP]"]]
    assert len(words.ids("red " * 9)) == 6


def test_a_tokenizer_of_another_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"has no token <\|startoftext\|>"):
        wordpiece(tmp_path, tokenizer="clip-bpe")
