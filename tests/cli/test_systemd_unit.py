"""Which lines of the unit let the service read a folder."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import gettempdir

import pytest

from glance_agent.cli.systemd_unit import Account, Remedy, Unit, advice, installed, remedy

SHIPPED = Path(__file__).parent.parent.parent / "systemd" / "glance-agent.service"


def unit_of(tmp_path: Path, text: str, *drop_ins: str) -> Unit:
    """The unit of a machine where somebody has installed this text."""
    etc, lib = tmp_path / "etc", tmp_path / "lib"
    (etc / "glance-agent.service.d").mkdir(parents=True)
    lib.mkdir()
    (lib / "glance-agent.service").write_text(text)
    for number, more in enumerate(drop_ins):
        (etc / "glance-agent.service.d" / f"{number}.conf").write_text(more)
    found = installed((etc, lib))
    assert found is not None
    return found


def test_without_a_unit_there_is_nothing_to_say(tmp_path: Path) -> None:
    assert installed((tmp_path,)) is None


def test_the_unit_that_is_shipped_lets_nothing_of_home_in_but_what_is_bound(tmp_path: Path) -> None:
    unit = unit_of(tmp_path, SHIPPED.read_text(encoding="utf-8"))
    assert unit.user == "glance-agent"
    art = Path("/home/you/Pictures/art")
    assert unit.hides(art)
    assert remedy(art, unit, None) == Remedy((f"BindReadOnlyPaths={art}",), ())
    assert remedy(Path("/srv/art"), unit, None) is None


@pytest.mark.parametrize(
    ("home", "lines"),
    [
        ("yes", ("ProtectHome=tmpfs", "BindReadOnlyPaths=/home/you/art")),
        ("true", ("ProtectHome=tmpfs", "BindReadOnlyPaths=/home/you/art")),
        ("tmpfs", ("BindReadOnlyPaths=/home/you/art",)),
        ("read-only", ()),
        ("no", ()),
    ],
)
def test_below_a_shut_home_nothing_can_be_bound(
    tmp_path: Path, home: str, lines: tuple[str, ...]
) -> None:
    unit = unit_of(tmp_path, f"[Service]\nUser=glance\nProtectHome={home}\n")
    found = remedy(Path("/home/you/art"), unit, None)
    assert (found.settings if found else ()) == lines


@pytest.mark.parametrize(
    "drop_in",
    [
        "BindReadOnlyPaths=/home/you/art",
        "BindPaths=-/srv/elsewhere:/home/you:rbind /mnt/a",
        'BindReadOnlyPaths=/mnt/b "/home/you/art"',
        "ProtectHome=no",
    ],
)
def test_what_a_drop_in_lets_in_is_not_asked_for_again(tmp_path: Path, drop_in: str) -> None:
    unit = unit_of(tmp_path, "[Service]\nProtectHome=tmpfs\n", f"[Service]\n{drop_in}\n")
    assert remedy(Path("/home/you/art/big"), unit, None) is None


def test_an_empty_setting_takes_back_what_was_bound(tmp_path: Path) -> None:
    bound = "[Service]\nProtectHome=tmpfs\nBindReadOnlyPaths=/home/you/art\n"
    unit = unit_of(tmp_path, bound, "[Service]\nBindReadOnlyPaths=\n")
    assert unit.hides(Path("/home/you/art"))


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("/home/you/My Art", '"/home/you/My Art"'),
        ("/home/you/100%:art", "/home/you/100%%\\:art"),
    ],
)
def test_a_path_is_written_as_the_unit_reads_it(tmp_path: Path, path: str, written: str) -> None:
    shut = "[Service]\nProtectHome=tmpfs\n"
    found = remedy(Path(path), unit_of(tmp_path, shut), None)
    assert found == Remedy((f"BindReadOnlyPaths={written}",), ())
    again = unit_of(tmp_path / "again", shut, f"[Service]\n{found.settings[0]}\n")
    assert not again.hides(Path(path))


def test_permissions_of_every_folder_on_the_way_are_seen(tmp_path: Path) -> None:
    unit = unit_of(tmp_path, "[Service]\nUser=glance\nProtectHome=no\nPrivateTmp=no\n")
    stranger = Account(os.getuid() + 4711, frozenset())
    home = tmp_path / "home"
    art = home / "My Art"
    art.mkdir(parents=True)
    for path in (art, *art.parents):
        if path.is_relative_to(gettempdir()) and path != Path(gettempdir()):
            path.chmod(0o755)
    assert remedy(art, unit, stranger) is None
    art.chmod(0o711)
    assert remedy(art, unit, stranger) == Remedy((), (f"sudo setfacl -R -m u:glance:rX '{art}'",))
    assert remedy(art, unit, Account(os.getuid(), frozenset())) is None
    home.chmod(0o700)
    found = remedy(art, unit, stranger)
    assert found is not None
    assert f"sudo setfacl -m u:glance:x {home}" in found.commands
    mine = Account(stranger.uid, frozenset({home.stat().st_gid}))
    home.chmod(0o750)
    art.chmod(0o750)
    assert remedy(art, unit, mine) is None


def test_the_advice_names_the_lines_and_how_to_add_them(tmp_path: Path) -> None:
    unit = unit_of(tmp_path, "[Service]\nUser=nobody-here\nProtectHome=yes\n")
    assert advice(Path("/home/you/art"), unit) == (
        "The service, which runs as nobody-here, cannot read /home/you/art.\n"
        "Add to its unit, with “sudo systemctl edit glance-agent”:\n"
        "  [Service]\n"
        "  ProtectHome=tmpfs\n"
        "  BindReadOnlyPaths=/home/you/art\n"
        "Run: sudo systemctl restart glance-agent"
    )
    assert advice(Path("/srv/art"), unit) is None


# -- writing -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("folder", "lines"),
    [
        ("/srv/frame", ("ReadWritePaths=/srv/frame",)),
        ("/home/you/frame", ("BindPaths=/home/you/frame",)),
        ("/var/lib/glance-agent/frame", ()),
    ],
)
def test_the_unit_that_is_shipped_writes_into_its_own_folder_alone(
    tmp_path: Path, folder: str, lines: tuple[str, ...]
) -> None:
    shipped = SHIPPED.read_text(encoding="utf-8")
    found = remedy(Path(folder), unit_of(tmp_path, shipped), None, write=True)
    assert (found.settings if found else ()) == lines
    if lines:
        told = unit_of(tmp_path / "told", shipped, f"[Service]\n{lines[0]}\n")
        assert remedy(Path(folder), told, None, write=True) is None


def test_what_is_bound_to_be_read_is_not_written(tmp_path: Path) -> None:
    bound = "[Service]\nProtectSystem=strict\nProtectHome=tmpfs\nBindReadOnlyPaths=/home/you/art\n"
    unit = unit_of(tmp_path, bound)
    assert remedy(Path("/home/you/art"), unit, None) is None
    found = remedy(Path("/home/you/art"), unit, None, write=True)
    assert found == Remedy(("ReadWritePaths=/home/you/art",), ())


@pytest.mark.parametrize("system", ["full", "yes", "no"])
def test_a_unit_that_is_not_strict_locks_nothing(tmp_path: Path, system: str) -> None:
    unit = unit_of(tmp_path, f"[Service]\nProtectSystem={system}\n")
    assert remedy(Path("/srv/frame"), unit, None, write=True) is None


def test_whoever_writes_needs_the_right_to(tmp_path: Path) -> None:
    unit = unit_of(tmp_path, "[Service]\nUser=glance\nPrivateTmp=no\n")
    stranger = Account(os.getuid() + 4711, frozenset())
    frame = tmp_path / "frame"
    frame.mkdir()
    for path in (frame, *frame.parents):
        if path.is_relative_to(gettempdir()) and path != Path(gettempdir()):
            path.chmod(0o755)
    assert remedy(frame, unit, stranger) is None
    found = remedy(frame, unit, stranger, write=True)
    assert found == Remedy((), (f"sudo setfacl -m u:glance:rwx {frame}",))
    said = advice(frame, Unit("nobody-here", (), (), empty_home=False, writable=()), write=True)
    assert said is not None
    assert f"cannot write into {frame}" in said
