"""What an import may cost. Who may import whom is in pyproject.toml, and checked by the lint."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from glance_agent.store.connection import open_database


def succeeds(script: str) -> None:
    """A fresh interpreter carries it out."""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["run", "--help"], ["search", "--help"], ["taste", "--help"], ["--version"]],
)
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    script = (
        "import sys\n"
        f"sys.argv = ['glance-agent', *{arguments!r}]\n"
        "from glance_agent.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        "heavy = {'onnxruntime', 'numpy', 'PIL', 'aiohttp', 'tokenizers', 'sqlite_utils'}\n"
        "loaded = heavy & set(sys.modules)\n"
        "assert not loaded, loaded\n"
    )
    succeeds(script)


def test_a_library_that_is_up_to_date_is_opened_without_what_brings_it_there(
    tmp_path: Path,
) -> None:
    open_database(tmp_path / "glance.db").close()
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from glance_agent.store.connection import open_database\n"
        f"open_database(Path({str(tmp_path / 'glance.db')!r})).close()\n"
        "assert 'sqlite_utils' not in sys.modules\n"
    )
    succeeds(script)


def test_what_decodes_loads_no_settings_and_asks_for_no_user() -> None:
    """Each picture may cost a new process; and pydantic looks for the user's home in the system."""
    script = (
        "import sys\n"
        "import glance_agent.decoding.child\n"
        "loaded = {'pydantic', 'zoneinfo', 'sysconfig', 'aiohttp'} & set(sys.modules)\n"
        "assert not loaded, loaded\n"
    )
    succeeds(script)


def test_the_agent_starts_without_what_it_may_never_need() -> None:
    script = (
        "import sys\n"
        "import glance_agent.wiring.running\n"
        "heavy = {'onnxruntime', 'aiohttp', 'tokenizers', 'rapidfuzz', 'tenacity', 'yarl'}\n"
        "loaded = heavy & set(sys.modules)\n"
        "assert not loaded, loaded\n"
        "pages = {m for m in sys.modules if m.startswith('glance_agent.doors.web.')}\n"
        "assert pages == {'glance_agent.doors.web.settings'}, pages\n"
    )
    succeeds(script)


NEEDED_BY_NO_VERB_AT_ONCE = (
    "onnxruntime", "tokenizers", "aiohttp", "yarl", "paho", "watchfiles", "charset_normalizer",
    "prometheus_client", "pydantic_settings", "numpy.ma", "segno", "tomlkit", "sqlite_utils",
    "tenacity",
    "PIL.ImageDraw", "PIL.ImageFont",
    "glance_agent.doors.mqtt.client", "glance_agent.doors.web.door",
    "glance_agent.displays.delivery", "glance_agent.displays.frame_tv",
    "glance_agent.pictures.rendering",
    "glance_agent.commands.speech", "glance_agent.commands.away.kept", "glance_agent.domain.news",
    "glance_agent.gallery", "glance_agent.store.coded_view", "glance_agent.store.served_view",
)  # fmt: skip
READING = (
    "PIL", "glance_agent.sources.folders.folder", "glance_agent.sources.web",
    "glance_agent.decoding", "glance_agent.ingest.ingest", "glance_agent.ingest.reembed",
    "glance_agent.displays.delivery", "glance_agent.agent.agent", "xml.etree",
    "glance_agent.domain.panel", "glance_agent.domain.frame", "glance_agent.cli.systemd_unit",
    "glance_agent.store.display_leases", "glance_agent.store.identity",
)  # fmt: skip
THINKING = (
    "glance_agent.commands", "glance_agent.search", "glance_agent.taste", "rapidfuzz",
    "glance_agent.domain.command", "glance_agent.homeassistant.discovery",
)  # fmt: skip


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library with one picture, and with the words “blue sea” asked for already."""
    folder = tmp_path_factory.mktemp("known")
    (folder / "pictures").mkdir()
    Image.new("RGB", (500, 400), "blue").save(folder / "pictures" / "one.jpg")
    path = folder / "glance.toml"
    path.write_text('[library]\npath = "glance.db"\n')
    for verb in (("ingest", str(folder / "pictures")), ("search", "blue", "sea")):
        subprocess.run(
            [sys.executable, "-m", "glance_agent", *verb, "--config", str(path)],
            check=True, capture_output=True,
        )  # fmt: skip
    return path


@pytest.mark.parametrize(
    ("verb", "unneeded"),
    [
        (("ingest", "pictures"), NEEDED_BY_NO_VERB_AT_ONCE + THINKING),
        (("search", "blue", "sea"), (*NEEDED_BY_NO_VERB_AT_ONCE, *READING, "asyncio", "ssl")),
        (("status",), NEEDED_BY_NO_VERB_AT_ONCE),
    ],
)
def test_a_verb_that_finds_all_done_loads_little(
    config: Path, verb: tuple[str, ...], unneeded: tuple[str, ...]
) -> None:
    script = (
        "import os, sys\n"
        f"os.chdir({str(config.parent)!r})\n"
        f"sys.argv = ['glance-agent', *{verb!r}, '--config', {str(config)!r}]\n"
        "from glance_agent.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        f"unneeded = {tuple(f'{name}.' for name in unneeded)!r}\n"
        "loaded = [name for name in sys.modules if f'{name}.'.startswith(unneeded)]\n"
        "assert not loaded, loaded\n"
    )
    succeeds(script)
