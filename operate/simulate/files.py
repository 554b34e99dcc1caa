"""The feed as a file of canonical JSON Lines, and the count of what was delivered."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

from operate.simulate.dirt import ONLY_THE_KEY
from operate.simulate.records import FeedRecord


@dataclass(slots=True)
class Written:
    """What was written or sent."""

    records: int = 0
    bytes: int = 0
    topics: Counter[str] = field(default_factory=Counter)
    dirt: Counter[str] = field(default_factory=Counter)
    """How many records of each kind of dirt, by label."""

    def count(self, record: FeedRecord) -> None:
        """One more."""
        self.records += 1
        self.bytes += len(record.value)
        self.topics[record.topic] += 1
        if record.dirt is not None:
            self.dirt[record.dirt] += 1


def write_file(path: Path, records: Iterable[FeedRecord]) -> Written:
    """Write the values as JSON Lines in arrival order; gzip if the name ends in .gz.

    Records that only their key makes bad are left out, because a line has no key.
    """
    written = Written()
    with _opened(path) as file:
        for record in records:
            if record.dirt not in ONLY_THE_KEY:
                file.write(record.value + b"\n")
                written.count(record)
    return written


def write_truth(path: Path, lines: Iterable[Mapping[str, str | None]]) -> int:
    """Write the truth (feed.truth) as JSON Lines; answers how many lines."""
    count = 0
    with _opened(path) as file:
        for line in lines:
            file.write(json.dumps(line, separators=(",", ":")).encode() + b"\n")
            count += 1
    return count


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    """A new file for bytes; compressed without a date, so that equal feeds are equal files."""
    with path.open("wb") as plain:
        if path.suffix != ".gz":
            yield plain
            return
        with gzip.GzipFile(
            filename="", mode="wb", fileobj=plain, mtime=0, compresslevel=6
        ) as zipped:
            yield cast("IO[bytes]", zipped)
