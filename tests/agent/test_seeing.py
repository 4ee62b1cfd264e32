"""Pictures that are sent are looked at one by one; what cannot be seen is said."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from PIL import Image

from glance_agent.agent.seeing import MOST_WAITING, Seeing
from glance_agent.domain.errors import BadPicture, CommandError, ErrorCode, ModelError
from glance_agent.domain.vectors import Matrix


class Eyes:
    """A decoder and a model in one, which fail as they are told to."""

    space = "eyes"

    def __init__(self) -> None:
        self.may_see = threading.Event()
        self.may_see.set()
        self.at_once = self.most_at_once = 0
        self.bad: BadPicture | None = None
        self.fault: ModelError | None = None

    def small(self, data: bytes, wanted_px: int) -> Image.Image:
        if self.bad is not None:
            raise self.bad
        return Image.new("RGB", (wanted_px, wanted_px))

    def embed_images(self, images: Sequence[Any]) -> Matrix:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.may_see.wait()
        self.at_once -= 1
        if self.fault is not None:
            raise self.fault
        return np.ones((len(images), 2), np.float32)


def seeing(eyes: Eyes, seconds: float = 60.0) -> Seeing:
    return Seeing(lambda: eyes, eyes, seconds=seconds)


async def refusal_of(seeing: Seeing) -> ErrorCode:
    with pytest.raises(CommandError) as refused:
        await seeing.see(b"picture")
    return refused.value.code


async def test_a_picture_is_seen() -> None:
    space, vector = await seeing(Eyes()).see(b"picture")
    assert (space, vector.tolist()) == ("eyes", [1.0, 1.0])


async def test_one_is_looked_at_at_a_time_and_only_so_many_wait() -> None:
    eyes = Eyes()
    looks = seeing(eyes)
    eyes.may_see.clear()
    waiting = [asyncio.create_task(looks.see(b"picture")) for _ in range(MOST_WAITING)]
    await asyncio.sleep(0)
    assert await refusal_of(looks) is ErrorCode.BUSY
    eyes.may_see.set()
    await asyncio.gather(*waiting)
    assert eyes.most_at_once == 1
    assert (await looks.see(b"picture"))[0] == "eyes"


async def test_a_silent_model_is_not_waited_for() -> None:
    eyes = Eyes()
    eyes.may_see.clear()
    assert await refusal_of(seeing(eyes, seconds=0.05)) is ErrorCode.BUSY
    eyes.may_see.set()


async def test_what_cannot_be_seen_is_said() -> None:
    eyes = Eyes()
    looks = seeing(eyes)
    eyes.fault = ModelError("none")
    assert await refusal_of(looks) is ErrorCode.NO_MODEL
    eyes.bad = BadPicture("too large")
    assert await refusal_of(looks) is ErrorCode.PICTURE_UNREADABLE
    eyes.bad = BadPicture("not decoded", passing=True)
    assert await refusal_of(looks) is ErrorCode.BUSY
