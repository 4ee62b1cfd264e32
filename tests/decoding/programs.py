"""What decoding processes run in these tests: the real program, with a fate for some pictures."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from PIL import Image

DOOM = b"the end of whoever reads this"
"""A comment in a JPEG; the process that is given it meets its fate."""
_DOOMED = """
import os, signal, socket, time
from glance_agent.decoding import child

def fated(honest):
    def work(data, asked, limits):
        if {doom!r} in data:
            {fate}
        return honest(data, asked, limits)
    return work

child._WORK = {{name: fated(honest) for name, honest in child._WORK.items()}}
child.start()
"""
KILLED = "os.kill(os.getpid(), signal.SIGKILL)"
CRASHED = "os.kill(os.getpid(), signal.SIGSEGV)"
BUSY = "while True: pass"
STUCK = "time.sleep(1000)"
GREEDY = "return {}, b''.join(bytes(1 << 20) for _ in range(1000))"
GARBAGE = "os.write(1, b'\\xff' * 4096)"


def program(fate: str) -> str:
    """The program that does this with the picture that is doomed."""
    return _DOOMED.format(doom=DOOM, fate=fate)


def once(fate: str, marker: Path) -> str:
    """The same for the first time only; `marker` is a folder that tells of it."""
    return f"os.path.isdir({str(marker)!r}) or (os.mkdir({str(marker)!r}), {fate})"


def says(what: str) -> str:
    """The refusal whose detail is this expression."""
    return f"return {{'bad': 'seen', 'detail': str({what})}}, b''"


def answers(told: str, block: str = "b''") -> str:
    """Any answer."""
    return f"return {told}, {block}"


def jpeg(colour: str = "teal", *, doomed: bool = False) -> bytes:
    """A small picture."""
    out = BytesIO()
    Image.new("RGB", (60, 40), colour).save(out, "JPEG", comment=DOOM if doomed else b"")
    return out.getvalue()
