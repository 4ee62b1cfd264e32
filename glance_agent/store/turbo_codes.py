"""Codes by turbovec, where it is installed: two bits a dimension too, looked through by SIMD."""

from __future__ import annotations

import logging
import threading
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glance_agent.domain.private import PRIVATE
from glance_agent.domain.vectors import Matrix, Vector
from glance_agent.store.codes import Codes, PlaneCodes
from glance_agent.store.row_names import Mask
from glance_agent.store.side_files import GoOn

BITS = 2
AT_ONCE = 250
"""So many vectors are coded at a time: for as long as it lives, an index of version 1.1.2 keeps as
much room as it needed at once."""
LOOK_EVERY_SECONDS = 0.05
"""So often whoever waits for the codes to be written asks whether to go on."""
SHARE = 0.1
"""Where more than a fortieth of the rows that are let in is wanted, so many are asked for: version
1.1.2 takes ten times as long for a twentieth of them as for a tenth, and hardly longer for that."""
_log = logging.getLogger(__name__)


class TurboCodes:
    """Codes in an index of turbovec; its slots are the rows, and none is ever removed."""

    def __init__(self, index: Any) -> None:
        self._index = index
        self._lock = threading.Lock()
        self._growing = threading.Lock()

    @property
    def kind(self) -> str:
        return f"turbovec {version('turbovec')}"

    def write(self, path: Path, go_on: GoOn = lambda: None) -> None:
        writing = _Writing(self._index, path, self._growing)
        writing.start()
        while not writing.over.wait(LOOK_EVERY_SECONDS):
            go_on()
        if writing.error is not None:
            raise writing.error
        path.chmod(PRIVATE)

    def read(self, path: Path) -> None:
        index = type(self._index).load(str(path))
        if (index.dim, index.bit_width) != (self._index.dim, BITS):
            raise ValueError("the codes are of other vectors")
        with self._growing, self._lock:
            self._index = index

    def __len__(self) -> int:
        return len(self._index)

    def add(self, vectors: Matrix) -> None:
        with self._growing, self._lock:
            for start in range(0, len(vectors), AT_ONCE):
                some = vectors[start : start + AT_ONCE]
                self._index.add(np.ascontiguousarray(some, dtype=np.float32))

    def reserve(self, size: int) -> None:
        """It grows by itself."""

    def best(
        self, direction: Vector, count: int, size: int, let_in: Mask | None = None
    ) -> NDArray[np.intp]:
        wanted = count
        if let_in is not None and 40 * count > (there := int(np.count_nonzero(let_in))):
            wanted = max(count, int(SHARE * there))
        with self._lock:
            mask = self._mask(size, let_in)
            _, rows = self._index.search(direction[None], wanted, mask=mask)
        return np.asarray(rows[0, :count], dtype=np.intp)

    def _mask(self, size: int, let_in: Mask | None) -> Mask | None:
        """The rows that are asked about, of all there are by now; None for all."""
        if let_in is None and size == len(self._index):
            return None
        mask = np.zeros(len(self._index), np.bool_)
        mask[:size] = True if let_in is None else let_in
        return mask


class _Writing(threading.Thread):
    """Writes an index, which takes as long as the disk does and cannot be called away: whoever
    waits no longer leaves it behind, and it ends with the process.
    """

    def __init__(self, index: Any, path: Path, growing: threading.Lock) -> None:
        super().__init__(name="codes are written", daemon=True)
        self.over = threading.Event()
        self.error: Exception | None = None
        self._index = index
        self._path = path
        self._growing = growing

    def run(self) -> None:
        try:
            # Searches go on meanwhile, only new vectors have to wait.
            with self._growing:
                self._index.write(str(self._path), durable=False)
        except Exception as error:  # whoever waits is told
            self.error = error
        finally:
            self.over.set()


def codes_of(dimension: int) -> Codes:
    """Codes for vectors of so many numbers: by turbovec if it is there, else by numpy."""
    try:
        import turbovec  # an extra: it takes its time to load, and few libraries are large

        return TurboCodes(turbovec.TurboQuantIndex(dimension, BITS))
    except ImportError:
        return PlaneCodes(dimension)
    except ValueError as error:
        _log.info("turbovec takes no vectors of %d numbers: %s", dimension, error)
        return PlaneCodes(dimension)
