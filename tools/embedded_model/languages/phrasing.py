"""From the facts of one picture to one caption, said alike in ten languages."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from tools.embedded_model.captions import Facts
from tools.embedded_model.languages.lexicon import LANGUAGES, Row

NOUNS = {
    "en": ("painting", "picture", "artwork", "image", "canvas", "art"),
    "de": ("Gemälde", "Bild", "Kunstwerk", "Malerei", "Kunst", "Bilder"),
    "fr": ("tableau", "peinture", "image", "œuvre", "toile", "art"),
    "es": ("cuadro", "pintura", "imagen", "obra", "lienzo", "arte"),
    "it": ("quadro", "dipinto", "immagine", "opera", "tela", "arte"),
    "nl": ("schilderij", "afbeelding", "kunstwerk", "plaatje", "doek", "kunst"),
    "pt": ("quadro", "pintura", "imagem", "obra", "tela", "arte"),
    "pl": ("obraz", "malowidło", "dzieło", "obrazek", "płótno", "sztuka"),
    "sv": ("målning", "bild", "konstverk", "tavla", "duk", "konst"),
    "da": ("maleri", "billede", "kunstværk", "billede", "lærred", "kunst"),
}
AND = dict(zip(LANGUAGES, ("and", "und", "et", "y", "e", "en", "e", "i", "och", "og"), strict=True))
OF = {
    "en": ("of", "with", "of a"),
    "de": ("von", "mit", "mit einem", "einer", "eines", "mit einer"),
    "fr": ("de", "avec", "d'un", "d'une", "avec des"),
    "es": ("de", "con", "de un", "de una", "con un"),
    "it": ("di", "con", "di un", "di una", "con un"),
    "nl": ("van", "met", "van een", "met een"),
    "pt": ("de", "com", "de um", "de uma", "com um"),
    "pl": ("z", "przedstawiający", "na którym jest"),
    "sv": ("av", "med", "av en", "med ett"),
    "da": ("af", "med", "af en", "med et"),
}
A = {
    "en": ("a", ""),
    "de": ("ein", "eine", ""),
    "fr": ("un", "une", ""),
    "es": ("un", "una", ""),
    "it": ("un", "una", ""),
    "nl": ("een", ""),
    "pt": ("um", "uma", ""),
    "pl": ("", "jakiś"),
    "sv": ("en", "ett", ""),
    "da": ("en", "et", ""),
}
IN_THE_STYLE = {
    "en": "in the style of",
    "de": "im Stil von",
    "fr": "dans le style",
    "es": "al estilo",
    "it": "nello stile",
    "nl": "in de stijl van",
    "pt": "ao estilo",
    "pl": "w stylu",
    "sv": "i stil med",
    "da": "i stil med",
}
NOUN_FIRST = ("fr", "es", "it", "pt")

# Slots in the order of languages that put adjectives first; "+" says "and", "@" "in the style of",
# "%" "a picture of".
PATTERNS = (
    "style genre",
    "style subject",
    "style noun % subject",
    "genre @ style",
    "genre",
    "genre",
    "style",
    "style noun",
    "tag",
    "tag",
    "tag",
    "a noun % tag",
    "tag + tag2",
    "mood noun",
    "mood",
    "mood genre",
    "mood tag",
    "mood colour subject",
    "mood style genre",
    "mood + mood2",
    "mood mood2 noun",
    "colour noun",
    "colour",
    "colour subject",
    "colour style genre",
    "colour + colour2",
    "a mood subject",
    "mood colour style subject",
    "mood style subject noun",
    "tag tag2 mood",
)
PAIRS = ("tag + tag2", "tag % tag2", "a tag % tag2", "noun % tag", "tag tag2")
BEFORE_NOUNS = ("mood", "mood2", "colour", "style")


@dataclass(frozen=True, slots=True)
class Said:
    """One caption in one language and in English, and the facts a picture needs for it."""

    language: str
    text: str
    english: str
    needs: frozenset[str]


class Phrasing:
    """Draws captions; rare tags, moods and colours come up more often than their share."""

    def __init__(self, rows: list[Row], all_facts: list[Facts]) -> None:
        self._rows: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in rows:
            self._rows[row.aspect, row.key].append(row)
        counts: dict[str, int] = defaultdict(int)
        for told in all_facts:
            for word in (*told.tags, *told.moods, *told.colours):
                counts[word] += 1
        self._weights = {word: count**-0.5 for word, count in counts.items()}

    def draw(self, told: Facts, language: str, chance: np.random.Generator) -> Said | None:
        """One caption, or None where the drawn pattern asks for what is not known of it."""
        pattern = PATTERNS[int(chance.integers(len(PATTERNS)))].split()
        chosen: dict[str, Row] = {}
        needs: set[str] = set()
        for slot in pattern:
            found = self._fact(slot, told, chosen, chance)
            if found is None:
                continue
            rows = self._rows.get(found)
            if not rows:
                return None
            usual = chance.random() < 0.4
            chosen[slot] = rows[0 if usual else int(chance.integers(len(rows)))]
            needs.add(f"{found[0]}:{found[1]}")
        wanted = [slot for slot in pattern if slot not in ("a", "noun", "+", "@", "%")]
        if any(slot not in chosen for slot in wanted):
            return None
        noun = int(chance.integers(len(NOUNS["en"])))
        text = _spoken(pattern, chosen, language, noun, chance)
        english = _spoken(pattern, chosen, "en", noun, None)
        return Said(language, text, english, frozenset(needs))

    def _fact(
        self, slot: str, told: Facts, chosen: dict[str, Row], chance: np.random.Generator
    ) -> tuple[str, str] | None:
        if slot == "subject":
            slot = "tag" if told.tags and chance.random() < 0.7 else "genre"
        aspect = slot.rstrip("2")
        many = {"tag": told.tags, "mood": told.moods, "colour": told.colours}.get(aspect)
        if many is None:
            one = {"style": told.style, "genre": told.genre}.get(aspect)
            return (aspect, one) if one else None
        used = {row.key for row in chosen.values()}
        left = [key for key in many if key not in used]
        if not left:
            return None
        weights = np.array([self._weights.get(key, 1.0) for key in left])
        return aspect, left[int(chance.choice(len(left), p=weights / weights.sum()))]


def pair(rows: list[Row], language: str, chance: np.random.Generator) -> tuple[str, str]:
    """Two things together, such as "eine Eiche mit Nebel", and the same in English."""
    one, other = (rows[int(number)] for number in chance.choice(len(rows), 2, replace=False))
    pattern = PAIRS[int(chance.integers(len(PAIRS)))].split()
    chosen = {"tag": one, "tag2": other}
    noun = int(chance.integers(len(NOUNS["en"])))
    text = _spoken(pattern, chosen, language, noun, chance)
    return text, _spoken(pattern, chosen, "en", noun, None)


def _spoken(
    pattern: list[str],
    chosen: dict[str, Row],
    language: str,
    noun: int,
    chance: np.random.Generator | None,
) -> str:
    """The pattern in the language's own order; without chance the usual way."""
    order = _noun_first(pattern) if language in NOUN_FIRST else pattern
    words = []
    for slot in order:
        if slot in chosen:
            row = chosen[slot]
            ways = row.forms(language) if chance is not None else row.said[language][:1]
            words.append(_one(ways, chance))
        else:
            words.append(_function_word(slot, language, noun, chance))
    return " ".join(word for word in words if word)


def _one(ways: tuple[str, ...], chance: np.random.Generator | None) -> str:
    if chance is None or chance.random() < 0.3:
        return ways[0]
    return ways[int(chance.integers(len(ways)))]


def _function_word(slot: str, language: str, noun: int, chance: np.random.Generator | None) -> str:
    if slot == "noun":
        return NOUNS[language][noun]
    if slot == "a":
        return _one(A[language], chance)
    if slot == "%":
        return _one(OF[language], chance)
    return AND[language] if slot == "+" else IN_THE_STYLE[language]


def _noun_first(pattern: list[str]) -> list[str]:
    """Adjectives after the noun that they stood before."""
    order: list[str] = []
    waiting: list[str] = []
    for slot in pattern:
        if slot in BEFORE_NOUNS:
            waiting.insert(0, slot)
        elif slot in ("+", "@") or (slot == "a" and not waiting):
            order += [*waiting, slot]
            waiting = []
        else:
            order += [slot, *waiting]
            waiting = []
    return order + waiting
