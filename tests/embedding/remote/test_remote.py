"""Encoders on other machines, against loopback servers that speak the real shapes, faults too."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from aiohttp import web
from PIL import Image

from glance_agent.domain.encoder import Encoder
from glance_agent.domain.errors import ModelError
from glance_agent.domain.vectors import Matrix, Vector
from glance_agent.embedding.pairing import PAUSE_SECONDS, StandIn, TowersApart
from glance_agent.embedding.remote.calls import ATTEMPTS, Caller
from glance_agent.embedding.remote.huggingface import HuggingFaceEncoder
from glance_agent.embedding.remote.immich import ImmichEncoder
from glance_agent.embedding.remote.opening import open_remote
from glance_agent.embedding.remote.replicate import DIMENSION, VERSION, ReplicateEncoder
from glance_agent.embedding.remote.service import ask_offer
from glance_agent.embedding.remote.settings import RemoteSettings
from tests.embedding.served import served

RED = Image.new("RGB", (900, 300), (230, 20, 20))


@dataclass
class Script:
    """Answers requests in order; keeps what came."""

    answers: list[Any] = field(default_factory=list)
    seen: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)
    url: str = ""

    async def handle(self, request: web.Request) -> web.Response:
        body: Any
        if request.content_type == "multipart/form-data":
            form = await request.post()
            body = {
                k: v.file.read() if isinstance(v, web.FileField) else v for k, v in form.items()
            }
        else:
            body = await request.read()
        self.seen.append((f"{request.method} {request.path}", dict(request.headers), body))
        answer = self.answers.pop(0)
        if isinstance(answer, web.Response):
            return answer
        return web.json_response(answer)

    def app(self) -> web.Application:
        app = web.Application(client_max_size=2**24)
        app.router.add_route("*", "/{path:.*}", self.handle)
        return app


@pytest.fixture
def script() -> Iterator[Script]:
    script = Script()
    with served(script.app) as url:
        script.url = url
        yield script


class Waits:
    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        await asyncio.sleep(0)


def caller(**more: Any) -> Caller:
    return Caller("test", **{"token": "secret", "sleep": Waits(), "timeout_seconds": 5, **more})


def hugging(script: Script, **more: Any) -> HuggingFaceEncoder:
    return HuggingFaceEncoder(caller(**more), model="owner/clip", url=script.url, dimension=3)


def failed(status: int, said: Any = None, **headers: str) -> web.Response:
    return web.json_response(said, status=status, headers=headers)


# -- what all share ----------------------------------------------------------------------------


def test_busy_services_are_asked_again_when_they_said(script: Script) -> None:
    waits = Waits()
    loading = {"error": "Model is currently loading", "estimated_time": 20.5}
    script.answers = [failed(503, loading), failed(429, **{"Retry-After": "7"}), [3.0, 0.0, 4.0]]
    encoder = hugging(script, sleep=waits, dollars_per_call=0.25)
    np.testing.assert_allclose(encoder.embed_text("sea"), [0.6, 0.0, 0.8], atol=1e-6)
    assert waits.seconds == [20.5, 7.0]
    assert encoder.cost == {"calls": 3, "failures": 2, "dollars": 0.25}


def test_a_service_that_stays_busy_is_given_up(script: Script) -> None:
    waits = Waits()
    script.answers = [failed(500, {"error": "CUDA out of memory."}) for _ in range(5)]
    with pytest.raises(ModelError, match=r"cannot be used now: it answered 500 \(CUDA out of"):
        hugging(script, sleep=waits).embed_text("sea")
    assert len(script.seen) == ATTEMPTS
    assert waits.seconds == [1.0, 2.0]


def test_refusals_are_not_repeated_and_tell_no_token(script: Script) -> None:
    script.answers = [failed(401, {"error": "Invalid token"})]
    with pytest.raises(ModelError) as refused:
        hugging(script).embed_text("sea")
    assert str(refused.value) == "test answered 401 (Invalid token). Check its token."
    assert "secret" not in repr(caller())


def test_what_a_service_says_is_told_in_one_printable_line(script: Script) -> None:
    script.answers = [failed(400, {"error": "\x1b[2J\u202ebad\nthing \ud800"})]
    with pytest.raises(ModelError) as refused:
        hugging(script).embed_text("sea")
    assert str(refused.value) == "test answered 400 ([2J bad thing �)."


@pytest.mark.parametrize("waits", [{"estimated_time": 10**400}, {"estimated_time": "soon"}, []])
def test_a_wait_that_is_none_is_passed_over(script: Script, waits: Any) -> None:
    script.answers = [failed(503, waits, **{"Retry-After": "²"}), [3.0, 0.0, 4.0]]
    assert hugging(script).embed_text("sea").shape == (3,)


def test_an_answer_in_pieces_is_read_to_its_end(script: Script) -> None:
    script.answers = [[[float(n % 7 + 1) for n in range(200_000)]]]
    encoder = HuggingFaceEncoder(caller(), model="m", url=script.url, dimension=200_000)
    assert encoder.embed_text("sea").shape == (200_000,)


@pytest.mark.parametrize("url", ["http://[::1", "http://127.0.0.1:99999/x"])
def test_an_address_that_is_none_is_a_sentence(url: str) -> None:
    encoder = HuggingFaceEncoder(caller(), model="m", url=url, dimension=3)
    with pytest.raises(ModelError, match="cannot be used now"):
        encoder.embed_text("sea")


@pytest.mark.parametrize(
    "state",
    [
        {"status": "processing", "urls": {"get": 7}},
        {"status": [], "error": {"a": "\x1b"}},
        {"status": "succeeded", "output": [{"embedding": "\x1b"}]},
        [],
        7,
    ],
)
def test_predictions_of_another_form_are_refused(script: Script, state: Any) -> None:
    script.answers = [state]
    with pytest.raises(ModelError) as refused:
        ReplicateEncoder(caller(), url=script.url).embed_text("sea")
    assert str(refused.value).isprintable()


@pytest.mark.parametrize(
    "offer",
    [
        {"space": "a\x1bb", "dimension": 3},
        {"space": "x" * 400, "dimension": 3},
        {"space": "a", "dimension": 10**9},
        {"space": "a", "dimension": "3"},
    ],
)
def test_a_space_that_is_none_is_not_believed(script: Script, offer: Any) -> None:
    script.answers = [offer]
    with pytest.raises(ModelError, match="did not say its space"):
        ask_offer(caller(), script.url)


def test_a_token_does_not_follow_redirects(script: Script) -> None:
    script.answers = [web.Response(status=307, headers={"Location": script.url + "/elsewhere"})]
    with pytest.raises(ModelError, match="answered 307"):
        hugging(script).embed_text("sea")
    assert len(script.seen) == 1


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ([1.0, 2.0], r"shape \(2,\); 3 numbers are expected"),
        ([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]], r"shape \(2, 3\)"),
        ([0.0, 0.0, 0.0], "no direction"),
        ([1.0, float("nan"), 0.0], "no direction"),
        ({"embedding": "?"}, "no vector"),
        ([["x"]], "no vector"),
        (web.Response(text="<html>"), "not JSON"),
        (web.Response(body=b"[" * 100_000), "not JSON"),
        (web.Response(body=b"[" * 90 + b"1" + b"]" * 90), "no vector"),
        (web.Response(body=b"[1e300, 1, 1]"), "no direction"),
        (web.Response(body=b"[" + b"9" * 6000 + b", 1, 1]"), "no direction"),
        (web.Response(body=b"[" + b"1," * 1_500_000 + b"1]"), "not JSON"),
    ],
)
def test_answers_of_another_form_are_refused(script: Script, answer: Any, sentence: str) -> None:
    script.answers = [answer]
    with pytest.raises(ModelError, match=sentence):
        hugging(script).embed_text("sea")


def test_a_service_that_is_away_is_a_sentence() -> None:
    encoder = HuggingFaceEncoder(caller(), model="", url="http://127.0.0.1:9", dimension=3)
    with pytest.raises(ModelError, match="test cannot be used now"):
        encoder.embed_text("sea")


# -- each ---------------------------------------------------------------------------------------


def test_hugging_face(script: Script) -> None:
    script.answers = [[[1.0, 0.0, 0.0]], [[[0.0, 2.0, 0.0]]], [0.0, 0.0, 3.0]]
    encoder = hugging(script)
    assert encoder.embed_text("a “sea”").tolist() == [1.0, 0.0, 0.0]
    pictures = encoder.embed_images([RED, RED])
    assert sorted(pictures.argmax(axis=1)) == [1, 2]
    (_, headers, text), (_, picture_headers, picture), _ = script.seen
    assert json.loads(text) == {"inputs": "a “sea”"}
    assert headers["Authorization"] == "Bearer secret"
    assert picture_headers["Content-Type"] == "image/jpeg"
    assert Image.open(BytesIO(picture)).size == (512, 171)
    assert encoder.embed_images([]).shape == (0, 3)


def test_immich(script: Script) -> None:
    script.answers = [
        {"clip": "[1.0, 0.0, 0.0]"},
        {"clip": [0.0, 1.0, 0.0], "imageHeight": 171, "imageWidth": 512},
    ]
    encoder = ImmichEncoder(caller(token=None), url=script.url, model="ViT-B-32__x", dimension=3)
    assert encoder.embed_text("sea").tolist() == [1.0, 0.0, 0.0]
    assert encoder.embed_images([RED]).tolist() == [[0.0, 1.0, 0.0]]
    (where, headers, text), (_, _, picture) = script.seen
    assert where == "POST /predict"
    assert "Authorization" not in headers
    assert text["text"] == "sea"
    entries = {"clip": {"textual": {"modelName": "ViT-B-32__x", "options": {}}}}
    assert json.loads(text["entries"]) == entries
    assert "visual" in json.loads(picture["entries"])["clip"]
    assert picture["image"].startswith(b"\xff\xd8")


@pytest.mark.parametrize("answer", [{}, {"clip": "[1.0"}, [], {"clip": None}])
def test_immich_answers_of_another_form(script: Script, answer: Any) -> None:
    script.answers = [answer]
    with pytest.raises(ModelError):
        ImmichEncoder(caller(), url=script.url, model="m", dimension=3).embed_text("sea")


def one_hot(index: int) -> list[float]:
    return [float(i == index) for i in range(DIMENSION)]


def prediction(script: Script, status: str, **more: Any) -> dict[str, Any]:
    urls = {"get": f"{script.url}/predictions/p1", "cancel": f"{script.url}/predictions/p1/cancel"}
    return {"id": "p1", "status": status, "urls": urls, **more}


def replicate(script: Script, **more: Any) -> ReplicateEncoder:
    settings = {"sleep": lambda _seconds: None, **more}
    return ReplicateEncoder(caller(), url=script.url, **settings)


def test_replicate_words(script: Script) -> None:
    output = [{"input": "a sea example.com", "embedding": one_hot(5)}]
    script.answers = [
        failed(201, prediction(script, "starting")),
        prediction(script, "processing"),
        prediction(script, "succeeded", output=output),
    ]
    assert int(replicate(script).embed_text("a\nsea https://example.com").argmax()) == 5
    where = [one[0] for one in script.seen]
    assert where == ["POST /predictions", "GET /predictions/p1", "GET /predictions/p1"]
    asked = json.loads(script.seen[0][2])
    assert asked == {"version": VERSION, "input": {"inputs": "a sea example.com"}}


def test_replicate_pictures(script: Script) -> None:
    file = {"id": "f", "urls": {"get": "https://files.example/f"}}
    output = [{"input": "…", "embedding": one_hot(1)}, {"input": "…", "embedding": one_hot(2)}]
    script.answers = [file, file, failed(201, prediction(script, "succeeded", output=output))]
    assert replicate(script).embed_images([RED, RED]).argmax(axis=1).tolist() == [1, 2]
    assert script.seen[0][0] == "POST /files"
    assert script.seen[0][2]["content"].startswith(b"\xff\xd8")
    lines = json.loads(script.seen[2][2])["input"]["inputs"]
    assert lines == "https://files.example/f\nhttps://files.example/f"


def test_replicate_failures(script: Script) -> None:
    script.answers = [prediction(script, "failed", error="CUDA error.")]
    with pytest.raises(ModelError, match=r"prediction failed: CUDA error\."):
        replicate(script).embed_text("sea")
    script.answers = [prediction(script, "succeeded", output=[])]
    with pytest.raises(ModelError, match="another number of vectors"):
        replicate(script).embed_text("sea")
    script.answers = [{"detail": "?"}]
    with pytest.raises(ModelError, match="answer has no status"):
        replicate(script).embed_text("sea")


def test_replicate_cancels_what_takes_too_long(script: Script) -> None:
    script.answers = [prediction(script, "starting"), prediction(script, "canceled")]
    clock = iter([0.0, 1000.0])
    with pytest.raises(ModelError, match="longer than 300 seconds"):
        replicate(script, clock=lambda: next(clock)).embed_text("sea")
    assert script.seen[-1][0] == "POST /predictions/p1/cancel"


def test_replicate_addresses_outside_its_api_get_no_token(script: Script) -> None:
    elsewhere = {"get": "http://127.0.0.1:9/", "cancel": "http://127.0.0.1:9/"}
    script.answers = [{**prediction(script, "starting"), "urls": elsewhere}]
    with pytest.raises(ModelError, match="outside its API"):
        replicate(script).embed_text("sea")


# -- two of one space ---------------------------------------------------------------------------


class Fixed:
    """An encoder of a space that always answers one vector, or fails."""

    def __init__(self, number: float, space: str = "s", dimension: int = 1) -> None:
        self.space, self.dimension, self.number, self.away = space, dimension, number, False

    def embed_text(self, text: str) -> Vector:
        if self.away:
            raise ModelError("It is away.")
        return np.array([self.number], np.float32)

    def embed_images(self, images: Any) -> Matrix:
        return np.stack([self.embed_text("") for _ in images])


def test_the_stand_in_helps_while_the_first_is_away() -> None:
    now = [0.0]
    first, second = Fixed(1.0), Fixed(2.0)
    both = StandIn(first, second, clock=lambda: now[0])
    assert both.embed_text("x")[0] == 1.0
    first.away = True
    assert both.embed_images([RED])[0, 0] == 2.0
    first.away = False
    assert both.embed_text("x")[0] == 2.0
    now[0] = PAUSE_SECONDS
    assert both.embed_text("x")[0] == 1.0


def test_towers_apart() -> None:
    apart = TowersApart(Fixed(1.0), Fixed(2.0))
    assert apart.embed_text("x")[0] == 2.0
    assert apart.embed_images([RED])[0, 0] == 1.0


@pytest.mark.parametrize("other", [Fixed(1.0, space="t"), Fixed(1.0, dimension=2)])
@pytest.mark.parametrize("pair", [StandIn, TowersApart])
def test_spaces_are_never_mixed(pair: Any, other: Fixed) -> None:
    with pytest.raises(ModelError, match="different spaces"):
        pair(Fixed(1.0), other)


def remote(script: Script, local: Encoder | None = None, **more: Any) -> Any:
    def open_local() -> Encoder:
        if local is None:
            raise ModelError("No local model.")
        return local

    settings = RemoteSettings(**{"kind": "service", "url": script.url, **more})
    return settings, open_local


def test_a_service_that_is_away_at_the_start_is_remembered(script: Script, tmp_path: Path) -> None:
    settings, local = remote(script, Fixed(1.0, space="s"))
    script.answers = [{"space": "s", "dimension": 1}, failed(404)]
    first = open_remote(settings, None, tmp_path, local)
    again = open_remote(settings, None, tmp_path, local)
    assert first.space == again.space == "s"
    assert isinstance(again, StandIn)


def test_a_service_of_another_space_has_no_stand_in(script: Script, tmp_path: Path) -> None:
    script.answers = [{"space": "s", "dimension": 1}] * 2
    for local in (Fixed(1.0, space="t"), None):
        settings, open_local = remote(script, local)
        assert not isinstance(open_remote(settings, None, tmp_path, open_local), StandIn)


def test_local_words_need_the_space_of_the_pictures(script: Script, tmp_path: Path) -> None:
    script.answers = [{"space": "s", "dimension": 1}] * 2
    settings, local = remote(script, Fixed(1.0, space="s"), words="local")
    assert isinstance(open_remote(settings, None, tmp_path, local), TowersApart)
    settings, local = remote(script, Fixed(1.0, space="t"), words="local")
    with pytest.raises(ModelError, match="different spaces"):
        open_remote(settings, None, tmp_path, local)


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"kind": "service"}, "needs an url"),
        ({"kind": "immich", "url": "http://nas:3003"}, "needs its dimension"),
        ({"kind": "huggingface", "dimension": 3}, "needs a model or an url"),
        ({"kind": "service", "url": "ftp://x"}, "url"),
        ({"kind": "service", "url": "http://user:pass@x/"}, "url"),
    ],
)
def test_settings_that_cannot_work(more: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        RemoteSettings(**more)
