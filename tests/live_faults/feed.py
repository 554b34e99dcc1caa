"""The feed: a simulated core banking system that goes on until it is told to close.

A process of its own, because it has work to do at any time. SIGTERM closes the feed: once at
least so many events as were asked for are sent, a watermark per topic says that nobody does
anything for more than a year, so that whatever is due falls due. Then its last line tells how
many records it sent.
"""

from __future__ import annotations

import ctypes
import json
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from types import FrameType

from kafka import KafkaProducer

from operate.simulate.broker import produce
from operate.simulate.dirt import A_LITTLE
from operate.simulate.feed import Plan, simulate
from operate.simulate.records import FeedRecord
from tests.live.feeds import pause

_QUIET_DAYS = 400
_LONGEST_PLAN = 9_000
"""Days from 2000 on: until the year 2024, for records must not be dated in the future."""
_EVENTS_A_DAY = 0.33
"""Of one customer, on average."""


@dataclass(frozen=True)
class Order:
    """What to send, and where."""

    bootstrap: str
    accounts: str
    transactions: str
    partitions: int
    seed: int
    rate: float
    """Events a second."""
    least: int
    """Events to send at least."""


class Feed:
    """One feed in progress."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._closing = False
        self._sent = 0
        customers = max(300, min(4_000, int(order.least / _EVENTS_A_DAY / 900)))
        self._plan = Plan(
            customers=customers,
            days=_LONGEST_PLAN,
            seed=order.seed,
            start=date(2000, 1, 1),
            dirt=A_LITTLE,
            accounts_topic=order.accounts,
            transactions_topic=order.transactions,
        )

    def close(self, _signal: int, _frame: FrameType | None) -> None:
        """Say no more than was asked for."""
        self._closing = True

    def records(self) -> Iterator[FeedRecord]:
        """Records at their time; after an outage the feed catches up."""
        begun = time.monotonic()
        last: FeedRecord | None = None
        for record in simulate(self._plan):
            if self._closing and self._sent >= self._order.least:
                break
            ahead = self._sent / self._order.rate - (time.monotonic() - begun)
            if ahead > 0 and not self._closing:
                time.sleep(ahead)
            yield record
            self._sent += 1
            last = record
        if last is not None:
            yield from pause((self._order.accounts, self._order.transactions), last, _QUIET_DAYS)


def main(arguments: list[str]) -> int:
    """Send what the order in the first argument says (JSON)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: end with the run
    order = Order(**json.loads(arguments[0]))
    feed = Feed(order)
    signal.signal(signal.SIGTERM, feed.close)
    producer = KafkaProducer(
        bootstrap_servers=order.bootstrap.split(","),
        client_id="feed",
        acks="all",
        enable_idempotence=True,
        linger_ms=20,
        batch_size=128 * 1024,
        delivery_timeout_ms=120_000,
        request_timeout_ms=10_000,
        metadata_max_age_ms=5_000,
        metrics_enabled=False,
    )
    written = produce(producer, feed.records(), order.partitions)
    producer.close(timeout=10)
    marks = len({order.accounts, order.transactions})
    copies = marks * (order.partitions - 1)
    print(json.dumps({"records": written.records + copies}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
