"""A case: the records of one small deployment in their order, and how it is set up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from consumer.partitioner import partition_of
from consumer.records import InputRecord
from tests.fuzz.choices import Choices
from tests.fuzz.drafts import draft
from tests.fuzz.events import CONTROL, CUSTOMERS, TYPES, event
from tests.fuzz.mutations import SPOILT
from tests.fuzz.setups import TOPICS, Setup, policy_named, setup_of
from tests.fuzz.tears import TORN

CHOICE_BYTES: Final = 3_000
"""So many bytes are choices enough for most cases; what comes after them is plain."""
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
    "account.snapshot": "customer_id",
    "prospect.registered": "customer_id",
}
"""Facts that may come by the thousand, mostly about one customer, and what tells them apart."""
_CROWDS: Final = (0, 0, 0, 0, 0, 3, 30)
"""Customers who are there from the first and never heard of again: due all at once."""
_STORM_KINDS: Final = (*_STORMS, "account.opened", "account.opened", "product.subscribed")
_MANY: Final = (200, 40, 200, 40, 1_000)
_PLAINEST: Final = Choices.of_bytes(b"")


@dataclass(frozen=True, slots=True)
class Case:
    """What happens to one deployment. `records` have their coordinates, in order of arrival."""

    setup: Setup
    records: tuple[InputRecord, ...]


def case(choices: Choices) -> Case:
    """Any case."""
    setup = setup_of(choices)
    return Case(setup, tuple(placed(_records(choices, setup))))


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


def _records(choices: Choices, setup: Setup) -> Iterator[InputRecord]:
    digest = policy_named(setup.policy).digest
    arrival = choices.pick(_BEGINNINGS)
    one_in = choices.pick(_SPOILT)
    customers = CUSTOMERS[: choices.between(1, len(CUSTOMERS))]
    for number in range(choices.pick(_CROWDS)):
        told = event(_PLAINEST, "account.snapshot", f"c-{number}", arrival, number, digest)
        told["event_id"] = f"crowd-{number}"
        yield _record(choices, told, setup.partitions, arrival, spoils=False)
    number, last = 0, None
    for _ in range(choices.between(1, MOST_RECORDS)):
        if last is not None and choices.one_in(16):
            yield last  # a feed sends it again
            continue
        storm = choices.one_in(600)
        kind = choices.pick(_STORM_KINDS if storm else _KINDS)
        arrival = min(arrival + choices.pick(_STEPS), 7_258_118_399_999)
        customer = choices.pick(customers)
        if storm:
            told = event(_PLAINEST, kind, customer, arrival, number, digest)
        else:
            told = event(choices, kind, customer, arrival - choices.pick(_BEHIND), number, digest)
        gone_bad = storm and choices.one_in(2)
        for nth in range(choices.pick(_MANY) if storm else 1):
            if storm:
                apart = {_STORMS[kind]: f"n-{number}", "event_id": f"storm-{number}"}
                told = {**told, **apart}
            spoils = choices.one_in(one_in) if nth < MOST_RECORDS else False
            last = _record(choices, told, setup.partitions, arrival, spoils=spoils)
            if gone_bad and last.value is not None:
                last = msgspec.structs.replace(last, value=last.value[:-1])
            yield last
            number += 1


def _record(
    choices: Choices, told: dict[str, Any], partitions: int, arrival: int, *, spoils: bool
) -> InputRecord:
    """The event as a record without its offset, spoilt or not."""
    key = None if told["type"] in CONTROL else told["customer_id"].encode()
    made = draft(choices, told, key, arrival)
    tears = []
    for _ in range(choices.pick((1, 1, 2, 4)) if spoils else 0):
        if choices.below(3):
            choices.pick(SPOILT)(choices, made)
        else:
            tears.append(choices.pick(TORN))
    value: bytes | None = made.value()
    for tear in tears:
        value = None if value is None else tear(choices, value)
    if made.key is None or (spoils and choices.one_in(30)):
        partition = choices.below(partitions)
    else:
        partition = partition_of(made.key, partitions, "murmur2")
    topic = TOPICS[told["type"].startswith("transaction.")]
    if told["type"] == "feed.watermark" and told["topic"] in TOPICS and not choices.one_in(8):
        topic = told["topic"]
    return InputRecord(topic, partition, 0, made.timestamp, made.key, value, made.headers)
