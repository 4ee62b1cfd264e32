"""Sentences as a voice is to read them: years in words, and what stands between two years.

“1889” is “one thousand eight hundred and eighty nine” to voices (espeak-ng 1.51, of which others
have their phonemes), in English, German and Dutch; in French, Spanish and Italian people say it so.
Of “1865–1870” they read two years with nothing between, in all six.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

_YEAR: Final = re.compile(r"(?<![\w.,:/-])1[1-9]\d\d(?![\w:/-]|[.,]\d)")
"""Numbers of four digits that are no years have a mark after their thousand."""
_SPAN: Final = re.compile(r"(?<![\w.,:/–-])(1[1-9]\d\d)[–-]((?:1[1-9]|20)\d\d)(?![\w:/–-]|[.,]\d)")
_FROM_TO: Final[Mapping[str, str]] = {
    "en": r"\1 to \2",
    "de": r"\1 bis \2",
    "nl": r"\1 tot \2",
    "fr": r"\1 à \2",
    "es": r"\1 a \2",
    "it": r"dal \1 al \2",
}
_ENGLISH: Final = (
    "", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_ENGLISH_TENS: Final = (
    "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
)  # fmt: skip
_GERMAN: Final = (
    "", "ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf",
    "zwölf", "dreizehn", "vierzehn", "fünfzehn", "sechzehn", "siebzehn", "achtzehn", "neunzehn",
)  # fmt: skip
_GERMAN_TENS: Final = (
    "zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig",
)  # fmt: skip
_DUTCH: Final = (
    "", "een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen", "tien", "elf",
    "twaalf", "dertien", "veertien", "vijftien", "zestien", "zeventien", "achttien", "negentien",
)  # fmt: skip
_DUTCH_TENS: Final = (
    "twintig", "dertig", "veertig", "vijftig", "zestig", "zeventig", "tachtig", "negentig",
)  # fmt: skip


def aloud(sentence: str, language: str) -> str:
    """The sentence with its years from 1100 to 1999 as one says them in a language (a code)."""
    if language in _FROM_TO:
        sentence = _SPAN.sub(_FROM_TO[language], sentence)
    said = _SAID.get(language)
    return _YEAR.sub(lambda year: said(*divmod(int(year[0]), 100)), sentence) if said else sentence


def _in_english(hundreds: int, rest: int) -> str:
    if rest == 0:
        return f"{_ENGLISH[hundreds]} hundred"
    return f"{_ENGLISH[hundreds]} {'oh ' if rest < 10 else ''}{_english(rest)}"


def _english(number: int) -> str:
    if number < 20:
        return _ENGLISH[number]
    tens, one = divmod(number, 10)
    return _ENGLISH_TENS[tens - 2] + (f"-{_ENGLISH[one]}" if one else "")


def _in_german(hundreds: int, rest: int) -> str:
    last = "eins" if rest == 1 else _turned(rest, _GERMAN, _GERMAN_TENS, lambda _: "und")
    return f"{_GERMAN[hundreds]}hundert{last}"


def _in_dutch(hundreds: int, rest: int) -> str:
    """With a blank between, without which a voice stumbles."""
    last = _turned(rest, _DUTCH, _DUTCH_TENS, lambda one: "ën" if one.endswith("e") else "en")
    return f"{_DUTCH[hundreds]}honderd {last}".strip()


def _turned(
    number: int, small: Sequence[str], tens: Sequence[str], and_: Callable[[str], str]
) -> str:
    """A number below a hundred, its ones before its tens."""
    if number < 20:
        return small[number]
    ten, one = divmod(number, 10)
    return (small[one] + and_(small[one]) if one else "") + tens[ten - 2]


_SAID: Final[Mapping[str, Callable[[int, int], str]]] = {
    "en": _in_english,
    "de": _in_german,
    "nl": _in_dutch,
}
