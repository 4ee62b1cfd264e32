"""Asking an encoder over HTTP: patience, repeats, limits, and what it cost.

Plain synchronous calls for a thread that may wait; several at once are asked together. Redirects
are not followed, so that a token never leaves the address it was given for.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

import aiohttp
import numpy as np
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt
from yarl import URL

from glance_agent.domain.errors import ModelError
from glance_agent.domain.foreign import JsonLimits, json_value, line, whole
from glance_agent.domain.passing import PASSING_STATUSES
from glance_agent.domain.said import in_a_row, say
from glance_agent.domain.spelling import host_and_port
from glance_agent.domain.vectors import Matrix, Vector, unit_rows

if TYPE_CHECKING:
    from PIL.Image import Image

ATTEMPTS: Final = 3
AT_ONCE: Final = 4
LONGEST_WAIT_SECONDS: Final = 60.0
MOST_ANSWER_BYTES: Final = 16 * 1024 * 1024
_JSON: Final = JsonLimits(MOST_ANSWER_BYTES)
_LONG_SIDE_PX: Final = 512


class NotNow(Exception):
    """A passing failure; `wait_seconds` is what the other side asked for, if anything."""

    def __init__(self, reason: str, wait_seconds: float | None = None) -> None:
        super().__init__(reason)
        self.wait_seconds = wait_seconds


@dataclass(frozen=True, slots=True)
class Call:
    """One request: JSON, or bytes of a type, or the parts of a form (name, value, type)."""

    url: str
    method: str = "POST"
    json: Any = None
    data: bytes | None = None
    content_type: str | None = None
    form: tuple[tuple[str, str | bytes, str], ...] = ()
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Cost:
    """Calls that were answered or refused, and what they cost where the price is known."""

    calls: int = 0
    failures: int = 0
    dollars: float = 0.0


@dataclass(slots=True)
class Caller:
    """Makes calls of one service. `sleep` waits between attempts, in seconds."""

    service: str
    token: str | None = field(default=None, repr=False)
    timeout_seconds: float = 30.0
    dollars_per_call: float = 0.0
    attempts: int = ATTEMPTS
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _cost: Cost = field(default_factory=Cost)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def cost(self) -> dict[str, Any]:
        """What was asked so far, and what it cost, as the status says it."""
        with self._lock:
            return asdict(self._cost)

    def ask(self, call: Call) -> Any:
        """The JSON that the service answers; raises ModelError."""
        return self.ask_all([call])[0]

    def ask_all(self, calls: Sequence[Call]) -> list[Any]:
        """The JSON answers in order, a few asked at once; raises ModelError for any failure.

        A loop of its own, in a thread of its own: the caller's thread may be running one.
        """
        with ThreadPoolExecutor(1, "calls") as alone:
            return alone.submit(lambda: asyncio.run(self._all(calls))).result()

    async def _all(self, calls: Sequence[Call]) -> list[Any]:
        wait = aiohttp.ClientTimeout(total=self.timeout_seconds)
        gate = asyncio.Semaphore(AT_ONCE)
        async with aiohttp.ClientSession(timeout=wait, trust_env=True) as session:
            tasks = [asyncio.create_task(self._one(session, gate, call)) for call in calls]
            try:
                return await asyncio.gather(*tasks)
            except BaseException:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                raise

    async def _one(
        self, session: aiohttp.ClientSession, gate: asyncio.Semaphore, call: Call
    ) -> Any:
        attempts = AsyncRetrying(
            retry=retry_if_exception_type((NotNow, aiohttp.ClientError, TimeoutError)),
            stop=stop_after_attempt(self.attempts),
            wait=_wait_seconds,
            sleep=self.sleep,
            reraise=True,
        )
        async with gate:
            try:
                return await attempts(self._attempt, session, call)
            except ModelError:
                raise
            except Exception as error:
                # Whoever answers decides what the HTTP library meets, and what it raises.
                reason = reason_of(error)
                raise ModelError(
                    say(
                        "{service} cannot be used now: {reason}.",
                        service=self.service,
                        reason=reason,
                    )
                ) from error

    async def _attempt(self, session: aiohttp.ClientSession, call: Call) -> Any:
        headers = dict(call.headers)
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if call.content_type:
            headers["Content-Type"] = call.content_type
        succeeded = False
        try:
            async with session.request(
                call.method,
                URL(call.url),
                json=call.json,
                data=_form(call) if call.form else call.data,
                headers=headers,
                allow_redirects=False,
            ) as answer:
                found = await self._read(answer)
                succeeded = True
                return found
        finally:
            self._count(succeeded=succeeded)

    async def _read(self, answer: aiohttp.ClientResponse) -> Any:
        """The JSON of an answer; raises NotNow or ModelError for what is none."""
        body = bytearray()
        async for chunk in answer.content.iter_chunked(1 << 16):
            body += chunk
            if len(body) > MOST_ANSWER_BYTES:
                break
        try:
            found = json_value(bytes(body), _JSON)
        except ValueError:
            found = None
        if answer.status in PASSING_STATUSES:
            raise NotNow(
                say("it answered {status}{why}", status=answer.status, why=_why(found)),
                _asked_wait(answer, found),
            )
        if answer.status not in (200, 201, 202):
            hint = say("Check its token.") if answer.status in (401, 403) else ""
            said = say(
                "{service} answered {status}{why}.",
                service=self.service,
                status=answer.status,
                why=_why(found),
            )
            raise ModelError(in_a_row(said, hint))
        if found is None:
            raise ModelError(
                say("{service} answered with something that is not JSON.", service=self.service)
            )
        return found

    def _count(self, *, succeeded: bool) -> None:
        with self._lock:
            self._cost.calls += 1
            self._cost.failures += not succeeded
            self._cost.dollars += self.dollars_per_call if succeeded else 0.0


def reason_of(error: Exception) -> str:
    """Why nothing came, in words of ours: a host decides what the library's say."""
    match error:
        case NotNow():
            return str(error.args[0])
        case TimeoutError():
            return say("it did not answer in time")
        case aiohttp.ClientConnectorDNSError():
            return say("the name {host} is not known here", host=line(error.host))
        case aiohttp.ClientConnectorError():
            return say(
                "{where} cannot be reached",
                where=host_and_port(line(error.host), error.port),
            )
        case aiohttp.ClientError() | OSError():
            return "the connection broke off"
    return "it does not answer by the rules of HTTP"


def rows(service: str, found: Sequence[Any], dimension: int) -> Matrix:
    """The answered vectors as unit rows (n, d); raises ModelError for any other shape."""
    try:
        with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused
            vectors = [np.asarray(one, np.float32) for one in found]
    except (TypeError, ValueError, OverflowError) as error:
        raise ModelError(
            say("{service} answered with something that is no vector.", service=service)
        ) from error
    for vector in vectors:
        while vector.ndim > 1 and vector.shape[0] == 1:
            vector.shape = vector.shape[1:]
        if vector.shape != (dimension,):
            raise ModelError(
                say(
                    "{service} answered with numbers of shape {shape}; {dimension} numbers "
                    "are expected. Another model runs there, or the dimension in the "
                    "settings is wrong.",
                    service=service,
                    shape=vector.shape,
                    dimension=dimension,
                )
            )
        if not np.isfinite(vector).all() or not vector.any():
            raise ModelError(
                say("{service} answered with a vector that has no direction.", service=service)
            )
    return unit_rows(np.stack(vectors)) if vectors else np.empty((0, dimension), np.float32)


def row(service: str, found: Any, dimension: int) -> Vector:
    """The one answered vector as a unit vector (d,); raises ModelError for any other shape."""
    vector: Vector = rows(service, [found], dimension)[0]
    return vector


def packed(image: Image, kind: str) -> bytes:
    """The picture as a JPEG or PNG file, no larger than any encoder looks at."""
    if max(image.size) > _LONG_SIDE_PX:
        image = image.copy()
        image.thumbnail((_LONG_SIDE_PX, _LONG_SIDE_PX))
    out = BytesIO()
    image.convert("RGB").save(out, kind, quality=95)
    return out.getvalue()


def _form(call: Call) -> aiohttp.FormData:
    """A form, made anew for every attempt: it can be sent only once."""
    form = aiohttp.FormData()
    for name, value, kind in call.form:
        file_name = "picture" if isinstance(value, bytes) else None
        form.add_field(name, value, content_type=kind, filename=file_name)
    return form


def _wait_seconds(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.wait_seconds if isinstance(error, NotNow) else None
    return float(
        min(LONGEST_WAIT_SECONDS, 2 ** (state.attempt_number - 1) if asked is None else asked)
    )


def _asked_wait(answer: aiohttp.ClientResponse, found: Any) -> float | None:
    """The seconds of Retry-After, or of Hugging Face's estimate for a model that is loading."""
    asked = whole(answer.headers.get("Retry-After"))
    if asked is not None:
        return float(asked)
    estimate = found.get("estimated_time") if isinstance(found, dict) else None
    return float(estimate) if isinstance(estimate, int | float) and estimate >= 0 else None


def _why(found: Any) -> str:
    """The reason that an error answer gives, in a few words."""
    if not isinstance(found, dict):
        return ""
    said = next((found[k] for k in ("error", "detail", "message", "title") if found.get(k)), "")
    return f" ({line(str(said)).rstrip('.')})" if said else ""
