"""One work in, what there is to say of it out."""

from __future__ import annotations

from glance_agent.domain.display import Glance, ShownArtwork
from glance_agent.domain.outcome import Outcome
from glance_agent.domain.reply import Reply


def described(work: ShownArtwork, current: Glance | None) -> Outcome:
    """What the label says, and why it hangs where it is what the display shows now."""
    on_display = current if current and current.artwork.id == work.id else None
    said = [f"This is {work.label}." if on_display else f"{work.label}."]
    if work.medium:
        said.append(f"{work.medium[:1].upper()}{work.medium[1:]}.")
    if work.credit:
        said.append(f"{work.credit.rstrip('.')}.")
    if on_display and on_display.why:
        said.append(f"{on_display.why.rstrip('.')}.")
    reply = Reply(
        verb="describe",
        ok=True,
        display=on_display.display if on_display else None,
        message=" ".join(said),
        artwork=work,
    )
    return Outcome(reply)
