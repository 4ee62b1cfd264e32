"""TLS with an authority of one's own, against a real Mosquitto; what fails says what to do."""

from __future__ import annotations

import asyncio
import shutil
import socket
import ssl
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from glance_agent.domain.errors import ConfigError
from glance_agent.doors.mqtt.backoff import LONGEST_DELAY_SECONDS
from glance_agent.doors.mqtt.settings import MqttSettings
from glance_agent.doors.mqtt.tls import check_credentials
from glance_agent.doors.mqtt.tls_faults import why
from tests.broker import Broker, needs_mosquitto, running
from tests.door import Patience, door
from tests.home import Home, agent
from tests.phone import Phone
from tools.campaigns.certificates import FUTURE, PAST, Certificates, NoOpenSSL

SERVER_NAME = "broker.test"
VERSIONS = pytest.mark.parametrize("version", ["5", "3.1.1"])


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    made = Certificates(tmp_path_factory.mktemp("certificates"))
    try:
        made.authority("ca")
    except NoOpenSSL:
        pytest.skip("openssl is not installed")
    made.authority("stranger")
    made.sign("server", alternative=f"DNS:{SERVER_NAME}")
    made.sign("expired", alternative=f"DNS:{SERVER_NAME}", valid=PAST)
    made.sign("early", alternative=f"DNS:{SERVER_NAME}", valid=FUTURE)
    made.sign("client", alternative="DNS:agent.test")
    made.sign("unknown", alternative="DNS:agent.test", by="stranger")
    return made


def tls_broker(folder: Path, certificates: Certificates, shown: str = "server") -> Broker:
    """A broker that wants to see a certificate, and has one for another name than its address."""
    tls = (
        f"cafile {certificates['ca.crt']}",
        f"certfile {certificates[f'{shown}.crt']}",
        f"keyfile {certificates[f'{shown}.key']}",
        "require_certificate true",
    )
    return Broker(folder / "broker", more=tls)


def agents_side(certificates: Certificates, **changes: object) -> dict[str, Any]:
    """The settings with which an agent gets in."""
    return {
        "tls": True,
        "ca_file": certificates["ca.crt"],
        "certificate_file": certificates["client.crt"],
        "key_file": certificates["client.key"],
        "server_name": SERVER_NAME,
        **changes,
    }


@needs_mosquitto
@VERSIONS
async def test_the_agent_shows_its_certificate_and_knows_the_brokers(
    home: Home, tmp_path: Path, certificates: Certificates, version: str
) -> None:
    context = ssl.create_default_context(cafile=certificates["ca.crt"])
    context.load_cert_chain(certificates["client.crt"], certificates["client.key"])
    context.check_hostname = False
    broker = tls_broker(tmp_path, certificates)
    async with (
        running(broker),
        agent(home.config(broker.port, mqtt=agents_side(certificates, protocol=version))),
        Phone(broker.port, tls=context) as phone,
    ):
        await phone.expect("display/wall/image")
        assert (await phone.ask("command/like"))["ok"]
        # More than a TLS record holds, read in one go.
        assert not (await phone.ask("command/search", b"x" * 60_000))["ok"]


# -- what fails says which -------------------------------------------------------------------------


FAULTS: dict[str, tuple[str, dict[str, str | None], str]] = {
    "another name": ("server", {"server_name": "other.test"}, "is not for the name other.test"),
    "an address": ("server", {"server_name": None}, "is not for the name 127.0.0.1"),
    "another authority": ("server", {"ca_file": "stranger.crt"}, "set mqtt.ca_file"),
    "no authority": ("server", {"ca_file": None}, "of an authority that is not known here"),
    "expired": ("expired", {}, "has expired, and our clock says"),
    "not yet valid": ("early", {}, "is not yet valid, and our clock says"),
    "none of ours": (
        "server",
        {"certificate_file": None, "key_file": None},
        "the broker wants to see a certificate: set mqtt.certificate_file",
    ),
    "ours of a stranger": (
        "server",
        {"certificate_file": "unknown.crt", "key_file": "unknown.key"},
        "the broker does not accept our certificate",
    ),
}


@needs_mosquitto
@pytest.mark.parametrize("fault", FAULTS)
async def test_what_is_wrong_with_a_certificate_is_said(
    tmp_path: Path, certificates: Certificates, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    shown, changes, said = FAULTS[fault]
    files = {
        setting: certificates[name] if name and setting != "server_name" else name
        for setting, name in changes.items()
    }
    patience = Patience()
    broker = tls_broker(tmp_path, certificates, shown)
    settings = agents_side(certificates, **files)
    async with running(broker), door(broker.port, patience, **settings) as household:
        await patience.failures(2)
    assert household.sessions == 0
    assert said in caplog.text
    assert "password" not in caplog.text
    assert min(patience.delays) >= LONGEST_DELAY_SECONDS / 2


@needs_mosquitto
async def test_a_port_without_tls_is_told_from_one_with_it(
    tmp_path: Path, certificates: Certificates, caplog: pytest.LogCaptureFixture
) -> None:
    plain = Broker(tmp_path / "broker")
    patience = Patience()
    settings = agents_side(certificates)
    async with running(plain), door(plain.port, patience, **settings):
        await patience.failures(1)
    assert "check that mqtt.port is its TLS port" in caplog.text
    broker = tls_broker(tmp_path, certificates)
    async with running(broker), door(broker.port, patience):
        await patience.failures(1)
    assert "if this is its TLS port, set mqtt.tls = true" in caplog.text


@asynccontextmanager
async def old_tls(certificates: Certificates) -> AsyncIterator[int]:
    """The port of a server that knows no version of TLS after 1.1, for one connection."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.load_cert_chain(certificates["server.crt"], certificates["server.key"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1

    def serve() -> None:
        with suppress(ssl.SSLError), context.wrap_socket(listener.accept()[0], server_side=True):
            pass

    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = asyncio.create_task(asyncio.to_thread(serve))
        yield listener.getsockname()[1]
        await serving


async def test_a_broker_with_an_old_tls_is_said(
    certificates: Certificates, caplog: pytest.LogCaptureFixture
) -> None:
    patience = Patience()
    async with old_tls(certificates) as port, door(port, patience, **agents_side(certificates)):
        await patience.failures(1)
    assert "have no version of TLS or no cipher in common" in caplog.text


def test_what_nobody_has_seen_yet_is_said_as_it_came() -> None:
    error = ssl.SSLError(1, "something new")
    error.reason = "SOMETHING_NEW"
    assert why(error, name="b", now=datetime(2026, 1, 1)) == "TLS failed: SOMETHING_NEW"


# -- files of our own ------------------------------------------------------------------------------


def test_an_encrypted_key_is_a_sentence_and_no_question(certificates: Certificates) -> None:
    certificates.encrypt("client.key", into="locked.key", password="s3cret")
    settings = MqttSettings.model_validate(
        agents_side(certificates, key_file=certificates["locked.key"])
    )
    with pytest.raises(ConfigError, match=r"mqtt\.key_file is encrypted"):
        check_credentials(settings)


@needs_mosquitto
async def test_a_certificate_that_is_gone_is_waited_for(
    certificates: Certificates, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever renews it may just be writing it: the agent stays, and says what is missing."""
    patience = Patience()
    broker = tls_broker(tmp_path, certificates)
    settings = agents_side(certificates, certificate_file=certificates["renewed.crt"])
    async with running(broker), door(broker.port, patience, **settings) as household:
        await patience.failures(1)
        assert "mqtt.certificate_file or its key_file cannot be used" in caplog.text
        shutil.copy(certificates["client.crt"], certificates["renewed.crt"])
        patience.wake()
        await household.connected.wait()
