"""Which message ends a connection; how long to wait; which version: decisions, as tables."""

from __future__ import annotations

from random import Random

import pytest

from glance_agent.doors.mqtt.backoff import (
    FIRST_DELAY_SECONDS,
    LONGEST_DELAY_SECONDS,
    STEADY_SECONDS,
    Backoff,
)
from glance_agent.doors.mqtt.suspects import Sent, Suspects, Verdict
from glance_agent.doors.mqtt.versions import Versions

AGENT = Sent("a/agent", 300, retain=True)
IMAGE = Sent("a/image", 50_000, retain=True)
OTHER_IMAGE = Sent("b/image", 60_000, retain=True)
SMALLER = Sent("a/image", 20_000, retain=True)
ANSWER = Sent("a/response", 50_000)


def convicted(sent: Sent = IMAGE) -> Suspects:
    """The suspects after two connections that ended of this message."""
    suspects = Suspects()
    assert suspects.ended([sent, AGENT]) is None
    suspects.arrived(AGENT)
    assert suspects.ended([sent]) == sent
    return suspects


def test_the_first_end_only_makes_suspects() -> None:
    suspects = Suspects()
    assert suspects.verdict(IMAGE) is Verdict.FREELY
    assert suspects.ended([AGENT, IMAGE, ANSWER]) is None
    assert suspects.verdict(AGENT) is suspects.verdict(IMAGE) is Verdict.ALONE
    assert suspects.verdict(ANSWER) is Verdict.FREELY


def test_what_arrives_alone_is_no_suspect_any_more() -> None:
    suspects = Suspects()
    suspects.ended([AGENT, IMAGE])
    suspects.arrived(AGENT)
    assert suspects.verdict(AGENT) is Verdict.FREELY


def test_what_ends_the_next_connection_alone_is_left_out() -> None:
    suspects = convicted()
    assert suspects.verdict(IMAGE) is Verdict.NOT
    assert suspects.verdict(OTHER_IMAGE) is Verdict.FREELY


def test_what_was_refused_before_the_end_is_left_out_at_once() -> None:
    suspects = Suspects()
    suspects.refused(IMAGE)
    assert suspects.verdict(IMAGE) is Verdict.NOT
    assert suspects.verdict(SMALLER) is Verdict.ALONE
    assert not suspects.untried()


def test_of_several_each_is_found() -> None:
    suspects = Suspects()
    ended = 0
    for _ in range(10):
        free = [s for s in (AGENT, IMAGE, OTHER_IMAGE) if suspects.verdict(s) is Verdict.FREELY]
        alone = [s for s in (AGENT, IMAGE, OTHER_IMAGE) if suspects.verdict(s) is Verdict.ALONE]
        sent = [[*free], *([s] for s in alone)]
        fatal = next((some for some in sent if {IMAGE, OTHER_IMAGE} & set(some)), None)
        for some in sent[: sent.index(fatal)] if fatal is not None else sent:
            for one in some:
                suspects.arrived(one)
        if fatal is None:
            break
        ended += 1
        suspects.ended(fatal[fatal.index(AGENT) + 1 :] if AGENT in fatal else fatal)
    assert suspects.verdict(IMAGE) is suspects.verdict(OTHER_IMAGE) is Verdict.NOT
    assert suspects.verdict(AGENT) is Verdict.FREELY
    assert ended <= 4


def test_a_shorter_one_is_tried_alone_and_teaches_the_limit() -> None:
    suspects = convicted()
    assert suspects.verdict(SMALLER) is Verdict.ALONE
    suspects.arrived(SMALLER)
    assert suspects.verdict(IMAGE) is Verdict.NOT
    assert suspects.ended([SMALLER]) == SMALLER
    assert suspects.verdict(SMALLER) is Verdict.NOT


def test_after_an_end_that_nothing_was_guilty_of_it_is_tried_once_more() -> None:
    suspects = convicted()
    assert suspects.ended([]) is None
    assert suspects.verdict(IMAGE) is Verdict.ALONE
    assert suspects.ended([IMAGE]) == IMAGE


def test_an_answer_on_its_way_says_nothing_for_or_against_what_is_retained() -> None:
    suspects = convicted()
    assert suspects.ended([ANSWER]) is None
    assert suspects.verdict(IMAGE) is Verdict.NOT


# -- how long to wait ------------------------------------------------------------------------------


def test_connections_that_do_not_live_are_waited_for_ever_longer() -> None:
    backoff = Backoff(Random(1))
    delays = [backoff.delay(lived_seconds=STEADY_SECONDS - 1) for _ in range(10)]
    ceilings = [min(LONGEST_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2**n) for n in range(10)]
    assert all(c / 2 <= d <= c for d, c in zip(delays, ceilings, strict=True))


def test_one_that_lived_is_followed_soon() -> None:
    backoff = Backoff(Random(1))
    for _ in range(8):
        backoff.delay()
    assert backoff.delay(lived_seconds=STEADY_SECONDS) <= FIRST_DELAY_SECONDS
    assert backoff.delay() <= FIRST_DELAY_SECONDS


def test_the_hopeless_is_waited_for_long_however_long_it_lived() -> None:
    backoff = Backoff(Random(1))
    delay = backoff.delay(lived_seconds=10 * STEADY_SECONDS, hopeless=True)
    assert delay >= LONGEST_DELAY_SECONDS / 2


# -- which version ---------------------------------------------------------------------------------

HEARD = {
    "a broker that says so": (("refused",), 4),
    "a stalled broker": (("unanswered",) * 9, 4),
    "one that is stalled, then is there": (("unanswered", "answered"), 5),
    "one that answers only the older version": (("unanswered", "answered", "unanswered"), 4),
    "one that comes back between": (("unanswered", "answered", "answered", "unanswered"), 4),
    "one that went away between": (("unanswered", "answered", "unreachable", "unanswered"), 4),
}


@pytest.mark.parametrize("heard", HEARD)
def test_a_slow_broker_is_not_taken_for_an_old_one(heard: str) -> None:
    events, now = HEARD[heard]
    versions = Versions("auto")
    for event in events:
        getattr(versions, event)()
    assert versions.now == now
    settled = heard in {"a broker that says so", "one that answers only the older version"}
    assert versions.on_trial == (now == 4 and not settled)


@pytest.mark.parametrize(("protocol", "version"), [("5", 5), ("3.1.1", 4)])
def test_a_version_that_is_set_stays(protocol: str, version: int) -> None:
    versions = Versions(protocol)
    for event in ("refused", "unanswered", "unanswered", "answered", "unanswered"):
        getattr(versions, event)()
        assert versions.now == version
        assert not versions.on_trial
