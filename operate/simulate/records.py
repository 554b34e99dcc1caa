"""What the simulated feed delivers: records ready for a topic, and how they are encoded."""

from __future__ import annotations

from collections.abc import Callable
from json import JSONEncoder
from typing import NamedTuple

from operate.simulate.almanac import stamp
from operate.simulate.ledger import Told
from operate.simulate.personas import Fields

ACCOUNTS = "tenure.accounts"
TRANSACTIONS = "tenure.transactions"
_ON_TRANSACTIONS = frozenset({"transaction.posted", "transaction.reversed", "balance.reported"})
_to_json = JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


class FeedRecord(NamedTuple):
    """One record in arrival order, addressed to the partition of its key."""

    topic: str
    key: bytes | None
    value: bytes
    timestamp_ms: int
    headers: tuple[tuple[str, bytes], ...] = ()
    to_every_partition: bool = False
    """A watermark: one copy goes to every partition of its topic, without a key."""
    dirt: str | None = None
    """What is wrong with it on purpose (dirt.py); None: nothing."""


def encoder(accounts: str, transactions: str) -> Callable[[Told], FeedRecord]:
    """Makes the record of one fact for these two topics.

    `received_at` in the body is the record's timestamp.
    """

    def encode(told: Told) -> FeedRecord:
        arrives, _, _, body = told
        body["received_at"] = stamp(arrives)
        kind = body["type"]
        if kind == "feed.watermark":
            topic = str(body["topic"])
            return FeedRecord(topic, None, to_bytes(body), arrives, to_every_partition=True)
        topic = transactions if kind in _ON_TRANSACTIONS else accounts
        return FeedRecord(topic, str(body["customer_id"]).encode(), to_bytes(body), arrives)

    return encode


def to_bytes(body: Fields) -> bytes:
    """Compact JSON in the order of the fields."""
    return _to_json(body).encode()
