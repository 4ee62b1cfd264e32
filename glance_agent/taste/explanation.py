"""Why a work was chosen, in one true sentence that people would say."""

from __future__ import annotations

from dataclasses import dataclass

from glance_agent.domain.values import HOUSEHOLD
from glance_agent.taste.feedback import Liking
from glance_agent.taste.selection import Role


@dataclass(frozen=True, slots=True)
class Relative:
    """The title of a liked work that the chosen one resembles, and how that liking showed."""

    title: str
    liking: Liking = Liking.SAID

    @property
    def quoted(self) -> str:
        return f"“{self.title}”"


@dataclass(frozen=True, slots=True)
class Grounds:
    """What spoke for a work: where it was looked for, whose taste that was, the liked work it
    resembles, how it showed that the work itself is liked (if it did), the mood that it suits,
    and whether it was never shown before.
    """

    role: Role
    user: str = HOUSEHOLD
    kin: Relative | None = None
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
        return f"{mood}, and {_happened(grounds.kin.liking, grounds.user, grounds.kin.quoted)}"
    return f"{mood}, and {'new to you' if grounds.new else 'worth another look'}"


def _reason(grounds: Grounds) -> str:
    if grounds.itself is not None:
        return f"{_happened(grounds.itself, grounds.user, 'it')} before"
    if grounds.kin is None:
        return "new to you" if grounds.new else "worth another look"
    match grounds.role:
        case Role.SURE:
            return f"because {_happened(grounds.kin.liking, grounds.user, grounds.kin.quoted)}"
        case Role.NEARBY:
            which = _HAPPENED[grounds.kin.liking][1].format(who=_who(grounds.user))
            return f"not far from {grounds.kin.quoted}, which {which}"
        case Role.UNEXPLORED:
            return "something different" + (", and new to you" if grounds.new else "")


_HAPPENED = {
    Liking.SAID: ("{who} liked {work}", "{who} liked"),
    Liking.ASKED_FOR_MORE: ("{who} asked for more like {work}", "{who} asked for more of"),
    Liking.LEFT_UP: ("{work} was left up for long", "was left up for long"),
}
"""What tells of a liking: said of the person, and of the work after “which”."""


def _happened(liking: Liking, user: str, work: str) -> str:
    """What someone did: “you liked …”."""
    return _HAPPENED[liking][0].format(who=_who(user), work=work)


def _who(user: str) -> str:
    return "you" if user == HOUSEHOLD else user


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
