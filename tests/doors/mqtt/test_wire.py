"""The socket of a client, where connecting and giving up overtake each other."""

from __future__ import annotations

import threading
from contextlib import closing
from socket import create_server

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from glance_agent.doors.mqtt.wire import Wire


async def test_a_socket_that_comes_after_its_link_was_given_up_is_closed() -> None:
    """By the thread that opened it: nobody may be there to do it any more."""
    client = paho.Client(CallbackAPIVersion.VERSION2)
    wire, may_go = Wire(client), threading.Event()
    with closing(create_server(("127.0.0.1", 0))) as server:

        def connect() -> None:
            may_go.wait()
            client.connect(*server.getsockname())

        connecting = wire.connect(connect)
        wire.drop()
        may_go.set()
        with pytest.raises(ConnectionAbortedError, match="given up"):
            await connecting
    sock = client.socket()
    assert sock is not None
    assert sock.fileno() == -1
