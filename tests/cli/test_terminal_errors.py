"""What the machine refuses is a sentence at the terminal, whichever command meets it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from glance_agent.cli import terminal
from glance_agent.cli.faults import as_sentence
from glance_agent.cli.files import leave_file
from glance_agent.domain.errors import StoreError, Trouble
from tests.home import Home, move_in, paint

_NO_RIGHTS = "-dac_override,-dac_read_search"
_AS_ANYONE = ("setpriv", f"--bounding-set={_NO_RIGHTS}", f"--inh-caps={_NO_RIGHTS}")


def as_anyone(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command with no more rights than files give, also where the tests run as root."""
    before: tuple[str, ...] = ()
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("setpriv (util-linux) is not installed")
        before = _AS_ANYONE
    return subprocess.run(
        [*before, sys.executable, "-m", "glance_agent", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env={**os.environ, "COLUMNS": "300", "GLANCE_CONFIG": ""},
    )


@pytest.fixture
def home(tmp_path: Path, stocked: Path, pictures: Path) -> Home:
    """A stocked library, with a configuration and no broker."""
    home = move_in(tmp_path / "home", stocked, pictures)
    home.toml(1)
    return home


@pytest.fixture
def shut(tmp_path: Path) -> Iterator[Path]:
    """A folder of somebody else, with pictures in it."""
    paint(tmp_path / "shut" / "art")
    (tmp_path / "shut").chmod(0)
    yield tmp_path / "shut"
    (tmp_path / "shut").chmod(0o755)


@pytest.mark.parametrize(
    "command",
    [
        ("ingest", "{shut}/art"),
        ("ingest", "{shut}"),
        ("show", "paint:x", "--out", "{shut}/out.jpg"),
        ("taste", "export", "{shut}/taste.json"),
        ("taste", "import", "{shut}/taste.json"),
        ("demo", "--out", "{shut}/demo"),
        ("status", "--config", "{shut}/glance.toml"),
        ("sources", "add", "starter", "--config", "{shut}/glance.toml"),
        ("models", "import", "{shut}/files", "glance-mini"),
        ("serve-encoder", "--token-file", "{shut}/token"),
    ],
    ids=lambda command: " ".join(command),
)
def test_a_place_that_may_not_be_entered_is_a_sentence(
    home: Home, shut: Path, command: tuple[str, ...]
) -> None:
    words = [word.format(shut=shut) for word in command]
    if command[0] == "show":
        words[1] = home.work("blue")
    if "--config" not in words and command[0] != "demo":
        words += ["--config", str(home.folder / "glance.toml")]
    done = as_anyone(*words, cwd=home.folder)
    assert done.returncode in {1, 2}, done.stderr
    assert "Traceback" not in done.stderr
    assert "Permission denied" in done.stderr
    assert str(shut) in done.stderr


def test_a_person_may_stand_where_the_account_may_not_enter(
    home: Home, shut: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with “sudo -u glance-agent” in somebody's home: the file of the machine is meant."""
    monkeypatch.setattr(terminal, "USUAL_PLACES", (Path("config/glance.toml"),))
    monkeypatch.setattr(Path, "is_file", _denied)
    assert terminal.read_from(None) is None
    monkeypatch.setattr(terminal, "USUAL_PLACES", (shut / "glance.toml",))
    with pytest.raises(PermissionError):
        terminal.read_from(None)


def _denied(path: Path) -> bool:
    raise PermissionError(13, "Permission denied", str(path))


def test_a_library_that_comes_to_be_is_said_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "art").mkdir()
    done = as_anyone("ingest", "art", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert f"The library is new: {tmp_path / 'glance.db'}" in done.stdout
    assert "The library is new" not in as_anyone("ingest", "art", cwd=tmp_path).stdout


def test_what_nobody_named_a_place_for_goes_where_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    here, gone = tmp_path / "here", tmp_path / "gone"
    here.mkdir()
    gone.mkdir()
    monkeypatch.chdir(here)
    assert leave_file("a.png", b"1") == Path("a.png")
    assert (here / "a.png").read_bytes() == b"1"
    monkeypatch.chdir(gone)
    gone.rmdir()
    left = leave_file("a.png", b"2")
    assert left.is_absolute()
    assert left.read_bytes() == b"2"


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (FileNotFoundError(2, "No such file or directory", "/a"), "/a: No such file or directory."),
        (
            OSError(28, "No space left on device"),
            "No space left on device. Make room on this disk.",
        ),
        (OSError(2, "No such file", b"/\xff"), "/\udcff: No such file."),
        (TimeoutError(), "TimeoutError."),
        (FileNotFoundError(2, "No such file or directory"), "The folder that you are in is not"),
        (OSError("something odd"), "something odd."),
        (PermissionError(13, "Permission denied", 3), "Permission denied."),
        (StoreError("the server went", trouble=Trouble.UNREACHABLE), "The server went"),
        (StoreError("a.b is wrong", trouble=Trouble.FAILING), "a.b is wrong"),
    ],
)
def test_every_error_has_a_sentence(error: Exception, sentence: str) -> None:
    assert as_sentence(error).startswith(sentence)


@pytest.mark.parametrize("raised", [OSError(5, "Input/output error"), ConnectionResetError()])
def test_no_error_of_the_system_leaves_the_terminal_as_a_traceback(
    raised: OSError, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from glance_agent.cli import main as cli

    app = typer.Typer()

    @app.command()
    def broken() -> None:
        raise ExceptionGroup("of a task group", [ExceptionGroup("of another", [raised])])

    monkeypatch.setattr(cli, "with_one_verb", lambda _asked: app)
    monkeypatch.setattr(sys, "argv", ["glance-agent"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    assert as_sentence(raised) in capsys.readouterr().err
