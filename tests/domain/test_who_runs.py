"""Whoever runs with a library is named in the language of whoever asks."""

from __future__ import annotations

import os

import pytest

from glance_agent.domain.identity import Identity
from glance_agent.domain.languages import in_language
from glance_agent.domain.who_runs import in_ones_language
from glance_agent.wiring.identity import agent_title


@pytest.mark.parametrize(
    ("title", "german"),
    [
        ("the agent 8c3a on pi.local, process 7", "Agent 8c3a auf pi.local, Prozess 7"),
        ("process 7 on pi", "Prozess 7 auf pi"),
        ("process 7 on pi, agent 8c3a", "Prozess 7 auf pi, Agent 8c3a"),
        ("the pi", "the pi"),
    ],
)
def test_titles_are_said_in_ones_language(title: str, german: str) -> None:
    said = in_ones_language(title)
    assert (said, in_language(said, "de")) == (title, german)


def test_the_title_of_an_agent_is_one_of_these() -> None:
    title = agent_title(Identity("8c3a", "8c3a"))
    german = in_language(in_ones_language(title), "de")
    assert german.startswith("Agent 8c3a auf ")
    assert german.endswith(f", Prozess {os.getpid()}")
