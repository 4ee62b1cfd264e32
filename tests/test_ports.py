"""The ports of tests: nobody has that of another one."""

from __future__ import annotations

from tests.broker import FIRST_PORT, PORTS_EACH, WORKERS, free_port, lasting_port


def test_a_port_that_lasts_is_given_to_nobody_else() -> None:
    kept = lasting_port()
    assert kept == lasting_port()
    assert kept not in range(FIRST_PORT, FIRST_PORT + WORKERS * PORTS_EACH), "of any worker"
    assert free_port() in range(FIRST_PORT, FIRST_PORT + WORKERS * PORTS_EACH)
