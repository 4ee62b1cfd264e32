"""Centuries and decades as people say them -> the filter of their years."""

from __future__ import annotations

import re

from glance_agent.search.query_tokens import QUOTES

_ORDINALS = {
    "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19, "twentie": 20, "twenty-first": 21, "twenty first": 21,
    "dreizehn": 13, "vierzehn": 14, "fünfzehn": 15, "fuenfzehn": 15, "sechzehn": 16,
    "siebzehn": 17, "achtzehn": 18, "neunzehn": 19, "zwanzigst": 20, "einundzwanzigst": 21,
}  # fmt: skip
"""Stems: “th” of fifteenth and “ten” of fünfzehnten are left out."""
_STEMS = "|".join(sorted(_ORDINALS, key=len, reverse=True))
_NUMBER = rf"(?:(?P<number>\d{{1,2}})(?:st|nd|rd|th|\.)?|(?P<word>{_STEMS})(?:th|ten|en|e)?)"
_WORKS = r"(?: (?:art|paintings?|pictures?|works?|kunst|gemälde|bilder))?"
_CENTURY = re.compile(
    r"(?:\b(?:from|of|in|by|aus|im|vom|des) (?:the |dem |den )?)?\b(?:the |das |des )?"
    rf"{_NUMBER}[ -](?:century|jahrhunderts?)\b{_WORKS}",
    re.IGNORECASE,
)
_DECADE = re.compile(
    r"\b(?:from|of|in|aus) (?:the |den )?(?P<decade>\d{2,3}0)(?:s|er)(?: jahren?)?\b",
    re.IGNORECASE,
)
_ONLY_WORKS = re.compile(
    r"(?:(?:an?|some|any|the|ein|eine|art|artworks?|paintings?|pictures?|works?|pieces?|something"
    r"|anything|kunst|gemälde|bild|bilder|kunstwerke?|werke?|etwas)\s*)*",
    re.IGNORECASE,
)


def with_years(text: str) -> str:
    """The query with its century or decade as a filter: “art of the 1880s” -> `year:1880s`.

    Words in quotation marks are as they were said.
    """
    if any(mark in text for mark in QUOTES):
        return text
    for said, years in ((_CENTURY, _of_century), (_DECADE, _of_decade)):
        found = said.search(text)
        if found is not None and (filter_ := years(found)):
            rest = " ".join(f"{text[: found.start()]} {text[found.end() :]}".split())
            return filter_ if _ONLY_WORKS.fullmatch(rest) else f"{rest} {filter_}"
    return text


def _of_century(found: re.Match[str]) -> str:
    number = int(found["number"]) if found["number"] else _ORDINALS[found["word"].casefold()]
    return f"year:{100 * number - 99}..{100 * number}" if 1 <= number <= 21 else ""


def _of_decade(found: re.Match[str]) -> str:
    return f"year:{found['decade']}s"
