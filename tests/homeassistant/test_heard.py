"""What a voice makes of answers: transcripts in `voice/heard.tsv` of the sentences as they are."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from glance_agent.domain.aloud import aloud
from glance_agent.domain.artwork import Artwork
from glance_agent.domain.languages import in_language
from glance_agent.domain.said import listed, many, say
from glance_agent.domain.timing import clock_time

HEARD = Path(__file__).parent / "voice" / "heard.tsv"
LANGUAGES = ("en", "de", "fr", "es", "it", "nl")
LILIES = Artwork(id="a:1", title="Water Lilies", artist="Claude Monet", date="1906").label
BOATS = Artwork(id="a:2", title="Boats", artist="Felice Beato", date="about 1865").label
ONE = datetime(2026, 1, 1, 1, tzinfo=UTC)
SAID = (
    say("Showing {best}.", best=LILIES),
    say("Showing {best}.", best=BOATS),
    many("1 work is hidden.", "{n} works are hidden.", n=1),
    many("1 work is hidden.", "{n} works are hidden.", n=1234),
    many("It hangs at {at}.", "It hangs at {at}.", n=1, at=clock_time(ONE)),
    many("{label} hangs at {at}.", "{label} hangs at {at}.", n=21, label=LILIES, at="21:30"),
    many("A new picture every minute.", "A new picture every {n} minutes.", n=10),
    say("Discovery is now {percent} per cent.", percent=40),
    say("{display}: {label}; {change}.", display="wall", label=LILIES, change=say("it is paused")),
    say("Forgotten what you thought of {labels}.", labels=listed([LILIES, BOATS])),
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_listened_to_is_what_is_said(language: str) -> None:
    """Where a sentence changes, `espeak-ng -q --ipa -v <language>` makes its transcript anew."""
    rows = [line.split("\t") for line in HEARD.read_text(encoding="utf-8").splitlines()]
    heard = {text: phonemes for code, text, phonemes in rows if code == language}
    assert [*heard] == [aloud(in_language(said, language), language) for said in SAID]
    assert all(heard.values())
    # “1,234” is one number: a voice that makes two of it names no thousand.
    thousand = {
        "en": "θˈaʊzənd",
        "fr": "mil",
        "es": "mˈil",
        "it": "mˈille",
        "de": "tˈaʊzənt",
        "nl": "dˈœyzɛnt",
    }
    assert thousand[language] in heard[in_language(SAID[3], language)]
