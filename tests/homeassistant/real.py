"""A real Home Assistant, a real broker, the real agent: `make test-homeassistant`.

Not part of the normal run. HA_HARNESS names the folder of the harness (`ha.py`) that starts
Home Assistant and Mosquitto on loopback; its own interpreter runs this module, and the first
argument is the interpreter that has glance-agent. HA_VERSION names another installed version;
HA_CHECKS names some checks, and the others are left out (all need the first two); HA_NAME tells two
runs at once apart.
"""

from __future__ import annotations

import importlib
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.homeassistant.house import ROOT, Agent, House, tell
from tests.homeassistant.real_checks import CHECKS
from tests.homeassistant.real_troubles import TROUBLES

NAME = os.environ.get("HA_NAME", "glance-agent")
ONLY = os.environ.get("HA_CHECKS", "").split()
ALL = [check for check in (*CHECKS, *TROUBLES) if not ONLY or check.__name__ in ONLY]
HARNESS = Path(os.environ.get("HA_HARNESS", ROOT.parent / "shared" / "ha_harness")).resolve()


def main() -> int:
    sys.path.insert(0, str(HARNESS))
    sys.dont_write_bytecode = True
    harness = importlib.import_module("ha")
    with tempfile.TemporaryDirectory() as folder, harness.HA(NAME) as ha:
        started = time.time()
        version = os.environ.get("HA_VERSION", "default")
        ha.start(config=str(configuration(Path(folder))), version=version)
        tell(f"Home Assistant {ha.info['version']} started in {time.time() - started:.0f} s")
        agent = Agent(sys.argv[1], Path(folder), ha.info["mqtt_port"])
        try:
            failed = judged(House(ha, agent))
        finally:
            agent.end()
        if failed:
            tell(agent.log.read_text(encoding="utf-8")[-3000:])
    tell(f"{failed} of {len(ALL)} failed" if failed else f"all {len(ALL)} ok")
    return 1 if failed else 0


def configuration(folder: Path) -> Path:
    """What a person would copy into Home Assistant, with the blueprints in use."""
    copied = folder / "home_assistant"
    shutil.copytree(ROOT / "config" / "home_assistant", copied)
    shutil.copy(Path(__file__).with_name("blueprints_in_use.yaml"), copied / "packages")
    return copied


def judged(house: House) -> int:
    """Run every check in order; how many failed."""
    failed = 0
    for check in ALL:
        started = time.time()
        try:
            check(house)
            said = ""
        except Exception as error:
            # A check of the real world may fail in any way; all are reported, none ends the run.
            said, failed = f"\n         {type(error).__name__}: {error}", failed + 1
        mark = "FAILED" if said else "ok    "
        tell(f"{mark} {time.time() - started:5.1f} s  {check.__doc__}{said}")
    return failed


if __name__ == "__main__":
    sys.exit(main())
