"""What a fault is: a name, and what it does to the world."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.live_faults.world import World


@dataclass(frozen=True, slots=True)
class Struck:
    """A fault that is over: the world is whole again, the workers perhaps not yet."""

    detail: str
    seconds: float | None = None
    """Time to recover, where the fault measures it itself; else the longest standstill of any
    partition, from its beginning until all of them go on, is taken."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault."""

    kind: str
    strike: Callable[[World], Struck]
    weight: int = 1
    """How often it comes, against others, once each has been there."""
    after_session: bool = False
    """Whether recovery can begin only when the dead worker's session is over."""
