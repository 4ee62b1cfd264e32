"""Screens go on while the library's server is away: their keys still open, pictures are fitted."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from glance_agent.domain.library_place import PostgresPlace
from glance_agent.domain.web_key import KeyKind, WebKey, WebRole, hashed
from glance_agent.store.database import Database
from glance_agent.store.web_keys import WebKeys
from tests.away import moved, showing
from tests.broker import Broker, free_port
from tests.doors.web.served import answering, client
from tests.home import Home
from tests.proxy import Proxy

pytest.importorskip("psycopg")
TOKEN = "a token of the kiosk"
KIOSK = {"Authorization": f"Bearer {TOKEN}"}


async def test_a_kiosk_goes_on(
    home: Home, broker: Broker, shared: PostgresPlace, elsewhere: Database, way: Proxy
) -> None:
    key = WebKey(KeyKind.TOKEN, "kiosk", WebRole.VIEW, datetime.now(UTC))
    WebKeys(elsewhere).add(hashed(TOKEN), key)
    port = free_port()
    web = {"enabled": True, "port": port}
    config = moved(home, broker.port, way.place(shared), web=web)
    async with showing(config), client(port) as session:
        await answering(session)

        async def asked(width: int, headers: dict[str, str] = KIOSK) -> int:
            query = f"w={width}&h=100"
            async with session.get(f"/display/wall.jpg?{query}", headers=headers) as answer:
                await answer.read()
                return answer.status

        assert await asked(200) == 200
        way.refuse()
        assert await asked(300) == 200
        assert await asked(300, {"Authorization": "Bearer another"}) == 503
        way.forward()
