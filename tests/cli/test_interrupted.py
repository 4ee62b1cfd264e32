"""Ctrl-C at the terminal, while a loop waits for an answer by itself."""

from __future__ import annotations

import asyncio
import signal

import pytest

from glance_agent.cli.terminal import interrupted_at_once


def test_ctrl_c_interrupts_who_waits_in_a_loop_at_once() -> None:
    steps = []

    async def wait() -> None:
        steps.append("asked")
        signal.raise_signal(signal.SIGINT)
        steps.append("answered")

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), interrupted_at_once():
        asyncio.run(wait())
    assert steps == ["asked"]
    assert signal.getsignal(signal.SIGINT) is before
