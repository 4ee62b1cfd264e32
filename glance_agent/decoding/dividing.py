"""The process that has loaded all that decoding takes, and divides itself for each that decodes.

It is asked over a socket, which is its standard input: for a process, by its orders and the ends of
its pipes, answered with its number; and for how one has ended, by its number, once it has. It sees
no picture, so that nothing is to be feared of it; it ends with the agent, or when it has not been
asked for a while and all that came of it have ended.
"""

from __future__ import annotations

import gc
import json
import os
import select
import socket
from typing import Final

from glance_agent.decoding.orders import Orders

_MESSAGE_BYTES: Final = 1 << 16
_PIPES: Final = 2


def orders_of_one(idle_seconds: float) -> Orders | None:
    """Divide until nobody asks: each process that comes of it has its orders, and its pipes as
    standard input and output; the one that divided itself has None, at the end."""
    gc.collect()
    gc.freeze()  # what is looked through for garbage is copied
    with socket.socket(fileno=os.dup(0)) as asked:
        return _divided(asked, idle_seconds)


def _divided(asked: socket.socket, idle_seconds: float) -> Orders | None:
    there: set[int] = set()
    while True:
        if not select.select([asked], [], [], idle_seconds)[0]:
            there = {pid for pid in there if not _has_ended(pid)}
            if not there:
                return None
            continue
        message, pipes, _, _ = socket.recv_fds(asked, _MESSAGE_BYTES, _PIPES)
        if not message:
            return None
        if not pipes:
            asked.send(str(_code(int(message))).encode())
            there.discard(int(message))
        elif pid := os.fork():
            for pipe in pipes:
                os.close(pipe)
            there.add(pid)
            asked.send(str(pid).encode())
        else:
            _take(pipes)
            return Orders(**json.loads(message))


def _take(pipes: list[int]) -> None:
    """Have these as standard input and output."""
    for number, pipe in enumerate(pipes):
        os.dup2(pipe, number)
        os.close(pipe)


def _code(pid: int) -> int:
    """How it has ended, in the words of `subprocess`; it is not known any more afterwards."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _has_ended(pid: int) -> bool:
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
