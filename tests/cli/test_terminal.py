"""The terminal at its edges: output that cannot be written, names of any bytes, Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from glance_agent.cli.demo import DemoError, demonstrate
from glance_agent.ingest.progress import Progress
from glance_agent.sources.folders.folder import FolderSource
from tests.home import SOURCE, ingesting, move_in, picture
from tests.in_process import header_of

FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="this system has no full device")


@pytest.fixture
def config(tmp_path: Path, stocked: Path, pictures: Path) -> Path:
    """The configuration of a library with a dozen works; no broker."""
    return move_in(tmp_path / "home", stocked, pictures).toml(1)


def glance(
    *arguments: str | bytes, config: Path, stdout: int = subprocess.PIPE, **environ: str
) -> subprocess.CompletedProcess[bytes]:
    """Run a command, its output going where it is told to."""
    return subprocess.run(
        [sys.executable, "-m", "glance_agent", *arguments],
        stdout=stdout,
        stderr=subprocess.PIPE,
        check=False,
        env={**os.environ, "COLUMNS": "160", "GLANCE_CONFIG": str(config), **environ},
    )


# -- output ----------------------------------------------------------------------------------------


@needs_full
@pytest.mark.parametrize(
    "arguments",
    [["status"], ["status", "--json"], ["search", "blue"], ["schema", "asyncapi"], ["--help"]],
)
def test_output_without_room_is_a_sentence(config: Path, arguments: list[str]) -> None:
    with FULL.open("w") as full:
        done = glance(*arguments, config=config, stdout=full.fileno())
    assert done.stderr.decode().strip() == "The output cannot be written: No space left on device."
    assert done.returncode == 1


def test_a_reader_that_has_seen_enough_is_no_error(config: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = glance("status", config=config, stdout=writing)
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")


def test_characters_that_the_output_lacks_are_replaced(config: Path) -> None:
    done = glance("search", "blue field", config=config, PYTHONIOENCODING="ascii")
    # A busy machine says that matches are measured for the first time.
    assert done.returncode == 0, done.stderr
    assert b"Error" not in done.stderr
    assert b"?blue field?" in done.stdout
    assert b"Blue Field" in done.stdout


# -- names of any bytes ----------------------------------------------------------------------------


@pytest.fixture
def odd(tmp_path: Path) -> bytes:
    """A folder with one good picture, and two of the same name in bytes that are no UTF-8."""
    folder = os.fsencode(tmp_path / "odd")
    try:
        os.makedirs(folder + b"/sub\xff")
    except (OSError, UnicodeError):
        pytest.skip("this file system takes UTF-8 names only")
    for number, name in enumerate((b"good.png", b"bad\xfe.png", b"sub\xff/good.png")):
        with open(folder + b"/" + name, "wb") as file:
            file.write(picture("blue", number=number))
    return folder


async def test_names_that_are_not_utf8_are_left_out_and_counted(odd: bytes, tmp_path: Path) -> None:
    told = [
        (progress.done, progress.total)
        async for progress in ingesting(
            tmp_path / "x.db", FolderSource(SOURCE, Path(os.fsdecode(odd)), header_of)
        )
    ]
    assert told[-1] == (3, 3)
    assert all(total is not None and done <= total for done, total in told)


def test_a_folder_with_such_names_is_ingested(odd: bytes, config: Path) -> None:
    done = glance("ingest", odd, config=config)
    assert done.returncode == 0, done.stderr
    assert b"2 name is not UTF-8" in done.stdout


def test_a_folder_of_such_a_name_is_refused_in_a_sentence(odd: bytes, config: Path) -> None:
    done = glance("ingest", odd + b"/sub\xff", config=config)
    assert done.returncode == 2
    assert b"is not UTF-8: rename" in done.stderr.replace(b"\n", b" ")
    assert b"Traceback" not in done.stderr


def test_a_configuration_stays_as_it_was_when_a_setting_is_not_utf8(config: Path) -> None:
    before = config.read_text()
    done = glance("sources", "add", "iiif", b"url=\xff", config=config)
    assert (done.returncode, config.read_text()) == (2, before)
    assert b"not UTF-8" in done.stderr


def test_a_list_that_is_longer_than_it_said_is_not_overrun() -> None:
    progress = Progress(SOURCE)
    progress.expect(2)
    progress.pass_over(2)
    progress.count("not a picture")
    assert (progress.done, progress.total) == (3, 3)
    progress.expect(1)
    assert progress.total == 3


# -- the demonstration -----------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["file", "file/below"])
async def test_a_demonstration_needs_a_folder(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DemoError, match="name another folder with --out"):
        await anext(demonstrate(tmp_path / place))


# -- Ctrl-C ----------------------------------------------------------------------------------------

INTERRUPTED_AT = """
import os, runpy, signal, sys

class Interrupting:
    def __init__(self, module):
        self.module = module

    def find_spec(self, name, path=None, target=None):
        if name == self.module:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupting(sys.argv[1]))
sys.argv = ["glance-agent", "status"]
runpy.run_module("glance_agent", run_name="__main__")
"""


@pytest.mark.parametrize(
    "module", ["glance_agent.cli.main", "typer", "rich.table", "numpy", "sqlite3"]
)
def test_an_interruption_while_loading_is_quiet(config: Path, module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_AT, module],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "GLANCE_CONFIG": str(config)},
    )
    assert (done.returncode, done.stderr) == (128 + signal.SIGINT, "")
