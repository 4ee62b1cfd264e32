"""Who may ask for what: tokens, cookies, this machine itself, proxies that signed people in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from yarl import URL

from glance_agent.domain.web_key import KeyKind, WebKey, WebRole, hashed
from glance_agent.doors.web.commands import CommandDesk
from glance_agent.doors.web.rates import Rate
from glance_agent.doors.web.refusing import json_response
from glance_agent.doors.web.route import Route
from glance_agent.doors.web.signing_in import SigningIn
from tests.doors.web.served import (
    NOW,
    KeysInMemory,
    Obedient,
    access_of,
    connected,
    door_of,
    port_of,
    serving,
)

SECRET = "the long token of the configuration"


async def told(_request: web.Request) -> web.Response:
    return json_response({"told": True})


ROUTES = [
    *(Route("GET", f"/{role}", told, needs=role) for role in WebRole),
    Route("GET", "/d/{token}/picture", told),
    Route("GET", "/open", told, needs=None),
]


def kept(**tokens: str) -> KeysInMemory:
    """Keys of these names and roles; the secret of each is “secret of <name>”."""
    keys = KeysInMemory()
    for name, role in tokens.items():
        key = WebKey(KeyKind.TOKEN, name, WebRole(role), NOW)
        keys.kept.add(hashed(f"secret of {name}"), key)
    return keys


async def statuses(headers: dict[str, str], **door: Any) -> list[int]:
    """What is answered at what needs the roles view, use and admin."""
    keys, secret = door.pop("keys", KeysInMemory()), door.pop("secret", None)
    async with serving(door_of(ROUTES, access_of(keys, secret), **door)) as session:
        answers = []
        for role in WebRole:
            async with session.get(f"/{role}", headers=headers) as answer:
                answers.append(answer.status)
                assert answer.status == 200 or (await answer.json())["ok"] is False
    return answers


async def test_this_machine_may_do_all_where_no_token_is_set() -> None:
    assert await statuses({}) == [200, 200, 200]


@pytest.mark.parametrize(
    "name", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via", "X-Forwarded-Host"]
)
async def test_who_comes_through_a_proxy_is_not_this_machine(name: str) -> None:
    assert await statuses({name: "203.0.113.9"}) == [401, 401, 401]


@pytest.mark.parametrize("name", ["Origin", "Referer"])
async def test_a_proxy_that_says_nothing_is_known_by_the_page_that_asks(name: str) -> None:
    """As nginx passes requests on, where nothing but proxy_pass is set."""
    assert await statuses({name: "https://art.example.org/", "Host": "127.0.0.1:8787"}) == [401] * 3
    ours = {name: "http://localhost:8787/", "Host": "localhost:8787"}
    assert await statuses(ours) == [200, 200, 200]


async def test_a_token_in_the_configuration_is_asked_of_this_machine_too() -> None:
    assert await statuses({}, secret=SECRET) == [401, 401, 401]
    right = {"Authorization": f"Bearer {SECRET}"}
    assert await statuses(right, secret=SECRET) == [200, 200, 200]


async def test_a_proxy_that_is_trusted_needs_no_token() -> None:
    door: dict[str, Any] = {"trusted": ["127.0.0.1"], "secret": SECRET}
    forwarded = {"Host": "ha.example.org", "X-Ingress-Path": "/api/hassio_ingress/x"}
    assert await statuses({"X-Forwarded-For": "203.0.113.9", **forwarded}, **door) == [200] * 3
    assert await statuses({**forwarded, "X-Ingress-Path": "//evil"}, **door) == [421] * 3


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://ha.example.org"}, 200),
        ({"Origin": "https://outside.example", "X-Forwarded-Host": "outside.example"}, 200),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "https://ha.example.org", "Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
async def test_a_proxy_that_is_trusted_passes_on_which_page_asks(
    headers: dict[str, str], status: int
) -> None:
    agent, access = Obedient(), access_of(secret=SECRET)
    door = door_of(CommandDesk(agent, access).routes(), access, trusted=["127.0.0.1"])
    sent = {"Host": "ha.example.org", "X-Forwarded-For": "203.0.113.9", **headers}
    async with (
        serving(door) as session,
        session.post("/api/command/hide", json={}, headers=sent) as answer,
    ):
        assert answer.status == status
    assert len(agent.handled) == (status == 200)


@pytest.mark.parametrize(
    ("role", "expected"),
    [("view", [200, 403, 403]), ("use", [200, 200, 403]), ("admin", [200, 200, 200])],
)
async def test_a_token_opens_what_its_role_may(role: str, expected: list[int]) -> None:
    keys = kept(tablet=role)
    right = {"Authorization": "Bearer secret of tablet"}
    assert await statuses(right, keys=keys, secret=SECRET) == expected
    assert await statuses(right, keys=keys) == expected, "wherever it comes from"


@pytest.mark.parametrize(
    "value",
    [
        "Bearer wrong", "Bearer", "Bearer ", "bearer secret", "Basic dXNlcjpwYXNz", "", "Bearer é",
        "Bearer " + "x" * 5000, f"Digest {SECRET}",
    ],
)  # fmt: skip
async def test_a_wrong_token_is_401_even_from_this_machine(value: str) -> None:
    assert await statuses({"Authorization": value}, keys=kept(tablet="admin")) == [401] * 3


async def test_headers_of_any_bytes_are_401_never_500() -> None:
    head = (
        b"GET /view HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        b"Authorization: Bearer \xff\xfe\r\nCookie: glance=\xe9\x80; \xff=1\r\n\r\n"
    )
    door = door_of(ROUTES, access_of(secret=SECRET))
    async with serving(door), connected(await door.opened()) as (reader, writer):
        writer.write(head)
        assert (await reader.readline()).startswith(b"HTTP/1.1 401 ")


async def test_devices_carry_their_token_in_the_path() -> None:
    async with serving(door_of(ROUTES, access_of(kept(frame="view"), SECRET))) as session:
        for token, status in (("secret%20of%20frame", 200), ("wrong", 401), ("%FF", 401)):
            async with session.get(URL(f"/d/{token}/picture", encoded=True)) as answer:
                assert answer.status == status


# -- signing in ----------------------------------------------------------------------------------


async def test_an_invitation_opens_one_session() -> None:
    keys = KeysInMemory()
    invitation = WebKey(KeyKind.INVITATION, "Ann", WebRole.USE, NOW, NOW + timedelta(minutes=10))
    keys.kept.add(hashed("come in"), invitation)
    access = access_of(keys, SECRET)
    async with serving(door_of([*ROUTES, *SigningIn(access).routes()], access)) as session:
        async with session.get("/api/session") as answer:
            assert (answer.status, (await answer.json())["role"]) == (200, None)
        async with session.post("/api/session", json={"secret": "come in"}) as answer:
            assert (answer.status, (await answer.json())["role"]) == (200, "use")
            cookie = answer.headers["Set-Cookie"]
        for part in ("HttpOnly", "SameSite=Lax", "Max-Age=31536000", "Path=/"):
            assert part in cookie
        assert "Secure" not in cookie
        kept_hashes = {row[0] for row in keys.kept.db.execute("SELECT hash FROM web_keys")}
        given = cookie.partition("=")[2].partition(";")[0]
        assert kept_hashes == {hashed(given)}, "the invitation is used up, and no secret is kept"
        jar = {"Cookie": f"glance={given}"}
        for path, status in (("view", 200), ("use", 200), ("admin", 403)):
            async with session.get(f"/{path}", headers=jar) as answer:
                assert answer.status == status
        async with session.post("/api/session", json={"secret": "come in"}) as answer:
            assert answer.status == 401
        async with session.delete("/api/session", headers=jar) as answer:
            assert answer.status == 200
        async with session.get("/view", headers=jar) as answer:
            assert answer.status == 401


@pytest.mark.parametrize("minutes", [-2, 10, 60])
async def test_an_invitation_holds_for_ten_minutes_by_one_clock(minutes: int) -> None:
    keys = KeysInMemory()
    made = NOW - timedelta(minutes=minutes)
    invitation = WebKey(KeyKind.INVITATION, "Ann", WebRole.USE, made, made + timedelta(minutes=10))
    keys.kept.add(hashed("come in"), invitation)
    access = access_of(keys, SECRET)
    async with (
        serving(door_of(SigningIn(access).routes(), access)) as session,
        session.post("/api/session", json={"secret": "come in"}) as answer,
    ):
        assert answer.status == 401


async def test_revoking_a_token_ends_what_was_opened_with_it() -> None:
    keys = kept(tablet="view")
    access = access_of(keys, SECRET)
    async with serving(door_of([*ROUTES, *SigningIn(access).routes()], access)) as session:
        https = {"Origin": f"https://127.0.0.1:{port_of(session)}"}
        body = {"secret": "secret of tablet"}
        async with session.post("/api/session", json=body, headers=https) as answer:
            cookie = answer.headers["Set-Cookie"]
        assert "Secure" in cookie
        jar = {"Cookie": cookie.partition(";")[0]}
        async with session.get("/view", headers=jar) as answer:
            assert answer.status == 200
        assert keys.kept.revoke("tablet") == 2
        async with session.get("/view", headers=jar) as answer:
            assert answer.status == 401


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[]", b'{"secret": 7}', b'{"secret": ""}', b'{"secret": "a", "role": "admin"}',
     b'{"secret": "\xff"}', b"\xff\xfe", b'{"secret":' + b"[" * 5000, b'{"secret": null}'],
)  # fmt: skip
async def test_what_is_no_sign_in_is_400(body: bytes) -> None:
    access = access_of(secret=SECRET)
    headers = {"Content-Type": "application/json"}
    async with (
        serving(door_of(SigningIn(access).routes(), access)) as session,
        session.post("/api/session", data=body, headers=headers) as answer,
    ):
        assert (answer.status, (await answer.json())["error"]["code"]) == (400, "bad_value")


async def test_half_a_character_signs_nobody_in() -> None:
    access = access_of(secret=SECRET)
    headers = {"Content-Type": "application/json"}
    async with serving(door_of(SigningIn(access).routes(), access)) as session:
        body = b'{"secret": "\\ud800"}'
        async with session.post("/api/session", data=body, headers=headers) as answer:
            assert answer.status in (400, 401)


# -- too often -----------------------------------------------------------------------------------


async def test_who_tries_to_sign_in_too_often_has_to_wait() -> None:
    access = access_of(kept(tablet="view"), SECRET)
    sessions = SigningIn(access, Rate(3, 36_000))
    async with serving(door_of(sessions.routes(), access)) as session:
        answered = []
        for secret in ("a", "b", "c", "secret of tablet"):
            async with session.post("/api/session", json={"secret": secret}) as answer:
                answered.append(answer.status)
    assert answered == [401, 401, 401, 429], "the right one, too: guesses tell nothing"
    assert int(answer.headers["Retry-After"]) > 0


async def test_who_sends_too_many_commands_has_to_wait() -> None:
    agent = Obedient()
    desk = CommandDesk(agent, access_of(), rate=Rate(2, 36_000))
    async with serving(door_of(desk.routes())) as session:
        answered = []
        for _ in range(3):
            async with session.post("/api/command/next", json={}) as answer:
                answered.append(answer.status)
    assert (answered, len(agent.handled)) == ([200, 200, 429], 2)


async def test_wrong_tokens_cannot_be_tried_for_ever() -> None:
    async with serving(door_of(ROUTES, access_of(kept(tablet="view"), SECRET))) as session:
        answered = []
        for number in range(12):
            headers = {"Authorization": f"Bearer guess {number}"}
            async with session.get("/view", headers=headers) as answer:
                answered.append(answer.status)
    assert answered[0] == 401
    assert answered[-1] == 429


async def test_only_so_many_askers_are_remembered() -> None:
    rate = Rate(1, 36_000, most_askers=2)
    for asker in ("a", "b", "c", "d"):
        await rate.spend(asker)
    assert len(rate._limiters) == 2


# -- roles of verbs ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "path", "body", "status"),
    [
        ("view", "describe", {}, 200),
        ("view", "search", {"query": "sea", "show": False}, 200),
        ("view", "search", {"query": "sea"}, 403),
        ("view", "next", {}, 403),
        ("view", "NEXT", {}, 403),
        ("view", "status", {}, 403),
        ("use", "next", {}, 200),
        ("use", "like", {}, 200),
        ("use", "hide", {}, 403),
        ("use", "HIDE/wall", {}, 403),
        ("use", "ingest", {}, 403),
        ("admin", "hide", {}, 200),
        ("admin", "ingest", {}, 200),
        ("view", "jump", {}, 404),
    ],
)
async def test_verbs_need_roles(role: str, path: str, body: dict[str, Any], status: int) -> None:
    access = access_of(kept(one=role), SECRET)
    agent = Obedient()
    async with serving(door_of(CommandDesk(agent, access).routes(), access)) as session:
        headers = {"Authorization": "Bearer secret of one"}
        async with session.post(f"/api/command/{path}", json=body, headers=headers) as answer:
            assert answer.status == status
    assert len(agent.handled) == (status == 200)
