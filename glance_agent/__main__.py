"""python -m glance_agent"""

from __future__ import annotations

from glance_agent.cli import main

if __name__ == "__main__":
    main()
