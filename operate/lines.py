"""Files of canonical JSON Lines: read plain, gzipped or from standard input, and put in one order.

Each file keeps its own order, as a topic does; several are merged on the time in `received_at`
(without one: `occurred_at`), a tie going to the file named first. That is the order in which a
worker takes records from its topics. It is a merge and never a sort: a line that comes late in its
file comes late in the result.
"""

from __future__ import annotations

import gzip
import heapq
import os
import stat
import sys
import zlib
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import BufferedReader, RawIOBase, UnsupportedOperation
from pathlib import Path
from typing import IO, cast

from consumer.decode import Decoded, Limits, decode_line
from consumer.rejection import Rejected
from operate.exits import Ended, Exit

STDIN = "-"
"""The name that stands for standard input, and for standard output."""
_GZIP = b"\x1f\x8b"


def read_files(names: Sequence[str], limits: Limits) -> Iterator[Decoded | Rejected]:
    """Every line of the files, decoded or refused, in merged order.

    The record of an item has the file's name as its topic and the line's number (from 1) as its
    offset. Empty lines are passed over. Raises OSError; Ended for a damaged gzip file.
    """
    files = [decode_lines(read_lines(name), name, limits) for name in names]
    if len(files) == 1:
        return files[0]
    return merge_files(files)


def decode_lines(lines: Iterable[bytes], name: str, limits: Limits) -> Iterator[Decoded | Rejected]:
    """Decode the lines of one file."""
    for number, line in enumerate(lines, 1):
        text = line.rstrip(b"\r\n")
        if text:
            yield decode_line(text, number, name, limits)


def merge_files(
    files: Sequence[Iterable[Decoded | Rejected]],
) -> Iterator[Decoded | Rejected]:
    """The k-way merge of files by their lines' time; a refused line goes with the one before."""
    timed = [_timed(file, turn) for turn, file in enumerate(files)]
    for _, _, item in heapq.merge(*timed, key=_time_and_turn):
        yield item


def read_lines(name: str) -> Iterator[bytes]:
    """The lines of a file, gzipped or not, or of standard input ('-').

    Raises OSError; Ended where a gzip file is cut off or damaged, after the lines before that.
    """
    if name == STDIN:
        yield from _whole(_unzipped(sys.stdin.buffer), "standard input")
        return
    with Path(name).open("rb") as file:
        yield from _whole(_unzipped(file), name)


def check_apart(read: Sequence[str], outputs: Mapping[str, str | None]) -> None:
    """Raise Ended if an output (option to name; None: not given) is also another file of these.

    To open a file for writing empties it; so this is called before anything is opened. Links are
    followed. Devices are no files: /dev/null may be named twice. Raises OSError if there is no
    file of a name in `read`.
    """
    used = {_identity(name, sys.stdin, there=True): "is also what is read" for name in read}
    for option, name in outputs.items():
        file = None if name is None else _identity(name, sys.stdout, there=False)
        if file is None:
            continue
        if file in used:
            what = "standard output" if name == STDIN else name
            raise Ended(Exit.USAGE, f"{option}: {what} {used[file]}: name another file")
        used[file] = f"is also where {option} goes"


@contextmanager
def written(name: str) -> Iterator[IO[bytes]]:
    """A new file for bytes, gzipped if its name ends in .gz; '-' is standard output."""
    if name == STDIN:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with Path(name).open("wb") as plain:
        if not name.endswith(".gz"):
            yield plain
            return
        # Without name and date inside, so that equal contents are equal files.
        with gzip.GzipFile(filename="", mode="wb", fileobj=plain, mtime=0) as zipped:
            yield cast("IO[bytes]", zipped)


def _unzipped(file: IO[bytes]) -> Iterator[bytes]:
    """Lines of a file that says itself, by its first bytes, whether it is gzipped."""
    # What opens a file already buffers it; not everything that stands for standard input does.
    buffered = file if isinstance(file, BufferedReader) else BufferedReader(cast("RawIOBase", file))
    zipped = buffered.peek(2)[:2] == _GZIP
    return iter(gzip.open(buffered) if zipped else buffered)


def _whole(lines: Iterator[bytes], name: str) -> Iterator[bytes]:
    """The lines; Ended where the bytes below them turn out to be damaged."""
    number = 0
    try:
        for line in lines:
            number += 1
            yield line
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise Ended(
            Exit.GIVEN,
            f"{name}, after line {number}: the gzip file is cut off or damaged ({error}); only the"
            " lines before that were read: get the file again, and begin anew",
        ) from None


def _identity(name: str, stream: IO[str], *, there: bool) -> Hashable:
    """What all names of one file have in common; None for what cannot be emptied.

    `stream` is what '-' stands for. Raises OSError for a file that should be there, and is not.
    """
    try:
        found = os.fstat(stream.fileno()) if name == STDIN else Path(name).stat()
    except FileNotFoundError:
        if there:
            raise
        return Path(name).resolve()
    except UnsupportedOperation:  # a stream without a file below it
        return stream.name
    if stat.S_ISREG(found.st_mode):
        return found.st_dev, found.st_ino
    return stream.name if name == STDIN else None


_Timed = tuple[int, int, Decoded | Rejected]


def _timed(items: Iterable[Decoded | Rejected], turn: int) -> Iterator[_Timed]:
    time = 0
    for item in items:
        if isinstance(item, Decoded):
            time = item.record.timestamp_ms
        yield time, turn, item


def _time_and_turn(timed: _Timed) -> tuple[int, int]:
    return timed[:2]
