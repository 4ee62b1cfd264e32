"""The socket of a paho client, watched by the asyncio loop: no thread of paho runs."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from typing import Any

import paho.mqtt.client as paho

MISC_SECONDS = 1.0


class Wire:
    """Moves the bytes of one client; `closed` is set when no more will come."""

    def __init__(self, client: paho.Client) -> None:
        self.closed = asyncio.Event()
        self._client = client
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._misc: asyncio.Task[None] | None = None
        self._watched: int | None = None
        self.address = ""  # our own, on the network between us and the broker
        self.fault: ssl.SSLError | None = None  # what TLS failed at after its handshake
        client.on_socket_open = self._socket_opened
        client.on_socket_close = self._socket_closed
        client.on_socket_register_write = self._wants_write
        client.on_socket_unregister_write = self._wants_no_write

    def connect(self, work: Callable[[], None]) -> asyncio.Future[None]:
        """Name look-up, TCP and TLS block in paho, for as long as a silent broker likes.

        The thread is one that nobody has to wait for, neither the next attempt nor the exit.
        """
        done: asyncio.Future[None] = self._loop.create_future()

        def settle(error: Exception | None) -> None:
            if done.done():
                return
            if error is None:
                done.set_result(None)
            else:
                done.set_exception(error)

        def run() -> None:
            error = None
            try:
                work()
            except Exception as raised:
                # Every error goes to the one who waits for the connection.
                error = raised
            with contextlib.suppress(RuntimeError):
                # The loop may be closed by now.
                self._loop.call_soon_threadsafe(settle, error)

        threading.Thread(target=run, name="mqtt connect", daemon=True).start()
        return done

    def keep_alive(self, look: Callable[[], None]) -> None:
        """From now on let paho send its pings, and look once a second, until all is closed."""
        self._misc = self._loop.create_task(self._ping(look), name="mqtt keep-alive")

    def drop(self) -> None:
        """Close the socket without a word to the broker."""
        self.closed.set()
        if self._misc is not None:
            self._misc.cancel()
        self._leave()
        sock = self._client.socket()
        if sock is not None:
            sock.close()

    # -- paho's side ----------------------------------------------------------------------

    def _in_loop(self, act: Callable[..., Any], *arguments: Any) -> None:
        """Run in the loop's thread: at once from there, soon from the connecting thread."""
        with contextlib.suppress(RuntimeError):
            # The loop may be closed by now, and watches nothing any more.
            if threading.get_ident() == self._thread:
                act(*arguments)
            else:
                self._loop.call_soon_threadsafe(act, *arguments)

    def _socket_opened(self, _client: Any, _data: Any, sock: Any) -> None:
        # Nagle's algorithm (RFC 896) would keep an answer back until the broker's system confirms
        # the packet before it, which it delays by 40 ms where the broker has nothing to say.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.closed.is_set():
            # The loop may be gone before it would close what came too late.
            sock.close()
            raise ConnectionAbortedError("this link was given up")
        self._in_loop(self._watch, sock)

    def _watch(self, sock: Any) -> None:
        """Read from the socket from now on, unless it was closed meanwhile."""
        if sock.fileno() >= 0:
            self._watched = sock.fileno()
            self.address = sock.getsockname()[0]
            self._loop.add_reader(self._watched, self._read, sock)

    def _socket_closed(self, _client: Any, _data: Any, sock: Any) -> None:
        self.fault = getattr(sock, "fault", None)
        self._in_loop(self._leave)

    def _leave(self) -> None:
        """Watch the descriptor no more, which may soon be another socket's."""
        if self._watched is not None:
            self._loop.remove_reader(self._watched)
            self._loop.remove_writer(self._watched)
            self._watched = None

    def _wants_write(self, _client: Any, _data: Any, _sock: Any) -> None:
        self._in_loop(self._write_when_possible)

    def _write_when_possible(self) -> None:
        if self._watched is not None:
            self._loop.add_writer(self._watched, self._client.loop_write)

    def _wants_no_write(self, _client: Any, _data: Any, _sock: Any) -> None:
        self._in_loop(self._write_no_more)

    def _write_no_more(self) -> None:
        if self._watched is not None:
            self._loop.remove_writer(self._watched)

    def _read(self, sock: Any) -> None:
        """Read until nothing is left, also of what TLS has already taken from the socket."""
        while self._client.loop_read() == paho.MQTT_ERR_SUCCESS:
            _confirm_now(sock)
            if not (isinstance(sock, ssl.SSLSocket) and sock.pending()):
                return

    async def _ping(self, look: Callable[[], None]) -> None:
        """Let paho send its pings, and notice a broker that no longer answers them."""
        while not self.closed.is_set():
            self._client.loop_misc()
            look()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(MISC_SECONDS):
                    await self.closed.wait()


def _confirm_now(sock: Any) -> None:
    """Confirm what was read without TCP's delay, where the system can.

    Brokers leave Nagle's algorithm on unless told otherwise, so that a command which follows
    closely on another packet would wait for that confirmation. Linux forgets this with each read.
    """
    if hasattr(socket, "TCP_QUICKACK"):
        with contextlib.suppress(OSError):
            # The read may have closed it.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
