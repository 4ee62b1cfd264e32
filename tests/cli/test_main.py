"""The terminal: what people read, what programs read, and exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageStat

from glance_agent.config.load import load
from glance_agent.domain.picture_verbs import Search
from glance_agent.wiring.rooms import open_rooms
from tests.cli.typed import Done, typed
from tests.home import SOURCE, Home, paint
from tests.postgres import Server


def glance(*arguments: str, config: Path | None = None, columns: int = 160) -> Done:
    """Type a command, of a configuration that is named."""
    options = ["--config", str(config)] if config else []
    return typed(*arguments, *options, COLUMNS=str(columns), GLANCE_CONFIG="")


def spawned(*arguments: str, config: Path) -> subprocess.CompletedProcess[str]:
    """The same in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "glance_agent", *arguments, "--config", str(config)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "160", "GLANCE_CONFIG": ""},
    )


def as_json(*arguments: str, config: Path) -> Any:
    done = glance(*arguments, "--json", config=config)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def household(tmp_path: Path, stocked: Path, pictures: Path) -> tuple[Home, Path]:
    """A library with a dozen works, and the configuration that goes with it; no broker."""
    from tests.home import move_in

    home = move_in(tmp_path / "home", stocked, pictures)
    return home, home.toml(1)


def test_search_prints_a_table_and_json(household: tuple[Home, Path]) -> None:
    _, config = household
    done = spawned("search", "blue", "field", config=config)
    assert done.returncode == 0, done.stderr
    assert "match" in done.stdout
    assert "Blue Field" in done.stdout
    reply = as_json("search", "blue field", config=config)
    assert reply["ok"]
    assert reply["results"][0]["artwork"]["title"] == "Blue Field"


def test_the_terminal_answers_the_first_time_as_the_agent_does_later(
    household: tuple[Home, Path],
) -> None:
    _, config = household

    def found() -> list[tuple[str, float]]:
        results = as_json("search", "calm blue", config=config)["results"]
        return [(result["artwork"]["id"], result["match"]) for result in results]

    first = found()
    with open_rooms(load(config, {})) as rooms:
        understanding = rooms.answers.understanding
        assert not understanding.unread_references(1.0).references
        reply = rooms.answers.answer(Search(query="calm blue", show=False)).reply
    assert first == found() == [(r.artwork.id, r.match) for r in reply.results]


def test_a_terminal_of_80_columns_shows_works_reasons_and_ids_whole(
    household: tuple[Home, Path],
) -> None:
    _, config = household
    results = as_json("search", "blue field", config=config)["results"]
    done = glance("search", "blue field", config=config, columns=80)
    lines = [line.strip() for line in done.stdout.splitlines()]
    assert max(map(len, done.stdout.splitlines())) <= 80
    for result in results:
        work = result["artwork"]
        first = lines.index(f"{result['match']:.2f}    “{work['title']}”")
        assert lines[first + 1 : first + 3] == [result["why"], work["id"]]


def test_works_are_listed_in_the_language_of_the_house(
    household: tuple[Home, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, config = household
    monkeypatch.setenv("GLANCE_LANGUAGE", "de")
    listed = glance("search", "blue field", config=config).stdout
    assert "„Blue Field“" in listed
    assert "“Blue Field”" not in listed


def test_ingest_tells_what_it_did_and_repeats_nothing(
    household: tuple[Home, Path], tmp_path: Path
) -> None:
    home, config = household
    more = tmp_path / "More Pictures"
    paint(more)
    (more / "junk.jpg").write_bytes(b"no picture")
    first = glance("ingest", str(more), config=config)
    assert first.returncode == 0, first.stderr
    assert "not a picture" in first.stdout
    again = as_json("ingest", str(more), config=config)
    assert again[0]["source"] == "more-pictures"
    assert again[0]["added"] == 0
    configured = as_json("ingest", str(home.pictures), config=config)
    assert configured[0]["source"] == SOURCE


def test_what_a_display_would_be_sent_is_rendered_into_a_file(tmp_path: Path) -> None:
    config, out = tmp_path / "glance.toml", tmp_path / "desk.png"
    config.write_text(
        "[library]\npath = 'glance.db'\n[[displays]]\nname = 'wall'\n[[displays]]\nname = 'desk'\n"
        "panel = 'mono'\nwidth_px = 160\nheight_px = 96\nrotation = 90\n"
    )
    paint(tmp_path / "art")
    assert glance("ingest", str(tmp_path / "art"), config=config).returncode == 0
    work = as_json("search", "red field", config=config)["results"][0]["artwork"]["id"]
    told = as_json("render", work, "--display", "desk", "--out", str(out), config=config)
    assert told == {"artwork": work, "display": "desk", "file": str(out), "type": "image/png",
                    "size": "96x160", "bytes": out.stat().st_size}  # fmt: skip
    with Image.open(out) as shown:
        assert (shown.mode, shown.size) == ("1", (96, 160))
    done = glance("render", work, "--display", "hall", "--out", str(out), config=config)
    assert done.returncode == 2
    assert "There is no display hall." in done.stderr


def test_a_picture_is_rendered_as_at_night_or_at_a_time_of_the_day(tmp_path: Path) -> None:
    config = tmp_path / "glance.toml"
    config.write_text(
        "timezone = 'Europe/Berlin'\n[library]\npath = 'glance.db'\n[[displays]]\nname = 'wall'\n"
        "width_px = 160\nheight_px = 96\nmat = '#ffffff'\n"
        "night = {from = '21:00', to = '07:00', brightness = 0.2, warmth = 0.0}\n"
        "[[displays]]\nname = 'hall'\n"
    )
    paint(tmp_path / "art")
    assert glance("ingest", str(tmp_path / "art"), config=config).returncode == 0
    work = as_json("search", "white field", config=config)["results"][0]["artwork"]["id"]

    def brightness(*options: str) -> float:
        out = tmp_path / "out.jpg"
        as_json("render", work, "--out", str(out), *options, config=config)
        with Image.open(out) as image:
            return ImageStat.Stat(image.convert("L")).mean[0]

    day, night = brightness(), brightness("--night")
    assert night < 0.7 * day
    for at, as_then in (("12:00", day), ("20:59", day), ("21:00", night), ("06:59", night)):
        assert brightness("--at", at) == as_then, at
    for options, said in (
        (["--at", "25:00"], "is no time of the day"),
        (["--at", "evening"], "is no time of the day"),
        (["--night", "-d", "hall"], "The display hall has no night"),
        (["--night", "--at", "12:00"], "either --at or --night"),
    ):
        done = glance("render", work, "--out", str(tmp_path / "no.jpg"), *options, config=config)
        assert (done.returncode, said in done.stderr) == (2, True), done.stderr
    assert not (tmp_path / "no.jpg").exists()


def test_a_folder_ingested_by_hand_can_be_shown(tmp_path: Path) -> None:
    folder = tmp_path / "art"
    folder.mkdir()
    Image.new("RGB", (300, 200), "#204080").save(folder / "quiet_water.png")
    config = tmp_path / "glance.toml"
    config.write_text("[library]\npath = 'glance.db'\n")
    assert glance("ingest", str(folder), config=config).returncode == 0
    found = as_json("search", "quiet water", config=config)["results"][0]["artwork"]["id"]
    out = tmp_path / "out.jpg"
    done = glance("show", found, "--out", str(out), config=config)
    assert done.returncode == 0, done.stderr
    with Image.open(out) as picture:
        assert (picture.format, picture.size) == ("JPEG", (1280, 800))


def test_a_picture_that_cannot_be_written_is_a_sentence(
    household: tuple[Home, Path], tmp_path: Path
) -> None:
    home, config = household
    done = glance("show", home.work("blue"), "--out", str(tmp_path / "no" / "x.jpg"), config=config)
    assert done.returncode == 1
    assert "cannot be written: No such file or directory." in done.stderr.replace("\n", " ")
    assert "Traceback" not in done.stderr


def test_a_like_is_kept(household: tuple[Home, Path]) -> None:
    home, config = household
    artwork = home.work("blue")
    done = glance("like", artwork, config=config)
    assert done.returncode == 0, done.stderr
    assert home.likes() == [artwork]


def test_status_says_what_is_there(household: tuple[Home, Path]) -> None:
    _, config = household
    facts = as_json("status", config=config)
    assert facts["artworks"] > 0
    assert facts["showing"] == {"wall": None, "hall": None}
    assert "nothing yet" in glance("status", config=config).stdout


def test_config_check_names_what_it_found(household: tuple[Home, Path]) -> None:
    _, config = household
    done = glance("config", "check", config=config)
    assert done.returncode == 0
    assert "Broker 127.0.0.1:1; displays: wall, hall; sources: paint." in done.stdout
    found = as_json("config", "check", config=config)
    assert found == {"broker": "127.0.0.1:1", "displays": ["wall", "hall"], "sources": [SOURCE]}


def test_config_check_knows_which_models_there_are(tmp_path: Path) -> None:
    config = tmp_path / "glance.toml"
    config.write_text('[model]\nname = "glance-mni"\n')
    done = glance("config", "check", config=config)
    assert (done.returncode, done.stdout) == (2, "")
    assert "There is no model glance-mni. Did you mean “glance-mini”?" in done.stderr


def test_config_check_says_that_the_driver_of_the_library_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "glance.toml"
    config.write_text('[library]\nurl = "postgresql://glance@server/glance"\n')
    monkeypatch.setitem(sys.modules, "psycopg_pool", None)
    for verb in (("config", "check"), ("doctor",)):
        done = glance(*verb, config=config)
        assert done.returncode != 0
        assert "pip install 'glance-agent[postgres]'" in done.stdout + done.stderr


@pytest.mark.parametrize("verb", ["run", "work", "status"])
def test_a_password_that_is_wrong_ends_the_start_like_a_wrong_configuration(
    verb: str, household: tuple[Home, Path], server: Server
) -> None:
    pytest.importorskip("psycopg")
    server.guard(f"guest_of_{verb}", "another one")
    url = server.url(server.created(), user=f"guest_of_{verb}", password="s3cret")
    home, _ = household
    config = home.folder / "moved.toml"
    config.write_text(f'[library]\nurl = "{url}"\n[web]\nenabled = false\n', encoding="utf-8")
    done = glance(verb, config=config)
    assert done.returncode == 2, done.stderr
    assert "the password of library.url is not the right one" in done.stderr
    assert "s3cret" not in done.stdout + done.stderr


def test_doctor_says_that_the_broker_is_away(household: tuple[Home, Path]) -> None:
    _, config = household
    done = glance("doctor", "--json", config=config)
    findings = {f["what"]: f for f in json.loads(done.stdout)}
    assert done.returncode == 1
    assert not findings["broker"]["ok"]
    assert "mqtt.host" in findings["broker"]["said"]
    assert findings["library"]["ok"]
    assert findings["model"]["ok"], findings["model"]["said"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["like", "nonsense"], 1, "must be an artwork id"),
        (["like", "paint:unknown"], 1, "no artwork"),
        (["show", "nonsense"], 1, "must be an artwork id"),
        (["show", "paint:x", "--display", "cellar"], 2, "no display cellar"),
        (["like", "paint:x", "--user", ""], 1, "1 to 64 characters"),
        (["ingest", "/tmp", "--source", "paint"], 2, "not both"),
        (["show", "paint:x"], 1, "No connection to the broker"),
        (["search", "x" * 501], 2, "500"),
        (["search", " "], 2, "needs words"),
        (["search", "\x01"], 2, "needs words"),
        (["search", "\u200b"], 2, "needs words"),
        (["search", "\udcff"], 2, "half of a character"),
        (["search", "unavailable"], 2, "no value now"),
        (["next", "--display", "cellar"], 2, "no display cellar"),
        (["slideshow", "often"], 1, "“often” is not"),
        (["discovery", "101"], 1, "from 0 to 100"),
        (["describe", "paint:unknown"], 1, "no artwork"),
        (["previous"], 1, "No connection to the broker"),
        (["taste", "forget", "--user", "\udcff"], 2, "not UTF-8"),
        (["homeassistant", "phone", "--host", "\udcff"], 2, "not UTF-8"),
        (["ingest", "/does/not/exist"], 2, "no folder"),
        (["ingest", "--source", "moon"], 2, "no source moon"),
        (["search"], 2, "Missing argument"),
        (["serch"], 2, "No such command"),
    ],
)
def test_bad_input_is_a_sentence(
    household: tuple[Home, Path], arguments: list[str], code: int, words: str
) -> None:
    _, config = household
    done = glance(*arguments, config=config if arguments != ["serch"] else None)
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [((), "glance-agent ingest FOLDER"), (("--source", "moon"), "Sources: none.")],
)
def test_an_ingest_without_any_source_says_what_to_do(
    tmp_path: Path, options: tuple[str, ...], words: str
) -> None:
    config = tmp_path / "glance.toml"
    config.write_text("sources = []\n[library]\npath = 'glance.db'\n")
    done = glance("ingest", *options, config=config)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    added = glance("sources", "add", "starter", config=config)
    assert added.returncode == 2
    assert "remove that line" in " ".join(added.stderr.split())


@pytest.mark.parametrize("value", ["2020-01-01", "{a=1}", "nan", "[1979-05-27T07:32:00Z]"])
def test_no_value_of_a_source_ends_the_terminal(tmp_path: Path, value: str) -> None:
    config = tmp_path / "glance.toml"
    config.write_text("[library]\npath = 'glance.db'\n")
    done = glance("sources", "add", "folder", f"path={value}", config=config)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert "sources.1.path must be a path in quotes." in done.stderr
    assert config.read_text() == "[library]\npath = 'glance.db'\n"


def test_a_missing_configuration_is_a_sentence(tmp_path: Path) -> None:
    done = glance("status", config=tmp_path / "none.toml")
    assert done.returncode == 2
    assert "There is no configuration file" in done.stderr


def test_a_file_that_is_no_library_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "glance.db").write_bytes(b"not a database" * 1000)
    config = tmp_path / "glance.toml"
    config.write_text("[library]\npath = 'glance.db'\n")
    done = spawned("status", config=config)
    assert done.returncode == 1
    assert "cannot be opened" in done.stderr
    assert "move it away and ingest anew" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_doctor_goes_on_after_a_library_that_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "glance.db").write_bytes(b"not a database" * 1000)
    config = tmp_path / "glance.toml"
    config.write_text("[library]\npath = 'glance.db'\n[mqtt]\nport = 1\n")
    done = glance("doctor", "--json", config=config)
    findings = {f["what"]: f["ok"] for f in json.loads(done.stdout)}
    assert done.returncode == 1
    assert {what for what, ok in findings.items() if not ok} == {"library", "broker"}
    assert {"model", "disk"} < findings.keys()
