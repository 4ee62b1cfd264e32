"""Kinds of sources are found by their files, and loaded when they are asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from glance_agent.config.load import load
from glance_agent.domain.errors import ConfigError
from glance_agent.sources.registry import kinds, museum_of, settings_of
from glance_agent.sources.settings import KeyedSource

MUSEUMS = [kind for kind in kinds() if kind not in ("folder", "starter")]


@pytest.mark.parametrize("kind", MUSEUMS)
def test_a_museum_is_the_file_of_its_name(kind: str) -> None:
    settings = settings_of(kind)
    assert get_args(settings.model_fields["kind"].annotation) == (kind,)
    museum = museum_of(kind)
    assert museum.settings_class is settings
    key = museum.key_parameter or museum.key_header
    assert bool(key) == issubclass(settings, KeyedSource)
    assert set(museum.manners) <= museum.hosts


def test_only_the_museums_of_the_configuration_are_loaded(tmp_path: Path) -> None:
    config = tmp_path / "glance.toml"
    config.write_text('[[sources]]\nname = "a"\nkind = "smk"\n', encoding="utf-8")
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from glance_agent.config.load import load\n"
        f"load(Path({str(config)!r}), {{}})\n"
        "museums = 'glance_agent.sources.museums.'\n"
        "print(*(name.removeprefix(museums) for name in sys.modules if name.startswith(museums)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["smk"]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("query = 1", "a kind is missing; one of folder, starter, aic"),
        ('kind = "clevland"', "there is no kind of source clevland. Did you mean cleveland?"),
        ("kind = 7", "there is no kind of source 7."),
        ('kind = "__init__"', "there is no kind of source __init__."),
        ('kind = "smk"\nqery = "x"', "no setting sources.0.qery. Did you mean sources.0.query?"),
        ('kind = "met"\ndepartment_id = 0', "sources.0.department_id must be at least 1"),
        ('kind = "wikimedia"', "needs either a category or sparql"),
        ('kind = "harvard"', "needs an api_key or an api_key_file"),
        ('kind = "immich"\nurl = "immich.lan"\napi_key = "k"', "sources.0.url"),
    ],
)
def test_a_wrong_table_is_a_sentence(tmp_path: Path, table: str, said: str) -> None:
    config = tmp_path / "glance.toml"
    config.write_text(f'[[sources]]\nname = "a"\n{table}\n', encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load(config, {})
    assert said in str(refused.value)


def test_what_is_no_table_is_a_sentence(tmp_path: Path) -> None:
    config = tmp_path / "glance.toml"
    config.write_text("sources = [3]\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="sources"):
        load(config, {})
