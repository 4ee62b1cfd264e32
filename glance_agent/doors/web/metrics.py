"""What the agent counts, as Prometheus reads it (text format 0.0.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Protocol

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from glance_agent.agent.figures import BOUNDS_SECONDS, Figures
from glance_agent.doors.web.route import Route

TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8"


class BrokerState(Protocol):
    """How the connection to the broker is."""

    @property
    def is_connected(self) -> bool: ...
    @property
    def waiting(self) -> int: ...


@dataclass(frozen=True, slots=True)
class AgentCollector(Collector):
    """Makes the figures of this moment; `facts` are those of the agent topic."""

    figures: Figures
    facts: Callable[[], dict[str, Any]]
    broker: BrokerState

    def collect(self) -> Iterator[Metric]:
        """All of them; no label holds what a stranger sent."""
        yield self._commands()
        yield self._refusals()
        yield self._seconds()
        yield from self._library()
        waiting = self.figures.under_way + self.broker.waiting
        yield GaugeMetricFamily("glance_queue", "Commands that wait or are carried out.", waiting)
        connected = float(self.broker.is_connected)
        yield GaugeMetricFamily("glance_broker_connected", "1 with a broker, else 0.", connected)

    def _commands(self) -> Metric:
        family = CounterMetricFamily(
            "glance_commands", "Commands answered, by verb and outcome.", labels=["verb", "ok"]
        )
        for (verb, ok), count in self.figures.answered.items():
            family.add_metric([verb, str(ok).lower()], count)
        return family

    def _refusals(self) -> Metric:
        said = "Messages that were no commands, and failures that everyone was told of, by code."
        family = CounterMetricFamily("glance_refusals", said, labels=["code"])
        for code, count in self.figures.refused.items():
            family.add_metric([code], count)
        return family

    def _seconds(self) -> Metric:
        said = "How long the steps of commands took: fetch, read, answer, tell."
        family = HistogramMetricFamily("glance_step_seconds", said, labels=["step"])
        bounds = [*map(str, BOUNDS_SECONDS), "+Inf"]
        for step, spent in self.figures.steps.items():
            buckets = list(zip(bounds, accumulate(spent.counts), strict=True))
            family.add_metric([step], buckets, spent.seconds)
        return family

    def _library(self) -> Iterator[Metric]:
        facts = self.facts()
        for key, said in (
            ("artworks", "Works in the library."),
            ("embedded", "Works that have a vector of the model."),
            ("free_disk_bytes", "Room where the library is kept."),
        ):
            if isinstance(value := facts.get(key), int):
                yield GaugeMetricFamily(f"glance_{key}", said, value)
        model = {"model": str(facts.get("model") or ""), "version": str(facts.get("version") or "")}
        yield InfoMetricFamily("glance_agent", "What answers, and which version.", model)


def metrics_route(collector: AgentCollector) -> Route:
    """`metrics`, for whoever may look at pages."""
    registry = CollectorRegistry()
    registry.register(collector)

    async def answer(_request: web.Request) -> web.Response:
        headers = {"Content-Type": TEXT_FORMAT, "Cache-Control": "no-store"}
        return web.Response(body=generate_latest(registry), headers=headers)

    return Route("GET", "/metrics", answer, gives="text/plain", says="Figures for Prometheus.")
