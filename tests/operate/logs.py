"""Small logs made by hand: one event a line, dated in days of 2025 in the bank's zone."""

import json
from datetime import datetime, timedelta, timezone
from itertools import count
from typing import Any

from schemas.examples import example
from schemas.outputs import Output, StageChanged

ZONE = timezone(timedelta(hours=8))
TOPICS = ("tenure.accounts", "tenure.transactions")
_IDS = count(1)


def at(day: float) -> str:
    """Noon of a day of 2025 (1 is January 1st), as RFC 3339; fractions are hours."""
    noon = datetime(2024, 12, 31, 12, tzinfo=ZONE)
    return (noon + timedelta(days=day)).isoformat(timespec="milliseconds")


def event(kind: str, day: float, customer: str | None = "C1", **fields: Any) -> bytes:
    """One line: the example of its type with these fields; received a minute after it happened."""
    body = {**example(kind), "occurred_at": at(day), "received_at": at(day + 1 / 1440)}
    body["event_id"] = f"{kind}-{next(_IDS)}"
    body.pop("opened_on", None)
    if customer is not None:
        body["customer_id"] = customer
    body |= fields
    return json.dumps({key: value for key, value in body.items() if value is not ...}).encode()


def opened(day: float, customer: str = "C1", **fields: Any) -> bytes:
    """An account was opened."""
    return event("account.opened", day, customer, **fields)


def paid(day: float, customer: str = "C1", **fields: Any) -> bytes:
    """The customer paid something."""
    number = f"p-{next(_IDS)}"
    return event("transaction.posted", day, customer, posting_id=number, **fields)


def watermark(day: float, topic: str) -> bytes:
    """A topic is complete up to noon of a day."""
    return event("feed.watermark", day, None, topic=topic, complete_through=at(day))


def closing(day: float) -> list[bytes]:
    """Both topics are complete."""
    return [watermark(day, topic) for topic in TOPICS]


def active(customer: str = "C1", day: float = 1) -> list[bytes]:
    """A customer who opened an account and used it on three days: active since day + 3."""
    return [opened(day, customer), *(paid(day + after, customer) for after in (1, 2, 3))]


def moves(outputs: list[Output], customer: str | None = None) -> list[tuple[str | None, str, str]]:
    """(from, to, kind) of the stage changes, of one customer or all, in order."""
    return [
        (one.from_stage, one.to_stage, one.kind)
        for one in outputs
        if isinstance(one, StageChanged) and customer in (None, one.customer_id)
    ]
