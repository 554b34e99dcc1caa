"""A real log as its feed would have told it: canonical events as records, in merged order.

The logs know days, not times of day. An account is opened at 09:00 and everything else happens at
12:00 local time, so that an opening precedes the postings of its day and no change of the clocks
comes near. Postings reach the topic five minutes later. A watermark for each topic, at the
midnight that ends the last day, closes the log.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from operate.simulate.records import FeedRecord
from schemas.base import to_millis

ACCOUNTS = "tenure.accounts"
TRANSACTIONS = "tenure.transactions"
_OPENED_AT = time(9)
_POSTED_AT = time(12)
_DELAY = timedelta(minutes=5)
_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


@dataclass(frozen=True, slots=True)
class Topics:
    """Where a log is told: unique names on a broker that is shared."""

    accounts: str = ACCOUNTS
    transactions: str = TRANSACTIONS


@dataclass(frozen=True, slots=True)
class Teller:
    """Writes the events of one source, in one zone."""

    source: str
    zone: str
    topics: Topics

    def opened(self, event_id: str, day: date, customer_id: str, **body: Any) -> FeedRecord:
        """An account is in force."""
        at = _moment(self.zone, day, _OPENED_AT)
        body = {"customer_id": customer_id, "opened_on": day.isoformat(), **body}
        return self._record("account.opened", event_id, at, at, body)

    def posted(self, event_id: str, day: date, customer_id: str, **body: Any) -> FeedRecord:
        """One leg of a posting; its number is also the posting's."""
        at = _moment(self.zone, day, _POSTED_AT)
        body = {"customer_id": customer_id, "posting_id": event_id, **body}
        return self._record("transaction.posted", event_id, at, at + _DELAY, body)

    def closed(self, last_day: date) -> list[FeedRecord]:
        """Both topics are complete up to the end of this day."""
        end = _moment(self.zone, last_day + timedelta(days=1), time())
        return [
            self._record(
                "feed.watermark",
                f"complete-{number}",
                end,
                end + _DELAY,
                {"topic": topic, "complete_through": end.isoformat()},
            )
            for number, topic in enumerate((self.topics.accounts, self.topics.transactions))
        ]

    def _record(
        self, kind: str, event_id: str, at: datetime, told: datetime, body: dict[str, Any]
    ) -> FeedRecord:
        whole = {
            "type": kind,
            "schema_version": 1,
            "source": self.source,
            "event_id": event_id,
            "occurred_at": at.isoformat(),
            "received_at": told.isoformat(),
            **body,
        }
        value = _encode(whole).encode()
        if kind == "feed.watermark":
            topic = body["topic"]
            return FeedRecord(topic, None, value, to_millis(told), to_every_partition=True)
        topic = self.topics.accounts if kind == "account.opened" else self.topics.transactions
        return FeedRecord(topic, body["customer_id"].encode(), value, to_millis(told))


def in_merged_order(records: Iterable[FeedRecord]) -> list[FeedRecord]:
    """By record timestamp, then topic, as a worker releases them; ties as they were told."""
    return sorted(records, key=lambda record: (record.timestamp_ms, record.topic))


@cache
def _moment(zone: str, day: date, at: time) -> datetime:
    return datetime.combine(day, at, ZoneInfo(zone))
