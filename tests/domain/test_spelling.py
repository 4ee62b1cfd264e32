"""How what a person reads or writes is spelled."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from glance_agent.domain.spelling import host_and_port

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize(
    ("host", "port", "spelled"),
    [
        ("127.0.0.1", 1883, "127.0.0.1:1883"),
        ("pi.local", 8883, "pi.local:8883"),
        ("::1", 1883, "[::1]:1883"),
        ("fe80::1%eth0", 1883, "[fe80::1%eth0]:1883"),
        ("::1", None, "[::1]"),
    ],
)
def test_a_host_and_its_port_are_an_address(host: str, port: int | None, spelled: str) -> None:
    assert host_and_port(host, port) == spelled


def test_nobody_joins_a_host_and_a_port_otherwise() -> None:
    joined = re.compile(r"\{[^{}]*host[^{}]*\}:\{")
    where = (ROOT / "glance_agent").rglob("*.py")
    assert [str(p) for p in where if joined.search(p.read_text("utf-8"))] == []
