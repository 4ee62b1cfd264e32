"""What a hostile host may answer: heads and bodies that break the rules, by name, and generated.

Everything is bytes as they go over the wire, since no HTTP library would send most of it.
"""

from __future__ import annotations

import asyncio
import gzip
import itertools
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random

JPEG = b"\xff\xd8\xff\xe0" + bytes(60)
LONG = b"9" * 6000
ESCAPE = b"\x1b[2J\x1b]0;owned\x07"
TURNED = "\u202egpj.exe\u2066".encode()
STATUSES = (200, 206, 301, 302, 304, 401, 403, 404, 416, 429, 500, 503)
FIELDS = (
    b"Location", b"ETag", b"Retry-After", b"Content-Type", b"Content-Length", b"Content-Range",
    b"Content-Encoding", b"Transfer-Encoding", b"X-Linked-Etag", b"X-Linked-Size",
    b"X-Error-Code", b"Set-Cookie", b"CF-Mitigated", b"Connection", b"Date", b"Link",
)  # fmt: skip
VALUES = (
    b"", b" ", b"0", b"-1", b"1e400", b"NaN", LONG, b"-" + LONG, "٣".encode(), "²".encode(),
    b"\xff\xfe\x80", b"\xed\xa0\x80", b"a\x00b", b"a\x1b[31mb", ESCAPE, TURNED, b"\x7f", b"\"",
    b'"\x1b"', b'"a', b'W/"' + b"x" * 5000 + b'"', "“ü”".encode(), b'"' + b"a" * 64 + b'"',
    b"http://[::1", b"http://127.0.0.1:99999/", b"http://127.0.0.1:x/", b"http://[v1.x]/",
    b"http://%zz/", b"http://\xff/", b"http://xn--a/", b"http://a" + b"b" * 300 + b".c/",
    b"http:///x", b"//", b"http://", b"?", b"/\x1b", b"/" + b"a" * 7000, b"\\\\host\\share",
    b"http://169.254.169.254/", b"http://user:pass@127.0.0.1/", b"file:///etc/passwd",
    b"data:text/html,x", b"javascript:alert(1)", b"http://0x7f.1/", b"http://localhost/",
    b"text/html; charset=\xff", b"image/\x1b[31m", b"application/json; charset=nonsense",
    b"bytes 0-1/2", b"bytes */0", b"bytes 3-" + LONG + b"/" + LONG, b"bytes */" + LONG,
    b"gzip", b"br", b"zstd", b"deflate, gzip", b"chunked", b"identity, chunked", b"close",
    b"Fri, 31 Dec 99999 23:59:59 GMT", b"Thu, 01 Jan 1970 00:00:00 -9999", b"challenge",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hostile:
    """An answer as it is sent; `endless` follows for ever, `silent` says nothing more."""

    name: str
    sent: bytes
    endless: bytes = field(default=b"", repr=False)
    silent: bool = False


def answer(status: int, body: bytes = b"{}", fields: Mapping[bytes, bytes] | None = None) -> bytes:
    """An answer with these fields over the usual ones."""
    head = {b"Content-Type": b"application/json", b"Content-Length": b"%d" % len(body)}
    head |= fields or {}
    lines = b"".join(b"%s: %s\r\n" % pair for pair in head.items())
    return b"HTTP/1.1 %d Strange\r\n%s\r\n%s" % (status, lines, body)


def every_field() -> Iterator[Hostile]:
    """Every field with every value and every status."""
    for status, name, value in itertools.product(STATUSES, FIELDS, VALUES):
        shown = value[:40].decode("ascii", "backslashreplace")
        for body in (b"{}", JPEG):
            kind = "JPEG" if body is JPEG else "JSON"
            sent = answer(status, body, {name: value})
            yield Hostile(f"{status} {name.decode()}: {shown!r} ({kind})", sent)


def some_fields(count: int, seed: int) -> list[Hostile]:
    """So many of every field, chosen by chance."""
    return Random(seed).sample(list(every_field()), count)


def broken_heads() -> Iterator[Hostile]:
    """Heads that are none, too long, or never end."""
    for line in (
        b"", b"HTTP/1.1", b"HTTP/9.9 200 OK", b"HTTP/1.1 " + LONG + b" OK", b"HTTP/1.1 99 Low",
        b"HTTP/1.1 1000 High", b"HTTP/1.1 200 " + ESCAPE, b"HTTP/1.1 200 " + TURNED,
        b"SSH-2.0-OpenSSH_9.9", b"\x16\x03\x01\x02\x00", b"\x00" * 500, ESCAPE, b"x" * 100_000,
        b"HTTP/1.1 200 OK\r\nNo colon", b"HTTP/1.1 200 OK\r\n: nothing", b"HTTP/1.1 200 OK\n\n{}",
        b"HTTP/1.1 200 OK\r\nA: b\r\n folded", b"HTTP/1.1 200 OK\r\nA\x1b: b",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2", b"HTTP/1.1 204 None",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5",
        b"HTTP/1.1 302 Found\r\nLocation: /a\r\nLocation: http://[::1",
    ):  # fmt: skip
        shown = line[:50].decode("ascii", "backslashreplace")
        yield Hostile(f"head {shown!r}", line + b"\r\n\r\n{}")
    ok = b"HTTP/1.1 200 OK\r\n"
    yield Hostile("20,000 fields", ok + b"A: b\r\n" * 20_000 + b"\r\n{}")
    yield Hostile("a field of 10 MB", ok + b"A: " + b"x" * 10_000_000 + b"\r\n\r\n{}")
    yield Hostile("fields without end", ok, endless=b"A: b\r\n" * 1000)
    yield Hostile("a field without end", ok + b"A: ", endless=b"x" * 6000)
    yield Hostile("100 Continue without end", b"", endless=b"HTTP/1.1 100 Continue\r\n\r\n" * 100)
    yield Hostile("nothing", b"")
    yield Hostile("silence", b"", silent=True)
    yield Hostile("silence after the head", answer(200, b"x" * 100)[:-50], silent=True)


def odd_json() -> Iterator[Hostile]:
    """JSON that is none, or that costs whoever reads it."""
    record = (
        b'{"data":[{"id":1,"title":%s,"images":{"web":{"url":"http://x/"}}}],"info":{"total":1}}'
    )
    nested = b"[" * 500 + b"1" + b"]" * 500
    for name, body in {
        "deep lists": b"[" * 1_000_000,
        "deep objects": b'{"a":' * 200_000 + b"1" + b"}" * 200_000,
        "just too deep": b"[" * 101 + b"]" * 101,
        "500 levels in a title": record % nested,
        "15 MB of {},": b"[" + b"{}," * 5_000_000 + b"{}]",
        "32 MB of {},": b"[" + b"{}," * 10_600_000 + b"{}]",
        "250,000 rows": b'{"data":[' + b"{}," * 249_990 + b"{}]}",
        "numbers of 6,000 digits": b'{"data":[%s],"total":%s,"width":%s}' % (LONG, LONG, LONG),
        "1e400 and NaN": b'{"data":[1e400,NaN,-Infinity],"total":1e400,"next":NaN}',
        "halves of characters": b'{"data":[{"id":"\\ud800","title":"\\udfff"}],"next":"\\ud800"}',
        "no UTF-8": b'{"data":["\xff\xfe"],"continue":{"\xff":"\xff"}}',
        "UTF-16": '{"data": []}'.encode("utf-16"),
        "a BOM": b"\xef\xbb\xbf{}",
        "NUL": b'{"data":["\x00"],"\\u0000":1}',
        "10,667 times <a": record % (b'"' + b"<a " * 10_667 + b'"'),
        "a title of 15 MB": record % (b'"' + b"&lt;x" * 3_000_000 + b'"'),
        "escapes in a title": record % b'"\\u001b[2J\\u202e\\u0007"',
        "a vector of 8 MB": b"[" + b"1," * 4_000_000 + b"1]",
        "a vector of huge numbers": b'{"clip":"[1e300,1e300]","vectors":[[1e300]]}',
        "a vector in 90 brackets": b"[" * 90 + b"1" + b"]" * 90,
        "a string of 20 MB": b'"' + b"x" * 20_000_000 + b'"',
        "the wrong kinds": b'{"status":[],"urls":{"get":7},"sha":{},"space":7,"dimension":true}',
        "a wild space": b'{"space":"\\u001b[2J","dimension":3,"vectors":["!!!"]}',
        "a wild dimension": b'{"space":"a","dimension":%s}' % LONG,
        "an error with escapes": b'{"error":"\\u001b[2J\\u202e","detail":{"a":"b"}}',
    }.items():
        for status in (200, 422, 503) if len(body) < 100_000 else (200,):
            yield Hostile(f"{status} {name}", answer(status, body))


def odd_bodies() -> Iterator[Hostile]:
    """Bodies that lie about their length or their encoding, or never end."""
    bomb = gzip.compress(bytes(100_000_000))
    encoded = {b"Content-Encoding": b"gzip"}
    yield Hostile("a bomb of gzip", answer(200, bomb, encoded))
    yield Hostile(
        "a bomb in a bomb", answer(200, gzip.compress(bomb), {b"Content-Encoding": b"gzip, gzip"})
    )
    deflated = zlib.compress(bytes(50_000_000))
    yield Hostile("a bomb of deflate", answer(200, deflated, {b"Content-Encoding": b"deflate"}))
    yield Hostile("no gzip", answer(200, b"no gzip at all", encoded))
    yield Hostile("shorter than said", answer(200, b"{}", {b"Content-Length": b"500"}))
    yield Hostile("longer than said", answer(200, b"{}" * 50, {b"Content-Length": b"2"}))
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    for size in (b"zz", b"-1", b"F" * 40, b"5;x=" + b"y" * 9000, b"2\r\n{}\r\n0\r\nA: \xff"):
        yield Hostile(f"a chunk of size {size[:20]!r}", chunked + size + b"\r\n{}\r\n")
    yield Hostile("chunks without end", chunked, endless=b"1000\r\n" + b"x" * 4096 + b"\r\n")
    yield Hostile("a body without end", b"HTTP/1.1 200 OK\r\n\r\n", endless=b"x" * 65536)
    yield Hostile("a JPEG without end", b"HTTP/1.1 200 OK\r\n\r\n" + JPEG, endless=bytes(65536))
    yield Hostile("an empty file", answer(200, b""))
    yield Hostile("416 of nothing", answer(416, b"", {b"Content-Range": b"bytes */0"}))
    yield Hostile("a short 206", answer(206, b"abc", {b"Content-Range": b"bytes 0-2/9"}))
    yield Hostile("a 206 of no range", answer(206, b"abc"))


def named() -> list[Hostile]:
    """All that have a name."""
    return [*broken_heads(), *odd_json(), *odd_bodies()]


class RawHost:
    """Sends `answer` to whoever asks; `honest` by the beginning of a path goes before it."""

    def __init__(self) -> None:
        self.answer = Hostile("nothing", b"")
        self.honest: dict[str, bytes] = {}
        self.heads: list[bytes] = []
        self.base = ""
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> RawHost:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.base = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
            await reader.readexactly(int(length[1]) if length else 0)
            self.heads.append(head)
            path = head.split(b" ")[1].decode("latin-1")
            honest = next((a for p, a in self.honest.items() if path.startswith(p)), None)
            if honest is not None:
                writer.write(honest)
                await writer.drain()
                return
            hostile = self.answer
            writer.write(hostile.sent)
            await writer.drain()
            while hostile.endless:
                writer.write(hostile.endless)
                await writer.drain()
            if hostile.silent:
                await reader.read()
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return  # whoever asked has gone
        finally:
            writer.close()
