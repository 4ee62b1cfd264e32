"""Why a work was chosen, in one sentence that people would say."""

from __future__ import annotations

from dataclasses import dataclass

from glance_agent.choose import Role
from glance_agent.command import HOUSEHOLD


@dataclass(frozen=True, slots=True)
class Grounds:
    """What spoke for a work: where it was looked for, the liked title it resembles and whose
    like that was, the mood that it suits, whether it was never shown before, and whether it is
    itself a work that was liked.
    """

    role: Role
    liked_title: str | None = None
    liked_by: str = HOUSEHOLD
    mood: str | None = None
    new: bool = False
    itself_liked: bool = False


def sentence(grounds: Grounds) -> str:
    """The reason, without a full stop: “Because you liked “Impression, Sunrise””."""
    reason = _reason(grounds)
    if grounds.mood is None:
        return reason
    mood = f"{grounds.mood[:1].upper()}{grounds.mood[1:]}"
    mood = mood if mood.casefold().endswith("mood") else f"{mood} mood"
    if grounds.itself_liked:
        return f"{mood}, and {_who(grounds)} liked it before"
    if grounds.liked_title is not None and grounds.role is Role.SURE:
        return f"{mood}, and {_who(grounds)} liked “{grounds.liked_title}”"
    return f"{mood}, and {'new to you' if grounds.new else 'worth another look'}"


def _reason(grounds: Grounds) -> str:
    if grounds.itself_liked:
        who = _who(grounds)
        return f"{who[:1].upper()}{who[1:]} liked it before"
    if grounds.liked_title is None:
        return "New to you" if grounds.new else "Worth another look"
    match grounds.role:
        case Role.SURE:
            return f"Because {_who(grounds)} liked “{grounds.liked_title}”"
        case Role.NEARBY:
            return f"Not far from “{grounds.liked_title}”, which {_who(grounds)} liked"
        case Role.UNEXPLORED:
            return "Something different" + (", and new to you" if grounds.new else "")


def _who(grounds: Grounds) -> str:
    return "you" if grounds.liked_by == HOUSEHOLD else grounds.liked_by
