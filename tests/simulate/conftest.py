"""One simulated bank, lived once for all tests of this folder."""

import json
from collections import defaultdict
from typing import Any

import pytest

from operate.simulate import FeedRecord, Plan, simulate

PLAN = Plan(customers=300, days=730, seed=5)

Body = dict[str, Any]


@pytest.fixture(scope="session")
def feed() -> list[FeedRecord]:
    return list(simulate(PLAN))


@pytest.fixture(scope="session")
def bodies(feed: list[FeedRecord]) -> list[Body]:
    return [json.loads(record.value) for record in feed]


@pytest.fixture(scope="session")
def by_customer(bodies: list[Body]) -> dict[str, list[Body]]:
    told: dict[str, list[Body]] = defaultdict(list)
    for body in bodies:
        if "customer_id" in body:
            told[body["customer_id"]].append(body)
    return told


def is_own(body: Body) -> bool:
    """Whether this is the customer's own activity as the domain counts it."""
    if body["type"] != "transaction.posted" or body["initiator"] != "customer":
        return False
    if body.get("acting_party", body["customer_id"]) != body["customer_id"]:
        return False
    return body["role"] != "guardian" and bool(body.get("status", "posted") == "posted")
