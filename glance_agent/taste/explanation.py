"""Why a work was chosen, in one true sentence that people would say."""

from __future__ import annotations

from dataclasses import dataclass

from glance_agent.domain.said import say
from glance_agent.domain.values import HOUSEHOLD
from glance_agent.domain.wording import said_title
from glance_agent.taste.feedback import Liking
from glance_agent.taste.selection import Role


@dataclass(frozen=True, slots=True)
class Relative:
    """The title of a liked work that the chosen one resembles, and how that liking showed."""

    title: str
    liking: Liking = Liking.SAID

    @property
    def quoted(self) -> str:
        return say("“{title}”", title=said_title(self.title))


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
    if grounds.mood is not None:
        return _in_a_mood(_mood(grounds.mood), grounds)
    if grounds.itself is not None:
        return _itself(grounds.itself, grounds.user)
    if grounds.kin is None:
        return say("New to you") if grounds.new else say("Worth another look")
    match grounds.role:
        case Role.SURE:
            return _because(grounds.kin, grounds.user)
        case Role.NEARBY:
            return _near(grounds.kin, grounds.user)
        case Role.UNEXPLORED:
            if grounds.new:
                return say("Something different, and new to you")
            return say("Something different")


def _itself(liking: Liking, who: str) -> str:
    if liking is Liking.LEFT_UP:
        return say("It was left up for long before")
    if liking is Liking.SAID:
        if who == HOUSEHOLD:
            return say("You liked it before")
        return say("{who} liked it before", who=_capital(who))
    if who == HOUSEHOLD:
        return say("You asked for more like it before")
    return say("{who} asked for more like it before", who=_capital(who))


def _because(kin: Relative, who: str) -> str:
    work = kin.quoted
    if kin.liking is Liking.LEFT_UP:
        return say("Because {work} was left up for long", work=work)
    if kin.liking is Liking.SAID:
        if who == HOUSEHOLD:
            return say("Because you liked {work}", work=work)
        return say("Because {who} liked {work}", who=who, work=work)
    if who == HOUSEHOLD:
        return say("Because you asked for more like {work}", work=work)
    return say("Because {who} asked for more like {work}", who=who, work=work)


def _near(kin: Relative, who: str) -> str:
    work = kin.quoted
    if kin.liking is Liking.LEFT_UP:
        return say("Not far from {work}, which was left up for long", work=work)
    if kin.liking is Liking.SAID:
        if who == HOUSEHOLD:
            return say("Not far from {work}, which you liked", work=work)
        return say("Not far from {work}, which {who} liked", who=who, work=work)
    if who == HOUSEHOLD:
        return say("Not far from {work}, which you asked for more of", work=work)
    return say("Not far from {work}, which {who} asked for more of", who=who, work=work)


def _mood(mood: str) -> str:
    mood = _capital(mood)
    return mood if mood.casefold().endswith("mood") else say("{words} mood", words=mood)


def _in_a_mood(mood: str, grounds: Grounds) -> str:
    if grounds.itself is not None:
        return _liked_before(mood, grounds.itself, grounds.user)
    if grounds.kin is not None and grounds.role is Role.SURE:
        return _like_what(mood, grounds.kin, grounds.user)
    if grounds.new:
        return say("{mood}, and new to you", mood=mood)
    return say("{mood}, and worth another look", mood=mood)


def _liked_before(mood: str, liking: Liking, who: str) -> str:
    if liking is Liking.LEFT_UP:
        return say("{mood}, and it was left up for long before", mood=mood)
    if liking is Liking.SAID:
        if who == HOUSEHOLD:
            return say("{mood}, and you liked it before", mood=mood)
        return say("{mood}, and {who} liked it before", mood=mood, who=who)
    if who == HOUSEHOLD:
        return say("{mood}, and you asked for more like it before", mood=mood)
    return say("{mood}, and {who} asked for more like it before", mood=mood, who=who)


def _like_what(mood: str, kin: Relative, who: str) -> str:
    work = kin.quoted
    if kin.liking is Liking.LEFT_UP:
        return say("{mood}, and {work} was left up for long", mood=mood, work=work)
    if kin.liking is Liking.SAID:
        if who == HOUSEHOLD:
            return say("{mood}, and you liked {work}", mood=mood, work=work)
        return say("{mood}, and {who} liked {work}", mood=mood, who=who, work=work)
    if who == HOUSEHOLD:
        return say("{mood}, and you asked for more like {work}", mood=mood, work=work)
    return say("{mood}, and {who} asked for more like {work}", mood=mood, who=who, work=work)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
