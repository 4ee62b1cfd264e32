"""Whether all that is needed can be installed on a Raspberry Pi: wheels for aarch64, no compiler.

`python -m tools.resolve_arm` resolves the package with every extra for each Python, from the
index that pip is configured for, and fails with the reason where a wheel is missing. An extra that
is for x86 alone stands in pyproject.toml, in [tool.glance-agent.x86-only], with the reason why.
"""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from uv import find_uv_bin

ROOT = Path(__file__).parent.parent
PYTHONS = ("3.11", "3.12", "3.13")
PLATFORM = "aarch64-manylinux_2_28"
"""Any glibc from 2.28 on: Raspberry Pi OS, Debian and Ubuntu since their first Python 3.11."""
_OPTIONS = {
    "index-url": "--default-index",
    "extra-index-url": "--index",
    "find-links": "--find-links",
    "constraint": "--constraint",
}


def main() -> int:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras, left_out = extras_of(project)
    for extra, reason in left_out.items():
        print(f"{extra}: for x86 alone, as {reason}")
    asked = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True
    )
    options = list(index_options(settings_of(asked.stdout)))
    uv = (
        find_uv_bin()
    )  # once: the interpreter's sysconfig is not safe for threads that begin with it
    with ThreadPoolExecutor(len(PYTHONS)) as threads:
        faults = list(threads.map(lambda python: missing(uv, python, extras, options), PYTHONS))
    for python, fault in zip(PYTHONS, faults, strict=True):
        print(f"{PLATFORM}, Python {python}: {fault or 'everything is there as a wheel'}")
    return 1 if any(faults) else 0


def extras_of(project: Mapping[str, Any]) -> tuple[list[str], dict[str, str]]:
    """The extras to resolve, and those for x86 alone with the reason why."""
    left_out = project.get("tool", {}).get("glance-agent", {}).get("x86-only", {})
    extras = project["project"]["optional-dependencies"]
    if unknown := left_out.keys() - extras.keys():
        raise SystemExit(f"[tool.glance-agent.x86-only] names no extra: {', '.join(unknown)}")
    return [extra for extra in extras if extra not in left_out], left_out


def settings_of(listed: str) -> dict[str, list[str]]:
    """What `pip config list` says of indexes: name='values', the environment's after the files'."""
    found: dict[str, list[str]] = {}
    for line in listed.splitlines():
        name, _, value = line.partition("=")
        if (key := name.rpartition(".")[2]) in _OPTIONS:
            found[key] = str(ast.literal_eval(value)).split()
    return found


def index_options(settings: Mapping[str, Iterable[str]]) -> Iterator[str]:
    """The same for uv, which reads no configuration of pip's; indexes are equals, as for pip."""
    for key, values in settings.items():
        for value in values:
            yield from (_OPTIONS[key], value)
    yield from ("--index-strategy", "unsafe-best-match")


def missing(uv: str, python: str, extras: Iterable[str], options: Iterable[str]) -> str | None:
    """What cannot be had for this Python, in the words of the resolver; None where all can."""
    wanted = [word for extra in extras for word in ("--extra", extra)]
    platform = ("--python-platform", PLATFORM, "--python-version", python)
    done = subprocess.run(
        [
            *(uv, "pip", "compile", "pyproject.toml", *wanted),
            *(*platform, "--only-binary", ":all:", "--no-config", *options),
            # This interpreter will do: nothing is built, so no other one need be fetched.
            *("--no-python-downloads", "--python", sys.executable),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stderr.strip() if done.returncode else None


if __name__ == "__main__":
    sys.exit(main())
