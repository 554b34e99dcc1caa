"""A case: the records of one small deployment in their order, and how it is set up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, NamedTuple

from consumer.partitioner import partition_of
from consumer.records import InputRecord
from statemachine.policy import Policy
from tests.fuzz.choices import Choices
from tests.fuzz.drafts import draft
from tests.fuzz.events import CONTROL, CUSTOMERS, TYPES, event
from tests.fuzz.mutations import SPOILT
from tests.fuzz.tears import TORN
from tests.statemachine.builders import policy

TOPICS: Final = ("tenure.accounts", "tenure.transactions")
CHOICE_BYTES: Final = 4_000
"""So many bytes are choices enough for any case."""
MOST_RECORDS: Final = 120
"""Of a case without a storm."""
_DAY: Final = 86_400_000
_BEGINNINGS: Final = (
    *(1_743_412_364_310, 1_743_412_364_310, 1_743_412_364_310, 951_782_399_999, 4_294_967_295_000),
    *(_DAY, 6_950_000_000_000, 7_250_000_000_000),
)
"""Spring of 2025; a leap day; the last second of 32 bits, in 2106; 1970; 2190; late in 2199."""
_STEPS: Final = (0, 1, 1_000, 60_000, 3_600_000, _DAY, _DAY, 9 * _DAY, 95 * _DAY, 400 * _DAY)
_BEHIND: Final = (
    *(0, 0, 0, 0, 1, 3_600_000, 47 * 3_600_000, 200 * _DAY, 36_500 * _DAY, -900_000),
    -900_001,
)
_SPOILT: Final = (3, 12, 1_000_000, 2, 1)
"""One record in so many."""
_OFTEN: Final = ("transaction.posted", "transaction.reversed", "account.opened", "account.closed")
_KINDS: Final = (*TYPES, *_OFTEN, *_OFTEN[:1] * 12)
_STORMS: Final = {
    "account.opened": "account_ref",
    "product.subscribed": "product_ref",
    "transaction.posted": "posting_id",
    "transaction.reversed": "original_posting_id",
    "feedback.received": "feedback_id",
    "consent.changed": "channel",
    "interest.shown": "channel",
}
"""Facts that may come by the thousand about one customer, and what tells them apart."""
_POLICIES: Final[dict[str, dict[str, Any]]] = {
    "default": {},
    "restless": {
        "zone": "Africa/Cairo",
        "growing_sequences": ["grows"],
        "activation.own_activity_days": 1,
        "onboarding.window": "1 second",
        "lost.after_silence": "10 days",
        "lost.at_least_at_risk": "0 days",
        "prospects.limit": "1 day",
        "quiet_period": "0 days",
        "maturity_grace": "0 days",
        "memory.event_ids": 1,
        "memory.reversible_postings": 1,
        "rules.silence.after": "5 days",
        "rules.silence.limit": "fixed",
    },
    "patient": {
        "zone": "America/New_York",
        "live_from": "2025-04-01T00:00:00Z",
        "adoption.older_than": "36525 days",
        "lost.after_silence": "36525 days",
        "onboarding.window": "36525 days",
        "maturity_grace": "36525 days",
        "memory.event_ids": 64,
        "memory.reversible_postings": 32,
    },
    "unruly": {"rules.silence": None, "rules.complaint": None, "rules.not_onboarded": None},
}


class Setup(NamedTuple):
    """How a deployment is set up."""

    policy: str = "default"
    partitions: int = 1
    batch_records: int = 40
    sweep_customers: int = 2_000
    cached_customers: int = 100
    max_value_bytes: int = 20_000
    then_policy: str = ""
    """In force at the end: everybody is recomputed under it. Empty: no other."""
    loses_store: bool = False
    """Last of all a worker makes it anew from the journal."""


@dataclass(frozen=True, slots=True)
class Case:
    """What happens to one deployment. `records` have their coordinates, in order of arrival."""

    setup: Setup
    records: tuple[InputRecord, ...]
    spoilt: Counter[str]
    """What was done to the records, for people."""


@cache
def policy_named(name: str, version: int = 1) -> Policy:
    """One of the policies under which cases run."""
    return policy(version=version, **_POLICIES[name])


def case(choices: Choices) -> Case:
    """Any case."""
    setup = Setup(
        choices.pick(tuple(_POLICIES)),
        choices.pick((1, 2, 3)),
        choices.pick((40, 1, 7, 1_000)),
        choices.pick((2_000, 1, 3)),
        choices.pick((100, 0, 2)),
        then_policy=choices.pick(("", "", "", *_POLICIES)),
        loses_store=choices.one_in(4),
    )
    spoilt: Counter[str] = Counter()
    records = placed(_records(choices, setup, spoilt))
    return Case(setup, tuple(records), spoilt)


def case_of(data: bytes) -> Case:
    """The case that some bytes are: each of them is a choice."""
    return case(Choices.of_bytes(data))


def placed(records: Iterator[InputRecord]) -> Iterator[InputRecord]:
    """The records with the offsets that they get when they arrive in this order."""
    ends: Counter[tuple[str, int]] = Counter()
    for one in records:
        place = one.topic, one.partition
        headers = tuple(one.headers)
        yield InputRecord(*place, ends[place], one.timestamp_ms, one.key, one.value, headers)
        ends[place] += 1


def _records(choices: Choices, setup: Setup, spoilt: Counter[str]) -> Iterator[InputRecord]:
    digest = policy_named(setup.policy).digest
    arrival = choices.pick(_BEGINNINGS)
    one_in = choices.pick(_SPOILT)
    customers = CUSTOMERS[: choices.between(1, len(CUSTOMERS))]
    number, last = 0, None
    for _ in range(choices.between(1, MOST_RECORDS)):
        if last is not None and choices.one_in(16):
            yield last  # a feed sends it again
            continue
        kind = choices.pick(_KINDS)
        arrival = min(arrival + choices.pick(_STEPS), 7_258_118_399_999)
        customer = choices.pick(customers)
        told = event(choices, kind, customer, arrival - choices.pick(_BEHIND), number, digest)
        many, apart = 1, _STORMS.get(kind)
        if apart is not None and choices.one_in(4_000):
            many = choices.pick((40, 3_000))
        for nth in range(many):
            if many > 1 and apart is not None:
                told = {**told, "event_id": f"storm-{number}", apart: f"{apart}-{number}"}
            spoils = choices.one_in(one_in) if nth < MOST_RECORDS else False
            last = _record(choices, told, setup.partitions, arrival, spoilt if spoils else None)
            yield last
            number += 1


def _record(
    choices: Choices,
    told: dict[str, Any],
    partitions: int,
    arrival: int,
    spoilt: Counter[str] | None,
) -> InputRecord:
    """The event as a record without its offset; spoilt if there is where to note it."""
    key = None if told["type"] in CONTROL else told["customer_id"].encode()
    made = draft(choices, told, key, arrival)
    tears = []
    if spoilt is not None:
        for _ in range(choices.pick((1, 1, 2, 4))):
            if choices.below(3):
                spoil = choices.pick(SPOILT)
                spoil(choices, made)
                spoilt[spoil.__name__.strip("_")] += 1
            else:
                tears.append(choices.pick(TORN))
    value: bytes | None = made.value()
    for tear in tears:
        value = None if value is None else tear(choices, value)
    if spoilt is not None:
        spoilt.update(tear.__name__.strip("_") for tear in tears)
    if made.key is None or (spoilt is not None and choices.one_in(30)):
        partition = choices.below(partitions)
    else:
        partition = partition_of(made.key, partitions, "murmur2")
    topic = TOPICS[told["type"].startswith("transaction.")]
    if told["type"] == "feed.watermark" and told["topic"] in TOPICS and not choices.one_in(8):
        topic = told["topic"]
    return InputRecord(topic, partition, 0, made.timestamp, made.key, value, made.headers)
