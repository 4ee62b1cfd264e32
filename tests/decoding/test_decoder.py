"""Pictures are decoded in processes of their own, which are limited, killed and replaced."""

from __future__ import annotations

import errno
import hashlib
import os
import platform
import random
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from glance_agent.decoding.child import LARGE_FILE_BYTES
from glance_agent.decoding.decoder import FREE_FILE_BYTES, Decoder
from glance_agent.decoding.nursery import PROGRAM, Nursery
from glance_agent.decoding.opening import Decoders
from glance_agent.decoding.orders import Orders
from glance_agent.domain.errors import BadPicture
from glance_agent.domain.frame import Beside
from glance_agent.domain.panel import Encoding, Layout, Mat, PanelProfile, Tone
from glance_agent.domain.wall_label import Label, LabelLine, LabelText
from glance_agent.embedding.models.catalogue import find
from glance_agent.embedding.pixels import Pixels
from glance_agent.pictures.duplicates import MOST_BITS, distance
from glance_agent.pictures.limits import SETTING, Limits
from glance_agent.pictures.memory import Memory
from glance_agent.pictures.streamed import HashedFile
from tests.decoding import programs
from tests.decoding.programs import jpeg, program
from tests.in_process import InProcess
from tests.spawned import PATIENCE_SECONDS
from tools.campaigns.pictures.containers import encoded, flat_png
from tools.campaigns.pictures.sample import painting

PROFILE = PanelProfile((160, 90), 20_000)
linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


@contextmanager
def decoder(
    runs: str = PROGRAM,
    *,
    processor_seconds: float = 9.0,
    deadline_seconds: float = 30.0,
    idle_seconds: float = 60.0,
    inks: bool = False,
) -> Iterator[Decoder]:
    """One process at a time that runs this program."""
    room = Limits.of(20).process_bytes
    orders = Orders(20, room, processor_seconds, idle_seconds, inks=inks)
    with closing(Nursery(orders, runs)) as nursery:
        made = Decoder(
            orders,
            at_once=1,
            memory=Memory(room),
            nursery=nursery,
            deadline_seconds=deadline_seconds,
        )
        with closing(made):
            yield made


@pytest.fixture(scope="module")
def real() -> Iterator[Decoder]:
    with decoder() as made:
        yield made


@pytest.fixture(scope="module")
def unprivileged() -> Iterator[Decoder]:
    """To root's processes the limit of threads does not apply: this one is another user's."""
    runs = "import os; from glance_agent.decoding.child import load_all, start; load_all(); "
    with decoder(f"{runs}os.getuid() or os.setresuid(65534, 65534, 65534); start()") as made:
        yield made


def refused(work: Callable[[], object]) -> BadPicture:
    with pytest.raises(BadPicture) as caught:
        work()
    return caught.value


def fate_of_doomed(runs: str, **limits: Any) -> BadPicture:
    """What is said of the doomed picture; one before and one after it are decoded."""
    with decoder(program(runs), **limits) as made:
        assert made.small(jpeg(), 40).size == (60, 40)
        bad = refused(lambda: made.small(jpeg(doomed=True), 40))
        assert made.small(jpeg(), 40).size == (60, 40)
    return bad


# -- what is decoded -------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
def test_a_process_decodes_as_this_one_would(real: Decoder, form: str) -> None:
    data, here = encoded(painting(), form), InProcess()
    assert real.look(data) == here.look(data)
    assert real.frame(data, PROFILE) == here.frame(data, PROFILE)
    np.testing.assert_array_equal(real.small(data, 40), here.small(data, 40))
    there, expected = (one.prepare(data, colours=True) for one in (real, here))
    assert (there.size_px, there.colours, there.look) == (
        expected.size_px,
        expected.colours,
        expected.look,
    )
    np.testing.assert_array_equal(there.image, expected.image)
    seen, told = real.see(data)
    assert (told, seen.size_px, seen.colours, seen.look) == (
        here.look(data)[1],
        expected.size_px,
        expected.colours,
        expected.look,
    )
    np.testing.assert_array_equal(seen.image, expected.image)


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_a_process_decodes_a_large_file_that_it_lets_go_of(real: Decoder, form: str) -> None:
    """TIFF is decoded in bands, and its first strips are gone before its last ones are read."""
    how = {"compress_level": 0} if form == "PNG" else {"tiffinfo": {278: 16}}
    data, here = encoded(painting((2_400, 1_700)), form, **how), InProcess()
    assert len(data) > LARGE_FILE_BYTES
    np.testing.assert_array_equal(real.small(data, 200), here.small(data, 200))


@pytest.mark.parametrize("fit", ["squash", "crop", "pad"])
def test_a_process_makes_the_square_that_the_model_would_have_made(real: Decoder, fit: str) -> None:
    data = encoded(painting(), "JPEG")
    entry = find("clip-vit-b32").model_copy(update={"fit": fit, "fill": (9, 8, 7)})
    pixels, whole = Pixels(entry), real.prepare(data, colours=True)
    square = real.prepare(data, colours=True, fitting=pixels.fitting)
    real.fitting = pixels.fitting
    try:
        seen, _ = real.see(data)
    finally:
        real.fitting = None
    assert square.image.size == seen.image.size == (224, 224)
    assert whole.image.size != (224, 224)
    for one in (square, seen):
        assert one.fitting == pixels.fitting
        assert one.size_px == whole.size_px
        assert one.look
        assert whole.look
        assert distance(one.look, whole.look) <= MOST_BITS // 2
        assert fit == "squash" or (one.colours, one.look) == (whole.colours, whole.look)
        np.testing.assert_array_equal(pixels.batch([one.image]), pixels.batch([whole.image]))


def test_a_process_without_privileges_labels() -> None:
    """Fonts are read before no file can be opened any more."""
    runs = "import os; from glance_agent.decoding.child import load_all, start; "
    loads = "load_all(fonts=[None]); os.getuid() or os.setresuid(65534, 65534, 65534); start()"
    profile = PanelProfile((320, 200), 60_000, label=Label(height=0.08))
    text = LabelText((LabelLine("Monet"), LabelLine("Tiếng Việt", italic=True)), "https://a.b/")
    with decoder(runs + loads) as made:
        data = encoded(painting(), "PNG")
        assert made.frame(data, profile, text) == InProcess().frame(data, profile, text)
        assert made.frame(data, profile, text) != made.frame(data, profile)


def test_a_process_renders_two_pictures_together() -> None:
    told = LabelText((LabelLine("Hokusai"),))
    profile = PanelProfile((320, 200), 60_000, label=Label(height=0.08))
    runs = "from glance_agent.decoding.child import load_all, start; load_all(fonts=[None]); "
    with decoder(f"{runs}start()") as made:
        first, second = encoded(painting(), "PNG"), made.small(encoded(painting(), "JPEG"), 60)
        beside = Beside(second.tobytes(), second.size, told)
        together = made.frame(first, profile, told, beside)
        assert together == InProcess().frame(first, profile, told, beside)
        assert together != made.frame(first, profile, told)
        unlabelled = Beside(beside.pixels, beside.size_px)
        assert together != made.frame(first, profile, told, unlabelled)


@pytest.mark.parametrize("extra", [True, False])
def test_a_process_without_privileges_inks(extra: bool) -> None:
    """What spreads inks starts a thread, before there may be none."""
    if extra:
        pytest.importorskip("epaper_dithering")
    runs = (
        "import os\nfrom glance_agent.decoding import child\n"
        "def load(honest=child._load_inks):\n"
        f"    {extra} and honest()\n"
        "    os.getuid() or os.setresuid(65534, 65534, 65534)\n"
        "child._load_inks = load\nchild.start()"
    )
    profile = PanelProfile((160, 90), 20_000, panel="spectra6", encoding=Encoding("png"))
    with decoder(runs, inks=True) as made:
        frame = made.frame(encoded(painting(), "PNG"), profile)
    assert (frame.content_type, frame.width_px) == ("image/png", 160)
    with Image.open(BytesIO(frame.data)) as shown:
        assert len(shown.convert("RGB").getcolors() or ()) > 2


def test_a_process_renders_by_all_of_the_profile(real: Decoder) -> None:
    mat = Mat("framed", "light", width=0.2, varies=True)
    profile = PanelProfile((160, 90), 9_000, Layout("smart", 0.2, 1.0, mat), Tone(0.5, 0.5))
    data = encoded(painting(), "PNG")
    assert real.frame(data, profile) == InProcess().frame(data, profile)
    assert real.frame(data, profile) != real.frame(data, PROFILE)


@pytest.mark.parametrize("form", ["JPEG", "WEBP", "TIFF", "AVIF"])
def test_a_process_without_privileges_decodes_in_one_thread(
    unprivileged: Decoder, form: str
) -> None:
    data = encoded(painting((1_200, 900)), form)
    assert unprivileged.frame(data, PROFILE) == InProcess().frame(data, PROFILE)


STARTS = {
    "a program": "os.execv('/bin/true', ['true'])",
    "a process": "os.fork() or os._exit(0)",
    "a process by spawning": "os.posix_spawn('/bin/true', ['true'], {})",
}


def test_a_process_without_privileges_decodes_heic_in_a_thread(unprivileged: Decoder) -> None:
    module = pytest.importorskip("pillow_heif", reason="an extra: pip install glance-agent[heic]")
    out = BytesIO()
    module.from_pillow(painting((1_200, 900))).save(out)
    assert unprivileged.frame(out.getvalue(), PROFILE) == InProcess().frame(out.getvalue(), PROFILE)
    assert unprivileged.look(out.getvalue())[0] == (1_200, 900)


@pytest.mark.parametrize("what", STARTS)
def test_where_threads_may_be_started_nothing_else_may(what: str) -> None:
    """By root's processes too, to which the limit of processes does not apply."""
    confined = "from glance_agent.decoding.system_calls import confine_to_threads as confine"
    runs = (
        "import ctypes, os, threading\n"
        f"{confined}\n"
        "ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)\n"
        "print(confine(), flush=True)\n"
        "thread = threading.Thread(target=lambda: print('thread', flush=True))\n"
        "thread.start(), thread.join()\n"
        f"try:\n    {STARTS[what]}\nexcept PermissionError:\n    print('refused')\n"
    )
    done = subprocess.run([sys.executable, "-c", runs], capture_output=True, text=True, timeout=60)
    if platform.machine() in ("x86_64", "aarch64") and sys.platform == "linux":
        assert done.stdout.split() == ["True", "thread", "refused"], done.stderr


def test_why_a_picture_cannot_be_read_now_comes_across() -> None:
    passing = fate_of_doomed("return {'bad': 'seen', 'detail': '', 'passing': True}, b''")
    lasting = fate_of_doomed("return {'bad': 'seen', 'detail': '', 'passing': 'x'}, b''")
    assert (passing.passing, lasting.passing) == (True, False)


def test_all_that_a_file_says_of_itself_comes_across(real: Decoder) -> None:
    exif = Image.Exif()
    exif[0x010E], exif[0x0112], exif[0x9003] = "Water Lilies", 6, "1906:01:01 00:00:00"
    data = encoded(painting(), "JPEG", exif=exif, xmp=b"<x/>\xff")
    size, found = real.look(data)
    assert size == (120, 160)
    assert (found.exif[0x010E], found.xmp) == ("Water Lilies", b"<x/>\xff")
    assert found == InProcess().look(data)[1]


@pytest.mark.parametrize("data", [b"", b"<html>", encoded(painting(), "PNG")[:900]])
def test_what_is_no_picture_is_refused_with_the_same_reason(real: Decoder, data: bytes) -> None:
    here = refused(lambda: InProcess().small(data, 40))
    there = refused(lambda: real.small(data, 40))
    assert (there.reason, there.detail, there.passing) == (here.reason, here.detail, False)


def test_a_large_picture_waits_for_memory_and_is_decoded(real: Decoder) -> None:
    found = real.prepare(flat_png((4_000, 3_000)), colours=True)
    assert (found.size_px, found.image.size) == ((4_000, 3_000), (896, 672))


def test_the_largest_picture_is_decoded_after_others_too() -> None:
    with closing(Decoders(40)) as decoders:
        decoder = decoders.for_people
        for data in (encoded(painting((900, 700)), "JPEG"), flat_png((8_000, 4_990))):
            assert max(decoder.prepare(data, colours=True).image.size) > 400


def test_what_is_too_large_names_the_setting(real: Decoder) -> None:
    bad = refused(lambda: real.small(flat_png((6_000, 4_000), kind=0), 40))
    assert (bad.reason, bad.passing) == ("too large", False)
    assert SETTING in bad.detail


# -- what breaks a process -------------------------------------------------------------------------


def test_a_picture_that_crashes_the_process_is_left_out() -> None:
    bad = fate_of_doomed(programs.CRASHED)
    assert (str(bad), bad.passing) == ("breaks the decoder: SIGSEGV", False)


def test_a_picture_that_takes_too_much_of_the_processor_is_left_out() -> None:
    bad = fate_of_doomed(programs.BUSY, processor_seconds=0.3)
    assert str(bad) == "takes too long: more than 0.3 seconds of the processor"
    assert not bad.passing


def test_a_picture_that_takes_too_long_is_left_out_for_now() -> None:
    with decoder(program(programs.STUCK), deadline_seconds=1.0) as made:
        made.small(jpeg(), 40)
        bad = refused(lambda: made.small(jpeg(doomed=True), 40))
        assert (str(bad), bad.passing) == ("takes too long: more than 1 seconds", True)


@linux
def test_a_picture_that_takes_too_much_memory_is_left_out() -> None:
    assert str(fate_of_doomed(programs.GREEDY)) == "too large: not enough memory allowed"


@linux
def test_a_process_that_others_have_killed_is_replaced() -> None:
    with decoder(program(programs.once(programs.KILLED))) as made:
        made.small(jpeg(), 40)
        (before,) = made.pids()
        assert made.small(jpeg(doomed=True), 40).size == (60, 40)
        assert made.pids() != [before]


@linux
def test_a_process_that_others_have_killed_is_told_the_whole_file_again() -> None:
    data = jpeg(doomed=True)
    with decoder(program(programs.once(programs.KILLED))) as made:
        streamed = HashedFile(BytesIO(data), len(data))
        assert made.see(streamed)[0].size_px == (60, 40)
        assert streamed.content_hash == hashlib.sha256(data).hexdigest()


def test_a_file_that_ends_while_it_is_told_costs_no_other_picture(real: Decoder) -> None:
    data = jpeg()
    with pytest.raises(BadPicture, match="shorter"):
        real.see(HashedFile(BytesIO(data), len(data) + 1))
    assert real.see(HashedFile(BytesIO(data), len(data)))[0].size_px == (60, 40)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere files are read and written")
@pytest.mark.parametrize("willing", [100, 3, 0])
def test_a_file_is_handed_on_by_the_system_as_far_as_it_can(
    real: Decoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, willing: int
) -> None:
    data = b"P6 900 900 255 " + random.Random(1).randbytes(3 * 900 * 900)
    (tmp_path / "noise.ppm").write_bytes(data)
    handed_on: list[int] = []

    def sendfile(pipe: int, file: int, at: int, count: int) -> int:
        if len(handed_on) == willing:
            raise OSError(errno.EINVAL, "not from here")
        handed_on.append(os_sendfile(pipe, file, at, min(count, 200_000)))
        return handed_on[-1]

    os_sendfile = os.sendfile
    monkeypatch.setattr(os, "sendfile", sendfile)
    with (tmp_path / "noise.ppm").open("rb") as file:
        streamed = HashedFile(file, len(data))
        found, _ = real.see(streamed)
    assert found.image.tobytes() == real.see(data)[0].image.tobytes()
    assert streamed.content_hash == hashlib.sha256(data).hexdigest()
    assert sum(handed_on) == len(data) if willing == 100 else len(handed_on) == willing


def test_a_process_that_is_killed_again_and_again_leaves_the_picture_out_for_now() -> None:
    bad = fate_of_doomed(programs.KILLED)
    assert (str(bad), bad.passing) == ("not decoded: the process ended with -9", True)


@pytest.mark.parametrize(
    "fate",
    [
        programs.GARBAGE,
        programs.answers("{}"),
        programs.answers("{'size_px': [60000, 60000]}", "b'xyz'"),
        programs.answers("{'size_px': 'large'}"),
    ],
)
def test_a_process_that_answers_nonsense_is_not_believed(fate: str) -> None:
    with decoder(program(fate)) as made:
        bad = refused(lambda: made.small(jpeg(doomed=True), 40))
    assert bad.reason in ("breaks the decoder", "not decoded")


def test_words_of_a_process_cannot_steer_a_terminal() -> None:
    bad = fate_of_doomed(programs.says("'\\x1b[31mred\\u202e' + 'x' * 10_000"))
    assert bad.detail.startswith("?[31mred?xxx")
    assert len(bad.detail) == 200


def test_a_program_that_cannot_be_started_is_said() -> None:
    with decoder("import glance_agent.no_such_module") as made:
        bad = refused(lambda: made.small(jpeg(), 40))
    assert (bad.reason, bad.passing) == ("not decoded", True)


# -- what a process may ---------------------------------------------------------------------------


def made_by_libc(call: str) -> str:
    """A statement with this call of the C library, which raises as Python's own do."""
    library = "ctypes.CDLL(None, use_errno=True)"
    return f"if {library}.{call} < 0: raise OSError(ctypes.get_errno(), 'refused')"


@linux
def test_a_process_that_was_taken_over_can_change_nothing(tmp_path: Path) -> None:
    """Not even after it has closed a file to have a place for another."""
    file, folder = tmp_path / "library.db", tmp_path / "folder"
    file.write_text("all that was liked")
    folder.mkdir()
    file.chmod(0o640)
    at, new = repr(str(file)), repr(str(tmp_path / "new"))
    tried = [
        "os.close(2)",
        f"open({at})",
        f"open({new}, 'w')",
        "socket.socket()",
        f"os.unlink({at})",
        f"os.rename({at}, {new})",
        f"os.link({at}, {new})",
        f"os.symlink({at}, {new})",
        f"os.mkdir({new})",
        f"os.rmdir({str(folder)!r})",
        f"os.mkfifo({new})",
        f"os.truncate({at}, 0)",
        f"os.chmod({at}, 0o777)",
        f"os.chown({at}, os.getuid(), os.getgid())",
        f"os.utime({at})",
        f"os.setxattr({at}, 'user.x', b'')",
        "os.kill(os.getppid(), 0)",
        "os.pidfd_open(os.getppid())",
        "resource.prlimit(os.getppid(), resource.RLIMIT_CORE)",
        "fcntl.fcntl(0, fcntl.F_SETOWN, os.getppid())",
        "fcntl.fcntl(0, fcntl.F_SETSIG, 9)",
        "os.setpriority(os.PRIO_PROCESS, os.getppid(), 19)",
        "os.sched_setaffinity(os.getppid(), {0})",
        "os.memfd_create('kept')",
        made_by_libc("shmget(0, 4096, 0o1600)"),
        "os.execv('/bin/true', ['true'])",
        "os.fork() or os._exit(0)",
    ]
    before = file.stat()
    assert fate_of_doomed(programs.not_refused(tried)).detail == "['os.close(2)']"
    assert file.stat() == before
    assert sorted(tmp_path.iterdir()) == [folder, file]


@pytest.mark.parametrize("tried", ["os.pipe()", "os.dup(0)"])
def test_a_process_opens_nothing(tried: str, caplog: pytest.LogCaptureFixture) -> None:
    bad = fate_of_doomed(tried)
    assert bad.detail == "a fault of the decoder; the log says more"
    assert "Too many open files" in caplog.text


def test_a_process_knows_nothing_of_the_agents_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLANCE_MQTT__PASSWORD", "secret")
    bad = fate_of_doomed(programs.says("[n for n in os.environ if 'GLANCE' in n or n == 'HOME']"))
    assert bad.detail == "[]"


@linux
def test_a_process_inherits_nothing_and_gains_nothing(tmp_path: Path) -> None:
    with (tmp_path / "open").open("w") as file, decoder() as made:
        os.set_inheritable(file.fileno(), True)
        made.small(jpeg(), 40)
        (pid,) = made.pids()
        opened = [os.readlink(f"/proc/{pid}/fd/{n}") for n in os.listdir(f"/proc/{pid}/fd")]
        assert not [name for name in opened if str(tmp_path) in name or "socket" in name]
        assert "NoNewPrivs:\t1" in Path(f"/proc/{pid}/status").read_text()


def test_nothing_runs_before_there_is_something_to_decode() -> None:
    with closing(Decoders(20)) as decoders:
        assert decoders.for_people.pids() == decoders.in_background.pids() == []


# -- how a process ends ---------------------------------------------------------------------------


def ended(pid: int, seconds: float = 20.0) -> bool:
    """Whether the process ends within so many seconds."""
    watched = os.pidfd_open(pid)
    try:
        return bool(select.select([watched], [], [], seconds)[0])
    finally:
        os.close(watched)


@linux
def test_a_process_that_is_not_asked_ends_and_another_one_answers() -> None:
    with decoder(idle_seconds=0.1) as made:
        made.small(jpeg(), 40)
        (pid,) = made.pids()
        assert ended(pid)
        assert made.small(jpeg(), 40).size == (60, 40)


LEAVES_ONE_BEHIND = """
import os, signal, sys
from glance_agent.decoding.opening import Decoders
from tests.decoding.programs import jpeg
decoder = Decoders(20).for_people
decoder.small(jpeg(), 40)
print(decoder.pids()[0], flush=True)
sys.stdin.read(1)
os.kill(os.getpid(), signal.SIGKILL)
"""


@linux
def test_a_process_ends_with_the_agent() -> None:
    agent = subprocess.Popen(
        [sys.executable, "-c", LEAVES_ONE_BEHIND],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with agent:
        assert agent.stdin is not None
        assert agent.stdout is not None
        pid = int(agent.stdout.readline())
        watched = os.pidfd_open(pid)
        agent.stdin.write("x")
        agent.stdin.flush()
        assert agent.wait() == -signal.SIGKILL
    assert select.select([watched], [], [], 20.0)[0]
    os.close(watched)


def parent_of(pid: int) -> int:
    """The process that a process came of."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


@linux
def test_all_processes_come_of_one_that_is_replaced_when_it_was_killed() -> None:
    with closing(Decoders(20)) as decoders:
        both = (decoders.for_people, decoders.in_background)
        for made in both:
            made.small(jpeg(), 40)
        (first,), (second,) = (made.pids() for made in both)
        parent = parent_of(first)
        assert parent == parent_of(second) != os.getpid()
        for pid in (parent, first):
            os.kill(pid, signal.SIGKILL)
            assert ended(pid)
        assert both[0].small(jpeg(), 40).size == (60, 40)
        assert parent_of(both[0].pids()[0]) not in (parent, os.getpid())
        watched = os.pidfd_open(parent_of(both[0].pids()[0]))
    assert select.select([watched], [], [], 20.0)[0]
    os.close(watched)


@linux
def test_closing_minds_no_process_that_is_gone_already() -> None:
    with decoder() as made:
        made.small(jpeg(), 40)
        (pid,) = made.pids()
        for gone in (parent_of(pid), pid):
            os.kill(gone, signal.SIGKILL)
            assert ended(gone)
        while Path(f"/proc/{pid}").exists():  # until whoever inherited it has asked how it ended
            os.sched_yield()


@linux
def test_what_a_picture_took_is_there_for_the_next_one() -> None:
    """Pages that were given back are asked of the system again, one by one."""
    data = encoded(painting((1_200, 900)), "JPEG")
    faults = []
    with closing(Decoders(20)) as decoders:
        for _ in range(6):
            decoders.in_background.prepare(data, colours=True)
            (pid,) = decoders.in_background.pids()
            told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            faults.append(int(told[7]))
    assert faults[5] - faults[2] < 300


@linux
def test_where_processes_cannot_be_watched_each_loads_for_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_: int) -> int:
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr(os, "pidfd_open", refuse)
    with decoder() as made:
        assert made.small(jpeg(), 40).size == (60, 40)
        assert parent_of(made.pids()[0]) == os.getpid()


def test_closing_lets_nobody_wait() -> None:
    told: list[BadPicture] = []
    with decoder(program(programs.STUCK)) as made:
        made.small(jpeg(), 40)

        def ask() -> None:
            told.append(refused(lambda: made.small(jpeg(doomed=True), 40)))

        waiting = threading.Thread(target=ask)
        waiting.start()
    waiting.join(PATIENCE_SECONDS)
    assert [(bad.reason, bad.passing) for bad in told] == [("not decoded", True)]
    assert made.pids() == []


# -- memory ---------------------------------------------------------------------------------------


def test_large_pictures_take_turns() -> None:
    memory, done = Memory(100), threading.Event()
    memory.take(60)

    def take() -> None:
        memory.take(60)
        done.set()

    other = threading.Thread(target=take)
    other.start()
    memory.take(40)
    assert not done.is_set()
    memory.give_back(40)
    memory.give_back(60)
    assert done.wait(PATIENCE_SECONDS)
    other.join()
    memory.give_back(60)
    memory.take(1_000)  # more than there is at all: when everything is free
    memory.close()
    assert refused(lambda: memory.take(1)).passing


def test_no_process_holds_a_large_file_only_to_wait() -> None:
    """A small one passes by while it waits for its turn."""
    files, room, done = Memory(FREE_FILE_BYTES), Limits.of(20).process_bytes, threading.Event()
    with (
        closing(Nursery(Orders(20, room))) as nursery,
        closing(
            Decoder(Orders(20, room), at_once=2, memory=Memory(room), nursery=nursery, files=files)
        ) as made,
    ):
        small, large = jpeg(), jpeg() + bytes(FREE_FILE_BYTES)
        files.take(1)

        def see() -> None:
            made.see(large)
            done.set()

        other = threading.Thread(target=see)
        other.start()
        assert made.see(small)[0].size_px == (60, 40)
        assert len(made.pids()) == 1
        assert not done.is_set()
        files.give_back(1)
        assert done.wait(PATIENCE_SECONDS)
        other.join()


def test_what_nobody_waits_for_takes_turns_of_its_own() -> None:
    """A part of the memory is lent for it, and of the whole the same."""
    whole = Memory(100)
    part, done = Memory(60, within=whole), threading.Event()
    part.take(50)

    def take() -> None:
        with part.lent(50):
            done.set()

    other = threading.Thread(target=take)
    other.start()
    whole.take(50)  # people find free what the other has to wait for
    assert not done.is_set()
    part.give_back(50)
    assert done.wait(PATIENCE_SECONDS)
    other.join()
    whole.close()
    assert refused(lambda: part.take(1)).passing
    part.close()
    assert refused(lambda: part.take(1)).passing
