"""Whether the feeds are alive: a late feed must never age a bank.

A topic is alive while its summed end offsets over all partitions grow. Nobody may be called
silent by the wall clock, or by the events of another topic, while a topic that carries signs of
life is stale, nor until it has been alive again for a while.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

Doubt = Literal["unseen", "stale", "settling"]

WHY: Final[Mapping[Doubt, str]] = {
    "unseen": "it has not been seen to grow since this worker began to look",
    "stale": "it does not grow any more",
    "settling": "it grows again, and is believed once it has for a while (TENURE_FEED_SETTLE)",
}
"""Why a topic is in doubt, for people."""


@dataclass(slots=True)
class _Topic:
    total: int | None = None
    first_look: float | None = None
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
            if topic.first_look is None:
                topic.first_look = now
            # Asked before the growth is noted: what grew while nobody looked may have been silent
            # until a moment ago, and be delivering what waited meanwhile.
            if topic.grew_at is None or now - topic.grew_at > self._stale_after:
                topic.alive_since = None
            if topic.total is not None and total > topic.total:
                topic.grew_at = now
                if topic.alive_since is None:
                    topic.alive_since = now
            topic.total = total

    def doubts(self, now: float) -> dict[str, Doubt]:
        """The watched topics that are stale, or were until a moment ago, each with its doubt."""
        found: dict[str, Doubt] = {}
        for name, topic in self._topics.items():
            doubt = self._doubt(topic, now)
            if doubt is not None:
                found[name] = doubt
        return found

    def _doubt(self, topic: _Topic, now: float) -> Doubt | None:
        if topic.grew_at is None:
            looked = topic.first_look
            return "unseen" if looked is None or now - looked <= self._stale_after else "stale"
        if topic.alive_since is None or now - topic.grew_at > self._stale_after:
            return "stale"
        return "settling" if now - topic.alive_since < self._settle else None
