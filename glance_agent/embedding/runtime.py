"""ONNX Runtime: imported late, tried in a subprocess first, opened with the owner's options.

Some builds end the whole process with an illegal instruction when they are imported on an older
processor (1.21.0 on a Raspberry Pi 4). So the import is tried once in a process of its own; that
it went well is remembered in the models directory, per version and machine.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import logging
import platform
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from glance_agent.domain.errors import ModelError
from glance_agent.domain.said import say
from glance_agent.embedding.models.directory import read_json, write_json

if TYPE_CHECKING:
    import onnxruntime

_VERDICTS = "runtime.json"
_PROBE = "import onnxruntime"
_PROBE_TIMEOUT_SECONDS = 120.0
_log = logging.getLogger(__name__)
_ADVICE = say("Install another version of onnxruntime; searching by keywords goes on without it.")


@dataclass(frozen=True, slots=True)
class RuntimeOptions:
    """How ONNX Runtime may use this machine."""

    threads: int = 2
    memory_arena: bool = False
    prepacking: bool = True


def require_runtime(directory: Path, probe: str = _PROBE) -> None:
    """Raises ModelError where importing ONNX Runtime would fail or end the process.

    `directory` is where the verdict is kept; one that cannot be written is no fault.
    """
    if "onnxruntime" in sys.modules:
        return
    here, known = _this_build(), read_json(directory / _VERDICTS)
    if known.get(here) == "works":
        return
    _try_import(probe)
    try:
        write_json(directory / _VERDICTS, {**known, here: "works"})
    except OSError:
        return  # a read-only models directory: the next start tries again


def try_runtime() -> None:
    """Load ONNX Runtime into this process once another one has outlived it; nothing is kept.

    Raises ModelError.
    """
    if "onnxruntime" not in sys.modules:
        _this_build()
        _try_import(_PROBE)
        importlib.import_module("onnxruntime")


def open_session(path: Path, options: RuntimeOptions) -> onnxruntime.InferenceSession:
    """A session on the processor; raises ModelError where the file cannot be loaded."""
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = options.threads
    settings.inter_op_num_threads = 1
    settings.enable_cpu_mem_arena = options.memory_arena
    settings.enable_mem_pattern = False
    settings.log_severity_level = 3  # errors; the rest is noise on standard error
    settings.add_session_config_entry("session.intra_op.allow_spinning", "0")
    settings.add_session_config_entry(
        "session.disable_prepacking", "0" if options.prepacking else "1"
    )
    try:
        return onnxruntime.InferenceSession(str(path), settings, providers=["CPUExecutionProvider"])
    except Exception as error:  # the binding raises its own classes, straight under Exception
        _log.warning("%s: %s", path.name, _first_line(error))
        raise ModelError(
            say(
                "ONNX Runtime cannot load {file}: the file is damaged, or of a newer "
                "kind than this version reads. Run: glance-agent models check",
                file=path.name,
            )
        ) from error


def _this_build() -> str:
    try:
        version = importlib.metadata.version("onnxruntime")
    except importlib.metadata.PackageNotFoundError:
        raise ModelError(
            say("onnxruntime is not installed. Run: pip install onnxruntime")
        ) from None
    return f"onnxruntime {version} {platform.machine()}"


def _try_import(probe: str) -> None:
    try:
        ended = subprocess.run(  # noqa: S603  (our own interpreter, our own words)
            [sys.executable, "-c", probe],
            capture_output=True,
            timeout=_PROBE_TIMEOUT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ModelError(
            say("ONNX Runtime could not be tried: {why}. {advice}", why=error, advice=_ADVICE)
        ) from error
    if ended.returncode < 0:
        name = signal.Signals(-ended.returncode).name
        raise ModelError(
            say(
                "This build of ONNX Runtime dies with {name} on this machine. {advice}",
                name=name,
                advice=_ADVICE,
            )
        )
    if ended.returncode:
        last = ended.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        raise ModelError(
            say(
                "ONNX Runtime cannot be imported: {said}. {advice}",
                said="".join(last),
                advice=_ADVICE,
            )
        )


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
