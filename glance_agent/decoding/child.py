"""The decoding process: asked over its standard input, answers over its standard output.

It serves one request at a time and ends when the agent does, or when nothing was asked for a while.
Before it reads anything it gives up what it does not need: it opens no file or socket any more,
changes no name of one, starts nothing, reaches no other process, gains no privileges, and allocates
no more than it may.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import select
import signal
import sys
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final

from PIL import AvifImagePlugin, Image

from glance_agent.decoding.dividing import orders_of_one
from glance_agent.decoding.orders import Orders
from glance_agent.decoding.system_calls import confine, confine_to_threads
from glance_agent.decoding.wire import (
    LENGTHS,
    Header,
    header_of,
    lengths,
    metadata_to_json,
    packed,
)
from glance_agent.decoding.work import (
    preparation,
    rendered,
    small,
    thumbnail_of,
    warm_up,
)
from glance_agent.domain.errors import BadPicture
from glance_agent.domain.frame import Beside
from glance_agent.pictures.decode import header
from glance_agent.pictures.fitting import SquareFit
from glance_agent.pictures.fleeting import FleetingBytes, PictureFile
from glance_agent.pictures.heif import forbid_heif, load_heif
from glance_agent.pictures.limits import Limits

FREE_BYTES: Final = 32_000_000
"""What a picture may take without asking: each process has this much for itself."""
LARGE_FILE_BYTES: Final = 4_000_000
"""From here on a file is let go of while it is decoded, where that can be."""
KEPT_BYTES: Final = 5_000_000
"""What was freed may be kept for the next picture, up to here."""
AT_REST_SECONDS: Final = 1.0
"""After so long without a question, what freed memory is still held goes back to the system."""
_ANSWERS: Final = 1
_PR_SET_NO_NEW_PRIVS: Final = 38
_CODECS: Final = ("latin-1", "ascii", "utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-8-sig")
_READ_IN_ORDER: Final = (b"\x89PNG", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
"""How such files begin; on Linux, where memory can be given back piece by piece."""
Answer = tuple[Header, bytes]
_MALLOC_TRIM: Final = getattr(ctypes.CDLL(None), "malloc_trim", None)
"""Of glibc alone; looked up while libraries can be opened."""


def main(orders: Orders, *, loaded: bool = False) -> None:
    """Serve until nobody asks."""
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    memory = _confined(orders, loaded=loaded)
    at_rest = memory()
    while (request := _read(orders.idle_seconds)) is not None:
        limits = Limits.of(orders.megapixels).within(memory())
        signal.setitimer(signal.ITIMER_PROF, orders.processor_seconds)
        header, block = _answered(*request, limits)
        signal.setitimer(signal.ITIMER_PROF, 0)
        del request
        _write(header, block)
        del block
        if orders.renders or memory() < at_rest - KEPT_BYTES:  # those that render are asked seldom
            _trim()
            at_rest = memory()  # less than at first: what is loaded is in use as it is asked for


# -- what is asked ----------------------------------------------------------------------------


def _answered(asked: Header, data: PictureFile, limits: Limits) -> Answer:
    """What comes of a request, whatever happens."""
    try:
        return _WORK[asked["do"]](data, asked, limits)
    except BadPicture as bad:
        return {"bad": bad.reason, "detail": bad.detail, "passing": bad.passing}, b""
    except MemoryError:
        return {"bad": "too large", "detail": "not enough memory allowed"}, b""
    # Whoever asked has to be answered; what went wrong is said there.
    except Exception as error:
        return {"fault": f"{type(error).__name__}: {error}"}, b""


def _look(data: PictureFile, _asked: Header, _limits: Limits) -> Answer:
    size, metadata = header(data)
    return {"size_px": size, "metadata": metadata_to_json(metadata)}, b""


def _small(data: PictureFile, asked: Header, limits: Limits) -> Answer:
    image = small(data, asked["wanted_px"], limits=limits, admit=_admit)
    return {"size_px": image.size}, image.tobytes()


def _prepare(data: PictureFile, asked: Header, limits: Limits) -> Answer:
    told = asked["fitting"]
    fitting = told and SquareFit(**{**told, "fill": tuple(told["fill"])})
    found, metadata = preparation(
        data, colours=asked["colours"], fitting=fitting, limits=limits, admit=_admit
    )
    answer = {
        "size_px": found.image.size,
        "whole_px": found.size_px,
        "cut": found.cut,
        "colours": found.colours,
        "look": found.look and [found.look.bits.hex(), found.look.ratio],
        **({"metadata": metadata_to_json(metadata)} if asked["metadata"] else {}),
    }
    return answer, found.image.tobytes()


def _frame(data: PictureFile, asked: Header, limits: Limits) -> Answer:
    from glance_agent.domain.panel import profile_from_json
    from glance_agent.domain.wall_label import label_text_from_json

    profile, told = profile_from_json(asked["profile"]), asked["text"]
    text = told and label_text_from_json(told)
    beside = _beside(data, asked["beside"]) if "beside" in asked else None
    data = data[: len(data) - len(beside.pixels)] if beside else data
    frame = rendered(data, profile, text, beside, limits=limits, admit=_admit)
    return {"size_px": (frame.width_px, frame.height_px)}, frame.data


def _beside(data: PictureFile, told: Header) -> Beside:
    """The picture at the end of a block."""
    from glance_agent.domain.wall_label import label_text_from_json

    width, height = told["size_px"]
    text = told["text"] and label_text_from_json(told["text"])
    return Beside(data[len(data) - 3 * width * height :], (width, height), text)


def _thumbnail(data: PictureFile, asked: Header, limits: Limits) -> Answer:
    size, kind = asked["size_px"], asked["kind"]
    return {}, thumbnail_of(data, size, kind, limits=limits, admit=_admit)


_WORK: Final[dict[str, Callable[[PictureFile, Header, Limits], Answer]]] = {
    "look": _look,
    "small": _small,
    "prepare": _prepare,
    "frame": _frame,
    "thumbnail": _thumbnail,
}


def _admit(needed_bytes: int) -> None:
    """Wait until so much memory may be taken, where it is much."""
    if needed_bytes > FREE_BYTES:
        _write({"needs": needed_bytes}, b"")
        if _read(None) is None:
            sys.exit()


# -- pipes --------------------------------------------------------------------------------------


def _read(idle_seconds: float | None) -> tuple[Header, PictureFile] | None:
    """The next message; None where nothing comes for so long, or nobody is there any more."""
    if not select.select([sys.stdin], [], [], AT_REST_SECONDS)[0]:
        _trim()
        if not select.select([sys.stdin], [], [], idle_seconds)[0]:
            return None
    requests = sys.stdin.buffer
    head = requests.read(LENGTHS.size)
    if len(head) < LENGTHS.size:
        return None
    header_bytes, block_bytes = lengths(head)
    text, block = requests.read(header_bytes), _block(requests, block_bytes)
    return (header_of(text), block) if len(block) == block_bytes else None


def _block(requests: Any, count: int) -> PictureFile:
    """So many bytes, or fewer where nobody is there any more; large ones that can be let go of
    while they are decoded lie by themselves."""
    large = sys.platform == "linux" and count >= LARGE_FILE_BYTES
    if not large or not requests.peek(4).startswith(_READ_IN_ORDER):
        data: bytes = requests.read(count)
        return data
    block = FleetingBytes.of_length(count)
    with memoryview(block) as room:
        got = requests.readinto(room)
    return block if got == count else b""


def _trim() -> None:
    """Give freed memory back, which the C library keeps for the next picture otherwise."""
    if _MALLOC_TRIM is not None:
        _MALLOC_TRIM(0)


def _write(header: Header, block: bytes) -> None:
    try:
        for part in (packed(header, len(block)), block):
            view = memoryview(part)
            while view:
                view = view[os.write(_ANSWERS, view) :]
    except BrokenPipeError:
        sys.exit()  # the agent is gone


# -- what is given up -----------------------------------------------------------------------------


def _confined(orders: Orders, *, loaded: bool) -> Callable[[], int]:
    """Give up what decoding does not need; what comes back tells the bytes that may be taken."""
    os.nice(orders.niceness)
    if not loaded:
        load_all(renders=orders.renders, fonts=orders.fonts)
    if orders.inks:
        _load_inks()
    if sys.platform == "linux":
        _gain_no_privileges()
    _print_nothing()
    left = _limited(orders.process_bytes, may_thread=_may_thread())
    confine()
    return left


def load_all(*, renders: bool = True, fonts: Iterable[str | None] = ()) -> None:
    """Load whatever decoding may need but inks: later no file can be opened, and no thread started.

    What looks at colours allocates a buffer for good, which is no part of any picture.
    """
    Image.preinit()
    load_heif()
    warm_up()
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    for name in _CODECS:
        "".encode(name)
    if renders:
        _load_rendering(fonts)


def _load_rendering(fonts: Iterable[str | None]) -> None:
    import glance_agent.pictures.rendering.render  # noqa: F401  loaded for later

    for font in fonts:
        _load_labels(font)


def _load_inks() -> None:
    """By each process for itself: what spreads inks starts a thread, which would not be there in
    one that comes of another."""
    from glance_agent.pictures.rendering.dithering import load_ditherer

    load_ditherer()


def _load_labels(font: str | None) -> None:
    import glance_agent.pictures.rendering.labelling  # noqa: F401  loaded for later
    from glance_agent.pictures.rendering.typeface import load_font

    load_font(font)


def _print_nothing() -> None:
    """Decoders may print what they read, and that may be anything."""
    nowhere = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def _gain_no_privileges() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def _may_thread() -> bool:
    """Whether threads may be started, and nothing else: HEIC is decoded in one, or not at all."""
    if not load_heif():
        return False
    if confine_to_threads():
        return True
    forbid_heif("this system cannot keep its decoder from starting programs; export it as JPEG")
    return False


def _limited(process_bytes: int, *, may_thread: bool) -> Callable[[], int]:
    """Limit memory, files and processes; elsewhere than on Linux memory is judged by headers."""
    files, left = 3, _left_at_first(process_bytes)
    if sys.platform == "linux":
        statm = os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)
        resident_bytes, data_bytes = _taken(statm)
        most_data = data_bytes + process_bytes - resident_bytes
        _limit(resource.RLIMIT_DATA, most_data)
        files, left = statm + 1, partial(_left_now, process_bytes, most_data, statm)
    if not may_thread:
        _limit(resource.RLIMIT_NPROC, 0)
    for what, most in (
        (resource.RLIMIT_NOFILE, files),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        _limit(what, most)
    return left


def _left_at_first(process_bytes: int) -> Callable[[], int]:
    """What the process may take in all, less what it has taken so far."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return lambda: process_bytes - own


def _left_now(process_bytes: int, most_data: int, statm: int) -> int:
    """What may be taken before the process is as large as it may be, or the system says no."""
    resident_bytes, data_bytes = _taken(statm)
    return min(process_bytes - resident_bytes, most_data - data_bytes)


def _taken(statm: int) -> tuple[int, int]:
    """Bytes that are resident, and bytes of data, as proc_pid_statm(5) has them."""
    pages = os.pread(statm, 200, 0).split()
    return int(pages[1]) * resource.getpagesize(), int(pages[5]) * resource.getpagesize()


def _limit(what: int, most: int) -> None:
    hard = resource.getrlimit(what)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (most, most))


def start() -> None:
    """What the process is started with: its orders are its last argument."""
    told: dict[str, Any] = json.loads(sys.argv[-1])
    orders = Orders(**told)
    if not orders.divides:
        main(orders)
        return
    load_all(renders=orders.renders, fonts=orders.fonts)
    _trim()
    if (of_one := orders_of_one(orders.idle_seconds)) is not None:
        main(of_one, loaded=True)
