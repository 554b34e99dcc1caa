"""IANA time zones: the names that are accepted.

From the pinned package of zone data, never the machine's own copy: what one worker accepts and
another refuses would not be one log.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def time_zones() -> frozenset[str]:
    """Every zone there is, aliases such as 'Asia/Calcutta' included."""
    return frozenset(files("tzdata").joinpath("zones").read_text(encoding="ascii").split())
