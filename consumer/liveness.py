"""Whether the feeds are alive: a late feed must never age a bank.

A topic is alive while its summed end offsets over all partitions grow. Nobody may be called
silent by the wall clock, or by the events of another topic, while a topic that carries signs of
life is stale, nor until it has been alive again for a while.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(slots=True)
class _Topic:
    total: int | None = None
    grew_at: float | None = None
    alive_since: float | None = None


class Liveness:
    """The feeds' pulse, by the worker's monotonic clock (seconds)."""

    def __init__(self, watched: Sequence[str], stale_after: float, settle: float) -> None:
        self._topics = {topic: _Topic() for topic in watched}
        self._stale_after = stale_after
        self._settle = settle

    def observe(self, totals: Mapping[str, int], now: float) -> None:
        """The summed end offsets per topic, as seen at `now`."""
        for name, topic in self._topics.items():
            total = totals.get(name, 0)
            # Asked before the growth is noted: what grew while nobody looked may have been silent
            # until a moment ago, and be delivering what waited meanwhile.
            if topic.grew_at is None or now - topic.grew_at > self._stale_after:
                topic.alive_since = None
            if topic.total is not None and total > topic.total:
                topic.grew_at = now
                if topic.alive_since is None:
                    topic.alive_since = now
            topic.total = total

    def doubtful(self, now: float) -> list[str]:
        """The watched topics that are stale, or were until a moment ago."""
        return [
            name
            for name, topic in self._topics.items()
            if topic.grew_at is None
            or topic.alive_since is None
            or now - topic.grew_at > self._stale_after
            or now - topic.alive_since < self._settle
        ]
