"""Record the vectors that the package's own model gives now, for `glance-agent models check`.

`python -m tools.record_selftest` after every new export of the model, and commit the result.
"""

from __future__ import annotations

import json
from pathlib import Path

from glance_agent.embedding.encoder import open_encoder
from glance_agent.embedding.models import selftest
from glance_agent.embedding.models.catalogue import catalogue

TARGET = Path(selftest.__file__).with_name("selftest.json")


def main() -> None:
    """Write the record of every model that the package carries."""
    records = {}
    for name, entry in catalogue().items():
        if entry.embedded:
            encoder = open_encoder(name, None, threads=2, memory_arena=False, prepacking=True)
            records[name] = selftest.record_of(encoder, entry)
    TARGET.write_text(json.dumps(records) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
