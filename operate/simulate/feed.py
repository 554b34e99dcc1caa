"""The feed of a simulated core banking system: a plan becomes records in arrival order.

The same plan gives the same bytes, on any machine and any supported Python. Customer k's life
depends on the seed, the start and k alone, and a longer plan begins with the shorter one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Literal

from operate.simulate.almanac import DAY_MS, ZONE, Day, day_of, stamp
from operate.simulate.casting import cast as cast_script
from operate.simulate.confession import Line, confess
from operate.simulate.dice import Dice
from operate.simulate.dirt import Dirt, soil
from operate.simulate.household import households, live_together
from operate.simulate.ledger import Told
from operate.simulate.records import ACCOUNTS, TRANSACTIONS, FeedRecord, encoder

MOST_CUSTOMERS = 999_999
_MARKER_DELAY_MS = 30 * 60_000
"""The end-of-day marker comes half an hour after midnight, when everything of the day is in."""

Progress = Callable[[int], None]
"""Called with the number of simulated days that are complete."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to simulate."""

    customers: int = 2_000
    days: int = 730
    seed: int = 1
    start: date = date(2024, 1, 1)
    dirt: Dirt = field(default_factory=Dirt)
    watermarks: Literal["end", "daily"] = "end"
    """A watermark per topic closes the feed; `daily` adds one after each bank day."""

    accounts_topic: str = ACCOUNTS
    transactions_topic: str = TRANSACTIONS
    """Postings, their reversals and balances go here, everything else to `accounts_topic`."""

    def __post_init__(self) -> None:
        if not 1 <= self.customers <= MOST_CUSTOMERS:
            raise ValueError(f"customers: 1 to {MOST_CUSTOMERS}, not {self.customers}")
        if not 1 <= self.days <= 36_500:
            raise ValueError(f"days: 1 to 36500, not {self.days}")

    @property
    def begins_at(self) -> datetime:
        """The midnight that begins the plan."""
        return datetime.combine(self.start, time(), ZONE)

    @property
    def ends_at(self) -> datetime:
        """The midnight that ends it."""
        return self.begins_at + timedelta(days=self.days)

    @property
    def end_ms(self) -> int:
        """The midnight that ends the plan, milliseconds since 1970."""
        return day_of(self.start, self.days).midnight_ms


def simulate(plan: Plan, progress: Progress | None = None) -> Iterator[FeedRecord]:
    """The feed's records in arrival order, one topic's timestamps never going back."""
    records = map(encoder(plan.accounts_topic, plan.transactions_topic), _tell(plan, progress))
    if not plan.dirt.strikes:
        return records
    return soil(records, plan.dirt, Dice(plan.seed, "dirt"), plan.end_ms)


def truth(plan: Plan) -> Iterator[Line]:
    """Who really left or was leaving within the plan: confession.py says what a line means."""
    for number in range(1, plan.customers + 1):
        yield from confess(cast_script(plan.seed, number), plan.start, plan.days)


def _tell(plan: Plan, progress: Progress | None) -> Iterator[Told]:
    """Everybody's days, one day after the other; what arrives after midnight waits for then."""
    homes = list(households(plan.seed, plan.customers, plan.start))
    waiting: list[Told] = []
    for number in range(plan.days):
        today = day_of(plan.start, number)
        for home in homes:
            if told := live_together(home, today):
                waiting += told
        last = number == plan.days - 1
        if last or plan.watermarks == "daily":
            waiting += _markers(plan, today)
        waiting.sort()
        midnight = today.midnight_ms + DAY_MS
        cut = len(waiting) if last else bisect_left(waiting, midnight, key=_arrival)
        yield from waiting[:cut]
        del waiting[:cut]
        if today.of_month == 1:
            homes = [home for home in homes if not all(life.over for life in home)]
        if progress is not None:
            progress(number + 1)


def _arrival(told: Told) -> int:
    return told.arrives_ms


def _markers(plan: Plan, today: Day) -> list[Told]:
    """The end-of-day markers of one day, one per topic."""
    midnight = today.midnight_ms + DAY_MS
    return [
        Told(
            midnight + _MARKER_DELAY_MS,
            MOST_CUSTOMERS + 1,
            turn,
            {
                "schema_version": 1,
                "type": "feed.watermark",
                "source": "core:bank1",
                "event_id": f"eod-{today.iso}-{turn}",
                "topic": topic,
                "complete_through": stamp(midnight),
                "occurred_at": stamp(midnight),
                "received_at": "",
            },
        )
        for turn, topic in enumerate(dict.fromkeys((plan.accounts_topic, plan.transactions_topic)))
    ]
