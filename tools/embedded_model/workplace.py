"""Where the training keeps its files: one folder, named on the command line."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
EMBEDDED = REPOSITORY / "glance_agent" / "embedding" / "embedded"


def paintings_folder() -> Path:
    """The folder of training data: GLANCE_PAINTINGS, else ../shared/paintings beside the
    repository.
    """
    return Path(os.environ.get("GLANCE_PAINTINGS", REPOSITORY.parent / "shared" / "paintings"))


def arguments(summary: str) -> argparse.ArgumentParser:
    """A parser that already knows --work and --paintings."""
    parser = argparse.ArgumentParser(description=summary)
    parser.add_argument(
        "--work", type=Path, default=Path("build/embedded-model"), help="folder for everything made"
    )
    parser.add_argument(
        "--paintings", type=Path, default=paintings_folder(), help="folder of the training data"
    )
    return parser
