"""What is printed at the terminal is in the language of the configuration, else of the machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from glance_agent.cli import terminal
from glance_agent.cli.asking import understood
from glance_agent.cli.helping import parts_of, texts_of
from glance_agent.cli.main import app
from glance_agent.cli.mistyped import in_our_language
from glance_agent.cli.systemd_unit import Unit, advice
from glance_agent.config.load import load
from glance_agent.domain.artwork import Artwork
from glance_agent.domain.errors import ConfigError
from glance_agent.domain.languages import in_language, known_languages
from glance_agent.domain.said import say
from glance_agent.taste.report import Side, TasteReport
from tests.cli.typed import typed

LOCALES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


@pytest.fixture(autouse=True)
def nothing_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "_spoken", [])


@pytest.mark.parametrize(
    ("locales", "language"),
    [
        (("", "", "", ""), "en"),
        (("", "", "", "de_AT.UTF-8"), "de"),
        (("", "", "fr_FR.UTF-8", "de_AT.UTF-8"), "fr"),
        (("", "it_IT@euro", "fr_FR.UTF-8", "de_AT.UTF-8"), "it"),
        (("es:it", "", "", "de_AT.UTF-8"), "es"),
        (("pl:nl", "", "", "de_AT.UTF-8"), "nl"),
        (("pl", "", "", "de_AT.UTF-8"), "de"),
        (("de", "C.UTF-8", "", "de_AT.UTF-8"), "en"),
        (("de", "POSIX", "", ""), "en"),
        (("", "", "", "pl_PL.UTF-8"), "en"),
    ],
)
def test_the_machine_says_a_language_as_gettext_finds_it(
    monkeypatch: pytest.MonkeyPatch, locales: tuple[str, ...], language: str
) -> None:
    for name, value in zip(LOCALES, locales, strict=True):
        monkeypatch.setenv(name, value)
    assert terminal.spoken() == language


def test_the_configuration_says_it_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    for said, language in (('language = "it"\n', "it"), ("", "fr")):
        config = tmp_path / "glance.toml"
        config.write_text(said, encoding="utf-8")
        terminal.load_config(config)
        assert terminal.spoken() == language


CHECKED = {
    "en": "The configuration is fine.",
    "de": "Die Konfiguration ist in Ordnung.",
    "fr": "La configuration est bonne.",
    "es": "La configuración está bien.",
    "it": "La configurazione va bene.",
    "nl": "De configuratie is in orde.",
}


@pytest.mark.parametrize("language", known_languages())
def test_config_check_answers_in_the_language_of_the_house(language: str, tmp_path: Path) -> None:
    config = tmp_path / "glance.toml"
    config.write_text(f'language = "{language}"\n', encoding="utf-8")
    run = CliRunner().invoke
    assert run(app, ["config", "check", "-c", str(config)]).stdout.startswith(CHECKED[language])
    as_json = run(app, ["config", "check", "-c", str(config), "--json"]).stdout
    assert json.loads(as_json)["displays"] == ["wall"]


def test_what_is_wrong_is_said_in_the_language_of_the_machine(tmp_path: Path) -> None:
    german = {"LC_ALL": "de_DE.UTF-8", "GLANCE_CONFIG": ""}
    wrong = tmp_path / "wrong.toml"
    wrong.write_text('[mqtt]\nprot = 1\n\n[web]\nport = "many"\n', encoding="utf-8")
    for words, says in (
        (("config", "check", "-c", "none.toml"), "Es gibt keine Konfigurationsdatei none.toml."),
        (("config", "check", "-c", str(wrong)), "Eine Einstellung mqtt.prot gibt es nicht. "
                                                "Meintest du mqtt.port?\nweb.port muss sein: "
                                                "eine ganze Zahl."),
    ):  # fmt: skip
        done = typed(*words, folder=tmp_path, **german)
        assert done.returncode == 2
        assert done.stderr.startswith(says)


@pytest.mark.parametrize(
    ("first", "environ", "says"),
    [
        ('language = "de"', {}, "mqtt.port muss sein: eine ganze Zahl."),
        ('language = "de-AT"', {"LC_ALL": "fr_FR.UTF-8"}, "mqtt.port muss sein: eine ganze Zahl."),
        ('language = "de"', {"GLANCE_LANGUAGE": "nl"}, "mqtt.port moet een geheel getal zijn."),
        ('language = "de"', {"GLANCE_MQT__HOST": "a"}, "Die Variable GLANCE_MQT__HOST"),
        ('language = "xx"', {"LC_ALL": "fr_FR.UTF-8"}, "Dans language"),
        ("language = 3", {}, "language must be"),
        ('language = "de', {}, "The configuration"),
    ],
)
def test_what_is_wrong_is_said_in_the_language_of_the_rest(
    first: str, environ: dict[str, str], says: str, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(f'{first}\n\n[mqtt]\nport = "x"\n', encoding="utf-8")
    done = typed("config", "check", "-c", wrong, folder=tmp_path, **{"LC_ALL": "C", **environ})
    assert done.returncode == 2
    assert says in done.stderr


def test_the_doctor_speaks_to_people_and_codes_to_programs(tmp_path: Path) -> None:
    german = {"LC_ALL": "de_DE.UTF-8", "GLANCE_CONFIG": "", "HOME": str(tmp_path)}
    settings = {"GLANCE_WEB__ENABLED": "false", "GLANCE_MQTT__PORT": "1"}
    told = typed("doctor", folder=tmp_path, **german, **settings).stdout
    assert "Sammlung: bei glance.db ist noch keine; fülle sie mit" in told.replace(
        f"{tmp_path}/", ""
    )
    assert "\nok    Seiten: aus (web.enabled)" in told
    assert "\nnein  Broker" in told
    found = json.loads(typed("doctor", "--json", folder=tmp_path, **german, **settings).stdout)
    said = {each["what"]: each["said"] for each in found}
    assert said["pages"] == "off (web.enabled)"
    assert "there is none yet" in said["library"]


def test_a_fault_of_the_configuration_is_in_the_catalogue_and_in_english_for_logs() -> None:
    with pytest.raises(ConfigError, match="The variable GLANCE_MQT__HOST names no setting"):
        load(None, {"GLANCE_MQT__HOST": "broker"})


@pytest.mark.parametrize(
    ("language", "checks"),
    [
        ("de", "Verbindung abgelehnt; prüfe mqtt.host und mqtt.port"),
        ("fr", "connexion refusée\u202f; vérifiez mqtt.host et mqtt.port"),
        ("es", "conexión rechazada; revisa mqtt.host y mqtt.port"),
        ("it", "connessione rifiutata; controlla mqtt.host e mqtt.port"),
        ("nl", "verbinding geweigerd; controleer mqtt.host en mqtt.port"),
    ],
)
def test_why_the_broker_is_not_reached_is_said_in_the_language(
    language: str, checks: str, tmp_path: Path
) -> None:
    told = typed(
        "doctor",
        folder=tmp_path,
        LC_ALL=f"{language}.UTF-8",
        GLANCE_CONFIG="",
        GLANCE_MQTT__PORT="1",
    ).stdout
    assert checks in told


@pytest.mark.parametrize(
    ("machine", "house", "words", "language"),
    [
        ("de_DE.UTF-8", "", ("search", {"query": "Schnee"}), "de"),
        ("de_DE.UTF-8", "it", ("search", {"query": "Schnee"}), "it"),
        ("de_DE.UTF-8", "", ("say", {"text": "next"}), "de"),
        ("fr_FR.UTF-8", "", ("say", {"text": "zeig mir Schnee"}), "de"),
        ("C.UTF-8", "", ("search", {"query": "Schnee"}), None),
        ("pl_PL.UTF-8", "", ("search", {"query": "Schnee"}), None),
    ],
)
def test_answers_are_in_the_language_of_the_headings(
    monkeypatch: pytest.MonkeyPatch,
    machine: str,
    house: str,
    words: tuple[str, dict[str, str]],
    language: str | None,
) -> None:
    monkeypatch.setenv("LC_ALL", machine)
    monkeypatch.delenv("LANGUAGE", raising=False)
    settings = load(None, {"GLANCE_LANGUAGE": house} if house else {})
    assert understood(settings, *words).language == language
    told = understood(settings, *words, as_json=True).language
    assert told == (language if house or words[1].get("text") == "zeig mir Schnee" else None)


def test_verbs_answer_in_the_language_of_the_machine(tmp_path: Path) -> None:
    german = {"LC_ALL": "de_DE.UTF-8", "GLANCE_CONFIG": "", "HOME": str(tmp_path)}
    for words, says in (
        (("status",), "0 Werke, 0 davon eingelesen.\nModell: glance-mini.\nwall: noch nichts\n"),
        (("ingest", "none"), "Einen Ordner none gibt es nicht."),
        (("ingest", "--source", "moon"), "Eine Quelle moon gibt es nicht. Quellen: starter."),
        (("sources", "list"), "ausgelassen"),
        (("sources", "add", "flopy"), "Quellen der Art flopy gibt es nicht."),
        (("ingest", "starter"), "Die Quelle dieses Namens: glance-agent ingest --source starter"),
        (("work", "--once"), "Kein Werk wartet hier darauf, eingelesen zu werden."),
        (("models", "list"), "MB auf dem Datenträger"),
        (("taste",), "Was household gefällt, ist nicht bekannt."),
        (("taste", "forget"), "Damit sind 0 Reaktionen von household endgültig vergessen."),
        (("schema", "command", "fly"), "Einen Befehl „fly“ gibt es nicht."),
        (("next", "--display", "moon"), "Einen Bildschirm moon gibt es nicht. Bildschirme: wall."),
    ):
        done = typed(*words, folder=tmp_path, **german)
        assert says in done.stdout + done.stderr, words


def test_what_systemd_needs_is_said_in_the_language(tmp_path: Path) -> None:
    unit = Unit("nobody-here", (tmp_path,), (), empty_home=False)
    said = advice(tmp_path / "art", unit)
    assert said is not None
    assert in_language(said, "de").splitlines() == [
        f"Der Dienst, der als nobody-here läuft, kann {tmp_path}/art nicht lesen.",
        "Ergänze seine Unit, mit „sudo systemctl edit glance-agent“:",
        "  [Service]",
        f"  BindReadOnlyPaths={tmp_path}/art",
        "Führe aus: sudo systemctl restart glance-agent",
    ]


# -- numbers, and what the catalogue says of models ------------------------------------------------


@pytest.mark.parametrize(
    ("locale", "match", "more", "share"),
    [
        ("en_GB.UTF-8", "0.25", "+1.5", "45%"),
        ("de_DE.UTF-8", "0,25", "+1,5", "45\u00a0%"),
        ("fr_FR.UTF-8", "0,25", "+1,5", "45\u00a0%"),
        ("it_IT.UTF-8", "0,25", "+1,5", "45%"),
    ],
)
def test_numbers_are_written_as_the_language_writes_them(
    monkeypatch: pytest.MonkeyPatch, locale: str, match: str, more: str, share: str
) -> None:
    monkeypatch.setenv("LC_ALL", locale)
    assert terminal.decimal(0.25, 2) == match
    assert terminal.decimal(1.5, 1, "+") == more
    assert terminal.percent(0.45) == share


@pytest.mark.parametrize("language", known_languages())
def test_models_are_described_in_the_language_of_the_house(language: str, tmp_path: Path) -> None:
    config = tmp_path / "glance.toml"
    config.write_text(f'language = "{language}"\n', encoding="utf-8")
    listed = CliRunner().invoke(app, ["models", "list", "-c", str(config)]).stdout
    said = " ".join(listed.split())
    english = [
        *("in ten languages", "the best freely licensed model", "for little memory"),
        *("list of words", "(words)", "research only"),
    ]
    assert [text in said for text in english] == [language == "en"] * 6


def test_a_taste_is_captioned_in_any_language() -> None:
    side = Side(0.45, "s:a", ("s:a", "s:b"), 0, ())
    told = replace(side, words=("the sea", "calm", "dark blue"))
    report = TasteReport("mia", (side, told), (), (("s:b", -1.0),))
    works = {f"s:{a}": Artwork(id=f"s:{a}", title=a.upper(), source="s") for a in "ab"}
    rows = report.rows(works, 3, lambda share: f"{share:.0%}")
    captions = [[in_language(said, "de") for _, said in row] for row in rows]
    assert captions == [
        ["Geschmack 1, 45%: keine Worte dafür", "B"],
        ["Geschmack 2, 45%: das Meer, ruhig und dunkelblau", "B"],
        ["Gefällt nicht\nB"],
    ]
    assert rows[0][0][1] == "Taste 1, 45%: no words for it"


# -- help ----------------------------------------------------------------------------------------

TYPED = """import sys
from glance_agent.cli.main import main
from glance_agent.domain.languages import words_of
try:
    main()
except SystemExit:
    print(words_of.cache_info().currsize)
"""


def explained(locale: str, *words: str) -> str:
    """What is printed where these words are typed, and at its end how many catalogues were read."""
    environ = {name: value for name, value in os.environ.items() if name not in LOCALES}
    environ |= {"LC_ALL": locale, "COLUMNS": "200", "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", TYPED, *words],
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    return " ".join(done.stdout.split())


@pytest.mark.parametrize(
    ("locale", "verb", "option", "heading", "itself", "read"),
    [
        ("C.UTF-8", "Another picture", "Which display.", "Options", "Show this message", "0"),
        ("de_DE.UTF-8", "Ein anderes Bild", "Welcher Bildschirm.", "Optionen", "Diese Hilfe", "1"),
        ("nl_NL.UTF-8", "Een ander beeld", "Welk scherm.", "Opties", "Deze hulp", "1"),
    ],
)
def test_help_is_in_the_language_of_the_machine(
    locale: str, verb: str, option: str, heading: str, itself: str, read: str
) -> None:
    said = explained(locale, "next", "--help")
    assert [text in said for text in (verb, option, heading, itself)] == [True] * 4
    assert said.split()[-1] == read
    assert verb in explained(locale, "-h")


@pytest.mark.parametrize("language", known_languages()[1:])
def test_every_verb_and_option_is_explained_in_every_language(language: str) -> None:
    said = [text for part in parts_of(get_command(app)) for text in texts_of(part)]
    assert len(said) > 100
    assert [text for text in said if in_language(say(text), language) == text] == []


# -- what is typed wrong ---------------------------------------------------------------------------

MISTYPED = {
    ("serch",): "Einen Befehl serch gibt es nicht; meintest du 'search'?",
    ("fly",): "Einen Befehl fly gibt es nicht.",
    ("web", "fly"): "Einen Befehl fly gibt es nicht.",
    ("search",): "words fehlt.",
    ("next", "--displey", "x"): "Eine Option --displey gibt es nicht; meintest du --display?",
    ("next", "-z"): "Eine Option -z gibt es nicht.",
    ("next", "a", "b"): "Am Ende steht etwas zu viel: a b",
    ("search", "x", "--limit"): "--limit braucht einen Wert.",
    ("search", "x", "--json=1"): "--json nimmt keinen Wert.",
    ("search", "x", "--limit", "many"): "--limit passt nicht: Das ist keine ganze Zahl.",
    ("search", "x", "--limit", "0"): "--limit passt nicht: Das Kleinste ist 1.",
    ("search", "x", "--limit", "101"): "--limit passt nicht: Das Größte ist 100.",
    ("taste", "forget", "--user", "\udcff"): "--user passt nicht: Das ist kein UTF-8.",
    ("web", "revoke", " "): "passt nicht: Ein Name hat 1 bis 64 druckbare Zeichen.",
}


@pytest.mark.parametrize("words", MISTYPED)
def test_what_is_typed_wrong_is_said_in_the_language(words: tuple[str, ...]) -> None:
    done = typed(*words, LC_ALL="de_DE.UTF-8", GLANCE_CONFIG="", COLUMNS="200")
    said = " ".join(done.stderr.split())
    assert (done.returncode, done.stdout) == (2, "")
    assert MISTYPED[words] in said
    assert "Fehler" in said
    assert not [word for word in ("Usage", "Error", "Try ") if word in said]


@pytest.mark.parametrize(
    ("locale", "parts"),
    [
        ("C", ["Usage: glance-agent", "' for help.", "─ Error ─", "Did you mean 'search'?"]),
        ("fr.UTF-8", ["Utilisation : glance-agent", "Pour de l’aide : '", "─ Erreur ─"]),
    ],
)
def test_how_it_is_typed_stands_beside_what_is_wrong(locale: str, parts: list[str]) -> None:
    said = typed("serch", LC_ALL=locale, GLANCE_CONFIG="", COLUMNS="200").stderr
    said = said.replace("\u00a0", " ")
    assert [part for part in parts if part not in said] == []


def test_a_complaint_that_is_not_known_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    assert in_our_language("The stars are wrong.") == "The stars are wrong."
    assert in_our_language("Missing option '--x'.") == "Il manque --x."
    said = in_our_language("Invalid value for '--x': too blue.")
    assert said == "--x ne convient pas\u00a0: too blue."
