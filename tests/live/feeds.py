"""Feeds for the tests on real servers: years of simulated customers, with pauses between."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from operate.simulate.almanac import stamp
from operate.simulate.feed import Plan, simulate
from operate.simulate.records import FeedRecord, to_bytes

DAY_MS = 86_400_000


def lives(
    topics: tuple[str, str], number: int, customers: int, days: int, rest: int
) -> list[FeedRecord]:
    """One plan of `days`; each further `number` begins `rest` days after the one before ended."""
    start = date(2000, 1, 1) + timedelta(days=number * (days + rest))
    accounts, transactions = topics
    plan = Plan(
        customers=customers,
        days=days,
        seed=number + 1,
        start=start,
        accounts_topic=accounts,
        transactions_topic=transactions,
    )
    return list(simulate(plan))


def pause(topics: tuple[str, str], after: FeedRecord, days: int) -> Iterator[FeedRecord]:
    """Nobody does anything for `days` after a record: one watermark per topic says so."""
    at = after.timestamp_ms + days * DAY_MS
    for topic in topics:
        body = {
            "schema_version": 1,
            "type": "feed.watermark",
            "source": "core:bank1",
            "event_id": f"pause-{at}-{topic}",
            "topic": topic,
            "complete_through": stamp(at),
            "occurred_at": stamp(at),
            "received_at": stamp(at),
        }
        yield FeedRecord(topic, None, to_bytes(body), at, to_every_partition=True)
