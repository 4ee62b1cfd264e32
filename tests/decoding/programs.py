"""What decoding processes run in these tests: the real program, with a fate for some pictures."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from PIL import Image

DOOM = b"the end of whoever reads this"
"""A comment in a JPEG; the process that is given it meets its fate."""
_DOOMED = """
import ctypes, fcntl, mmap, os, resource, signal, socket, time
from glance_agent.decoding import child

met = mmap.mmap(-1, 1)  # of all processes that come of this one

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


def once(fate: str) -> str:
    """The same for the first time only."""
    return f"met[0] or (met.write_byte(1), {fate})"


def not_refused(tried: Sequence[str]) -> str:
    """The refusal whose detail lists those of these statements that the system lets it do."""
    return f"""may = []
            for statement in {tried!r}:
                try:
                    exec(statement)
                except PermissionError:
                    continue
                except Exception as error:
                    statement += repr(error)
                may.append(statement)
            {says("may")}"""


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
