"""What Prometheus is told: by its own reader, of a real agent."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from glance_agent.agent.figures import BOUNDS_SECONDS, Figures
from tests.broker import Broker, free_port
from tests.doors.web.served import agent_with_pages
from tests.home import Home
from tests.phone import Phone

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def samples(text: str) -> Samples:
    """Every figure, by its name and labels."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_figures_are_those_of_what_was_asked(home: Home, broker: Broker) -> None:
    async with (
        Phone(broker.port) as phone,
        agent_with_pages(home, broker.port, free_port()) as session,
    ):
        for path in ("next", "next", "previous/cellar", "jump", 'a"b\\c%0A'):
            async with session.post(f"/api/command/{path}", json={}) as answer:
                await answer.read()
        await phone.publish("command/like", {})
        await phone.expect("event/reaction")
        async with session.get("/metrics") as answer:
            assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
            found = samples(await answer.text())

    def figure(name: str, **labels: str) -> float:
        return found[name, frozenset(labels.items())]

    assert figure("glance_commands_total", verb="next", ok="true") >= 2
    assert figure("glance_commands_total", verb="previous", ok="false") == 1
    assert figure("glance_commands_total", verb="like", ok="true") == 1
    assert figure("glance_refusals_total", code="unknown_verb") == 2
    assert figure("glance_artworks") == 12
    assert figure("glance_embedded") == 12
    assert figure("glance_broker_connected") == 1
    assert figure("glance_queue") == 0
    assert figure("glance_step_seconds_count", step="answer") >= 4
    assert figure("glance_step_seconds_bucket", step="answer", le="+Inf") == figure(
        "glance_step_seconds_count", step="answer"
    )
    assert [key for key in found if "jump" in str(key)] == []


def test_seconds_are_counted_up_to_each_bound() -> None:
    ticks = iter([0.0, 0.004, 1.0, 1.02, 2.0, 99.0])
    figures = Figures(clock=lambda: next(ticks))
    for _ in range(3):
        with figures.step("answer"):
            pass
    counts = figures.steps["answer"].counts
    assert (counts[0], counts[-1], sum(counts)) == (1, 1, 3)
    assert len(counts) == len(BOUNDS_SECONDS) + 1


def test_a_command_is_under_way_until_it_is_answered() -> None:
    figures = Figures()
    with figures.command():
        assert figures.under_way == 1
    assert figures.under_way == 0
