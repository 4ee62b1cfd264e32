"""The terminal's verbs for sources, and what a source would bring."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from glance_agent.cli.sources import app
from glance_agent.config.load import load
from glance_agent.domain.errors import ConfigError
from glance_agent.ingest.preview import preview
from glance_agent.sources.web.web import Web
from tests.in_process import header_of
from tests.sources.fake_museum import FakeMuseum
from tests.sources.museums.test_cleveland import API, page, record, source


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "glance.toml"
    (tmp_path / "photos").mkdir()
    Image.new("RGB", (64, 48), "teal").save(tmp_path / "photos" / "Teal Sea.jpg")
    path.write_text('[[sources]]\nname = "photos"\nkind = "folder"\npath = "photos"\n')
    return path


def test_a_museum_is_added_by_one_line(config: Path) -> None:
    done = run("add", "cleveland", "query=stormy sea", "limit=200", "-c", str(config))
    assert done.exit_code == 0, done.output
    assert "glance-agent sources test cleveland" in done.output
    photos, museum = load(config, {}).sources
    assert (photos.name, museum.kind, museum.limit) == ("photos", "cleveland", 200)
    assert getattr(museum, "query", "") == "stormy sea"


def test_lists_and_truths_are_read_as_such(config: Path) -> None:
    settings = ('urls=["https://example.org/m.json"]', "every_canvas=true", 'licence="cc0"')
    run("add", "iiif", *settings, "--name", "manuscripts", "-c", str(config))
    added = load(config, {}).sources[-1]
    assert added.model_dump(include={"urls", "every_canvas", "licence", "name"}) == {
        "urls": ("https://example.org/m.json",),
        "every_canvas": True,
        "licence": "cc0",
        "name": "manuscripts",
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("clevland",), "Did you mean cleveland?"),
        (("iiif", 'urls=["file:///etc/passwd"]'), "has to begin with https:// or http://"),
        (("wikimedia", "category=Lilies"), "set fetching.contact"),
        (("smk", "qery=x"), "Did you mean sources.1.query"),
        (("smk", "limit=none"), "sources.1.limit"),
        (("smk", "limit"), "write it as key=value"),
        (("smk", "--name", "photos"), "two sources are called photos"),
        (("harvard",), "needs an api_key"),
    ],
)
def test_what_cannot_be_added_leaves_the_file_as_it_was(
    config: Path, arguments: tuple[str, ...], said: str
) -> None:
    before = config.read_text()
    done = run("add", *arguments, "-c", str(config))
    assert isinstance(done.exception, ConfigError)
    assert said in str(done.exception)
    assert config.read_text() == before


def test_the_starter_gallery_stays_where_it_was_unsaid(tmp_path: Path) -> None:
    path = tmp_path / "empty.toml"
    path.write_text("")
    assert run("add", "smk", "-c", str(path)).exit_code == 0
    assert [s.kind for s in load(path, {}).sources] == ["starter", "smk"]


def test_sources_are_listed(config: Path) -> None:
    run("add", "cleveland", "-c", str(config))
    listed = json.loads(run("list", "--json", "-c", str(config)).output)
    assert [(s["name"], s["kind"], s["every_hours"]) for s in listed["sources"]] == [
        ("photos", "folder", None),
        ("cleveland", "cleveland", 24),
    ]
    assert "cleveland" in run("list", "-c", str(config)).output


def test_a_source_is_tried(config: Path) -> None:
    done = run("test", "photos", "-c", str(config))
    assert done.exit_code == 0, done.output
    assert "64 x 48" in done.output
    assert isinstance(run("test", "nowhere", "-c", str(config)).exception, ConfigError)


def test_private_addresses_stay_private_from_the_terminal(config: Path) -> None:
    run("add", "iiif", 'urls=["http://127.0.0.1:9/m.json"]', "-c", str(config))
    done = run("test", "iiif", "--json", "-c", str(config))
    assert done.exit_code == 1
    assert "private address" in json.loads(done.output)["error"]


async def test_a_taste_of_a_museum(museum: FakeMuseum, client: Web) -> None:
    records = [record(museum, n) for n in range(9)]
    records[0]["share_license_status"] = "Other"
    museum.json(API, page(records))
    for number in (2, 3, 4, 5):
        museum.picture(f"/{number}_web.jpg")
    tasting = await preview(source(museum, client), 3, header_of)
    assert [t.artwork.id for t in tasting.works] == ["test:2", "test:3", "test:4"]
    assert tasting.left_out == {"licence not open": 1, "not found": 1}
    assert tasting.facts()["works"][0]["picture_px"] == (60, 40)
    assert museum.paths["/5_web.jpg"] == 0
