"""Who runs with a library, as its leases name them."""

from __future__ import annotations

import re
from typing import Final

from glance_agent.domain.said import say

_AGENT: Final = re.compile(r"the agent (?P<agent>\S+) on (?P<host>\S+), process (?P<process>\d+)")
_PROCESS: Final = re.compile(
    r"process (?P<process>\d+) on (?P<host>[^\s,]+)(?:, agent (?P<agent>\S+))?"
)


def in_ones_language(title: str) -> str:
    """The title of a lease, which is kept in English, as a sentence that may be said in another
    language; one of another form as it is."""
    if (found := _AGENT.fullmatch(title)) is not None:
        return say("the agent {agent} on {host}, process {process}", **found.groupdict())
    if (found := _PROCESS.fullmatch(title)) is None:
        return title
    named = found.groupdict()
    if named.pop("agent") is None:
        return say("process {process} on {host}", **named)
    return say("process {process} on {host}, agent {agent}", **found.groupdict())
