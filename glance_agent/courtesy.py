"""What people add to their words for courtesy, taken off again."""

from __future__ import annotations

POLITE_ENDINGS = (
    "please",
    "thanks",
    "thank you",
    "bitte",
    "danke",
    "an der wand",
    "an die wand",
    *(f"{at} the {place}" for at in ("on", "to", "onto", "at")
      for place in ("wall", "display", "screen", "frame")),
)  # fmt: skip
"""What voice wildcards carry along at the end of a query."""

LONGEST_ENDING = 60


def without_politeness(words: str) -> str:
    """The words with white space folded, without what people add for courtesy at the end.

    Linear in the length of the words, which are a stranger's.
    """
    left = " ".join(words.split())
    while ending := _polite_ending(left):
        left = left.rstrip(" .!?,")[: -len(ending)].rstrip(" ,")
    return left


def _polite_ending(words: str) -> str | None:
    """The courtesy that the words end in, where it follows something else."""
    end = words[-LONGEST_ENDING:].lower().rstrip(" .!?,")
    return next((e for e in POLITE_ENDINGS if end.endswith((f" {e}", f",{e}"))), None)
