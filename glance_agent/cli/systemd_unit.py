"""What the installed systemd unit lets the service read and write, and which lines let it more.

The sandbox of systemd.exec(5): ProtectHome= hides what people keep, PrivateTmp= what is temporary,
and BindReadOnlyPaths= lets a folder in all the same; ProtectSystem=strict makes all of it read-only
but what ReadWritePaths= and BindPaths= name, and the service's own folder.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Final

from glance_agent.domain.said import say as told

NAME: Final = "glance-agent"
DIRECTORIES: Final = tuple(
    Path(place)
    for place in (
        "/etc/systemd/system",
        "/run/systemd/system",
        "/usr/local/lib/systemd/system",
        "/usr/lib/systemd/system",
        "/lib/systemd/system",
    )
)
_HOMES: Final = (Path("/home"), Path("/root"), Path("/run/user"))
_TEMPORARY: Final = (Path("/tmp"), Path("/var/tmp"))  # noqa: S108  (named, not written to)
_SETTING: Final = re.compile(r"^\s*(\w+)\s*=\s*(.*?)\s*$")
_PASS: Final = 0o1
_LIST: Final = 0o4
_WRITE: Final = 0o2
_STATE: Final = Path("/var/lib")
_ROOT: Final = Path("/")
_NO: Final = frozenset(("", "no", "false", "0", "off"))


@dataclass(frozen=True, slots=True)
class Unit:
    """What a unit file and its drop-ins say about who runs the service and what it may see."""

    user: str
    hidden: tuple[Path, ...]
    let_in: tuple[Path, ...]
    empty_home: bool
    """Whether folders can be let in below /home: so with tmpfs; with yes it stays shut."""
    writable: tuple[Path, ...] = (_ROOT,)
    """Below what may be written, where it is not hidden."""

    def hides(self, folder: Path) -> bool:
        """Whether the folder is not there for the service."""
        return _below(folder, self.hidden) and not _below(folder, self.let_in)

    def locks(self, folder: Path) -> bool:
        """Whether the service cannot write into the folder, whatever its permissions."""
        return self.hides(folder) or not _below(folder, self.writable)


@dataclass(frozen=True, slots=True)
class Remedy:
    """What lets the service use a folder: lines of its unit, and commands to run."""

    settings: tuple[str, ...]
    commands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """A user as permissions see it."""

    uid: int
    groups: frozenset[int]


def installed(directories: Sequence[Path] = DIRECTORIES) -> Unit | None:
    """The unit of this machine with its drop-ins; None where there is none."""
    units = (_lines(directory / f"{NAME}.service") for directory in directories)
    unit = next(filter(None, units), None)
    if unit is None:
        return None
    added = {path.name: path for d in reversed(directories) for path in _drop_ins(d)}
    return _unit([*unit, *(line for name in sorted(added) for line in _lines(added[name]))])


def _drop_ins(directory: Path) -> Iterable[Path]:
    return directory.glob(f"{NAME}.service.d/*.conf")


def account_of(user: str) -> Account | None:
    """A user of this machine; None where it has none of this name."""
    import grp
    import pwd

    try:
        entry = pwd.getpwnam(user)
    except KeyError:
        return None
    others = {group.gr_gid for group in grp.getgrall() if user in group.gr_mem}
    return Account(entry.pw_uid, frozenset({entry.pw_gid, *others}))


def remedy(
    folder: Path, unit: Unit, account: Account | None, *, write: bool = False
) -> Remedy | None:
    """What lets the service read a folder, or write into it as well; None where it can."""
    hidden = unit.hides(folder)
    # What is bound has its own place: the folders above it are not asked.
    above = [] if hidden else [*reversed(folder.parents)]
    commands: list[str] = []
    if account is not None:
        shut = [path for path in above if not _has(path, account, _PASS)]
        commands += [f"sudo setfacl -m u:{unit.user}:x {_word(path)}" for path in shut]
        if not _has(folder, account, _PASS | _LIST | (_WRITE if write else 0)):
            rights = f"-m u:{unit.user}:rwx" if write else f"-R -m u:{unit.user}:rX"
            commands.append(f"sudo setfacl {rights} {_word(folder)}")
    settings = _bound(folder, unit, write=write) if hidden else []
    if write and not hidden and unit.locks(folder):
        settings = [f"ReadWritePaths={_quoted(folder)}"]
    return Remedy(tuple(settings), tuple(commands)) if settings or commands else None


def advice(folder: Path, unit: Unit | None = None, *, write: bool = False) -> str | None:
    """What to do so that the service can read a folder, or write into it as well.

    None where it can, or none is installed.
    """
    unit = unit or installed()
    found = remedy(folder, unit, account_of(unit.user), write=write) if unit else None
    if unit is None or found is None:
        return None
    said: list[str] = [_cannot(unit.user, folder, write=write)]
    restart = []
    if found.settings:
        command = f"sudo systemctl edit {NAME}"
        said.append(told("Add to its unit, with “{command}”:", command=command))
        said += ["  [Service]", *(f"  {line}" for line in found.settings)]
        restart = [f"sudo systemctl restart {NAME}"]
    said += [told("Run: {command}", command=each) for each in (*found.commands, *restart)]
    return reduce(lambda first, then: told("{first}\n{then}", first=first, then=then), said)


def _cannot(user: str, folder: Path, *, write: bool) -> str:
    if write:
        return told(
            "The service, which runs as {user}, cannot write into {folder}.",
            user=user,
            folder=folder,
        )
    return told(
        "The service, which runs as {user}, cannot read {folder}.", user=user, folder=folder
    )


def _has(path: Path, account: Account, wanted: int) -> bool:
    """Whether a user has these rights on a folder; an access list counts as the group's."""
    try:
        found = path.stat()
    except OSError:
        return False
    shift = 6 if found.st_uid == account.uid else 3 if found.st_gid in account.groups else 0
    return account.uid == 0 or (found.st_mode >> shift) & wanted == wanted


def _word(path: Path) -> str:
    return shlex.quote(str(path))


def _bound(folder: Path, unit: Unit, *, write: bool) -> list[str]:
    shut = _below(folder, _HOMES) and not unit.empty_home
    bind = "BindPaths" if write else "BindReadOnlyPaths"
    return [*(["ProtectHome=tmpfs"] if shut else []), f"{bind}={_quoted(folder)}"]


def _quoted(path: Path) -> str:
    """A path as BindReadOnlyPaths= takes it: without specifiers, options or words of its own."""
    text = str(path).replace("\\", "\\\\").replace("%", "%%").replace(":", "\\:")
    return '"' + text.replace('"', '\\"') + '"' if re.search(r"[\s\"']", text) else text


def _unit(lines: Iterable[str]) -> Unit:
    settings: dict[str, list[str]] = {}
    for line in lines:
        if found := _SETTING.match(line):
            name, value = found.groups()
            # An empty value takes back what was said before it.
            settings[name] = [*settings.get(name, []), value] if value else []
    last = {name: values[-1].lower() for name, values in settings.items() if values}
    homes = _HOMES if last.get("ProtectHome", "no") not in {*_NO, "read-only"} else ()
    temporary = _TEMPORARY if last.get("PrivateTmp", "no") not in _NO else ()
    bound = [v for name in ("BindPaths", "BindReadOnlyPaths") for v in settings.get(name, [])]
    return Unit(
        user=(settings.get("User") or ["root"])[-1],
        hidden=(*homes, *temporary),
        let_in=tuple(_places(bound)),
        empty_home=last.get("ProtectHome") == "tmpfs",
        writable=tuple(_writable(settings)) if last.get("ProtectSystem") == "strict" else (_ROOT,),
    )


def _writable(settings: Mapping[str, Sequence[str]]) -> Iterator[Path]:
    """What a strict unit may write all the same."""
    for name in ("ReadWritePaths", "BindPaths"):
        yield from _places(settings.get(name, ()))
    for value in settings.get("StateDirectory", ()):
        yield from (_STATE / word.partition(":")[0] for word in value.split())


def _places(values: Iterable[str]) -> Iterator[Path]:
    """Where bound paths stand for the service: `-/from:/to:options` is /to."""
    for value in values:
        words = shlex.shlex(value, posix=True, punctuation_chars="")
        words.whitespace_split, words.escape, words.commenters = True, "", ""
        for word in words:
            parts = re.split(r"(?<!\\):", word.removeprefix("-"))
            place = parts[1] if len(parts) > 1 and parts[1] else parts[0]
            yield Path(place.replace("\\:", ":").replace("%%", "%"))


def _below(folder: Path, places: Iterable[Path]) -> bool:
    return any(folder.is_relative_to(place) for place in places)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
