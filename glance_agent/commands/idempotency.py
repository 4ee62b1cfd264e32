"""How a command was delivered in, the keys of its receipts out: by them it is known again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from glance_agent.domain.command import Command
from glance_agent.domain.reply import Reply
from glance_agent.domain.said import in_a_row, say

TRANSACTION_WINDOW = timedelta(minutes=10)
DELIVERY_WINDOW = timedelta(days=7)
RESULTS_KEPT = 3
"""How many results of an answer are given again: all of them are most of what libraries grow by."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a command arrived: what identifies it, and whether it may have come before.

    With an empty `key` nobody can send it again.
    """

    key: str
    redelivered: bool


BY_ITSELF = Delivery("", redelivered=False)
"""What the agent does when its time has come: nobody asked, so nobody will want it undone."""


def kept_of(reply: Reply) -> Reply:
    """What is kept of an answer, to be given again; what is left out is said in its note."""
    count = len(reply.results)
    if count <= RESULTS_KEPT:
        return reply
    said = say(
        "This was answered before; the first {kept} of its {of} results are kept.",
        kept=RESULTS_KEPT,
        of=count,
    )
    note = in_a_row(reply.note or "", said)
    return reply.model_copy(update={"results": reply.results[:RESULTS_KEPT], "note": note})


@dataclass(frozen=True, slots=True)
class Asked:
    """One more command that the same answer is for."""

    command: Command
    delivery: Delivery | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """Under which key an answer is kept, how long it holds, and whether there may be one."""

    key: str
    holds: timedelta
    may_exist: bool


def receipts_of(asked: Asked) -> list[Receipt]:
    """The receipts of a delivery: by its content, where its sender names it, and by the broker's.

    What changes nothing needs none.
    """
    command, delivery, receipts = asked.command, asked.delivery, []
    if not command.is_told_once:
        return []
    if command.transaction is not None:
        content = hashlib.sha256(command.model_dump_json().encode()).hexdigest()
        receipts.append(Receipt(f"transaction:{content}", TRANSACTION_WINDOW, may_exist=True))
    if delivery is not None and delivery.key:
        key = f"delivery:{delivery.key}"
        receipts.append(Receipt(key, DELIVERY_WINDOW, may_exist=delivery.redelivered))
    return receipts
