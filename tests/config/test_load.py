"""The configuration: the file, the variables over it, and sentences for what is wrong."""

from __future__ import annotations

import os
import stat
from datetime import date, time
from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, Field, ValidationError

from glance_agent.config.faults import sentences
from glance_agent.config.load import load
from glance_agent.config.settings import Config
from glance_agent.displays.registry import display_kinds
from glance_agent.domain.errors import ConfigError
from glance_agent.domain.languages import in_language
from glance_agent.domain.secret import read_secret
from glance_agent.doors.mqtt.tls import check_credentials
from glance_agent.sources.registry import source_kinds
from glance_agent.sources.settings import FolderSettings

ROOT = Path(__file__).parent.parent.parent


def written(folder: Path, text: str) -> Path:
    path = folder / "glance.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_a_file_the_defaults_hold() -> None:
    config = load(None, {})
    assert config.mqtt.host == "127.0.0.1"
    assert [d.name for d in config.displays] == ["wall"]
    assert [s.kind for s in config.sources] == ["starter"]


@pytest.mark.parametrize("name", ["LANGUAGE", "MODEL", "WEB", "LOG", "language", "DISPLAYS"])
def test_variables_of_other_programs_are_no_settings(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = load(None, {})
    for value in ("de:en", "de", "[]", "{}"):
        monkeypatch.setenv(name, value)
        assert load(None, dict(os.environ)) == without


def test_the_shipped_file_says_what_the_defaults_are() -> None:
    shipped = load(ROOT / "config" / "glance.toml", {})
    defaults = load(None, {})
    titled = shipped.displays[0].model_copy(update={"title": None})
    assert shipped.mqtt == defaults.mqtt
    assert (shipped.model, shipped.choice, shipped.log) == (
        defaults.model,
        defaults.choice,
        defaults.log,
    )
    assert titled == defaults.displays[0]
    assert shipped.sources == defaults.sources


def test_every_section_and_setting_has_a_sentence() -> None:
    sections = {name: field.annotation for name, field in Config.model_fields.items()}
    lists: dict[str, type[BaseModel]] = {f"source {k}": s for k, s in source_kinds().items()}
    lists |= {f"display {k}": s for k, s in display_kinds().items()}
    for name in ("timezone", "language", "languages"):  # which stand above all tables
        assert Config.model_fields[name].description
        del sections[name]
    for name, model in {**sections, **lists}.items():
        fields = getattr(model, "model_fields", {})
        assert bool(fields) != (name in ("sources", "displays")), name
        for key, field in fields.items():
            if key == "kind":  # names the kind of a table, and is told by it
                continue
            assert field.description, f"{name}.{key}"
            assert field.description.endswith((".", ";")), f"{name}.{key}"


def test_variables_lie_over_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, '[mqtt]\nhost = "a"\nport = 1\n')
    config = load(path, {"GLANCE_MQTT__HOST": "b", "GLANCE_CHOICE__DISCOVERY": "70", "HOME": "/"})
    assert (config.mqtt.host, config.mqtt.port, config.choice.discovery) == ("b", 1, 70)


def test_lists_are_given_as_json() -> None:
    config = load(None, {"GLANCE_DISPLAYS": '[{"name": "hall", "width_px": 640}]'})
    assert config.displays[0].width_px == 640
    with pytest.raises(ConfigError, match="JSON"):
        load(None, {"GLANCE_DISPLAYS": "[{"})


def test_relative_paths_start_at_the_file(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        '[library]\npath = "a.db"\n[mqtt]\ntls = true\nca_file = "ca.crt"\n'
        '[[sources]]\nname = "p"\nkind = "folder"\npath = "pics"\n',
    )
    config = load(path, {})
    assert config.library.path == tmp_path / "a.db"
    assert config.mqtt.ca_file == tmp_path / "ca.crt"
    [source] = config.sources
    assert isinstance(source, FolderSettings)
    assert source.path == tmp_path / "pics"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[mqtt]\nhots = 1", "Did you mean mqtt.host?"),
        ("[mqqt]\nhost = 1", "Did you mean mqtt?"),
        ('[[displays]]\nname = "a"\nwidht_px = 3', "Did you mean displays.0.width_px?"),
        ("[mqtt]\nport = 0", "mqtt.port must be at least 1."),
        ('[mqtt]\nport = "x"', "mqtt.port must be a whole number."),
        ("[mqtt]\nhost = 3", "mqtt.host must be text in quotes."),
        ('[mqtt]\nhost = "mqtt://a"', "without mqtt:// and port."),
        ('[mqtt]\nprotocol = "4"', "mqtt.protocol must be 'auto', '5' or '3.1.1'."),
        ('[mqtt]\nca_file = "a"', "ca_file needs tls = true"),
        ('[mqtt]\ntls = true\nkey_file = "a"', "key_file needs certificate_file"),
        ('[mqtt]\npassword = "a"', "In mqtt: password needs username"),
        ('[mqtt]\npassword_file = "a"', "In mqtt: password_file needs username"),
        ("mqtt = 3", "mqtt must be a table, such as [mqtt]."),
        ("displays = 3", "displays must be a list of tables: write [[displays]] above each."),
        ("sources = 3", "sources must be a list of tables: write [[sources]] above each."),
        ("[[displays]]\nname = 'a'\nsources = 'art'", "displays.0.sources must be a list."),
        ("[sources.art]\nkind = 'starter'", "list of tables: write [[sources]] above each."),
        ("[[mqtt]]", "mqtt must be a table, such as [mqtt]."),
        ("library = 'glance.db'", "library must be a table, such as [library]."),
        ("displays = ['wall']", "displays.0 must be a table, such as [[displays]]."),
        ("sources = ['starter']", "sources.0 must be a table, such as [[sources]]."),
        ('[fetching]\npicture_hosts = "a.example"', "fetching.picture_hosts must be a list."),
        ("displays = []", "displays needs at least one entry."),
        ('[[displays]]\ntitle = "a"', "displays.0.name is missing."),
        ('[[displays]]\nname = "A B"', "displays.0.name"),
        ('[[displays]]\nname = "a"\n[[displays]]\nname = "a"', "two displays are called a"),
        ('[[displays]]\nname = "a"\ngroup = "a"', "a group cannot be called a"),
        ('[[displays]]\nname = "a"\ngroup = "all"', "which already means every display"),
        (
            '[[displays]]\nname = "a"\nlabel = "sometimes"',
            "displays.0.label cannot be “sometimes”. What it is: Whether",
        ),
        ('[[displays]]\nname = "a"\nlabel = 1', "displays.0.label must be at least 3."),
        ('[[displays]]\nname = "a"\ngroup = "Up Stairs"', "displays.0.group"),
        ('[[sources]]\nname = "a"\nkind = "floppy"', "floppy"),
        ("mqtt = [", "not valid TOML"),
        (
            '[[displays]]\nname = "a"\nkind = "http-post"\nurl = "http://a/"\n'
            'headers = { "A b" = "x" }',
            "In displays.0.headers.A b: “A b” is no header that can be set",
        ),
        ('timezone = "Europe/Atlantis"', "there is no time zone “Europe/Atlantis”"),
        ('timezone = "/etc/passwd"', "there is no time zone “/etc/passwd”"),
        ('timezone = "../UTC"', "write its name, such as Europe/Berlin"),
        ('timezone = ""', "there is no time zone “”"),
        ("timezone = 3", "timezone must be text in quotes."),
        ('[[displays]]\nname = "a"\nquiet = ["at night"]', "“at night” is no part of the day"),
        ('[[displays]]\nname = "a"\nquiet = ["00:00-24:00"]', "these quiet hours never end"),
        ('[[displays]]\nname = "a"\nquiet = "22:00-07:00"', "displays.0.quiet must be a list"),
        ('[[displays]]\nname = "a"\nmin_interval_seconds = -1', "must be at least 0."),
    ],
)
def test_a_fault_is_a_sentence(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, text), {})
    assert words in str(caught.value)


def test_one_fault_is_told_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, '[[displays]]\nname = "A B"'), {})
    assert str(caught.value).count("\n") == 0
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, '[[displays]]\nname = "a"\nlabel = "sometimes"'), {})
    assert str(caught.value).count("\n") == 0


def test_a_misspelt_variable_is_told_and_others_are_left_alone() -> None:
    with pytest.raises(ConfigError, match=r"Did you mean GLANCE_MQTT__HOST\?"):
        load(None, {"GLANCE_MQT__HOST": "a"})
    with pytest.raises(ConfigError, match=r"Did you mean mqtt\.host\?"):
        load(None, {"GLANCE_MQTT__HOTS": "a"})
    load(None, {"GLANCE_CONFIG": "a.toml", "GLANCES_COLOUR": "b"})


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_certificate_that_cannot_be_used_is_a_sentence(
    tmp_path: Path, content: str | None
) -> None:
    if content is not None:
        (tmp_path / "ca.crt").write_text(content)
    settings = load(written(tmp_path, '[mqtt]\ntls = true\nca_file = "ca.crt"\n'), {}).mqtt
    with pytest.raises(ConfigError, match=r"mqtt\.ca_file cannot be used"):
        check_credentials(settings)


def test_a_missing_file_says_where_to_find_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"config/glance\.toml"):
        load(tmp_path / "none.toml", {})


def test_a_password_comes_from_its_file_and_stays_out_of_sight(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("s3cret\n")
    secret.chmod(stat.S_IRUSR)
    user = {"GLANCE_MQTT__USERNAME": "glance"}
    config = load(None, user | {"GLANCE_MQTT__PASSWORD_FILE": str(secret)})
    assert config.mqtt.secret() == "s3cret"
    plain = load(None, user | {"GLANCE_MQTT__PASSWORD": "hunter2"})
    assert plain.mqtt.secret() == "hunter2"
    assert "hunter2" not in repr(plain)


def test_an_unreadable_secret_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("")
    with pytest.raises(ConfigError, match="is empty"):
        read_secret(tmp_path / "empty")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_secret(tmp_path / "missing")


def test_the_port_follows_tls() -> None:
    assert load(None, {}).mqtt.effective_port == 1883
    assert load(None, {"GLANCE_MQTT__TLS": "true"}).mqtt.effective_port == 8883


class Limits(BaseModel):
    """Values of the kinds that settings have, with every limit that pydantic knows of them."""

    more: int = Field(3, gt=2)
    less: int = Field(3, lt=4)
    even: int = Field(2, multiple_of=2)
    long: str = Field("abc", min_length=2)
    short: str = Field("abc", max_length=3)
    few: list[int] = Field([1], max_length=2)
    some: list[int] = Field([1], min_length=1)
    choice: Literal["auto", "png"] = "auto"
    day: date = date(2026, 5, 1)
    at: time = time(12)
    size: float = 1.0
    on: bool = True


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"more": 2}, "more muss größer als 2 sein."),
        ({"less": 4}, "less muss kleiner als 4 sein."),
        ({"even": 3}, "even muss ein Vielfaches von 2 sein."),
        ({"long": "a"}, "long muss mindestens 2 Zeichen haben."),
        ({"short": "abcd"}, "short darf höchstens 3 Zeichen haben."),
        ({"few": [1, 2, 3]}, "few darf höchstens 2 Einträge haben."),
        ({"some": []}, "some braucht mindestens einen Eintrag."),
        ({"choice": "gif"}, "choice muss sein: 'auto' oder 'png'."),
        ({"day": "soon"}, "day muss sein: ein Tag, etwa 2026-05-01."),
        ({"at": "noon"}, "at muss sein: eine Uhrzeit, etwa 21:30."),
        ({"size": "big"}, "size muss sein: eine Zahl."),
        ({"on": "perhaps"}, "on muss sein: true oder false."),
        (
            {"more": "x", "on": 3},
            "more muss sein: eine ganze Zahl.\non muss sein: true oder false.",
        ),
    ],
)
def test_what_pydantic_says_is_said_in_words_of_ours(given: dict[str, object], says: str) -> None:
    with pytest.raises(ValidationError) as invalid:
        Limits.model_validate(given)
    assert in_language(sentences(invalid.value, Limits, given), "de") == says


def test_what_a_setting_is_is_said_where_a_value_is_none(tmp_path: Path) -> None:
    path = tmp_path / "glance.toml"
    path.write_text('[[displays]]\nname = "A B"\n')
    with pytest.raises(ConfigError) as error:
        load(path, {})
    assert in_language(error.value.said, "de") == (
        "displays.0.name kann nicht „A B“ sein. Was es ist: Sein Name in Themen: a–z, 0–9, _ und -."
    )


def test_what_settings_say_themselves_is_in_the_catalogues(tmp_path: Path) -> None:
    path = tmp_path / "glance.toml"
    path.write_text('[mqtt]\nca_file = "a"\n\n[[displays]]\nname = "a"\nquiet = ["noon"]\n')
    with pytest.raises(ConfigError) as error:
        load(path, {})
    assert in_language(error.value.said, "de") == (
        "In mqtt: ca_file braucht tls = true.\n"
        "In displays.0.quiet.0: „noon“ ist kein Teil des Tages: schreib zum "
        "Beispiel „22:00-07:00“ oder „sat,sun 22:00-09:00“."
    )
