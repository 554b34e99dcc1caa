"""A clock that a test tells to a worker process: both map one small file."""

from __future__ import annotations

import mmap
import struct
from pathlib import Path

_SECONDS = struct.Struct("<d")
"""Since the beginning; written by the test alone."""
_LOOKS = struct.Struct("<Q")
"""How often the worker asked; written by the worker alone."""


class ToldClock:
    """consumer.ports.Clock: so many seconds since the beginning, as the file says."""

    def __init__(self, file: Path, begin_ms: int) -> None:
        """`begin_ms` is the wall's time at zero, milliseconds since 1970."""
        if not file.exists():
            file.write_bytes(bytes(_SECONDS.size + _LOOKS.size))
        self._begin = begin_ms
        with file.open("r+b") as opened:
            self._shared = mmap.mmap(opened.fileno(), _SECONDS.size + _LOOKS.size)

    def wall(self) -> int:
        """Milliseconds since 1970."""
        return self._begin + int(self._seconds() * 1000)

    def monotonic(self) -> float:
        """Seconds since the beginning, for the worker: that it looked is counted."""
        _LOOKS.pack_into(self._shared, _SECONDS.size, self.looks + 1)
        return self._seconds()

    @property
    def looks(self) -> int:
        """How often the worker looked."""
        return int(_LOOKS.unpack_from(self._shared, _SECONDS.size)[0])

    def advance(self, seconds: float) -> None:
        """Let time go on, here and in the worker."""
        _SECONDS.pack_into(self._shared, 0, self._seconds() + seconds)

    def _seconds(self) -> float:
        return float(_SECONDS.unpack_from(self._shared)[0])
