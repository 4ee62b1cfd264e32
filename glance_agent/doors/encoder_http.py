"""An encoder served to other machines: texts and pictures in, unit vectors out.

    GET  /healthz         whether it lives; the only one that needs no token
    GET  /v1/space        {"space": …, "dimension": …}
    POST /v1/embed/text   {"texts": ["…", …]}
    POST /v1/embed/image  a picture file

The last two answer {"space": …, "dimension": …, "vectors": [base64 of float32, little-endian]}.
Pictures that arrive within a few milliseconds of each other are embedded as one batch.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from glance_agent.domain.encoder import Encoder
from glance_agent.domain.errors import BadPicture, ConfigError, ModelError
from glance_agent.domain.foreign import JsonLimits, json_value, line
from glance_agent.domain.said import say
from glance_agent.domain.vectors import Matrix, Vector
from glance_agent.pictures.prepare import EMBEDDED_PX, SmallPictureDecoder

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_BODY_BYTES: Final = 16 * 1024 * 1024
BODY_SECONDS: Final = 30.0
"""A body that has not come by then is not waited for any longer."""
MOST_READ_AT_ONCE: Final = 8
"""Bodies of pictures; those after them wait, so that memory stays bounded."""
MOST_TEXTS: Final = 64
MOST_LETTERS: Final = 2000
MOST_WAITING: Final = 64
LARGEST_BATCH: Final = 16
GATHER_SECONDS: Final = 0.005
_log = logging.getLogger(__name__)
_TEXTS: Final = JsonLimits(bytes=2 * 1024 * 1024, values=200_000, holders=1000, levels=10)
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, eq=False, slots=True)
class _Waiting:
    image: Image
    answer: asyncio.Future[Vector]


class EncoderDoor:
    """The service. `executor` has one thread, where everything is embedded."""

    def __init__(
        self,
        encoder: Encoder,
        *,
        executor: Executor,
        decoder: SmallPictureDecoder,
        token: str | None,
        gather_seconds: float = GATHER_SECONDS,
        body_seconds: float = BODY_SECONDS,
    ) -> None:
        """`token` is what every request must carry, None lets everybody in; raises ConfigError
        for an empty one, which everybody has."""
        if token is not None and not token:
            raise ConfigError(say("The token of the encoder's service is empty: give it one."))
        self._encoder = encoder
        self._executor = executor
        self._decoder = decoder
        self._token = token
        self._gather_seconds = gather_seconds
        self._body_seconds = body_seconds
        self._reading = asyncio.Semaphore(MOST_READ_AT_ONCE)
        self._waiting: asyncio.Queue[_Waiting] = asyncio.Queue(MOST_WAITING)

    def app(self) -> web.Application:
        """The application, ready to be run; its batches are made while it runs."""
        app = web.Application(client_max_size=MOST_BODY_BYTES, middlewares=[self._guard])
        for method, path, handler in (
            ("GET", "/healthz", self._healthz),
            ("GET", "/v1/space", self._space),
            ("POST", "/v1/embed/text", self._text),
            ("POST", "/v1/embed/image", self._image),
            ("*", "/{elsewhere:.*}", self._nowhere),
        ):
            app.router.add_route(method, path, handler, expect_handler=self._expected)
        app.cleanup_ctx.append(self._batching)
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        """Lets in who has the token; answers failures as JSON that tells nothing of the inside."""
        if request.path != "/healthz" and not self._may(request):
            return _error(401, "the token is missing or wrong")
        try:
            return await handler(request)
        except BadPicture as error:
            if error.passing:
                return _error(503, "pictures cannot be decoded now", {"Retry-After": "1"})
            return _error(422, f"the picture cannot be used: {error.reason}")
        except ModelError as error:
            _log.error("%s", error)
            return _error(503, "the model cannot be used now")
        except web.HTTPException as error:
            return _error(error.status, line(error.reason))
        except Exception:  # one request must not tell of the inside, nor end the others
            _log.exception("a request failed")
            return _error(500, "an error of the service itself; its log says more")

    async def _expected(self, request: web.Request) -> None:
        """Lets a body come that a sender asks about first, where it may come at all."""
        if request.headers.get("Expect", "").lower() != "100-continue":
            raise web.HTTPExpectationFailed
        if not self._may(request):
            raise web.HTTPUnauthorized
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # nothing of the answer itself is sent yet

    def _may(self, request: web.Request) -> bool:
        if self._token is None:
            return True
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        # What is not UTF-8 in a header comes as halves of characters.
        return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), self._token.encode())

    async def _body(self, request: web.Request) -> bytes:
        """The body of a request; raises HTTPException where it is late, too large or garbled."""
        try:
            async with asyncio.timeout(self._body_seconds):
                return await request.read()
        except TimeoutError:
            raise web.HTTPRequestTimeout(
                reason=f"the body did not come within {self._body_seconds:g} seconds"
            ) from None
        except web.RequestPayloadError:
            raise web.HTTPBadRequest(reason="the body is not what its head says") from None

    async def _nowhere(self, _request: web.Request) -> web.Response:
        raise web.HTTPNotFound

    async def _healthz(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def _space(self, _request: web.Request) -> web.Response:
        return web.json_response(self._about())

    async def _text(self, request: web.Request) -> web.Response:
        texts = _texts(await self._body(request))
        loop = asyncio.get_running_loop()
        vectors = [
            await loop.run_in_executor(self._executor, self._encoder.embed_text, text)
            for text in texts
        ]
        return self._answer(vectors)

    async def _image(self, request: web.Request) -> web.Response:
        async with self._reading:
            data = await self._body(request)
            image = await asyncio.to_thread(self._decoder.small, data, EMBEDDED_PX)
        answer: asyncio.Future[Vector] = asyncio.get_running_loop().create_future()
        try:
            self._waiting.put_nowait(_Waiting(image, answer))
        except asyncio.QueueFull:
            return _error(503, "too many pictures are waiting", {"Retry-After": "1"})
        return self._answer([await answer])

    async def _batching(self, _app: web.Application) -> AsyncIterator[None]:
        """While the application runs: embeds what has gathered, a batch at a time."""
        task = asyncio.create_task(self._embed_for_ever(), name="batches")
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    async def _embed_for_ever(self) -> None:
        while True:
            batch = await self._gathered()
            loop = asyncio.get_running_loop()
            try:
                rows = await loop.run_in_executor(
                    self._executor, self._encoder.embed_images, [one.image for one in batch]
                )
            except Exception as error:  # whoever asked is told; the next batch may be fine
                _settle(batch, error=error)
            else:
                _settle(batch, rows=rows)

    async def _gathered(self) -> list[_Waiting]:
        """The first that waits, and those that come within a few milliseconds."""
        batch = [await self._waiting.get()]
        with suppress(TimeoutError):
            async with asyncio.timeout(self._gather_seconds):
                while len(batch) < LARGEST_BATCH:
                    batch.append(await self._waiting.get())
        return batch

    def _answer(self, vectors: Sequence[Vector]) -> web.Response:
        packed = [base64.b64encode(v.astype("<f4").tobytes()).decode("ascii") for v in vectors]
        return web.json_response({**self._about(), "vectors": packed})

    def _about(self) -> dict[str, Any]:
        return {"space": self._encoder.space, "dimension": self._encoder.dimension}


async def serve(door: EncoderDoor, host: str, port: int, stopping: asyncio.Event) -> None:
    """Serve until told to stop. Raises OSError where the address cannot be had."""
    # What breaks the rules of HTTP is answered 400; a traceback each would fill the log.
    quiet = logging.getLogger(f"{__name__}.requests")
    quiet.setLevel(logging.CRITICAL)
    runner = web.AppRunner(door.app(), access_log=None, logger=quiet, shutdown_timeout=3)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        _log.info("serving vectors at %s:%d", host, port)
        await stopping.wait()
    finally:
        await runner.cleanup()


def _settle(
    batch: Sequence[_Waiting], *, rows: Matrix | None = None, error: Exception | None = None
) -> None:
    """Give everyone in a batch the answer, unless they have gone."""
    for number, one in enumerate(batch):
        if one.answer.done():
            continue
        if rows is not None:
            one.answer.set_result(rows[number])
        elif error is not None:
            one.answer.set_exception(error)


def _texts(body: bytes) -> list[str]:
    """The texts of a request; raises HTTPBadRequest that says what is wrong."""
    try:
        texts = json_value(body, _TEXTS)["texts"]
    except (ValueError, KeyError, TypeError):
        texts = None
    if not isinstance(texts, list) or not 0 < len(texts) <= MOST_TEXTS:
        raise web.HTTPBadRequest(reason=f"texts has to be a list of 1 to {MOST_TEXTS} texts")
    if not all(isinstance(text, str) and len(text) <= MOST_LETTERS for text in texts):
        raise web.HTTPBadRequest(reason=f"a text has to have at most {MOST_LETTERS} characters")
    return texts


def _error(status: int, message: str, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response({"error": message}, status=status, headers=headers)
