"""Questions as pages ask them, over HTTP: searches while one types, pages of lists, open pages."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator, Iterator

from aiohttp import ClientSession, TCPConnector

from tools.bench.pages.measured import Reference

ADJECTIVES = ("stormy", "calm", "golden", "winter", "old", "crowded", "misty", "quiet", "red")
SUBJECTS = ("sea", "forest", "harbour", "portrait", "garden", "village", "horses", "mountains")
ENDINGS = ("", "at night", "with boats", "in the rain", "by monet", "with people")


def typed(count: int) -> Iterator[str]:
    """What the page asks for while people type: each pause at a word is another search, and no
    search is the same as one before."""
    wishes = itertools.product(ENDINGS, SUBJECTS, ADJECTIVES)
    asked = dict.fromkeys(
        " ".join(words[: end + 1])
        for ending, subject, adjective in wishes
        for words in [f"{adjective} {subject} {ending}".split()]
        for end in range(len(words))
    )
    return itertools.islice(asked, count)


@contextlib.asynccontextmanager
async def page(port: int, address: str = "127.0.0.1") -> AsyncIterator[ClientSession]:
    """What a browser at an address of loopback asks with."""
    connector = TCPConnector(local_addr=(address, 0))
    async with ClientSession(f"http://127.0.0.1:{port}", connector=connector) as session:
        yield session


async def asked_ms(session: ClientSession, **parameters: str | int) -> float:
    """How long a list takes to come, whole."""
    started = time.perf_counter()
    async with session.get("/api/artworks", params=parameters) as answer:
        answer.raise_for_status()
        await answer.read()
    return (time.perf_counter() - started) * 1000


async def searches_ms(port: int, count: int, reference: Reference) -> list[float]:
    """How long each search takes while one types; the reference is timed in between."""
    times = []
    async with page(port) as session:
        for words in typed(count):
            times.append(await asked_ms(session, q=words))
            reference.once()
            await asyncio.sleep(0.02)  # as long as nobody types quicker
    return times


async def first_pages_ms(port: int, count: int, **parameters: str) -> list[float]:
    """How long the first works of a list take that is made anew each time."""
    async with page(port) as session:
        return [await asked_ms(session, **parameters) for _ in range(count)]


@contextlib.asynccontextmanager
async def open_pages(port: int, count: int) -> AsyncIterator[None]:
    """So many pages, each on a device of its own, that look and go on listening."""
    async with contextlib.AsyncExitStack() as pages:
        for number in range(count):
            session = await pages.enter_async_context(page(port, f"127.0.0.{number + 2}"))
            await asked_ms(session)
            stream = await pages.enter_async_context(session.get("/api/events"))
            stream.raise_for_status()
            while b"event: all" not in await stream.content.readline():
                pass
        yield


async def scroll(port: int) -> None:
    """Scroll through all works, for ever: five screens a second, with their thumbnails."""
    async with page(port) as session:
        offset, result = 0, ""
        while True:
            pause = asyncio.create_task(asyncio.sleep(0.2))
            asked = {"offset": offset, "limit": 60, **({"result": result} if result else {})}
            async with session.get("/api/artworks", params=asked) as answer:
                told = await answer.json()
            result = told["result"]
            await asyncio.gather(*(_looked_at(session, work) for work in told["works"][:4]))
            offset = (offset + 60) % max(1, told["total"] - 60)
            await pause


async def _looked_at(session: ClientSession, work: dict[str, str]) -> None:
    async with session.get(f"/{work['thumb']}-400.webp") as picture:
        await picture.read()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Scroll through the works of an agent.")
    parser.add_argument("--port", type=int, required=True)
    asyncio.run(scroll(parser.parse_args().port))
