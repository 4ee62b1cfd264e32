"""Hosts, addresses, topics and paths as people write them: mended, or refused in a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import pytest
from pydantic import BaseModel

from glance_agent.config.load import load
from glance_agent.config.settings import Config
from glance_agent.domain.errors import ConfigError
from glance_agent.sources.registry import source_kinds

SPELT = re.compile(r"(^|_)(hosts?|urls?|topics?|prefix|server_name)$")
"""The names of settings that hold more than words."""


def loaded(folder: Path, text: str, encoding: str = "utf-8") -> Config:
    path = folder / "glance.toml"
    path.write_text(text, encoding=encoding)
    return load(path, {})


def test_a_file_from_windows_is_read(tmp_path: Path) -> None:
    text = '[mqtt]\r\nhost = "nas"\r\n'
    assert loaded(tmp_path, text, "utf-8-sig").mqtt.host == "nas"
    with pytest.raises(ConfigError, match="it is not UTF-8 text"):
        loaded(tmp_path, text, "utf-16")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("[::1]", "::1"),
        ("::1", "::1"),
        ("[2001:db8::1:1883]", "2001:db8::1:1883"),
        ("2001:db8::1:80", "2001:db8::1:80"),
        ("fe80::1%eth0", "fe80::1%eth0"),
        (" broker.local ", "broker.local"),
        ("core-mosquitto", "core-mosquitto"),
        ("my_broker", "my_broker"),
    ],
)
def test_a_host_is_mended(tmp_path: Path, written: str, meant: str) -> None:
    assert loaded(tmp_path, f'[mqtt]\nhost = "{written}"').mqtt.host == meant


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("127.0.0.1:1883", "write 127.0.0.1 here, and 1883 into port"),
        ("[::1]:1883", "write ::1 here, and 1883 into port"),
        ("::1:1883", "write ::1 here, and 1883 into port; if it is the whole address, write ["),
        ("fe80::7:8883", "write fe80::7 here, and 8883 into port"),
        ("mqtt://nas", "without mqtt:// and port"),
        ("me@nas", "without mqtt:// and port"),
        ("nas/", "without mqtt:// and port"),
        ("[nas]", "without mqtt:// and port"),
        ("a b", "without mqtt:// and port"),
        ("", "without mqtt:// and port"),
        ("a\\u0000", r"“a\u0000” cannot be a host"),
    ],
)
@pytest.mark.parametrize("name", ["host", "server_name"])
def test_a_host_with_more_in_it_is_refused(
    tmp_path: Path, name: str, written: str, said: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        loaded(tmp_path, f'[mqtt]\ntls = true\n{name} = "{written}"')
    assert said in str(refused.value)
    assert f"mqtt.{name}" in str(refused.value)


@pytest.mark.parametrize(
    "setting",
    ["[mqtt]\nbase_topic", "[homeassistant]\ndiscovery_prefix", "[homeassistant]\nbirth_topic"],
)
def test_topics_are_mended_or_refused(tmp_path: Path, setting: str) -> None:
    section, name = re.split(r"\W+", setting)[1:]
    for written in ("a/b/", " a/b ", "a/b//"):
        assert getattr(getattr(loaded(tmp_path, f'{setting} = "{written}"'), section), name) == (
            "a/b"
        )
    for written in ("/a", "a//b", "$SYS/a", "a/#", "+/a", "a b", "", "/", "a\\u0000", "a" * 129):
        with pytest.raises(ConfigError, match=rf"{section}\.{name}: .* cannot be a topic"):
            loaded(tmp_path, f'{setting} = "{written}"')


def test_paths_may_begin_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    config = loaded(
        tmp_path,
        '[library]\npath = "~/glance.db"\n[model]\ndirectory = "~/models"\n'
        '[mqtt]\nusername = "u"\npassword_file = "~/password"\ntls = true\nca_file = "~/ca.crt"\n'
        '[fetching]\ncache_directory = "~/cache"\n'
        '[[sources]]\nname = "p"\nkind = "folder"\npath = "~/art"\n'
        '[[sources]]\nname = "h"\nkind = "harvard"\napi_key_file = "~/key"\n',
    )
    home = Path("/home/me")
    assert (config.library.path, config.model.directory) == (home / "glance.db", home / "models")
    assert (config.mqtt.password_file, config.mqtt.ca_file) == (home / "password", home / "ca.crt")
    assert config.fetching.cache_directory == home / "cache"
    assert [
        getattr(s, "path", None) or getattr(s, "api_key_file", None) for s in config.sources
    ] == [
        home / "art",
        home / "key",
    ]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", "the path is empty"),
        ("  ", "the path is empty"),
        ("file:///home/me/art", "write the path alone"),
        ("~nobody-of-this-name/art", "the home of a user who is not known"),
        ("a\\u0000b", r"“a\u0000b” cannot be a path"),
    ],
)
def test_paths_that_are_none_are_refused(tmp_path: Path, written: str, said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        loaded(tmp_path, f'[[sources]]\nname = "p"\nkind = "folder"\npath = "{written}"')
    assert f"In sources.0.path: {said}" in str(refused.value) or said in str(refused.value)


REMOTE = '[model.remote]\nkind = "service"\nurl = "{}"'
IIIF = '[[sources]]\nname = "i"\nkind = "iiif"\nurls = ["{}"]'


@pytest.mark.parametrize("setting", [REMOTE, IIIF])
@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("http://[::1", "no web address"),
        ("http://127.0.0.1:99999/", "no web address"),
        ("http://nas:port/", "no web address"),
        ("http:///x", "has to begin with"),
        ("nas:8765", "has to begin with"),
        ("ftp://nas/", "has to begin with"),
        ("http://me:secret@nas/", "cannot hold a user name or password"),
        ("http://a b/", "has to begin with"),
    ],
)
def test_web_addresses_are_checked(tmp_path: Path, setting: str, written: str, said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        loaded(tmp_path, setting.format(written))
    assert said in str(refused.value)


@pytest.mark.parametrize("written", ["http://[::1]:8765", "https://nas.lan/a?b=c", " http://nas "])
def test_web_addresses_are_taken(tmp_path: Path, written: str) -> None:
    remote = loaded(tmp_path, REMOTE.format(written)).model.remote
    assert remote is not None
    assert remote.url == written.strip()


def test_blanks_in_the_path_of_an_address_are_those_of_a_folders_name(tmp_path: Path) -> None:
    source = loaded(
        tmp_path, '[[sources]]\nname = "n"\nkind = "webdav"\nurl = "http://nas/dav/My Pictures"'
    ).sources[0]
    assert source.model_dump()["url"] == "http://nas/dav/My%20Pictures"


HOSTS = '[fetching]\npicture_hosts = ["{}"]'


@pytest.mark.parametrize(
    ("written", "meant"),
    [("Upload.Wikimedia.ORG", "upload.wikimedia.org"), ("museum.example.", "museum.example"),
     ("künstler.example", "xn--knstler-n2a.example"), ("127.0.0.1", "127.0.0.1")],
)  # fmt: skip
def test_hosts_of_pictures_are_mended(tmp_path: Path, written: str, meant: str) -> None:
    assert loaded(tmp_path, HOSTS.format(written)).fetching.picture_hosts == (meant,)


@pytest.mark.parametrize(
    "written",
    ["https://a.example", "a.example:443", "a.example/x", "*.a.example", "", "a..ü", "a b"],
)
def test_hosts_of_pictures_with_more_in_them_are_refused(tmp_path: Path, written: str) -> None:
    with pytest.raises(ConfigError, match="write it alone, without https://"):
        loaded(tmp_path, HOSTS.format(written))


def settings_classes(of: type[BaseModel]) -> Iterator[type[BaseModel]]:
    yield of
    for hint in get_type_hints(of).values():
        for part in (hint, *get_args(hint)):
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from settings_classes(part)


def bare(hint: Any, kind: type) -> bool:
    """Whether a type takes any value of a kind, as it comes."""
    if get_origin(hint) is Annotated:
        return False
    return hint is kind or any(bare(part, kind) for part in get_args(hint))


def test_no_setting_takes_a_path_or_an_address_as_it_comes() -> None:
    classes = {*settings_classes(Config), *source_kinds().values()}
    hints = [
        (f"{c.__name__}.{name}", hint)
        for c in classes
        for name, hint in get_type_hints(c, include_extras=True).items()
    ]
    assert [name for name, hint in hints if bare(hint, Path)] == []
    assert [
        name for name, hint in hints if SPELT.search(name.partition(".")[2]) and bare(hint, str)
    ] == []
    assert len(hints) > 80
