"""What strangers wrote reaches a terminal or a log as text only, whoever prints it.

Titles, hosts' answers, file names, payloads and reasons may hold escapes, which act in a terminal,
controls that turn the writing around, and line ends that make a second line of a log look like one
of ours. Everything that is printed passes through here, so no caller has to think of it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from types import TracebackType
from typing import IO, Any, Final, TextIO

from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderableType, RenderHook
from rich.segment import Segment

from glance_agent.domain.foreign import shown

_COLOUR: Final = re.compile(r"(\x1b\[[0-9;]*m)")


class PlainStream:
    """A stream to which nothing but text and colours can be written; `whole` is what is below."""

    def __init__(self, stream: TextIO) -> None:
        self.whole = stream

    def write(self, text: str) -> int:
        """Write what would act in a terminal as `\\u001b` and the like; colours may pass."""
        parts = _COLOUR.split(text)
        parts[::2] = map(shown, parts[::2])
        self.whole.write("".join(parts))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.whole, name)


class PlainConsole(Console):
    """A console that shows the controls of its own, and writes out those in what it is given."""

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr)
        self.push_render_hook(_AsGiven())

    def push_render_hook(self, hook: RenderHook) -> None:
        """Let a hook change what is printed, such as bars do; what it makes is text as well."""
        super().push_render_hook(_Guarded(hook))

    @property
    def file(self) -> IO[str]:
        """Where it writes: past the stream that would take its controls for a stranger's."""
        stream = Console.file.fget(self)  # type: ignore[attr-defined]
        return stream.whole if isinstance(stream, PlainStream) else stream

    @file.setter
    def file(self, stream: IO[str]) -> None:
        Console.file.fset(self, stream)  # type: ignore[attr-defined]


class _AsGiven(RenderHook):
    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        return renderables


class _Guarded(RenderHook):
    def __init__(self, hook: RenderHook) -> None:
        self._hook = hook

    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        return [_Plain(one) for one in self._hook.process_renderables(renderables)]


class _Plain:
    """Something printable whose text cannot act."""

    def __init__(self, inner: RenderableType) -> None:
        self._inner = inner

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        for segment in console.render(self._inner, options):
            yield segment if segment.control else Segment(shown(segment.text), segment.style)


class PlainFormatter(logging.Formatter):
    """One line a record, and the lines of a traceback indented below it."""

    def format(self, record: logging.LogRecord) -> str:
        record.exc_text = None  # another handler's may be there, as it was
        return super().format(record)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802, the library's name
        return shown(super().formatMessage(record), one_line=True)

    def formatException(self, ei: Any) -> str:  # noqa: N802
        return _indented(super().formatException(ei).split("\n"))

    def formatStack(self, stack_info: str) -> str:  # noqa: N802
        return _indented(stack_info.split("\n"))


class TimedFormatter(PlainFormatter):
    """The same behind the time, as ISO 8601 has it: local, to the millisecond, with its zone."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802
        return datetime.fromtimestamp(record.created).astimezone().isoformat("T", "milliseconds")


def _indented(lines: Sequence[str]) -> str:
    return "\n".join(f"  {shown(one, one_line=True)}" for one in lines)


def log_accident(
    kind: type[BaseException], error: BaseException | None, trace: TracebackType | None
) -> None:
    """Write the traceback of what nobody caught, in place of the interpreter."""
    found = (kind, error or kind(), trace)
    logging.getLogger("glance_agent").critical("nobody caught", exc_info=found)
