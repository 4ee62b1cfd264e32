"""Build the starter gallery, or check that the shipped files are what the generator paints.

    python -m tools.starter_gallery.build --out glance_agent/sources/starter
    python -m tools.starter_gallery.build --out glance_agent/sources/starter --check

Museum photographs are made anew only when `--museum` names a node_modules folder that holds
their packages; otherwise the files in the output folder stay as they are.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from .finish import encoded
from .label import credits_text, gallery_json
from .museum import converted, works
from .pieces import Piece, painted, pieces


def rendered(piece: Piece) -> tuple[str, bytes]:
    """File name and WebP bytes of one piece."""
    return piece.file, encoded(painted(piece))


def texts() -> dict[str, bytes]:
    """The written files by name."""
    return {"gallery.json": gallery_json().encode(), "CREDITS": credits_text().encode()}


def files(options: argparse.Namespace) -> Iterator[tuple[str, bytes]]:
    """Every file of the gallery as (name, bytes), pictures as they are finished."""
    yield from texts().items()
    if options.museum:
        for work in works():
            yield work.file, converted(work, options.museum)
    wanted = [piece for piece in pieces() if not options.only or piece.slug in options.only]
    with ProcessPoolExecutor(options.jobs) as pool:
        yield from pool.map(rendered, wanted)


def write(options: argparse.Namespace) -> int:
    """Write all files and print their sizes."""
    options.out.mkdir(parents=True, exist_ok=True)
    for name, data in files(options):
        (options.out / name).write_bytes(data)
        print(f"{len(data):8d}  {name}", flush=True)
    return 0


def check(options: argparse.Namespace) -> int:
    """Compare with the files in the folder, byte by byte; 1 when any differs."""
    wrong = 0
    for name, data in files(options):
        path = options.out / name
        same = path.is_file() and path.read_bytes() == data
        wrong += not same
        print(f"{'same' if same else 'DIFFERS':8s}  {name}", flush=True)
    return 1 if wrong else 0


def parsed(arguments: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="Build the starter gallery.")
    parser.add_argument("--out", type=Path, required=True, help="folder of the gallery")
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    parser.add_argument("--museum", type=Path, help="node_modules with the image packages")
    parser.add_argument("--only", nargs="+", help="paint only the pieces with these slugs")
    parser.add_argument("--jobs", type=int, default=1, help="pictures painted side by side")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; the exit code."""
    options = parsed(arguments)
    return check(options) if options.check else write(options)


if __name__ == "__main__":
    sys.exit(main())
