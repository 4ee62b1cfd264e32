"""The web client: polite, patient, and not to be led astray."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from hypothesis import given
from hypothesis import strategies as st

from glance_agent.domain.errors import AddressRefused, BadPicture, SourceError
from glance_agent.sources.web.exchange import retry_after_seconds
from glance_agent.sources.web.manners import Manners
from glance_agent.sources.web.reach import TRANSLATED, Reach, checked
from glance_agent.sources.web.request_log import Budget
from glance_agent.sources.web.visit import Visit
from glance_agent.sources.web.web import Surroundings, Web
from tests.sources.fake_museum import Clock, FakeMuseum, jpeg, surroundings, visit_of
from tools.campaigns.hostile_answers import Hostile, RawHost, answer

# -- what is taken as a picture -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "kind", "status", "reason"),
    [
        (b"<!doctype html><p>Not here", "text/html", 200, "not a picture: a web page"),
        (b"\n <html>", "image/jpeg", 200, "not a picture: a web page"),
        (b"<Error>AccessDenied</Error>", "application/xml", 200, "not a picture: application/xml"),
        (b"", "image/jpeg", 200, "not a picture: an empty answer"),
        (b"GIF89a....", "image/gif", 200, "not a picture: image/gif"),
        (b"II*\x00rest", "image/tiff", 200, "format refused"),
        (b"MM\x00*rest", "image/jpeg", 200, "format refused"),
        (b"{}", "application/json", 404, "not found"),
        (b"gone", "text/plain", 410, "not found"),
        (b"<Error/>", "application/xml", 403, "not served: status 403"),
        (b"no", "text/plain", 400, "not served: status 400"),
    ],
)
async def test_only_pictures_are_pictures(
    museum: FakeMuseum, client: Web, body: bytes, kind: str, status: int, reason: str
) -> None:
    museum.body("/p.jpg", body, kind, status)
    with pytest.raises(BadPicture, match=reason):
        await visit_of(client).picture(museum.base + "/p.jpg")
    assert museum.paths["/p.jpg"] == 1


async def test_the_content_type_does_not_make_a_picture_bad(
    museum: FakeMuseum, client: Web
) -> None:
    museum.body("/p", jpeg(), "binary/octet-stream")
    assert await visit_of(client).picture(museum.base + "/p") == jpeg()


async def test_sixty_megabytes_are_not_read(museum: FakeMuseum, client: Web) -> None:
    written = 0

    async def announced(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "image/jpeg"})
        response.content_length = 60_000_000
        await response.prepare(request)
        return response

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal written
        response = web.StreamResponse(headers={"Content-Type": "image/jpeg"})
        await response.prepare(request)
        for _ in range(600):
            await response.write(bytes(100_000))
            written += 100_000
        return response

    museum.on("/a", announced)
    museum.on("/b", endless)
    visit = visit_of(client, max_picture_bytes=1_000_000)
    for path in ("/a", "/b"):
        with pytest.raises(BadPicture, match="too large"):
            await visit.picture(museum.base + path)
    assert written < 30_000_000


async def test_a_body_cut_short_is_tried_again_and_then_given_up(
    museum: FakeMuseum, client: Web, clock: Clock
) -> None:
    async def short(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "image/jpeg"})
        response.content_length = 1000
        await response.prepare(request)
        await response.write(jpeg()[:100])
        assert request.transport is not None
        request.transport.close()
        return response

    museum.on("/p", short)
    with pytest.raises(BadPicture, match="truncated"):
        await visit_of(client).picture(museum.base + "/p")
    assert museum.paths["/p"] == 3
    assert len(clock.slept) == 2


# -- patience ---------------------------------------------------------------------------------


def failing(times: int, status: int, **headers: str) -> Any:
    """A handler that fails so often, and then serves a picture."""
    left = times

    async def handler(_: web.Request) -> web.Response:
        nonlocal left
        left -= 1
        if left >= 0:
            shown = {name.replace("_", "-"): value for name, value in headers.items()}
            return web.Response(status=status, headers=shown, text="wait")
        return web.Response(body=jpeg(), content_type="image/jpeg")

    return handler


async def test_retry_after_is_waited_for(museum: FakeMuseum, client: Web, clock: Clock) -> None:
    museum.on("/p", failing(1, 429, Retry_After="7"))
    assert await visit_of(client).picture(museum.base + "/p") == jpeg()
    assert clock.slept == [7.0]


async def test_a_long_pause_is_not_waited_for_but_kept(
    museum: FakeMuseum, client: Web, clock: Clock
) -> None:
    museum.on("/p", failing(1, 429, Retry_After="600"))
    visit = visit_of(client)
    with pytest.raises(SourceError, match="asks for a pause of 10 minutes"):
        await visit.picture(museum.base + "/p")
    with pytest.raises(SourceError, match="asked for a pause; it is left alone until"):
        await visit.picture(museum.base + "/p")
    assert (museum.paths["/p"], clock.slept) == (1, [])
    clock.now += 601
    assert await visit.picture(museum.base + "/p") == jpeg()


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
async def test_what_passes_is_tried_again(museum: FakeMuseum, client: Web, status: int) -> None:
    museum.on("/p", failing(2, status))
    assert await visit_of(client).picture(museum.base + "/p") == jpeg()


@pytest.mark.parametrize("status", [400, 401, 402, 403, 405, 418])
async def test_what_does_not_pass_is_asked_once(
    museum: FakeMuseum, client: Web, status: int
) -> None:
    museum.body("/d", b"{}", "application/json", status)
    with pytest.raises(SourceError):
        await visit_of(client).json(museum.base + "/d")
    assert museum.paths["/d"] == 1


async def test_the_third_picture_in_a_row_is_the_hosts_fault(
    museum: FakeMuseum, client: Web, clock: Clock
) -> None:
    museum.body("/p", b"down", "text/plain", 500)
    museum.picture("/good")
    visit = visit_of(client)
    for path in ("/p", "/p", "/good", "/p", "/p"):
        if path == "/good":
            await visit.picture(museum.base + path)
            continue
        with pytest.raises(BadPicture, match="not served") as bad:
            await visit.picture(museum.base + path)
        assert bad.value.passing
    with pytest.raises(SourceError, match="cannot be used now: status 500"):
        await visit.picture(museum.base + "/p")
    with pytest.raises(SourceError, match=r"could not be used: status 500; it is left alone until"):
        await visit.picture(museum.base + "/good")
    clock.now += 61
    assert await visit.picture(museum.base + "/good") == jpeg()


async def test_a_host_that_is_not_there(client: Web) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(SourceError, match="cannot be used now: it cannot be reached"):
        await visit_of(client).json(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("9" * 6000, 3600.0),
        ("Fri, 31 Dec 99999 23:59:59 GMT", None),
        ("Fri, 15 Jan 2027 08:00:30 -99999999", None),
        ("²", None),
        ("5", 5.0),
        ("-3", 0.0),
        ("99999", 3600.0),
        ("Fri, 15 Jan 2027 08:00:30 GMT", 30.0),
        ("soon", None),
        ("", None),
        ("nan", None),
    ],
)
def test_retry_after_as_seconds_or_date(header: str, seconds: float | None) -> None:
    assert retry_after_seconds(header, 1_800_000_000.0) == seconds


async def test_a_web_page_instead_of_data(museum: FakeMuseum, client: Web) -> None:
    museum.body("/d", b"<html>maintenance</html>", "text/html")
    with pytest.raises(SourceError, match="a web page instead of data"):
        await visit_of(client).json(museum.base + "/d")
    museum.body("/d", b'{"data": [', "application/json")
    with pytest.raises(SourceError, match="no JSON"):
        await visit_of(client).json(museum.base + "/d")
    museum.body("/d", b"[" * 100_000, "application/json")
    with pytest.raises(SourceError, match="nested too deeply"):
        await visit_of(client).json(museum.base + "/d")


@pytest.mark.parametrize(
    "body", [b"<html>Request Rejected</html>", b"<!doctype html>Just a moment"]
)
async def test_a_challenge_opens_the_breaker_at_once(
    museum: FakeMuseum, client: Web, body: bytes
) -> None:
    museum.body("/p", body, "text/html")
    visit = visit_of(client)
    for _ in range(2):
        with pytest.raises(SourceError, match="refuses programs; it is left alone until"):
            await visit.picture(museum.base + "/p")
    assert museum.paths["/p"] == 1


# -- where requests may go ----------------------------------------------------------------------


class Names(AbstractResolver):
    """Resolves the names it was given, whatever their address."""

    def __init__(self, **addresses: str) -> None:
        self.addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = self.addresses[host.partition(".")[0]]
        return [
            ResolveResult(
                hostname=host, host=found, port=port, family=family, proto=0, flags=0
            )
        ]  # fmt: skip

    async def close(self) -> None:
        pass


@asynccontextmanager
async def public_client(clock: Clock, **names: str) -> AsyncIterator[Web]:
    """A client that may only go to public addresses."""
    around = replace(surroundings(clock), reach=Reach())
    made = Web(version="0", surroundings=around, resolver=Names(**names))
    try:
        yield made
    finally:
        await made.close()


def visiting(client: Web, *hosts: str) -> Visit:
    budget = Budget("test", client.request_log, client.around.clock, 100, 100)
    return Visit(client, frozenset(hosts), budget)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "192.168.1.1", "172.16.0.9", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "fe80::1", "fd00::1", "::",
        "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::",
    ],
)  # fmt: skip
async def test_names_of_private_addresses_are_refused(clock: Clock, address: str) -> None:
    async with public_client(clock, trap=address) as client:
        with pytest.raises(SourceError, match="leads to a private address"):
            await visiting(client, "trap.example").json("http://trap.example/x")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/x",
        "http://[::1]/x",
        "http://[::ffff:10.0.0.1]/x",
        "file:///etc/passwd",
        "data:text/plain,hello",
        "ftp://museum.example/x",
        "http://user:secret@museum.example/x",
        "http://other.example/x",
        "http://",
        "http://[/x",
    ],
)
async def test_addresses_out_of_reach_are_not_asked(clock: Clock, url: str) -> None:
    async with public_client(clock, museum="127.0.0.1") as client:
        visit = visiting(client, "museum.example", "127.0.0.1", "::1", "::ffff:10.0.0.1")
        with pytest.raises(SourceError) as refused:
            await visit.json(url)
        assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "address",
    [
        "192.0.0.8", "192.0.0.9", "192.88.99.1", "192.175.48.6", "198.18.0.1", "198.51.100.7",
        "203.0.113.9", "240.0.0.1", "239.1.1.1", "fec0::1", "3fff::1", "5f00::1", "100::1",
        "100:0:0:1::1", "64:ff9b:1::1", "64:ff9b::c058:6301", "::ffff:192.0.0.8", "::7f00:1",
        "::ffff:0:7f00:1", "2001::1", "2001:2::1", "2001:20::1", "2001:db8::1", "2002:5db8:d822::1",
        "2620:4f:8000::1", "ff02::1", "fc00::1", "fe80::1%eth0", "4000::1", "0x7f.1", "127.1", "",
    ],
)  # fmt: skip
def test_addresses_of_nobody_are_out_of_reach(address: str) -> None:
    assert not Reach().allows(address)


@given(st.ip_addresses())
def test_nothing_that_the_interpreter_holds_to_be_private_is_in_reach(
    address: IPv4Address | IPv6Address,
) -> None:
    stands_for_another = address in TRANSLATED or getattr(address, "ipv4_mapped", None)
    if not address.is_global or address.is_multicast or address.is_reserved:
        assert not Reach().allows(str(address)) or stands_for_another


@given(st.sampled_from(["http://", "https://", "//", ""]), st.text(st.characters(codec=None)))
def test_any_address_is_checked_or_refused(scheme: str, text: str) -> None:
    with suppress(AddressRefused):
        found = checked(scheme + text, frozenset({"a", text.casefold()}), Reach())
        assert found.host


def test_names_beyond_a_to_z_are_compared_as_they_go_over_the_wire() -> None:
    hosts = frozenset({"xn--knstler-n2a.example"})
    for name in ("künstler.example", "KÜNSTLER.example", "xn--knstler-n2a.example"):
        assert checked(f"http://{name}/x", hosts, Reach()).path == "/x"


def test_public_addresses_are_in_reach() -> None:
    known = ("93.184.216.34", "192.0.1.1", "192.89.0.1", "2606:2800:220:1::1", "64:ff9b::5db8:d822")
    assert all(Reach().allows(a) for a in (*known, "::ffff:93.184.216.34", "2001:4860::8888"))
    assert not Reach().allows("localhost")
    assert Reach(private=True).allows("127.0.0.1")


@pytest.mark.parametrize(
    "target",
    ["http://localhost/x", "http://169.254.169.254/latest", "file:///etc/passwd", "//evil.example"],
)
async def test_every_redirect_is_checked(museum: FakeMuseum, client: Web, target: str) -> None:
    museum.body("/p", b"", "text/plain", 302, Location=target)
    with pytest.raises(SourceError):
        await visit_of(client).picture(museum.base + "/p")
    assert len(museum.asked) == 1


@pytest.mark.parametrize(
    "target",
    ["http://[::1", "http://127.0.0.1:99999/", "http://127.0.0.1:x/", "http://xn--a/"],
)
async def test_a_redirect_to_no_address_is_refused(
    museum: FakeMuseum, client: Web, target: str
) -> None:
    museum.body("/p", b"", "text/plain", 302, Location=target)
    with pytest.raises(AddressRefused):
        await visit_of(client).picture(museum.base + "/p")
    with pytest.raises(AddressRefused):
        await visit_of(client).json(museum.base + "/p", days=1)


async def test_a_content_type_that_is_no_text_is_told_as_text(
    museum: FakeMuseum, client: Web
) -> None:
    museum.body("/p", b"GIF89a", "image/\udcff\udcfe\u202egif")
    with pytest.raises(BadPicture) as bad:
        await visit_of(client).picture(museum.base + "/p")
    assert str(bad.value).encode()
    assert "\u202e" not in str(bad.value)


@pytest.mark.parametrize("tag", ['"\x1bx"', '"\udcff"', "x", '"a', 'W/"' + "x" * 300 + '"', '"ü"'])
async def test_a_tag_of_the_wrong_form_is_not_sent_back(
    museum: FakeMuseum, client: Web, clock: Clock, tag: str
) -> None:
    async with RawHost() as host:
        host.answer = Hostile(
            "tag", answer(200, b'{"n": 1}', {b"ETag": tag.encode("utf-8", "surrogateescape")})
        )
        visit = visit_of(client)
        for _ in range(2):
            with suppress(SourceError):  # some are refused by the HTTP library already
                assert await visit.json(host.base, days=1) == {"n": 1}
            clock.now += 9 * 86_400
        assert all(b"if-none-match" not in head.lower() for head in host.heads)
        assert len(host.heads) >= 2


async def test_redirects_within_the_museum_are_followed(museum: FakeMuseum, client: Web) -> None:
    museum.body("/p", b"", "text/plain", 303, Location="/q?size=2")
    museum.picture("/q")
    assert await visit_of(client).picture(museum.base + "/p") == jpeg()
    museum.body("/r", b"", "text/plain", 301, Location="/r")
    with pytest.raises(SourceError, match="in a circle"):
        await visit_of(client).picture(museum.base + "/r")


# -- manners ------------------------------------------------------------------------------------


async def test_requests_wait_for_their_hosts_turn(
    museum: FakeMuseum, clock: Clock, tmp_path: Path
) -> None:
    intervals: list[float] = []
    together = at_most = 0

    @asynccontextmanager
    async def turn() -> AsyncIterator[None]:
        nonlocal together, at_most
        together += 1
        at_most = max(at_most, together)
        yield
        together -= 1

    class Turns(AbstractAsyncContextManager[None]):
        def __init__(self, manners: Manners) -> None:
            intervals.append(manners.interval_seconds)

        async def __aenter__(self) -> None:
            self.now = turn()
            await self.now.__aenter__()

        async def __aexit__(self, *_: object) -> None:
            await self.now.__aexit__(None, None, None)

    museum.picture("/p")
    made = Web(version="0", surroundings=replace(surroundings(clock), limiter=Turns))
    visit = visit_of(made)
    await asyncio.gather(*(visit.picture(museum.base + "/p") for _ in range(5)))
    await made.close()
    assert (intervals, at_most) == ([1.0], 1)


def test_the_limiter_of_real_life_holds_one_per_interval() -> None:
    limiter = Surroundings().limiter(Manners(interval_seconds=0.5))
    assert (getattr(limiter, "max_rate", 0), getattr(limiter, "time_period", 0)) == (1, 0.5)


async def test_the_days_budget_is_kept_and_ends(
    museum: FakeMuseum, client: Web, clock: Clock, tmp_path: Path
) -> None:
    museum.picture("/p")
    visit = visit_of(client, requests=2)
    await visit.picture(museum.base + "/p")
    await visit.picture(museum.base + "/p")
    with pytest.raises(SourceError, match="used up what it may fetch in one day"):
        await visit.picture(museum.base + "/p")
    await client.close()
    again = Web(version="0", surroundings=surroundings(clock, tmp_path / "web"))
    with pytest.raises(SourceError, match="daily_requests"):
        await visit_of(again, requests=2).picture(museum.base + "/p")
    clock.now += 86_400
    assert await visit_of(again, requests=2).picture(museum.base + "/p") == jpeg()
    await again.close()


async def test_the_days_bytes_end_too(museum: FakeMuseum, client: Web) -> None:
    museum.picture("/p", jpeg() + bytes(2_000_000))
    visit = visit_of(client)
    visit.budget.megabytes = 2
    await visit.picture(museum.base + "/p")
    with pytest.raises(SourceError, match="used up"):
        await visit.picture(museum.base + "/p")


async def test_answers_are_kept_while_they_are_fresh(
    museum: FakeMuseum, client: Web, clock: Clock
) -> None:
    museum.body("/d", b'{"n": 1}', "application/json", ETag='"one"')
    visit = visit_of(client)
    for _ in range(3):
        assert await visit.json(museum.base + "/d", days=7) == {"n": 1}
    assert museum.paths["/d"] == 1

    async def unchanged(request: web.Request) -> web.Response:
        assert request.headers["If-None-Match"] == '"one"'
        return web.Response(status=304)

    museum.on("/d", unchanged)
    clock.now += 8 * 86_400
    for _ in range(3):
        assert await visit.json(museum.base + "/d", days=7) == {"n": 1}
    assert museum.paths["/d"] == 2
    museum.json("/d", {"n": 2})
    assert await visit.json(museum.base + "/d") == {"n": 2}


async def test_a_disk_that_fails_costs_no_answer(
    museum: FakeMuseum, client: Web, tmp_path: Path
) -> None:
    museum.json("/d", {"n": 1})
    (tmp_path / "web").write_bytes(b"no folder")
    assert await visit_of(client).json(museum.base + "/d", days=7) == {"n": 1}
    with pytest.raises(SourceError, match="cannot be kept"):
        await visit_of(client).download(
            museum.base + "/d", tmp_path / "web" / "f", etag="", max_bytes=9
        )


@pytest.mark.parametrize(
    "notes",
    [
        b"[" * 100_000,
        b'{"away": {"127.0.0.1": {"times": 99999, "until": 1e400, "why": 7}}}',
        b'{"away": {"127.0.0.1": {"times": "x", "until": 1e308}}, "used": {"test": {"day": []}}}',
        b'{"away": {"127.0.0.1": {"times": 5000}}, "used": {"test": {"day": 20833, "bytes": "x"}}}',
    ],
)
async def test_a_damaged_notebook_stops_nobody(
    museum: FakeMuseum, clock: Clock, tmp_path: Path, notes: bytes
) -> None:
    (tmp_path / "notebook.json").write_bytes(notes)
    client = Web(version="0", surroundings=surroundings(clock, tmp_path))
    museum.body("/p", b"<html>Request Rejected</html>", "text/html")
    for _ in range(2):
        with pytest.raises(SourceError, match="left alone until"):
            await visit_of(client).picture(museum.base + "/p")
    assert [str(away) for away in client.away()]
    await client.close()


async def test_the_oldest_answers_leave_when_there_is_no_room(
    museum: FakeMuseum, clock: Clock, tmp_path: Path
) -> None:
    around = replace(surroundings(clock, tmp_path), max_answer_bytes=5000)
    made = Web(version="0", surroundings=around)
    visit = visit_of(made)
    for n in range(10):
        museum.json(f"/{n}", "x" * 1000)
        await visit.json(f"{museum.base}/{n}", days=1)
    kept = [p for p in (tmp_path / "answers").glob("*/*") if p.is_file()]
    assert 2 <= len(kept) <= 5
    assert made.answers.get(f"{museum.base}/9") is not None
    await made.close()


async def test_keys_stay_secret(museum: FakeMuseum, client: Web, tmp_path: Path) -> None:
    async def echo(request: web.Request) -> web.Response:
        return web.json_response({"next": str(request.url), "ok": request.query["apikey"] == "k3y"})

    museum.on("/d", echo)
    visit = visit_of(client, secrets={"apikey": "k3y"}, secret_host="127.0.0.1")
    found = await visit.json(museum.base + "/d?q=1", days=1)
    assert found["ok"] is True
    assert "k3y" not in json.dumps(found)
    museum.body("/e", b"{}", "application/json", 401)
    with pytest.raises(SourceError, match=r"refused the request \(401\); check the key") as refused:
        await visit.json(museum.base + "/e")
    assert "k3y" not in str(refused.value) + repr(visit)
    files = _contents(tmp_path)
    assert files
    assert not any(b"k3y" in content for content in files)


def _contents(folder: Path) -> list[bytes]:
    return [p.read_bytes() for p in folder.rglob("*") if p.is_file()]


async def test_large_files_go_to_disk(museum: FakeMuseum, client: Web, tmp_path: Path) -> None:
    museum.body("/f.csv", b"a,b\n" * 50_000, "text/csv", ETag='"x"')
    path = tmp_path / "data" / "f.csv"
    visit = visit_of(client)
    etag = await visit.download(museum.base + "/f.csv", path, etag="", max_bytes=10**6)
    assert (etag, path.stat().st_size) == ('"x"', 200_000)
    museum.body("/f.csv", b"", "text/csv", 304)
    assert await visit.download(museum.base + "/f.csv", path, etag='"x"', max_bytes=10**6) is None
    museum.body("/f.csv", bytes(200), "text/csv")
    with pytest.raises(SourceError, match="more data than is taken"):
        await visit.download(museum.base + "/f.csv", path, etag="", max_bytes=100)
    assert path.stat().st_size == 200_000
