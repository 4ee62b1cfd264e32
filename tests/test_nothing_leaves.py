"""Nothing leaves the house: no name looked up, no address but the broker's, no file elsewhere.

The whole program runs under strace: its model is loaded, pictures are taken in and searched.
"""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path
from signal import SIGTERM

from glance_agent.embedding.remote.calls import Caller
from glance_agent.embedding.remote.service import ServiceEncoder, ask_offer
from tests.broker import Broker, free_port
from tests.home import Home
from tests.phone import Phone
from tests.spawned import PATIENCE_SECONDS, ROOT
from tests.traced import Trace, needs_strace

SILENT = "ORT_DISABLE_TELEMETRY"


def environment(tmp_path: Path) -> dict[str, str]:
    """A home and temporary files of the program's own, and nothing that silences it already."""
    home, temporary = tmp_path / "somebody", tmp_path / "temporary"
    for folder in (home, temporary):
        folder.mkdir(exist_ok=True)
    return {"HOME": str(home), "TMPDIR": str(temporary), SILENT: "0", "XDG_CACHE_HOME": ""}


@needs_strace
async def test_an_agent_reaches_its_broker_alone_and_writes_its_own_files(
    tmp_path: Path, pictures: Path, broker: Broker
) -> None:
    home, trace = Home(tmp_path / "home", pictures), Trace(tmp_path / "trace")
    home.folder.mkdir()
    config = home.toml(broker.port, model={"directory": str(home.folder / "models")})
    program = ("-m", "glance_agent", "run", "--config", str(config))
    async with Phone(broker.port) as phone:
        agent = await trace.start(*program, environ=environment(tmp_path))
        try:
            await phone.expect("event/ingest", lambda m: m.json()["event_type"] == "finished")
            reply = await phone.ask("command/search", {"query": "a red field", "transaction": "1"})
        finally:
            await agent.end(SIGTERM)
    assert reply["ok"], reply
    assert reply["results"], reply
    reached = {("127.0.0.1", broker.port)}
    assert not trace.strayed(reached=reached, within=[home.folder, tmp_path / "temporary"])


@needs_strace
async def test_the_encoders_service_reaches_nobody(tmp_path: Path) -> None:
    port, models, trace = free_port(), tmp_path / "models", Trace(tmp_path / "trace")
    config = tmp_path / "glance.toml"
    config.write_text(f'model.directory = "{models}"\n', encoding="utf-8")
    program = ("-m", "glance_agent", "serve-encoder", "--port", str(port), "--config", str(config))
    service = await trace.start(*program, environ=environment(tmp_path))
    try:
        await service.says("serves at")
        dimension = await asyncio.to_thread(_dimension, f"http://127.0.0.1:{port}", "a red field")
    finally:
        await service.end(SIGTERM)
    assert dimension > 1
    reached = {("127.0.0.1", port)}
    assert not trace.strayed(reached=reached, within=[models, tmp_path / "temporary"])


def _dimension(url: str, text: str) -> int:
    """What the service makes of a text, asked as an agent asks."""
    caller = Caller("service", None, timeout_seconds=PATIENCE_SECONDS)
    return len(ServiceEncoder(caller, url=url, offer=ask_offer(caller, url)).embed_text(text))


@needs_strace
async def test_whatever_a_child_asks_or_writes_is_seen(tmp_path: Path) -> None:
    own, astray, away = tmp_path / "own", tmp_path / "astray", tmp_path / "away"
    own.mkdir()
    child = (
        "import os, socket\n"
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('192.0.2.1', 53))\n"
        "socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).connect(('::1', 9))\n"
        f"open('{own}/fine', 'w').close(); open('{astray}', 'w').close()\n"
        f"os.rename('{own}/fine', '{away}'); open('{away}').close()\n"
        "open('/dev/null', 'w').close()\n"
    )
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    trace = Trace(tmp_path / "trace")
    assert await (await trace.start("-c", parent, environ={})).ended() == 0
    strayed = sorted(trace.strayed(reached=(), within=[own]))
    assert [words.split(": ")[0] for words in strayed] == [
        "connect ::1:9",
        "connect asks 192.0.2.1 for a name",
        f"openat {astray}",
        f"rename {away}",
    ]


def test_whoever_loads_onnx_runtime_has_loaded_what_silences_it() -> None:
    """Each package with a file that imports it loads ours first, and is inherited from."""
    tracked = subprocess.run(
        ["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loading = [
        path
        for path in tracked.stdout.split()
        if re.search(r"^\s*(import|from) onnxruntime", (ROOT / path).read_text(), re.MULTILINE)
    ]
    assert loading
    for package in {Path(path).parent for path in loading}:
        probe = f"import os, {'.'.join(package.parts)}; print(os.environ['{SILENT}'])"
        environ = {**os.environ, SILENT: "0"}
        told = subprocess.run(
            [sys.executable, "-c", probe], cwd=ROOT, env=environ, capture_output=True, text=True
        )
        assert told.stdout.strip() == "1", (package, told.stderr)


def test_the_unit_and_the_app_say_it_too() -> None:
    unit = (ROOT / "systemd/glance-agent.service").read_text(encoding="utf-8")
    app = (ROOT / "config/home_assistant/app/Dockerfile").read_text(encoding="utf-8")
    make = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert f"\nEnvironment={SILENT}=1\n" in unit
    assert f"\nENV {SILENT}=1\n" in app
    assert f"\nexport {SILENT} := 1\n" in make
