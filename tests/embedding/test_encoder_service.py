"""serve-encoder and the agent that uses it: the same vectors, batched, for holders of the token."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from glance_agent.cli import encoder as encoder_cli
from glance_agent.domain.errors import ConfigError, ModelError
from glance_agent.domain.vectors import Matrix, Vector
from glance_agent.doors.encoder_http import MOST_BODY_BYTES, MOST_TEXTS, EncoderDoor
from glance_agent.embedding.encoder import OnnxEncoder, open_encoder
from glance_agent.embedding.remote.calls import Caller
from glance_agent.embedding.remote.service import ServiceEncoder, ask_offer
from tests.embedding.served import served
from tests.embedding.toy import COLOURS, Toy, install
from tests.in_process import InProcess
from tests.spawned import PATIENCE_SECONDS


class Counting:
    """The encoder behind the door; counts batches, and can be held up or broken."""

    def __init__(self, encoder: OnnxEncoder) -> None:
        self.space, self.dimension = encoder.space, encoder.dimension
        self.encoder = encoder
        self.batches: list[int] = []
        self.go = threading.Event()
        self.go.set()
        self.broken = False

    def embed_text(self, text: str) -> Vector:
        return self.encoder.embed_text(text)

    def embed_images(self, images: Sequence[Image.Image]) -> Matrix:
        if self.broken:
            raise ModelError("A sentence with /a/path in it.")
        assert self.go.wait(PATIENCE_SECONDS)
        self.batches.append(len(images))
        return self.encoder.embed_images(images)


@pytest.fixture
def behind(tmp_path: Path, word_files: dict[str, bytes]) -> Counting:
    install(tmp_path, Toy(tokenizer="wordpiece"), word_files)
    return Counting(
        open_encoder("colours", tmp_path, threads=1, memory_arena=False, prepacking=True)
    )


@pytest.fixture
def url(behind: Counting) -> Iterator[str]:
    with ThreadPoolExecutor(1) as executor:

        def make() -> aiohttp.web.Application:
            door = EncoderDoor(
                behind, executor=executor, decoder=InProcess(), token="secret", gather_seconds=0.05
            )
            return door.app()

        with served(make) as address:
            yield address


def caller(token: str | None = "secret") -> Caller:
    return Caller("service", token, timeout_seconds=5)


def client(url: str) -> ServiceEncoder:
    return ServiceEncoder(caller(), url=url, offer=ask_offer(caller(), url))


def pictures() -> list[Image.Image]:
    return [Image.new("RGB", (40, 30), colour) for colour in COLOURS.values()]


def test_the_same_space_and_the_same_vectors(url: str, behind: Counting) -> None:
    away = client(url)
    assert (away.space, away.dimension) == (behind.space, behind.dimension)
    np.testing.assert_array_equal(away.embed_text("red"), behind.embed_text("red"))
    np.testing.assert_allclose(
        away.embed_images(pictures()), behind.encoder.embed_images(pictures()), atol=1e-6
    )


def test_pictures_that_come_together_are_one_batch(url: str, behind: Counting) -> None:
    behind.go.clear()
    with ThreadPoolExecutor(4) as threads:
        found = [threads.submit(client(url).embed_images, [one]) for one in pictures()[:4]]
        threading.Timer(0.1, behind.go.set).start()
        for one in found:
            one.result()
    assert sum(behind.batches) == 4
    assert len(behind.batches) < 4


@pytest.mark.parametrize("token", [None, "", "secre", "Secret"])
def test_nobody_without_the_token(url: str, token: str | None) -> None:
    with pytest.raises(ModelError, match=r"401 \(the token is missing or wrong\)"):
        ask_offer(caller(token), url)


async def post(url: str, path: str, **more: Any) -> tuple[int, Any]:
    headers = {"Authorization": "Bearer secret"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(url + path, **more) as answer,
    ):
        return answer.status, await answer.json()


async def test_health_needs_no_token(url: str) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{url}/healthz") as answer:
        assert await answer.json() == {"status": "ok"}


async def test_texts_in_one_request(url: str, behind: Counting) -> None:
    status, answer = await post(url, "/v1/embed/text", json={"texts": ["red", "blue"]})
    assert status == 200
    assert answer["space"] == behind.space
    first = np.frombuffer(base64.b64decode(answer["vectors"][0]), "<f4")
    np.testing.assert_array_equal(first, behind.embed_text("red"))
    assert len(answer["vectors"]) == 2


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v1/embed/text", b"{", 400),
        ("/v1/embed/text", b"[]", 400),
        ("/v1/embed/text", b"[" * 100_000, 400),
        ("/v1/embed/text", b'{"texts":' * 50_000, 400),
        ("/v1/embed/text", b'{"texts": ["a"], "n": ' + b"9" * 6000 + b"]", 400),
        ("/v1/embed/text", b" " * 3_000_000, 400),
        ("/v1/embed/image", bytes(MOST_BODY_BYTES + 1), 413),
        ("/v1/embed/text", b'{"texts": []}', 400),
        ("/v1/embed/text", b'{"texts": [1]}', 400),
        ("/v1/embed/text", b'{"texts": ["' + b"x" * 3000 + b'"]}', 400),
        ("/v1/embed/text", b'{"texts": [' + b'"a",' * MOST_TEXTS + b'"a"]}', 400),
        ("/v1/embed/image", b"no picture", 422),
        ("/v1/embed/image", b"", 422),
        ("/v1/embed/sound", b"", 404),
    ],
)
async def test_bad_requests_are_answered(url: str, path: str, body: bytes, status: int) -> None:
    found, answer = await post(url, path, data=BytesIO(body))
    assert found == status
    assert answer["error"]


@pytest.mark.parametrize("given", ["Bearer secrét", "Bearer \udcff\udcfe", "\x80", "Bearer 睡蓮"])
async def test_a_token_that_is_no_ascii_is_wrong_and_no_accident(url: str, given: str) -> None:
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    line = f"Authorization: {given}".encode("utf-8", "surrogateescape")
    writer.write(b"GET /v1/space HTTP/1.1\r\nHost: a\r\n" + line + b"\r\n\r\n")
    assert (await reader.readline()).split()[1] == b"401"
    writer.close()


@pytest.mark.parametrize(
    ("path", "fields", "status"),
    [
        (b"/v1/space", b"Expect: \xff\xfe", b"417"),
        (b"/nowhere", b"Expect: \xff\xfe", b"417"),
        (b"/v1/embed/image", b"Expect: 100-continue", b"401"),
        (b"/v1/embed/text", b"Authorization: Bearer secret\r\nContent-Encoding: gzip", b"400"),
        (b"/v1/embed/image", b"Authorization: Bearer secret\r\nContent-Encoding: gzip", b"400"),
    ],
)
async def test_requests_that_break_the_rules_are_answered(
    url: str, path: bytes, fields: bytes, status: bytes
) -> None:
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = b"POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n%s\r\n\r\n{}"
    writer.write(head % (path, fields))
    assert (await reader.readline()).split()[1] == status
    writer.close()


async def test_a_body_that_was_asked_about_is_let_come(url: str, behind: Counting) -> None:
    body = json.dumps({"texts": ["red"]}).encode()
    status, answer = await post(url, "/v1/embed/text", data=BytesIO(body), expect100=True)
    assert (status, answer["space"]) == (200, behind.space)


async def test_a_body_that_does_not_come_is_not_waited_for(behind: Counting) -> None:
    with ThreadPoolExecutor(1) as executor:

        def make() -> aiohttp.web.Application:
            door = EncoderDoor(
                behind, executor=executor, decoder=InProcess(), token=None, body_seconds=0.05
            )
            return door.app()

        with served(make) as address:
            host, port = address.removeprefix("http://").split(":")
            for path in (b"/v1/embed/image", b"/v1/embed/text"):
                reader, writer = await asyncio.open_connection(host, int(port))
                head = b"POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nslow" % path
                writer.write(head)
                assert (await reader.readline()).split()[1] == b"408"
                writer.close()
                await writer.wait_closed()  # the server waits for the rest of a body until then


def test_an_empty_token_lets_nobody_start(behind: Counting) -> None:
    with ThreadPoolExecutor(1) as executor, pytest.raises(ConfigError, match="is empty"):
        EncoderDoor(behind, executor=executor, decoder=InProcess(), token="")


@pytest.mark.parametrize("content", ["", "\n", " \t\nsecret\n", "\ufeff\n", "a\x1bb\n", "x" * 5000])
def test_a_token_file_without_a_token_lets_nobody_start(tmp_path: Path, content: str) -> None:
    token_file = tmp_path / "token"
    token_file.write_text(content, encoding="utf-8")
    done = CliRunner().invoke(encoder_cli.app, ["--token-file", str(token_file)])
    assert isinstance(done.exception, ConfigError)
    assert "The first line of the secret file" in str(done.exception)


def test_a_broken_model_tells_nothing_of_the_inside(url: str, behind: Counting) -> None:
    behind.broken = True
    impatient = Caller("service", "secret", timeout_seconds=5, sleep=_no_wait)
    away = ServiceEncoder(impatient, url=url, offer=ask_offer(caller(), url))
    with pytest.raises(ModelError, match=r"503 \(the model cannot be used now\)") as error:
        away.embed_images(pictures()[:1])
    assert "/a/path" not in str(error.value)
    behind.broken = False
    assert away.embed_images(pictures()[:1]).shape == (1, 3)


async def _no_wait(_seconds: float) -> None:
    return


def test_a_service_that_changed_its_space_is_not_believed(url: str, behind: Counting) -> None:
    away = client(url)
    behind.space = "another"
    with pytest.raises(ModelError, match="embeds into another now"):
        away.embed_text("red")


def test_an_open_address_needs_a_token() -> None:
    done = CliRunner().invoke(encoder_cli.app, ["--host", "0.0.0.0"])
    assert isinstance(done.exception, ConfigError)
    assert "needs a token" in str(done.exception)
    assert encoder_cli.is_loopback("::1")
    assert not encoder_cli.is_loopback("nas.lan")
