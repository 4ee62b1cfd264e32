"""A line of progress with the time that is left."""

from __future__ import annotations

import sys
import time

SECONDS_BETWEEN = 15.0


class Progress:
    """Tells, at most every 15 seconds, how far a long job is."""

    def __init__(self, job: str, total: int, *, done_before: int = 0) -> None:
        self.job, self.total, self.done_before = job, total, done_before
        self.started = self.told = time.monotonic()

    def show(self, done: int, note: str = "") -> None:
        """Print to stderr if it is time, or if all is done."""
        now = time.monotonic()
        if now - self.told < SECONDS_BETWEEN and done < self.total:
            return
        self.told = now
        rate = (done - self.done_before) / max(now - self.started, 1e-6)
        left = (self.total - done) / max(rate, 1e-6)
        told = f"{self.job}: {done}/{self.total}, {rate:.1f}/s, {left / 60:.1f} min left {note}"
        print(told, file=sys.stderr, flush=True)
