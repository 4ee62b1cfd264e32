"""A picture that somebody sends in, what the model sees in it out; the picture is not kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from glance_agent.agent.model_reader import in_a_thread
from glance_agent.domain.errors import BadPicture, CommandError, ErrorCode, ModelError
from glance_agent.domain.said import say
from glance_agent.domain.vectors import Vector
from glance_agent.ingest.admit import ImageEncoder
from glance_agent.pictures.prepare import EMBEDDED_PX, SmallPictureDecoder

MOST_WAITING = 4
"""How many pictures may be looked at or wait for it: each is in memory meanwhile."""
SEE_SECONDS = 20.0


class Seeing:
    """Looks at one picture after the other."""

    def __init__(
        self, encoder: Callable[[], ImageEncoder], decoder: SmallPictureDecoder, *, seconds: float
    ) -> None:
        """`encoder` gives the model of now, which has so many `seconds` for a picture."""
        self._encoder = encoder
        self._decoder = decoder
        self._seconds = seconds
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def see(self, data: bytes) -> tuple[str, Vector]:
        """The space of the model, and the picture's unit vector (d,) in it. Raises CommandError."""
        if self._waiting >= MOST_WAITING:
            raise _busy(say("Too many pictures are being looked at."))
        self._waiting += 1
        try:
            async with asyncio.timeout(self._seconds), self._turn:
                image = await asyncio.to_thread(self._decoder.small, data, EMBEDDED_PX)
                encoder = self._encoder()
                vectors = await in_a_thread(lambda: encoder.embed_images([image]))
        except TimeoutError:
            raise _busy(say("The model did not answer in time.")) from None
        except BadPicture as bad:
            raise _unreadable(bad) from bad
        except ModelError as error:
            raise CommandError(
                ErrorCode.NO_MODEL,
                say("Without a model no picture can be understood."),
                say("“glance-agent doctor” says what the model lacks."),
            ) from error
        finally:
            self._waiting -= 1
        return encoder.space, vectors[0]


def _busy(message: str) -> CommandError:
    return CommandError(ErrorCode.BUSY, message, say("Send it again in a moment."))


def _unreadable(bad: BadPicture) -> CommandError:
    if bad.passing:
        return _busy(say("The picture cannot be decoded now."))
    return CommandError(
        ErrorCode.PICTURE_UNREADABLE,
        say("This picture cannot be used: {reason}.", reason=say(bad.reason)),
        say("Send another one: JPEG, PNG, WebP, GIF, TIFF, BMP or AVIF."),
    )
