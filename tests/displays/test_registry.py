"""Kinds of displays are found by their files, and loaded when they are asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from glance_agent.config.load import load
from glance_agent.displays.display import Display
from glance_agent.displays.registry import USUAL, display_of, kinds, opened, settings_of
from glance_agent.domain.device import DeviceReport
from glance_agent.domain.errors import ConfigError
from glance_agent.wiring.displays import displays_of, pulled_of
from tools.write_docs import ROOT


@pytest.mark.parametrize("kind", kinds())
def test_a_kind_is_the_file_of_its_name(kind: str) -> None:
    settings = settings_of(kind)
    assert get_args(settings.model_fields["kind"].annotation) == (kind,)
    assert display_of(kind).settings_class is settings
    assert issubclass(display_of(kind), Display)


@pytest.mark.parametrize("kind", kinds())
def test_every_kind_has_a_row_in_its_page(kind: str) -> None:
    assert f"\n| `{kind}` |" in (ROOT / "docs" / "displays.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", kinds())
def test_what_a_device_says_are_keys_of_its_topic(kind: str) -> None:
    assert set(display_of(kind).says) <= set(DeviceReport.model_fields)


def test_a_port_for_devices_is_opened_for_those_that_ask_alone(tmp_path: Path) -> None:
    config = tmp_path / "glance.toml"
    config.write_text(
        '[[displays]]\nname = "a"\n[[displays]]\nname = "b"\nkind = "folder"\npath = "b"\n'
        '[[displays]]\nname = "c"\nkind = "trmnl"\ndevice = "0123456789ab"\n',
        encoding="utf-8",
    )
    asking = pulled_of(displays_of(load(config, {})).values())
    assert [display.settings.name for display in asking] == ["c"]


def test_one_device_shows_one_display(tmp_path: Path) -> None:
    config = tmp_path / "glance.toml"
    table = '[[displays]]\nname = "{}"\nkind = "{}"\ndevice = "{}"\n'
    config.write_text(
        table.format("a", "trmnl", "0123456789ab")
        + table.format("b", "trmnl", "01-23-45-67-89-AB"),
        encoding="utf-8",
    )
    with pytest.raises(ConfigError, match="each device shows one of them"):
        load(config, {})


def test_one_tv_shows_one_display(tmp_path: Path) -> None:
    config = tmp_path / "glance.toml"
    table = '[[displays]]\nname = "{}"\nkind = "frame"\nhost = "192.168.1.50"\n'
    config.write_text(table.format("a") + table.format("b"), encoding="utf-8")
    with pytest.raises(ConfigError, match="each device shows one of them"):
        load(config, {})


def test_only_the_kinds_of_the_configuration_are_loaded(tmp_path: Path) -> None:
    config = tmp_path / "glance.toml"
    config.write_text('[[displays]]\nname = "a"\nkind = "folder"\npath = "b"\n', encoding="utf-8")
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from glance_agent.config.load import load\n"
        f"load(Path({str(config)!r}), {{}})\n"
        "kinds = 'glance_agent.displays.kinds.'\n"
        "print(*(name.removeprefix(kinds) for name in sys.modules if name.startswith(kinds)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["folder"]


def test_a_table_without_a_kind_is_of_the_usual_one(tmp_path: Path) -> None:
    config = tmp_path / "glance.toml"
    config.write_text('[[displays]]\nname = "a"\nwidth_px = 640\n', encoding="utf-8")
    [settings] = load(config, {}).displays
    assert (settings.kind, settings.width_px) == (USUAL, 640)
    assert type(opened(settings)) is display_of(USUAL)


def test_paths_of_every_kind_begin_at_the_file(tmp_path: Path) -> None:
    config = tmp_path / "glance.toml"
    config.write_text('[[displays]]\nname = "a"\nkind = "folder"\npath = "b"\n', encoding="utf-8")
    [settings] = load(config, {}).displays
    assert settings.model_dump()["path"] == tmp_path / "b"


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('kind = "foldr"', "there is no kind of display foldr. Did you mean folder?"),
        ('kind = "cinema"', "there is no kind of display cinema. There is mqtt, folder"),
        ("kind = 7", "there is no kind of display 7."),
        ('kind = "__init__"', "there is no kind of display __init__."),
        ('kind = "folder"', "displays.0.path is missing."),
        ('kind = "folder"\npath = ""', "the path is empty"),
        ('kind = "folder"\npaht = "a"', "Did you mean displays.0.path?"),
        ('kind = "folder"\npath = "a"\nkeep = -1', "displays.0.keep must be at least 0."),
        ('path = "a"', "There is no setting displays.0.path."),
        ("widht_px = 3", "Did you mean displays.0.width_px?"),
    ],
)
def test_a_wrong_table_is_a_sentence(tmp_path: Path, table: str, said: str) -> None:
    config = tmp_path / "glance.toml"
    config.write_text(f'[[displays]]\nname = "a"\n{table}\n', encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load(config, {})
    assert said in str(refused.value)


@pytest.mark.parametrize("path", ["art", "art/below", "link", "art/../art"])
def test_a_display_cannot_write_where_a_source_looks(tmp_path: Path, path: str) -> None:
    (tmp_path / "art").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "art")
    config = tmp_path / "glance.toml"
    config.write_text(
        f'[[displays]]\nname = "a"\nkind = "folder"\npath = "{path}"\n'
        '[[sources]]\nname = "s"\nkind = "folder"\npath = "art"\n',
        encoding="utf-8",
    )
    with pytest.raises(ConfigError, match="where the source s looks for pictures"):
        load(config, {})
