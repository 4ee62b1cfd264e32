"""A wish for new pictures in, the sources to be looked through out: ingest."""

from __future__ import annotations

from collections.abc import Collection

from glance_agent.domain.command import Ingest
from glance_agent.domain.errors import CommandError, ErrorCode
from glance_agent.domain.outcome import Outcome
from glance_agent.domain.reply import Reply
from glance_agent.domain.said import say


def bringing_in(command: Ingest, sources: Collection[str]) -> Outcome:
    """What is to be listed. Raises CommandError where there is no such source."""
    if not sources:
        raise CommandError(
            ErrorCode.UNKNOWN_SOURCE,
            say("No source of pictures is configured."),
            say(
                "Add one with “glance-agent sources add”, or bring in a folder with “glance-agent "
                "ingest FOLDER”, and start the agent again."
            ),
        )
    if command.source is not None and command.source not in sources:
        raise CommandError(
            ErrorCode.UNKNOWN_SOURCE,
            say("There is no source “{source}”.", source=command.source),
            say("Sources: {sources}.", sources=", ".join(sources)),
        )
    wanted = (command.source,) if command.source else tuple(sources)
    reply = Reply(
        verb="ingest",
        ok=True,
        message=say("Looking for pictures in {wanted}.", wanted=", ".join(wanted)),
    )
    return Outcome(reply, ingest=wanted, ingest_limit=command.limit)
