"""Writes the sentence triggers of Home Assistant's package from the custom sentences.

`python -m tools.sentence_triggers` rewrites them in `packages/glance.yaml`, which a test compares.
Sentence triggers know neither lists nor rules: rules are written out, a room is any words, and
sentences with numbers are left to the intents.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent / "config" / "home_assistant"
PACKAGE = ROOT / "packages" / "glance.yaml"
LANGUAGES = {
    "en": "English",
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "it": "Italian",
    "nl": "Dutch",
}
PLEASE = {
    "en": "please",
    "de": "bitte",
    "fr": "s'il te plaît",
    "es": "por favor",
    "it": "per favore",
    "nl": "alsjeblieft",
}
"""What intents need not say: Home Assistant leaves it out for them, but not for triggers."""
MARK = "  # Made from custom_sentences by tools.sentence_triggers.\n"
ANY_WORDS = frozenset({"art_query", "art_artist", "art_mood"})
_LIST = re.compile(r"\{(\w+):(\w+)\}")
_ROOM_BEHIND_WORDS = re.compile(
    r"(?P<words>\{art_\w+:\w+\}(?:\s*\[[^\[\]{}]*\])?)"
    r"\s*\[[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*\{area:room\}[^\[\]]*\]"
)
_WORD = re.compile(r"[A-Z][a-z]*")


def commands(language: str) -> dict[str, list[str]]:
    """The sentences of each request, as triggers have them."""
    path = ROOT / "custom_sentences" / language / "glance.yaml"
    table = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    found: dict[str, list[str]] = {}
    for intent, said in table["intents"].items():
        sentences = [s for block in said["data"] for s in block["sentences"]]
        written = (_written_out(s, table["expansion_rules"]) for s in sentences)
        request = request_of(intent)
        please = PLEASE[language]
        polite = (f"[{please}] {s} [{please}]" for s in written if s is not None)
        found[request] = list(dict.fromkeys(polite))
    return found


def request_of(intent: str) -> str:
    """`GlanceSlideshowStart` -> `start_slideshow`, as the script calls it."""
    words = _WORD.findall(intent.removeprefix("Glance"))
    return "_".join(words[::-1] if words[0] == "Slideshow" else words).lower()


def _written_out(sentence: str, rules: dict[str, str]) -> str | None:
    """A sentence without rules and lists; None where it needs a list to be understood."""
    while "<" in sentence:
        sentence = re.sub(r"<(\w+)>", lambda found: rules[found[1]], sentence)
    lists = {found[1] for found in _LIST.finditer(sentence)} - {"area"}
    if lists - ANY_WORDS:
        return None
    if lists:
        # Any words have the room behind them in them already.
        sentence = _ROOM_BEHIND_WORDS.sub(r"\g<words>", sentence)
    return _LIST.sub(r"{\2}", sentence).strip()


def rendered() -> str:
    """The automations, as YAML within the package."""
    return "".join(line for language in LANGUAGES for line in _automation(language))


def _automation(language: str) -> Iterator[str]:
    yield f"  - id: glance_voice_{language}\n"
    yield f'    alias: "Glance: voice ({LANGUAGES[language]})"\n'
    yield "    mode: parallel\n    max: 20\n    triggers:\n"
    for request, sentences in commands(language).items():
        yield f"      - trigger: conversation\n        id: {request}\n        command:\n"
        yield from (f'          - "{sentence}"\n' for sentence in sentences)
    yield (
        "    variables:\n"
        "      said: \"{{ trigger.slots or {'query': ''} }}\"\n"
        "      words: \"{{ said.query | default(said.mood | default('', true), true) }}\"\n"
        "      by: \"{{ ' by ' ~ said.artist if said.artist | default('', true) else '' }}\"\n"
        "    actions:\n"
        "      - action: script.glance_request\n"
        "        data:\n"
        "          request: \"{{ 'say' if trigger.id in ('search', 'mood') else trigger.id }}\"\n"
        "          query: >-\n"
        "            {{ 'search ' ~ words ~ by if trigger.id == 'search'\n"
        "               else 'set the mood to ' ~ words if trigger.id == 'mood' else '' }}\n"
        "          room: \"{{ said.room | default('', true) }}\"\n"
        "          near: \"{{ area_id(trigger.device_id | default('', true)) or '' }}\"\n"
        f"          language: {language}\n"
        "        response_variable: reply\n"
        '      - set_conversation_response: "{{ reply.speech | trim }}"\n'
    )


def package(text: str) -> str:
    """The text of the package, with the triggers as they are to be."""
    return text[: text.index(MARK) + len(MARK)] + rendered()


def sentences_of(automation: dict[str, Any]) -> dict[str, list[str]]:
    """What an automation of the package understands, by request."""
    return {trigger["id"]: trigger["command"] for trigger in automation["triggers"]}


if __name__ == "__main__":
    PACKAGE.write_text(package(PACKAGE.read_text(encoding="utf-8")), encoding="utf-8")
