"""The partition's clock W: how far time has come, by the events' own word.

W = max(highest occurred_at consumed - allowed lateness, the least watermark over the topics).
It never goes back. While a feed is in doubt the worker holds it: then only a watermark, which is
a feed's explicit word, moves it. On an idle partition of a live feed the worker may raise it to
the wall clock less the lateness; the journal records that, as it records every hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from schemas.base import to_millis
from schemas.events import CONTROL_EVENTS, CanonicalEvent, FeedWatermark


@dataclass(slots=True)
class PartitionClock:
    """The clock of one partition; `copy` before trying something."""

    topics: tuple[str, ...]
    lateness: int
    """Allowed lateness, milliseconds."""
    time: int | None = None
    """W, milliseconds since 1970; None before the first event."""
    highest: int | None = None
    watermarks: dict[str, int] = field(default_factory=dict)
    held: bool = False

    def copy(self, *, held: bool) -> PartitionClock:
        """The same clock, to go on with; `held` says whether events move it."""
        return PartitionClock(
            self.topics, self.lateness, self.time, self.highest, dict(self.watermarks), held
        )

    def restore(self, time: int | None, highest: int | None, watermarks: Mapping[str, int]) -> None:
        """Go on from what was remembered."""
        self.time, self.highest, self.watermarks = time, highest, dict(watermarks)

    def see(self, event: CanonicalEvent, occurred_at: int) -> None:
        """Any event was consumed."""
        if event.__class__ not in CONTROL_EVENTS:
            self.observe(occurred_at)
        elif isinstance(event, FeedWatermark):
            self.observe_watermark(event.topic, to_millis(event.complete_through))

    def observe(self, occurred_at: int) -> None:
        """An event was consumed."""
        if self.highest is None or occurred_at > self.highest:
            self.highest = occurred_at
        if not self.held:
            time = self.highest - self.lateness
            if self.time is None or time > self.time:
                self.time = time

    def observe_watermark(self, topic: str, complete_through: int) -> None:
        """`topic` is complete up to a time; unknown topics do not count."""
        if topic not in self.topics:
            return
        self.watermarks[topic] = max(complete_through, self.watermarks.get(topic, complete_through))
        if len(self.watermarks) == len(self.topics):
            self.raise_to(min(self.watermarks.values()))

    def raise_to(self, time: int) -> None:
        """W is at least `time`."""
        if self.time is None or time > self.time:
            self.time = time
