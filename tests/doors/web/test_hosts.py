"""Under which names pages are served: no page of somebody else's name gets an answer."""

from __future__ import annotations

import pytest

from glance_agent.doors.web.hosts import HostNames, check_proxied
from glance_agent.doors.web.refusing import Refused
from glance_agent.doors.web.settings import WebSettings

SETTINGS = WebSettings.model_validate(
    {"url": "https://art.example.org/glance", "names": ["pi.lan"], "host": "127.0.0.1"}
)
NAMES = HostNames.of(SETTINGS, machine="Frame.localdomain")


@pytest.mark.parametrize(
    "host",
    [
        "localhost", "LOCALHOST:8787", "frame", "frame.local:8787", "Frame.Local.",
        "pi.lan", "art.example.org", "127.0.0.1", "192.168.1.5:8787", "10.0.0.1", "172.16.3.4",
        "169.254.1.1", "100.100.1.2", "[::1]:8787", "[fe80::1]", "[fd00::5]:1",
        "[::ffff:192.168.1.5]",
    ],
)  # fmt: skip
def test_names_of_this_machine_are_served(host: str) -> None:
    NAMES.check([host])


@pytest.mark.parametrize(
    "hosts",
    [
        [], [""], ["evil.example"], ["localhost.evil.example"], ["frame.local.evil.example"],
        ["93.184.216.34"], ["[2606:2800:220:1::1]"], ["localhost", "evil.example"],
        ["localhost", "localhost"], ["localhost@evil.example"], ["evil.example#localhost"],
        ["localhost:8787:1"], ["127.0.0.1.evil.example"], ["127.0.0.1/"], ["0x7f.1"],
        ["localhost "], ["[::1"], ["::1"], ["lo\udce9calhost"], ["localhost:"], ["*"],
        ["x" * 300],
    ],
    ids=repr,
)  # fmt: skip
def test_all_other_names_are_turned_away(hosts: list[str]) -> None:
    with pytest.raises(Refused) as refused:
        NAMES.check(hosts)
    assert (refused.value.status, refused.value.error.code) == (421, "wrong_host")


@pytest.mark.parametrize(
    ("host", "prefix", "passes"),
    [
        ("homeassistant.local:8123", "/api/hassio_ingress/AbC-_09", True),
        ("x.ui.nabu.casa", None, True),
        ("", None, False),
        ("evil example", None, False),
        ("ha.local", "//evil.example/", False),
        ("ha.local", "/a\"><script>", False),
        ("ha.local", "javascript:alert(1)", False),
        ("ha.local", "/" + "a/" * 30, False),
    ],
)  # fmt: skip
def test_what_a_proxy_passes_on_keeps_its_form(host: str, prefix: str | None, passes: bool) -> None:
    prefixes = [] if prefix is None else [prefix]
    if passes:
        check_proxied([host], prefixes)
        return
    with pytest.raises(Refused):
        check_proxied([host], prefixes)
