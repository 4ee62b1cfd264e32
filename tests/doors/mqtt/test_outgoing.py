"""What one connection sends, in which order, and what may be dropped; acknowledgements in order."""

from __future__ import annotations

from dataclasses import dataclass

from glance_agent.doors.mqtt.ack_order import AckOrder
from glance_agent.doors.mqtt.outgoing import EVENTS_WAITING, Fate, Outgoing, Publication


def news(topic: str, payload: bytes = b"") -> Publication:
    return Publication(topic, payload, retain=True)


def sent(outgoing: Outgoing) -> list[Publication]:
    """All that goes out when each publication is confirmed before the next."""
    out: list[Publication] = []
    while (due := outgoing.due()) is not None:
        outgoing.sent(len(out), due)
        outgoing.confirmed(len(out))
        out.append(due)
    return out


async def test_answers_go_ahead_of_news() -> None:
    outgoing = Outgoing()
    outgoing.add_news(first := news("a"))
    outgoing.add_answer(answer := Publication("response", b"1"))
    outgoing.add_answer(later := Publication("response", b"2"))
    assert sent(outgoing) == [answer, later, first]
    assert {p.fate.result() for p in (answer, later, first)} == {Fate.CONFIRMED}


async def test_of_what_is_retained_only_the_newest_waits() -> None:
    outgoing = Outgoing()
    outgoing.add_news(old := news("a", b"1"))
    outgoing.add_news(other := news("b"))
    outgoing.add_news(new := news("a", b"2"))
    assert old.fate.result() is Fate.REPLACED
    assert sent(outgoing) == [new, other]


async def test_the_latest_events_wait_in_order_with_what_is_retained() -> None:
    outgoing = Outgoing()
    outgoing.add_news(state := news("a"))
    events = [Publication("event", str(n).encode()) for n in range(EVENTS_WAITING + 3)]
    for event in events:
        outgoing.add_news(event)
    assert sent(outgoing) == [state, *events[3:]]
    assert [e.fate.result() for e in events[:4]] == [Fate.REPLACED] * 3 + [Fate.CONFIRMED]


async def test_no_more_is_under_way_than_the_window_allows() -> None:
    outgoing = Outgoing(window=2)
    answers = [Publication("response", b"") for _ in range(3)]
    for mid, answer in enumerate(answers):
        outgoing.add_answer(answer)
        if (due := outgoing.due()) is not None:
            outgoing.sent(mid, due)
    assert outgoing.under_way() == answers[:2]
    outgoing.confirmed(1)
    assert outgoing.due() is answers[2]


async def test_what_is_not_confirmed_is_lost_with_the_connection() -> None:
    outgoing = Outgoing(window=1)
    outgoing.add_answer(first := Publication("response", b""))
    outgoing.add_news(second := news("a"))
    assert outgoing.due() is first
    outgoing.sent(7, first)
    outgoing.lose()
    assert [p.fate.result() for p in (first, second)] == [Fate.LOST, Fate.LOST]
    assert outgoing.under_way() == [first]


@dataclass
class Arrived:
    mid: int


def test_messages_are_acknowledged_in_the_order_of_their_arrival() -> None:
    arrivals: AckOrder[Arrived] = AckOrder()
    first, second, third, left = (Arrived(mid) for mid in (9, 3, 12, 4))
    for one in (first, second, third, left):
        arrivals.add(one)
    arrivals.forget(left)
    assert arrivals.done(third) == []
    assert arrivals.done(first) == [first]
    assert arrivals.done(left) == []
    assert arrivals.done(second) == [second, third]
