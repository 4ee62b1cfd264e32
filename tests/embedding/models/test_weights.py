"""Downloads over the real protocol: whole or named, resumed at any byte, the token kept home."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from glance_agent.domain.errors import ModelAway, ModelError
from glance_agent.embedding.encoder import open_encoder
from glance_agent.embedding.models.directory import ModelDirectory, part_of
from glance_agent.embedding.models.hub import Hub, hub_of, open_session
from glance_agent.embedding.models.weights import MOST_FAILURES, DownloadProgress, Puller
from tests.embedding.loopback_hub import COMMIT, Fault, LoopbackHub
from tests.embedding.toy import Toy, entry_of, write_catalogue
from tools.campaigns.hostile_answers import Hostile, RawHost, answer

TOY = Toy(tokenizer="wordpiece")
IMAGE = "image.onnx"


@pytest.fixture
async def hub(word_files: dict[str, bytes]) -> AsyncIterator[LoopbackHub]:
    async with LoopbackHub(dict(word_files)).serving() as serving:
        yield serving


@pytest.fixture
def model_directory(tmp_path: Path, word_files: dict[str, bytes]) -> ModelDirectory:
    write_catalogue(tmp_path, entry_of(TOY, word_files))
    return ModelDirectory(tmp_path)


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with open_session(patience_seconds=5) as opened:
        yield opened


class Waits:
    """Stands in for asyncio.sleep: remembers, and gives way once."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        await asyncio.sleep(0)


def puller(
    model_directory: ModelDirectory, hub: LoopbackHub, session: aiohttp.ClientSession, **more: Any
) -> Puller:
    settings = {"sleep": Waits(), "report": lambda _progress: hub.noticed.set(), **more}
    return Puller(model_directory, Hub(hub.endpoint, "hf_secret"), session, **settings)


def path_of(model_directory: ModelDirectory, name: str = IMAGE) -> Path:
    entry = model_directory.find("colours")
    return model_directory.path(entry, next(f for f in entry.files if f.path == name))


def leave_open(model_directory: ModelDirectory, files: dict[str, bytes], **changes: Any) -> None:
    """A catalogue that knows neither sizes nor hashes."""
    entry = entry_of(Toy(tokenizer="wordpiece", changes=changes), files)
    unknown = {"bytes": None, "sha256": None}
    open_files = tuple(f.model_copy(update=unknown) for f in entry.files)
    write_catalogue(model_directory.directory, entry.model_copy(update={"files": open_files}))


async def test_a_pulled_model_works(
    model_directory: ModelDirectory, hub: LoopbackHub, session: aiohttp.ClientSession
) -> None:
    reports: list[DownloadProgress] = []
    await puller(model_directory, hub, session, report=reports.append).pull("colours")
    encoder = open_encoder(
        "colours", model_directory.directory, threads=1, memory_arena=False, prepacking=True
    )
    assert encoder.embed_text("red").shape == (3,)
    assert reports[-1].done_bytes == reports[-1].total_bytes == len(hub.files["tokenizer.json"])
    assert not list(model_directory.directory.rglob("*.part"))


async def test_nothing_is_asked_for_what_is_there(
    model_directory: ModelDirectory, hub: LoopbackHub, session: aiohttp.ClientSession
) -> None:
    await puller(model_directory, hub, session).pull("colours")
    asked = len(hub.seen)
    await puller(model_directory, hub, session).pull("colours")
    assert len(hub.seen) == asked


async def test_a_restored_file_is_recognised_and_a_damaged_one_is_fetched_again(
    model_directory: ModelDirectory, hub: LoopbackHub, session: aiohttp.ClientSession
) -> None:
    await puller(model_directory, hub, session).pull("colours")
    for name in (IMAGE, "text.onnx"):
        os.utime(path_of(model_directory, name), ns=(1, 1))
    data = path_of(model_directory).read_bytes()
    path_of(model_directory).write_bytes(bytes(len(data)))
    asked = len(hub.seen)
    entry = await puller(model_directory, hub, session).pull("colours")
    assert {seen.path for seen in hub.seen[asked:] if "blobs" in seen.path} == {f"/blobs/{IMAGE}"}
    assert path_of(model_directory).read_bytes() == data
    assert not model_directory.missing(entry)


async def test_the_token_stays_at_home(
    model_directory: ModelDirectory, hub: LoopbackHub, session: aiohttp.ClientSession
) -> None:
    await puller(model_directory, hub, session).pull("colours")
    sent = {(seen.host.split(":")[0], seen.authorisation) for seen in hub.seen}
    assert sent == {("127.0.0.1", "Bearer hf_secret"), ("localhost", None)}
    assert "hf_secret" not in repr(puller(model_directory, hub, session))


@pytest.mark.parametrize("cut", [0, 1, 57, -1])
async def test_a_download_cut_at_any_byte_goes_on(
    model_directory: ModelDirectory, hub: LoopbackHub, session: aiohttp.ClientSession, cut: int
) -> None:
    cut %= len(hub.files[IMAGE])
    hub.faults[IMAGE] = [Fault(cut_after=cut)]
    await puller(model_directory, hub, session).pull("colours")
    assert path_of(model_directory).read_bytes() == hub.files[IMAGE]
    assert [s.range for s in hub.bodies(IMAGE)] == [None, f"bytes={cut}-" if cut else None]


async def test_many_cuts_are_no_failure_while_something_comes(
    model_directory: ModelDirectory, hub: LoopbackHub, session: aiohttp.ClientSession
) -> None:
    hub.faults[IMAGE] = [Fault(cut_after=5)] * (3 * MOST_FAILURES)
    await puller(model_directory, hub, session).pull("colours")
    assert path_of(model_directory).read_bytes() == hub.files[IMAGE]


async def test_a_stalled_body_is_left_and_resumed(
    model_directory: ModelDirectory, hub: LoopbackHub
) -> None:
    hub.faults[IMAGE] = [Fault(stall_after=20)]
    async with open_session(patience_seconds=0.2) as impatient:
        await puller(model_directory, hub, impatient).pull("colours")
    assert hub.bodies(IMAGE)[1].range == "bytes=20-"


async def test_an_earlier_run_is_continued(
    model_directory: ModelDirectory, hub: LoopbackHub, session: aiohttp.ClientSession
) -> None:
    part = part_of(path_of(model_directory))
    part.parent.mkdir(parents=True)
    part.write_bytes(hub.files[IMAGE][:33])
    await puller(model_directory, hub, session).pull("colours")
    assert [s.range for s in hub.bodies(IMAGE)] == ["bytes=33-"]


async def test_a_part_that_was_complete_needs_no_bytes(
    model_directory: ModelDirectory, hub: LoopbackHub, session: aiohttp.ClientSession
) -> None:
    part = part_of(path_of(model_directory))
    part.parent.mkdir(parents=True)
    part.write_bytes(hub.files[IMAGE])
    await puller(model_directory, hub, session).pull("colours")
    assert path_of(model_directory).read_bytes() == hub.files[IMAGE]


@pytest.mark.parametrize("kept", [b"damaged", b"x" * 100_000])
async def test_a_damaged_part_is_thrown_away(
    model_directory: ModelDirectory, hub: LoopbackHub, session: aiohttp.ClientSession, kept: bytes
) -> None:
    part = part_of(path_of(model_directory))
    part.parent.mkdir(parents=True)
    part.write_bytes(kept)
    await puller(model_directory, hub, session).pull("colours")
    assert path_of(model_directory).read_bytes() == hub.files[IMAGE]


async def test_a_hub_that_knows_no_ranges_is_read_from_the_start(
    model_directory: ModelDirectory, hub: LoopbackHub, session: aiohttp.ClientSession
) -> None:
    hub.faults[IMAGE] = [Fault(cut_after=40), Fault(ignore_range=True)]
    await puller(model_directory, hub, session).pull("colours")
    assert path_of(model_directory).read_bytes() == hub.files[IMAGE]


async def test_a_hub_that_goes_on_elsewhere_is_not_believed(
    model_directory: ModelDirectory, hub: LoopbackHub, session: aiohttp.ClientSession
) -> None:
    lies = Fault(headers={"Content-Range": "bytes 3-9/10"})
    hub.faults[IMAGE] = [Fault(cut_after=40), lies]
    await puller(model_directory, hub, session).pull("colours")
    assert path_of(model_directory).read_bytes() == hub.files[IMAGE]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (lambda data: data[:-1] + bytes([data[-1] ^ 1]), "its SHA-256 is"),
        (lambda data: data + b"more", "are expected"),
    ],
)
async def test_a_wrong_file_is_named_and_thrown_away(
    model_directory: ModelDirectory,
    hub: LoopbackHub,
    session: aiohttp.ClientSession,
    body: Any,
    fault: str,
) -> None:
    hub.faults[IMAGE] = [Fault(body=body)]
    with pytest.raises(ModelError, match=rf"image\.onnx of colours is not .* {fault}"):
        await puller(model_directory, hub, session).pull("colours")
    assert not path_of(model_directory).exists()
    assert not part_of(path_of(model_directory)).exists()


async def test_a_body_that_ends_early_is_never_used(
    model_directory: ModelDirectory, hub: LoopbackHub, session: aiohttp.ClientSession
) -> None:
    hub.faults[IMAGE] = [Fault(body=lambda data: data[:50])]
    await puller(model_directory, hub, session).pull("colours")
    assert path_of(model_directory).read_bytes() == hub.files[IMAGE]
    assert hub.bodies(IMAGE)[1].range == "bytes=50-"


@pytest.mark.parametrize(
    ("status", "code", "sentence"),
    [
        (404, "EntryNotFound", "there is no such file in this revision"),
        (404, "RevisionNotFound", "there is no such revision"),
        (401, "RepoNotFound", "there is no such repository, or it needs a token"),
        (403, "GatedRepo", "accept terms first"),
        (403, "", "access is refused; set HF_TOKEN"),
        (410, "", "the answer was 410"),
    ],
)
async def test_refusals_are_sentences(
    model_directory: ModelDirectory,
    hub: LoopbackHub,
    session: aiohttp.ClientSession,
    status: int,
    code: str,
    sentence: str,
) -> None:
    headers = {"X-Error-Code": code, "X-Repo-Commit": COMMIT}
    hub.refusals[IMAGE] = web.Response(status=status, headers=headers)
    with pytest.raises(ModelError, match=sentence):
        await puller(model_directory, hub, session).pull("colours")
    assert len(hub.seen) == 1


async def test_a_busy_hub_is_asked_again_when_it_said(
    model_directory: ModelDirectory, hub: LoopbackHub, session: aiohttp.ClientSession
) -> None:
    waits = Waits()
    hub.faults[IMAGE] = [
        Fault(status=429, headers={"Retry-After": "7"}),
        Fault(status=503, headers={"Retry-After": "9000"}),
        Fault(status=500),
    ]
    await puller(model_directory, hub, session, sleep=waits).pull("colours")
    assert waits.seconds == [7.0, 120.0, 4.0]


async def test_a_hub_that_stays_busy_is_given_up(
    model_directory: ModelDirectory, hub: LoopbackHub, session: aiohttp.ClientSession
) -> None:
    hub.faults[IMAGE] = [Fault(status=503)] * 20
    with pytest.raises(ModelError, match=r"5 attempts failed, .* the next attempt goes on there"):
        await puller(model_directory, hub, session).pull("colours")
    assert len(hub.bodies(IMAGE)) == MOST_FAILURES


async def test_a_hub_whose_file_is_too_short_is_given_up(
    model_directory: ModelDirectory, hub: LoopbackHub, session: aiohttp.ClientSession
) -> None:
    hub.files[IMAGE] = hub.files[IMAGE][:20]
    with pytest.raises(ModelError, match=r"image\.onnx could not .* 20 of \d+ bytes"):
        await puller(model_directory, hub, session).pull("colours")
    assert not path_of(model_directory).exists()


async def test_a_hub_that_is_down_is_a_sentence(
    model_directory: ModelDirectory, hub: LoopbackHub, session: aiohttp.ClientSession
) -> None:
    away = Puller(model_directory, Hub("http://127.0.0.1:9"), session, sleep=Waits())
    with pytest.raises(ModelError, match="could not be fetched: 5 attempts failed"):
        await away.pull("colours")


async def test_two_at_once_do_the_work_once(
    model_directory: ModelDirectory, hub: LoopbackHub, session: aiohttp.ClientSession
) -> None:
    both = [puller(model_directory, hub, session).pull("colours") for _ in range(2)]
    await asyncio.gather(*both)
    assert len(hub.bodies(IMAGE)) == 1
    assert not model_directory.missing(model_directory.find("colours"))


async def test_a_full_disk_is_said_before(
    model_directory: ModelDirectory,
    hub: LoopbackHub,
    session: aiohttp.ClientSession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=1_000_000))
    with pytest.raises(ModelError, match=r"has 1 MB free, 6\d MB are needed"):
        await puller(model_directory, hub, session).pull("colours")
    assert not hub.seen


async def test_what_the_catalogue_leaves_open_is_pinned(
    model_directory: ModelDirectory,
    hub: LoopbackHub,
    session: aiohttp.ClientSession,
    word_files: dict[str, bytes],
) -> None:
    leave_open(model_directory, word_files, revision="main")
    entry = await puller(model_directory, hub, session).pull("colours")
    assert entry.revision == COMMIT
    assert entry.file("image") == entry_of(TOY, word_files).file("image")
    assert not model_directory.missing(entry)
    asked = len(hub.seen)
    path_of(model_directory).unlink()
    hub.files[IMAGE] = bytes(len(hub.files[IMAGE]))
    with pytest.raises(ModelError, match="is not the file it should be"):
        await puller(model_directory, hub, session).pull("colours")
    assert not [seen for seen in hub.seen[asked:] if seen.path.startswith("/api")]


async def test_an_announced_hash_counts_where_none_is_known(
    model_directory: ModelDirectory,
    hub: LoopbackHub,
    session: aiohttp.ClientSession,
    word_files: dict[str, bytes],
) -> None:
    leave_open(model_directory, word_files)
    hub.faults[IMAGE] = [Fault(body=lambda data: bytes(len(data)))]
    with pytest.raises(ModelError, match="its SHA-256 is"):
        await puller(model_directory, hub, session).pull("colours")


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("ftp://localhost/x", "no address that can be followed"),
        ("/toys/colours/resolve/main/image.onnx", "redirects more than 8 times"),
    ],
)
async def test_redirects_that_lead_nowhere(
    model_directory: ModelDirectory,
    hub: LoopbackHub,
    session: aiohttp.ClientSession,
    target: str,
    sentence: str,
) -> None:
    hub.redirect_to = target
    with pytest.raises(ModelError, match=sentence):
        await puller(model_directory, hub, session).pull("colours")


async def test_signed_addresses_are_not_shown(
    model_directory: ModelDirectory, hub: LoopbackHub, session: aiohttp.ClientSession
) -> None:
    hub.faults[IMAGE] = [Fault(status=403)]
    with pytest.raises(ModelError) as refused:
        await puller(model_directory, hub, session).pull("colours")
    assert "secret" not in str(refused.value)


def test_the_environment_names_the_hub() -> None:
    hub = hub_of({"HF_ENDPOINT": "https://mirror.example/hf/", "HF_TOKEN": "t"})
    assert (
        str(hub.file_url("a/b", "c", "d/e f")) == "https://mirror.example/hf/a/b/resolve/c/d/e%20f"
    )
    assert hub.token == "t"
    assert hub_of({}).token is None
    with pytest.raises(ModelError, match="HF_ENDPOINT is not"):
        hub_of({"HF_ENDPOINT": "file:///etc"})


async def test_the_environments_proxy_is_used(
    model_directory: ModelDirectory, hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", hub.endpoint)
    monkeypatch.delenv("no_proxy", raising=False)
    hub.redirect_to = "http://hub.invalid/blobs/image.onnx"
    hub.faults[IMAGE] = [Fault(status=403)]
    async with open_session(patience_seconds=5) as proxied:
        away = Puller(model_directory, Hub("http://hub.invalid"), proxied, sleep=Waits())
        with pytest.raises(ModelError, match="access is refused"):
            await away.pull("colours")
    assert [seen.host for seen in hub.seen] == ["hub.invalid", "hub.invalid"]


@pytest.mark.parametrize(
    "target", ["http://[::1", "http://localhost:99999/x", "http://localhost:x/", "http://xn--a/"]
)
async def test_a_redirect_to_no_address_is_a_sentence(
    model_directory: ModelDirectory, hub: LoopbackHub, session: aiohttp.ClientSession, target: str
) -> None:
    hub.redirect_to = target
    with pytest.raises(ModelError, match="no address that can be followed"):
        await puller(model_directory, hub, session).pull("colours")


def pinned(model_directory: ModelDirectory) -> dict[str, Any]:
    found: dict[str, Any] = model_directory.locked().get("colours", {}).get("files", {})
    return found


@pytest.mark.parametrize(
    ("part", "hostile"),
    [
        (b"", answer(416, b"", {b"Content-Range": b"bytes */0"})),
        (b"a piece", answer(416, b"", {b"Content-Range": b"bytes */7"})),
        (b"a piece", answer(416, b"")),
        (b"", answer(206, b"short", {b"Content-Range": b"bytes 0-4/9"})),
        (b"a piece", answer(206, b"short", {b"Content-Range": b"bytes 7-11/20"})),
        (b"a piece", answer(206, b"short", {b"Content-Range": b"bytes 7-11/*"})),
        (b"a piece", answer(206, b"short", {b"Content-Range": b"bytes 7-11/" + b"9" * 6000})),
        (b"a piece", answer(206, b"short")),
        (b"", answer(200, b"")),
        (b"", answer(200, b"<html>Log in to the hotel's network", {b"Content-Type": b"text/html"})),
    ],
)
async def test_without_a_known_hash_only_a_whole_file_is_pinned(
    model_directory: ModelDirectory,
    session: aiohttp.ClientSession,
    word_files: dict[str, bytes],
    part: bytes,
    hostile: bytes,
) -> None:
    leave_open(model_directory, word_files)
    first = model_directory.path(
        model_directory.find("colours"), model_directory.find("colours").files[0]
    )
    first.parent.mkdir(parents=True)
    part_of(first).write_bytes(part)
    async with RawHost() as host:
        host.answer = Hostile("piece", hostile)
        pull = Puller(model_directory, Hub(host.base), session, sleep=Waits()).pull("colours")
        with pytest.raises(ModelAway):
            await pull
    assert not pinned(model_directory)
    assert not first.exists()


async def test_a_resumed_file_of_unknown_hash_is_pinned_when_it_is_whole(
    model_directory: ModelDirectory,
    hub: LoopbackHub,
    session: aiohttp.ClientSession,
    word_files: dict[str, bytes],
) -> None:
    leave_open(model_directory, word_files)
    hub.announce_hash = False
    hub.faults[IMAGE] = [Fault(cut_after=100)]
    await puller(model_directory, hub, session).pull("colours")
    assert [seen.range for seen in hub.bodies(IMAGE)] == [None, "bytes=100-"]
    assert path_of(model_directory).read_bytes() == word_files[IMAGE]
    assert pinned(model_directory)[IMAGE]["bytes"] == len(word_files[IMAGE])


@pytest.mark.parametrize("free", [10**12, 0])
async def test_a_file_without_end_does_not_fill_the_disk(
    model_directory: ModelDirectory,
    session: aiohttp.ClientSession,
    word_files: dict[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
    free: int,
) -> None:
    leave_open(model_directory, word_files)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=free))
    async with RawHost() as host:
        endless = b"1000\r\n" + bytes(4096) + b"\r\n"
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        host.answer = Hostile("endless", head, endless)
        hub = Hub(host.base)
        pull = Puller(model_directory, hub, session, sleep=Waits(), largest_bytes=10**6).pull(
            "colours"
        )
        with pytest.raises(ModelError, match="without end" if free else "are needed"):
            await pull
    assert not list(model_directory.directory.rglob("*.part"))
    assert not pinned(model_directory)


@pytest.mark.parametrize(
    "fields",
    [
        {b"X-Linked-Size": b"9" * 6000},
        {b"X-Linked-Size": "²".encode()},
        {b"X-Linked-Etag": b"\xff\xfe"},
        {b"Retry-After": "²".encode()},
        {b"Retry-After": b"9" * 6000},
        {b"X-Error-Code": b"\x1b[2J"},
    ],
)
@pytest.mark.parametrize("status", [302, 404, 503])
async def test_a_hubs_fields_are_read_or_passed_over(
    model_directory: ModelDirectory,
    session: aiohttp.ClientSession,
    fields: dict[bytes, bytes],
    status: int,
) -> None:
    async with RawHost() as host:
        host.answer = Hostile("fields", answer(status, b"", {b"Location": b"/x", **fields}))
        with pytest.raises(ModelError) as told:
            await Puller(model_directory, Hub(host.base), session, sleep=Waits()).pull("colours")
    assert str(told.value).isprintable()


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b'{"sha": 7}', b"[]", b'{"sha": "' + b"x" * 5_000_000, b"\xff", b""]
)
async def test_a_revision_that_is_none(
    model_directory: ModelDirectory,
    session: aiohttp.ClientSession,
    word_files: dict[str, bytes],
    body: bytes,
) -> None:
    leave_open(model_directory, word_files, revision="main")
    async with RawHost() as host:
        host.answer = Hostile("revision", answer(200, body))
        with pytest.raises(ModelError, match="did not answer with a revision"):
            await Puller(model_directory, Hub(host.base), session, sleep=Waits()).pull("colours")


@pytest.mark.parametrize(
    "environ",
    [{"HF_ENDPOINT": "http://[::1"}, {"HF_ENDPOINT": "http://a:99999"}, {"HF_TOKEN": "a\nb"}],
)
def test_a_hub_that_cannot_be_asked_is_a_sentence(environ: dict[str, str]) -> None:
    with pytest.raises(ModelError, match=next(iter(environ))):
        hub_of(environ)
