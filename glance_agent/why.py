"""Why a work was chosen, in one true sentence that people would say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from glance_agent.choose import Role
from glance_agent.command import HOUSEHOLD
from glance_agent.signals import Liking


@dataclass(frozen=True, slots=True)
class Kin:
    """The title of a liked work that the chosen one resembles, and how that liking showed."""

    title: str
    liking: Liking = Liking.SAID


@dataclass(frozen=True, slots=True)
class Grounds:
    """What spoke for a work: where it was looked for, whose taste that was, the liked work it
    resembles, how it showed that the work itself is liked (if it did), the mood that it suits,
    and whether it was never shown before.
    """

    role: Role
    user: str = HOUSEHOLD
    kin: Kin | None = None
    itself: Liking | None = None
    mood: str | None = None
    new: bool = False


def sentence(grounds: Grounds) -> str:
    """The reason, without a full stop: “Because you liked “Impression, Sunrise””."""
    if grounds.mood is None:
        return _capital(_reason(grounds))
    mood = _capital(grounds.mood)
    mood = mood if mood.casefold().endswith("mood") else f"{mood} mood"
    if grounds.itself is not None:
        return f"{mood}, and {_happened(grounds.itself, grounds.user, 'it')} before"
    if grounds.kin is not None and grounds.role is Role.SURE:
        return f"{mood}, and {_with_kin(grounds.kin, grounds.user)}"
    return f"{mood}, and {'new to you' if grounds.new else 'worth another look'}"


def _reason(grounds: Grounds) -> str:
    if grounds.itself is not None:
        return f"{_happened(grounds.itself, grounds.user, 'it')} before"
    if grounds.kin is None:
        return "new to you" if grounds.new else "worth another look"
    match grounds.role:
        case Role.SURE:
            return f"because {_with_kin(grounds.kin, grounds.user)}"
        case Role.NEARBY:
            return f"not far from “{grounds.kin.title}”, which {_of_kin(grounds.kin, grounds.user)}"
        case Role.UNEXPLORED:
            return "something different" + (", and new to you" if grounds.new else "")


def _with_kin(kin: Kin, user: str) -> str:
    return _happened(kin.liking, user, f"“{kin.title}”")


def _happened(liking: Liking, user: str, work: str) -> str:
    """What someone did that tells of a liking: “you liked …”."""
    match liking:
        case Liking.SAID:
            return f"{_who(user)} liked {work}"
        case Liking.ASKED_FOR_MORE:
            return f"{_who(user)} asked for more like {work}"
        case Liking.LEFT_UP:
            return f"{work} was left up for long"
        case _:
            assert_never(liking)


def _of_kin(kin: Kin, user: str) -> str:
    """The same, said of the work: “which …”."""
    match kin.liking:
        case Liking.SAID:
            return f"{_who(user)} liked"
        case Liking.ASKED_FOR_MORE:
            return f"{_who(user)} asked for more of"
        case Liking.LEFT_UP:
            return "was left up for long"
        case _:
            assert_never(kin.liking)


def _who(user: str) -> str:
    return "you" if user == HOUSEHOLD else user


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
