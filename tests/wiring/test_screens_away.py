"""Screens go on while the library's server is away: their keys still open, pictures are fitted."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime

import pytest

from glance_agent.domain.library_place import PostgresPlace
from glance_agent.domain.web_key import KeyKind, WebKey, WebRole, hashed
from glance_agent.store.copying import copy_library
from glance_agent.store.opening import open_library
from glance_agent.store.web_keys import WebKeys
from tests.broker import Broker, free_port
from tests.doors.web.served import answering, client
from tests.home import Home, agent
from tests.phone import Phone
from tests.postgres import Server
from tests.proxy import way_to
from tests.wiring.test_following import moved

pytest.importorskip("psycopg")
TOKEN = "a token of the kiosk"
KIOSK = {"Authorization": f"Bearer {TOKEN}"}


async def test_a_kiosk_goes_on(
    home: Home, broker: Broker, postgres_place: PostgresPlace, server: Server
) -> None:
    copy_library(home.database, postgres_place, lambda table, rows: None)
    with closing(open_library(postgres_place)) as db:
        key = WebKey(KeyKind.TOKEN, "kiosk", WebRole.VIEW, datetime.now(UTC))
        WebKeys(db).add(hashed(TOKEN), key)
    port = free_port()
    web = {"enabled": True, "port": port}
    with way_to(server) as way:
        config = moved(home, broker.port, way.place(postgres_place), web=web)
        async with agent(config), Phone(broker.port) as phone, client(port) as session:
            await phone.expect("display/wall/image")
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
