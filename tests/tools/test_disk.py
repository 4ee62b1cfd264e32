"""The campaign of disks in short form; `python -m tools.campaigns.disk` is the long one."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.broker import needs_mosquitto
from tools.campaigns import disk

NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount", "setpriv", "--version"]


@needs_mosquitto
def test_a_disk_that_is_full_for_a_while_loses_nothing() -> None:
    programs = all(shutil.which(program) for program in ("unshare", "setpriv"))
    if not programs or subprocess.run(NAMESPACE, capture_output=True, check=False).returncode:
        pytest.skip("this machine gives nobody a namespace with a disk of its own")
    assert disk.main(["--short"]) == 0
