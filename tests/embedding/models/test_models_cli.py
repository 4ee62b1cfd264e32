"""`glance-agent models`, as a person types it."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from glance_agent.cli import models as models_cli
from glance_agent.domain.errors import ModelError
from glance_agent.embedding import bench
from glance_agent.embedding.encoder import open_encoder
from glance_agent.embedding.models import selftest
from glance_agent.embedding.models.catalogue import CatalogueModel
from glance_agent.embedding.models.directory import ModelDirectory, write_json
from tests.embedding.loopback_hub import Fault, LoopbackHub
from tests.embedding.toy import Toy, entry_of, install, write_catalogue
from tests.spawned import PATIENCE_SECONDS

TOY = Toy(tokenizer="wordpiece")
Command = Callable[..., str]


@pytest.fixture
def model_directory(tmp_path: Path, word_files: dict[str, bytes]) -> ModelDirectory:
    """A models directory that knows a toy model and holds none of its files."""
    write_catalogue(tmp_path / "models", entry_of(TOY, word_files))
    return ModelDirectory(tmp_path / "models")


@pytest.fixture
def models(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model_directory: ModelDirectory
) -> Command:
    """Runs the command; gives what it printed. A failure raises."""
    config = tmp_path / "glance.toml"
    config.write_text(
        f'[model]\nname = "colours"\ndirectory = "{model_directory.directory}"\n', "utf-8"
    )
    monkeypatch.setenv("GLANCE_CONFIG", str(config))
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str) -> str:
        done = CliRunner().invoke(models_cli.app, arguments)
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == 0, done.output
        return done.output

    return run


@pytest.fixture
def hub(word_files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackHub]:
    """A hub in a thread of its own, since the command runs a loop of its own."""
    import asyncio

    serving, ready, done = LoopbackHub(dict(word_files)), threading.Event(), threading.Event()

    async def serve() -> None:
        async with serving.serving():
            ready.set()
            await asyncio.to_thread(done.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(PATIENCE_SECONDS)
    monkeypatch.setenv("HF_ENDPOINT", serving.endpoint)
    yield serving
    done.set()
    thread.join()


def test_a_model_is_pulled_checked_and_removed(
    models: Command, hub: LoopbackHub, model_directory: ModelDirectory
) -> None:
    assert "not installed" in models("list")
    said = models("pull", "colours")
    assert "6 of 6 plain colours" in said
    assert "colours is ready. To use it, restart the agent." in said
    assert "6 of 6" in models("check")
    said = models("remove", "colours")
    assert "is removed" in said
    assert "set another model.name" in said
    with pytest.raises(ModelError, match="nothing to remove"):
        models("remove", "colours")
    assert not [p for p in model_directory.directory.rglob("*") if p.is_file() and "lock" in p.name]
    with pytest.raises(ModelError, match="pull colours"):
        models("check")


def test_a_wrong_download_fails_with_its_name(models: Command, hub: LoopbackHub) -> None:
    hub.faults["text.onnx"] = [Fault(body=lambda data: bytes(len(data)))]
    with pytest.raises(ModelError, match=r"text\.onnx of colours is not the file"):
        models("pull", "colours")


def test_what_was_open_is_shown_when_pinned(
    models: Command, hub: LoopbackHub, model_directory: ModelDirectory, word_files: dict[str, bytes]
) -> None:
    entry = entry_of(TOY, word_files)
    open_files = tuple(f.model_copy(update={"sha256": None}) for f in entry.files)
    write_catalogue(model_directory.directory, entry.model_copy(update={"files": open_files}))
    said = "".join(models("pull", "colours").split())
    assert str(entry.file("image").sha256) in said


@pytest.mark.parametrize("layout", ["", "stick/deep", "toys--colours/0123"])
def test_a_stick_is_imported_without_a_network(
    models: Command, tmp_path: Path, word_files: dict[str, bytes], layout: str
) -> None:
    folder = tmp_path / "usb"
    (folder / layout).mkdir(parents=True)
    for name, data in word_files.items():
        (folder / layout / name).write_bytes(data)
    assert "colours is ready" in models("import", str(folder), "colours")


def test_a_stick_with_a_wrong_file_is_named(
    models: Command, model_directory: ModelDirectory, tmp_path: Path, word_files: dict[str, bytes]
) -> None:
    for name, data in word_files.items():
        (tmp_path / name).write_bytes(data[:-1])
    with pytest.raises(ModelError, match=r"image\.onnx of colours is not .* bytes"):
        models("import", str(tmp_path), "colours")
    (tmp_path / "image.onnx").unlink()
    with pytest.raises(ModelError, match=r"image\.onnx of colours is nowhere in"):
        models("import", str(tmp_path), "colours")
    assert not list(model_directory.directory.rglob("*.onnx"))


def test_a_damaged_file_is_named_and_not_used(
    models: Command, model_directory: ModelDirectory, word_files: dict[str, bytes]
) -> None:
    entry = install(model_directory.directory, TOY, word_files)
    path = model_directory.path(entry, entry.file("text"))
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ModelError, match=r"text\.onnx of colours is not the file it should be"):
        models("check")
    path.write_bytes(word_files["text.onnx"])
    assert "6 of 6" in models("check")


def test_a_model_that_fails_its_test_is_refused_with_the_figure(
    models: Command, model_directory: ModelDirectory, word_files: dict[str, bytes]
) -> None:
    blind = Toy(tokenizer="wordpiece", changes={"mean": [9.0, 9.0, 9.0]})
    install(model_directory.directory, blind, word_files)
    with pytest.raises(ModelError, match=r"only \d of 6 plain colours are found"):
        models("check")
    assert "refused" in models("list")
    with pytest.raises(ModelError, match=r"only \d of 6 plain colours .* models check colours"):
        open_encoder(
            "colours", model_directory.directory, threads=1, memory_arena=False, prepacking=True
        )
    install(model_directory.directory, TOY, word_files)
    assert "6 of 6" in models("check")
    assert "refused" not in models("list")


def test_a_model_must_come_back_to_its_record(
    model_directory: ModelDirectory,
    word_files: dict[str, bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entry = install(model_directory.directory, TOY, word_files)
    encoder = open_encoder(
        "colours", model_directory.directory, threads=1, memory_arena=False, prepacking=True
    )
    monkeypatch.setattr(selftest, "_RECORDED", tmp_path / "selftest.json")
    assert selftest.examine(encoder, entry).cosine is None
    record = selftest.record_of(encoder, entry)
    write_json(tmp_path / "selftest.json", {"colours": record})
    assert selftest.examine(encoder, entry).cosine == pytest.approx(1.0, abs=1e-4)
    rows = record["vectors"]
    assert isinstance(rows, list)
    rows[0] = [1.0, 1.0, 1.0]
    write_json(tmp_path / "selftest.json", {"colours": record})
    with pytest.raises(ModelError, match=r"cosine to its recorded vectors is -?0\.\d+"):
        selftest.examine(encoder, entry)


def test_shared_files_stay(
    models: Command, model_directory: ModelDirectory, word_files: dict[str, bytes]
) -> None:
    first = install(model_directory.directory, TOY, word_files)
    second = first.model_copy(update={"name": "twin"})
    write_catalogue(model_directory.directory, first, second)
    models("remove", "colours")
    assert not model_directory.missing(second)
    with pytest.raises(ModelError, match="part of the package"):
        models("remove", "glance-mini")


def test_the_list_as_json(models: Command) -> None:
    rows = {row["name"]: row for row in json.loads(models("list", "--json"))}
    assert rows["colours"]["used"]
    assert rows["clip-vit-b32"]["state"] == "not installed"
    assert rows["mobileclip-s0"]["warning"]


def test_bench_measures_in_a_process_of_its_own(
    model_directory: ModelDirectory, word_files: dict[str, bytes]
) -> None:
    install(model_directory.directory, TOY, word_files)
    cost = bench.measure("colours", model_directory.directory, threads=1)
    assert cost.ms_per_image > 0
    assert cost.resident_mb > 10
    with pytest.raises(ModelError, match=r"could not be measured: .*clip-vit-b32"):
        bench.measure("clip-vit-b32", model_directory.directory, threads=1)


def test_the_most_capable_model_that_fits_is_recommended(word_files: dict[str, bytes]) -> None:
    def model(name: str, quality: float | None, mb: float) -> tuple[object, bench.Measured]:
        entry = entry_of(Toy(name=name, changes={"imagenet_r": quality}), word_files)
        return entry, bench.Measured(1.0, 1.0, mb)

    models = [model("mini", None, 100), model("clip", 69.3, 500), model("siglip", 90.3, 900)]

    def best(free_mb: float | None) -> str | None:
        found = bench.recommended(models, free_mb)  # type: ignore[arg-type]  # widened above
        return found[0].name if found else None

    assert best(None) == best(2000) == "siglip"
    assert best(1000) == "clip"
    assert best(200) == "mini"
    assert best(50) is None


@pytest.mark.parametrize(
    ("free_mb", "found"), [(None, "siglip"), (2000, "siglip"), (1000, "clip"), (500, None)]
)
def test_what_is_worth_fetching_is_better_and_fits(
    word_files: dict[str, bytes], free_mb: float | None, found: str | None
) -> None:
    def model(
        name: str, quality: float, mb: int | None, warning: str | None = None
    ) -> CatalogueModel:
        changes = {"imagenet_r": quality, "ram_mb": mb, "warning": warning}
        return entry_of(Toy(name=name, changes=changes), word_files)

    others = [
        model("clip", 69.3, 500),
        model("siglip", 90.3, 900),
        model("unmeasured", 95.0, None),
        model("research", 99.0, 10, "not for product development"),
        model("worse", 40.0, 10),
    ]
    here = model("mini", 50.0, 100), bench.Measured(1.0, 1.0, 100)
    better = bench.worth_fetching(others, here, free_mb)
    assert (better and better.name) == found
    assert bench.worth_fetching([], here, free_mb) is None


@pytest.mark.parametrize("arguments", [["--help"], ["pull", "--help"], ["bench", "--help"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    script = (
        "import sys\n"
        "from typer.testing import CliRunner\n"
        "from glance_agent.cli import models as models_cli\n"
        f"assert CliRunner().invoke(models_cli.app, {arguments!r}).exit_code == 0\n"
        "heavy = {'onnxruntime', 'numpy', 'PIL', 'aiohttp', 'tokenizers'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
