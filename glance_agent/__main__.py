"""python -m glance_agent, and the command glance-agent"""

from __future__ import annotations

import sys

EXIT_INTERRUPTED = 130
"""As shells say it: 128, and the number of SIGINT."""


def start() -> None:
    """Run the command line; Ctrl-C ends it quietly, also while it is being loaded."""
    try:
        from glance_agent.cli.garbage import seldom

        seldom()
        from glance_agent.cli.main import main

        main()
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)


if __name__ == "__main__":
    start()
