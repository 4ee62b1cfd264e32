"""What of a source was left out, and why: in a few lines for people, in full for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glance_agent.domain.foreign import line
from glance_agent.domain.reasons import hint_in_words, in_words
from glance_agent.domain.said import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glance_agent.domain.items import Skipped

MOST_LINES = 10


def lines(source: str, items: Sequence[Skipped]) -> list[str]:
    """A line for each of the first items, and one for the rest; none where nothing is left out."""
    if not items:
        return []
    told = [
        say("{what}: {said}", what=f"  {line(i.key)}", said=_why(i)) for i in items[:MOST_LINES]
    ]
    rest, all_of_them = len(items) - len(told), "glance-agent sources list --json"
    more = say("… and {count} more; all of them with: {command}", count=rest, command=all_of_them)
    return [say("Left out of {source}:", source=source), *told, *([more] if rest else [])]


def facts(items: Sequence[Skipped]) -> list[dict[str, str]]:
    """All of them, as JSON has them."""
    return [{"item": i.key, "reason": i.reason, "detail": i.detail} for i in items]


def _why(item: Skipped) -> str:
    reason = in_words(item.reason)
    if not item.detail:
        return reason
    return say("{reason} ({detail})", reason=reason, detail=_detail(item))


def _detail(item: Skipped) -> str:
    of_what = item.detail.removeprefix("of ")
    if item.reason == "duplicate" and of_what != item.detail:
        return say("of {work}", work=of_what)
    return hint_in_words(item.detail) or item.detail
