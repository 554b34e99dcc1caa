"""The hold: a feed that has gone bad must not be emptied into the dead letters.

When at least 100 and at least 20 % of a partition's last 1,000 records are bad, the partition is
held: nothing more of it is consumed, the others go on, until an operator accepts. Then the watch
begins anew, and everything goes through until 1,000 records have come since of which fewer than
that share are bad. (Not until the share is below the line for the first time: a partition is held
right at the line, and the next good record would take the operator's word back.)
"""

from __future__ import annotations

from dataclasses import dataclass

WINDOW = 1_000
LEAST_BAD = 100
LEAST_SHARE_PERCENT = 20
_MASK = (1 << WINDOW) - 1


def remedy(partition: int) -> str:
    """What lets a held partition go on."""
    return (
        "repair the feed; look at the dead letters; then let the partition go on with"
        f" 'tenure accept-bad {partition}'"
    )


@dataclass(slots=True)
class Hold:
    """The last records of a partition, one bit each: 1 is bad."""

    bits: int = 0
    length: int = 0
    held: bool = False
    waived: bool = False
    """An operator accepted, and the feed has not yet been seen to be well again."""

    @property
    def is_calm(self) -> bool:
        """Whether one more good record would change nothing."""
        return not self.bits and self.length == WINDOW and not self.waived

    def copy(self) -> Hold:
        """The same, to go on with."""
        return Hold(self.bits, self.length, self.held, self.waived)

    def observe(self, *, bad: bool) -> bool:
        """One record was decoded; whether the partition is held now."""
        if not bad and self.is_calm:
            return self.held
        self.bits = (self.bits << 1 | bad) & _MASK
        self.length = min(self.length + 1, WINDOW)
        if self.waived:
            self.waived = self.length < WINDOW or self._is_broken()
        elif bad and self._is_broken():
            self.held = True
        return self.held

    def accept(self) -> None:
        """An operator lets the partition go on: the watch begins anew."""
        self.bits = self.length = 0
        self.held, self.waived = False, True

    def summary(self) -> str:
        """How bad it is, for people."""
        return f"{self.bits.bit_count()} of the last {self.length} records are bad"

    def pack(self) -> bytes:
        """As remembered by the store: the length always counts, the bits where there are any."""
        flags = self.held | self.waived << 1
        bits = self.bits.to_bytes(WINDOW // 8, "big") if self.bits else b""
        return bytes([flags]) + self.length.to_bytes(2, "big") + bits

    @classmethod
    def unpack(cls, packed: bytes) -> Hold:
        """The reverse of `pack`."""
        if not packed:
            return cls()
        return cls(
            int.from_bytes(packed[3:], "big"),
            int.from_bytes(packed[1:3], "big"),
            bool(packed[0] & 1),
            bool(packed[0] & 2),
        )

    def _is_broken(self) -> bool:
        bad = self.bits.bit_count()
        return bad >= LEAST_BAD and bad * 100 >= self.length * LEAST_SHARE_PERCENT
