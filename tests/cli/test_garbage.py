"""When garbage is looked for, in a process of its own."""

from __future__ import annotations

import subprocess
import sys

USUAL = "import gc; print(*gc.get_threshold())"


def said(script: str) -> list[str]:
    """What a fresh interpreter prints that carries it out."""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


def test_a_verb_that_is_done_at_once_looks_for_none() -> None:
    """Not even at the end, where most of the time would go."""
    script = (
        "import atexit, gc, sys\n"
        "atexit.register(lambda: print(gc.get_freeze_count() > 0, *gc.get_count()[1:]))\n"
        "from glance_agent.__main__ import start\n"
        "sys.argv = ['glance-agent', '--version']\n"
        "start()\n"
    )
    version, *end = said(script)
    assert version
    assert end == ["True 0 0"]


def test_what_goes_on_for_long_looks_for_it_as_usual() -> None:
    script = (
        "import gc\n"
        "from glance_agent.cli.garbage import for_long, seldom\n"
        "async def thresholds():\n"
        "    return gc.get_threshold()\n"
        "seldom()\n"
        "print(*gc.get_threshold())\n"
        "print(*for_long(thresholds()))\n"
    )
    seldom, usual = said(script)
    assert [usual] == said(USUAL)
    assert seldom != usual
