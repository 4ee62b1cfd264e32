"""Every picture of the corpus given to a decoding process, and a table of what came of it.

`python -m tools.campaigns.pictures` has the corpus written into a folder (and deletes each file
after its trial, unless it is told to `--keep` them), and prints for each kind: how many files, how
many were decoded, why the others were refused, the longest time that one answer took, and the most
memory that a process had. It fails where a picture took more than 10 seconds or 400 MB, where the
same file is answered differently the second time, or where this process, which stands for the
agent, has grown.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path

from glance_agent.decoding.decoder import Decoder
from glance_agent.decoding.opening import Decoders
from glance_agent.wiring.memory import keep_little_memory
from tools.campaigns.pictures.bombs import bombs
from tools.campaigns.pictures.containers import encoded
from tools.campaigns.pictures.damage import damage
from tools.campaigns.pictures.oddities import oddities
from tools.campaigns.pictures.sample import Sample, painting
from tools.campaigns.pictures.trial import Trial, resident_bytes, tried

MOST_SECONDS = 10.0
MOST_BYTES = 400_000_000
MOST_GROWTH_BYTES = 30_000_000
MEGAPIXELS = 80
ORDINARY = Sample("ordinary", "painting.jpg", lambda: encoded(painting((1_600, 1_200)), "JPEG"))


def main() -> None:
    """Run the campaign, print the table, and fail where a promise was not kept."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--only", default="", help="kinds to try, with commas between")
    parser.add_argument("--every", type=int, default=1, help="try only every so many-th file")
    parser.add_argument("--keep", type=Path, help="a folder that the files are left in")
    parser.add_argument("--write", type=Path, help="only write the files into this folder")
    options = parser.parse_args()
    kinds = set(options.only.split(",")) - {""}
    samples = [s for s in corpus() if not kinds or s.kind in kinds][:: options.every]
    if options.write is not None:
        for sample in samples:
            place(options.write, sample).write_bytes(sample.make())
        return
    keep_little_memory()  # as the agent does
    with tempfile.TemporaryDirectory() as folder, closing(Decoders(MEGAPIXELS)) as decoders:
        where, keep = options.keep or Path(folder), options.keep is not None
        # By another process: making them takes memory that the agent does not need.
        written = [sys.executable, "-m", "tools.campaigns.pictures", "--write", str(where)]
        chosen = ["--only", options.only, "--every", str(options.every)]
        subprocess.run([*written, *chosen], check=True)
        before = resident_bytes()
        trials = list(campaign(samples, decoders.for_people, where, keep=keep))
        grown = resident_bytes() - before
    print("\n".join(table(trials)))
    print(f"{len(trials)} files; this process grew by {grown / 1e6:.0f} MB")
    failures = list(failed(trials, grown))
    print("\n".join(failures) or "every promise was kept")
    sys.exit(1 if failures else 0)


def corpus() -> Iterator[Sample]:
    """All files, made one by one."""
    return chain(damage(), oddities(), bombs())


def campaign(
    samples: Iterable[Sample], decoder: Decoder, folder: Path, *, keep: bool = False
) -> Iterator[Trial]:
    """Each file written, read, and tried, by processes that have decoded an ordinary one."""
    tried(decoder, ORDINARY, ORDINARY.make())
    for sample in samples:
        path = place(folder, sample)
        if not path.exists():
            path.write_bytes(sample.make())
        try:
            yield tried(decoder, sample, path.read_bytes())
        finally:
            if not keep:
                path.unlink()


def place(folder: Path, sample: Sample) -> Path:
    """Where the file of a sample lies."""
    return folder / f"{sample.kind}-{sample.name}".replace(" ", "-")


def failed(trials: Iterable[Trial], grown: int) -> Iterator[str]:
    """What was promised and not kept."""
    for trial in trials:
        name = f"{trial.sample.kind} {trial.sample.name}"
        if trial.seconds > MOST_SECONDS:
            yield f"{name} took {trial.seconds:.1f} s"
        if trial.peak_bytes > MOST_BYTES:
            yield f"{name} took {trial.peak_bytes / 1e6:.0f} MB"
    if grown > MOST_GROWTH_BYTES:
        yield f"this process grew by {grown / 1e6:.0f} MB"


def table(trials: list[Trial]) -> Iterator[str]:
    """A line for each kind."""
    yield f"{'kind':12} {'files':>5} {'decoded':>7} {'slowest':>8} {'peak':>7}  refused"
    for kind in dict.fromkeys(trial.sample.kind for trial in trials):
        some = [trial for trial in trials if trial.sample.kind == kind]
        refused = Counter(trial.refused for trial in some if trial.refused)
        why = ", ".join(f"{count} {reason}" for reason, count in refused.most_common())
        decoded = len(some) - refused.total()
        slowest = max(trial.seconds for trial in some)
        peak = max(trial.peak_bytes for trial in some) / 1e6
        yield f"{kind:12} {len(some):5} {decoded:7} {slowest:6.1f} s {peak:4.0f} MB  {why}"


if __name__ == "__main__":
    main()
