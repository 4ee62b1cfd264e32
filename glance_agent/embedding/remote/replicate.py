"""Replicate's `andreasjansson/clip-features`: CLIP ViT-L/14, 768 numbers.

A prediction is created, then asked after until it has succeeded or failed; one that takes too
long is cancelled, so that it costs no more. Pictures are uploaded as files first: the model takes
lines, each a text or an address.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from glance_agent.domain.errors import ModelError
from glance_agent.domain.foreign import line
from glance_agent.domain.said import say
from glance_agent.domain.vectors import Matrix, Vector
from glance_agent.embedding.remote.calls import Call, Caller, packed, row, rows

if TYPE_CHECKING:
    from PIL.Image import Image

API: Final = "https://api.replicate.com/v1"
VERSION: Final = "75b33f253f7714a281ad3e9b28f63e3232d583716ef6718f2e46641077ea040a"
DIMENSION: Final = 768
LONGEST_SECONDS: Final = 300.0
_POLL_SECONDS: Final = 1.0
_SERVICE: Final = "Replicate"


class ReplicateEncoder:
    """Asks for predictions; `sleep` and `clock` are in seconds."""

    space = f"replicate:clip-features@{VERSION[:12]}"
    dimension = DIMENSION

    def __init__(
        self,
        caller: Caller,
        *,
        url: str = API,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._caller = caller
        self._api = url.rstrip("/")
        self._sleep = sleep
        self._clock = clock

    @property
    def cost(self) -> dict[str, Any]:
        return self._caller.cost

    def embed_text(self, text: str) -> Vector:
        """The unit vector of a text, float32 (768,); raises ModelError.

        Line ends become spaces, and an address loses its scheme: it is words here, no picture.
        """
        line = " ".join(text.split()).replace("http://", "").replace("https://", "")
        return row(_SERVICE, self._predict([line or " "])[0], DIMENSION)

    def embed_images(self, images: Sequence[Image]) -> Matrix:
        """The unit vectors of RGB pictures, float32 (n, 768); raises ModelError."""
        uploads = [
            Call(f"{self._api}/files", form=(("content", packed(image, "JPEG"), "image/jpeg"),))
            for image in images
        ]
        found = self._caller.ask_all(uploads)
        addresses = [line(str(_at(answer, "urls", "get")), 2000) for answer in found]
        return self._predict(addresses) if addresses else rows(_SERVICE, [], DIMENSION)

    def _predict(self, lines: list[str]) -> Matrix:
        request = {"version": VERSION, "input": {"inputs": "\n".join(lines)}}
        state = self._caller.ask(Call(f"{self._api}/predictions", json=request))
        deadline = self._clock() + LONGEST_SECONDS
        while (status := _at(state, "status")) in ("starting", "processing"):
            if self._clock() > deadline:
                self._cancel(state)
                raise ModelError(
                    say(
                        "Replicate took longer than {longest_seconds} seconds.",
                        longest_seconds=f"{LONGEST_SECONDS:.0f}",
                    )
                )
            self._sleep(_POLL_SECONDS)
            state = self._caller.ask(Call(self._own(_at(state, "urls", "get")), "GET"))
        if status != "succeeded":
            why = line(str(state.get("error") or "no reason is given")).rstrip(".")
            raise ModelError(
                say(
                    "Replicate's prediction {status}: {why}.",
                    status=line(str(status), 40),
                    why=why,
                )
            )
        found = state.get("output")
        if not isinstance(found, list) or len(found) != len(lines):
            raise ModelError(
                say("Replicate answered with another number of vectors than asked for.")
            )
        return rows(_SERVICE, [_at(one, "embedding") for one in found], DIMENSION)

    def _cancel(self, state: Any) -> None:
        try:
            self._caller.ask(Call(self._own(_at(state, "urls", "cancel"))))
        except ModelError:
            return  # it is given up in any case

    def _own(self, address: Any) -> str:
        """The address, if it is of the API itself: our token goes nowhere else."""
        if not isinstance(address, str) or not address.startswith(f"{self._api}/"):
            raise ModelError(say("Replicate pointed to an address outside its API."))
        return address


def _at(answer: Any, *keys: str) -> Any:
    """What lies under these keys; raises ModelError where an answer has another form."""
    for key in keys:
        if not isinstance(answer, dict) or key not in answer:
            raise ModelError(say("Replicate's answer has no {key}.", key=key))
        answer = answer[key]
    return answer
