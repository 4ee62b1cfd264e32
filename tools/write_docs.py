"""Writes the tables of the contract page that are made from the code.

`python -m tools.write_docs` rewrites config/CONTRACT.md; `contract_page` is what a test compares.
"""

from __future__ import annotations

from pathlib import Path

from glance_agent.command import COMMANDS, keys_of
from glance_agent.errors import ERROR_MEANINGS
from glance_agent.glance import ShownArtwork

PAGE = Path(__file__).parent.parent / "config" / "CONTRACT.md"
EVERYWHERE = {"display", "user", "transaction"}
PLAIN_TEXT = {
    "search": "the words",
    "mood": "the words; empty ends the mood",
    "slideshow": "`on`, `off` or seconds",
    "discovery": "a number from 0 to 100",
    "ingest": "the name of a source; empty = all",
    "next": "empty",
    "previous": "empty",
    "status": "empty",
    "show": "an artwork id",
}
AN_ID = "an artwork id; empty = what is on the display"


def verbs_table() -> str:
    """The verbs: what they do, their plain text, and their JSON keys."""
    lines = ["| verb | what it does | plain text | JSON keys |", "|---|---|---|---|"]
    for verb, kind in COMMANDS.items():
        keys = "; ".join(
            f"`{key}`: {must}" for key, must in keys_of(kind).items() if key not in EVERYWHERE
        )
        does = (kind.__doc__ or "").strip().rstrip(".")
        lines.append(f"| `{verb}` | {does} | {PLAIN_TEXT.get(verb, AN_ID)} | {keys or '–'} |")
    return "\n".join(lines)


def errors_table() -> str:
    """The closed list of error codes."""
    rows = [f"| `{code}` | {meaning} |" for code, meaning in ERROR_MEANINGS.items()]
    return "\n".join(["| code | meaning |", "|---|---|", *rows])


def artwork_keys() -> str:
    """The keys of an artwork as the outside world sees it."""
    hidden = {"tags", "description"}
    return ", ".join(f"`{key}`" for key in ShownArtwork.model_fields if key not in hidden) + "."


def contract_page(page: str) -> str:
    """The page with its generated parts as the code has them now."""
    parts = {"verbs": verbs_table(), "errors": errors_table(), "artwork": artwork_keys()}
    for mark, text in parts.items():
        begin, _, rest = page.partition(f"<!-- {mark} -->\n")
        _, _, end = rest.partition("<!-- end -->")
        page = f"{begin}<!-- {mark} -->\n{text}\n<!-- end -->{end}"
    return page


def main() -> None:
    """Rewrite the page."""
    PAGE.write_text(contract_page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
