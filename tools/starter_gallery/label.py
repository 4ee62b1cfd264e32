"""What is written beside the pictures: gallery.json and CREDITS."""

from __future__ import annotations

import json
from typing import Any

from .museum import PACKAGE, Work, works
from .pieces import Piece, pieces

CC0_URL = "https://creativecommons.org/publicdomain/zero/1.0/"
YEAR = 2026
HEADING = """The starter gallery: where each picture is from and under which licence.

Works by the Glance generator were painted for this project by the programs in
tools/starter_gallery and are dedicated to the public domain (CC0 1.0). The museum
photographs are digital images courtesy of the Getty's Open Content Program, taken
from the registry packages named below, which state CC0 1.0 for their contents.
"""


def gallery_json() -> str:
    """The text of gallery.json: one entry per picture, museum works last."""
    rows = [_of_piece(piece) for piece in pieces()] + [_of_work(work) for work in works()]
    return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"


def _tags(source: Piece | Work) -> list[str]:
    words = [*source.content, *source.mood, *source.colour, *source.style]
    return list(dict.fromkeys(words))


def _of_piece(piece: Piece) -> dict[str, Any]:
    return {
        "file": piece.file,
        "id": f"starter:{piece.slug}",
        "title": piece.title,
        "artist": "Glance generator",
        "date": str(YEAR),
        "year_from": YEAR,
        "year_to": YEAR,
        "medium": "procedural painting",
        "credit": "Painted by glance-agent's own generator",
        "licence": "CC0-1.0",
        "licence_url": CC0_URL,
        "tags": _tags(piece),
        "source": "starter",
    }


def _of_work(work: Work) -> dict[str, Any]:
    return {
        "file": work.file,
        "id": f"starter:{work.slug}",
        "title": work.title,
        "artist": work.artist,
        "date": work.date,
        "year_from": work.year_from,
        "year_to": work.year_to,
        "medium": work.medium,
        "credit": "Digital image courtesy of the Getty's Open Content Program",
        "licence": "CC0-1.0",
        "licence_url": CC0_URL,
        "page_url": work.page_url,
        "tags": _tags(work),
        "source": "starter",
    }


def credits_text() -> str:
    """The text of CREDITS: a heading, then every picture."""
    own = [
        f"{piece.file}\n  {piece.title}. Glance generator, {YEAR}.\n"
        f"  Painter {piece.painter}, seed {piece.seed}. CC0 1.0.\n"
        for piece in pieces()
    ]
    museum = [
        f"{work.file}\n  {work.title}. {work.artist}, {work.date}. {work.medium.capitalize()}.\n"
        f"  The J. Paul Getty Museum: {work.page_url}\n"
        f"  npm package {PACKAGE}{work.package} 0.2.3. CC0 1.0.\n"
        for work in works()
    ]
    return "\n".join([HEADING, *own, *museum])
