"""What people add to their words for courtesy, taken off again."""

from __future__ import annotations

import re

POLITE_ENDINGS = (
    "please",
    "thanks",
    "thank you",
    "bitte",
    "danke",
    "s'il te plaît",
    "s'il vous plaît",
    "merci",
    "por favor",
    "gracias",
    "per favore",
    "per piacere",
    "grazie",
    "alsjeblieft",
    "alstublieft",
    "graag",
    *(f"{at} {the} {place}" for at in ("on", "to", "onto", "at") for the in ("the", "my", "our")
      for place in ("wall", "display", "screen", "frame")),
    *(f"{at} {the} wand" for at in ("an", "auf") for the in ("der", "die", "meine", "unsere")),
    *("au mur", "sur le mur", "en la pared", "a la pared", "en el muro"),
    *("alla parete", "sulla parete", "sul muro", "al muro"),
    *(f"{at} {the} muur" for at in ("aan", "op") for the in ("de", "mijn", "onze")),
)  # fmt: skip
"""What voice wildcards carry along at the end of a query."""

LONGEST_ENDING = 60

_REQUEST = re.compile(
    r"^(?:(?:please|hey|ok|okay|could you|can you|would you|i(?:'d| would)? (?:want|like|love)"
    r"(?: to see)?|let me see|show(?: me| us)?|find(?: me| us)?|give me|search(?: for)?"
    r"|look for|get me|bring up|display|put(?: up)?)\b[\s,]+)+"
    r"(?:(?:something|anything|some|a few)\b(?!\s+(?:like|similar)\b)\s+)?",
    re.IGNORECASE,
)

_REQUESTS = re.compile(
    r"^(?:(?:zeige?|such|suche|finde?)\s(?:mir|uns)(?:\s(?:bitte|mal|doch))*"
    r"|(?:montrez?|affichez?|trouvez?|cherchez?)[\s-](?:moi|nous)"
    r"|(?:je|on)\s(?:veux|veut|voudrais|voudrait|aimerais|aimerait)\svoir"
    r"|(?:mu[eé]stra|ens[eé]ña|b[uú]sca)(?:me|nos)|(?:quiero|quisiera|me\sgustaría)\sver"
    r"|(?:mostra|cerca|trova)(?:mi|ci)|(?:fammi|facci|voglio|vorrei|mi\spiacerebbe)\svedere"
    r"|(?:toon|zoek)\s(?:me|mij|ons))[\s,]+",
    re.IGNORECASE,
)
"""The same in other languages; what is said in words of the phrase tables comes without it."""
_REQUEST_AROUND = re.compile(
    r"^(?:(?:ich|wir)\s(?:will|möchte|wollen|möchten|würden?)\s(?:gerne?\s|bitte\s)?(?P<de>.+)\ssehen"
    r"|(?:laat\s(?:me|mij|ons)|(?:ik|we)\s(?:wil|willen|zou|zouden))\s(?:eens\s|graag\s)?(?P<nl>.+)\szien)$",
    re.IGNORECASE,
)
"""German and Dutch put the verb behind what is asked for."""


_SHOW_VERBS = frozenset({
    "show", "display", "play", "open", "start", "put", "hang", "bring", "turn", "set",
    "zeig", "zeige", "spiel", "spiele", "häng", "hänge", "stell", "lade", "öffne", "hol",
    "starte", "mach", "sehen", "lass",
    "montre", "affiche", "mets", "accroche", "passe", "joue", "ouvre", "lance", "envoie",
    "présente",
    "muestra", "enseña", "pon", "cuelga", "reproduce", "dame", "abre", "saca", "trae", "proyecta",
    "exhibe", "visualiza",
    "mostra", "metti", "appendi", "apri", "riproduci", "proietta", "carica", "visualizza",
    "toon", "zet", "geef", "speel", "vertoon", "laat",
})  # fmt: skip
"""Verbs that are other words as well, such as “montre”, a watch: a title may follow them."""
_BEHIND_THEM = frozenset({
    "me", "us", "mir", "mich", "uns", "moi", "nous", "up", "on", "op", "auf", "zien", "sehen",
    "eens",
})  # fmt: skip


def without_show_verb(words: str) -> str:
    """The words behind a verb such as “play” or “montre”, which may be a title; else nothing."""
    verb, *rest = words.split() or [""]
    if verb.casefold() not in _SHOW_VERBS:
        return ""
    while rest and rest[0].casefold() in _BEHIND_THEM:
        rest = rest[1:]
    return " ".join(rest)


def without_politeness(words: str) -> str:
    """The words with white space folded, without what people add for courtesy at the end.

    Linear in the length of the words, which are a stranger's.
    """
    left = " ".join(words.split())
    while ending := _polite_ending(left):
        left = left.rstrip(" .!?,")[: -len(ending)].rstrip(" ,")
    return left


def without_request(words: str) -> str:
    """The words without the “please show me some” before them, where anything is left."""
    if around := _REQUEST_AROUND.match(words):
        return around["de"] or around["nl"]
    return _REQUESTS.sub("", _REQUEST.sub("", words)) or words


def _polite_ending(words: str) -> str | None:
    """The courtesy that the words end in, where it follows something else."""
    end = words[-LONGEST_ENDING:].lower().rstrip(" .!?,")
    return next((e for e in POLITE_ENDINGS if end.endswith((f" {e}", f",{e}"))), None)
