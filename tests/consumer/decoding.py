"""Records to decode in tests, made from the examples of the contract."""

import json
from collections.abc import Sequence

from consumer.records import InputRecord
from schemas.examples import example

STAMP = 1_743_412_364_310
"""The record's timestamp: some hours after the examples happened."""
CUSTOMER = b"cust-7781"
CONTROL = ("feed.watermark", "policy.activated", "customer.erased")

Header = tuple[str, bytes | None]


def record(
    value: bytes | None,
    key: bytes | None = CUSTOMER,
    headers: Sequence[Header] = (),
    *,
    stamp: int = STAMP,
    partition: int = 3,
) -> InputRecord:
    return InputRecord("tenure.transactions", partition, 41, stamp, key, value, headers)


def written(name: str, **changes: object) -> bytes:
    """The example of a type with some fields changed, or left out (...)."""
    document = {**example(name), **changes}
    return json.dumps({key: value for key, value in document.items() if value is not ...}).encode()


def told(name: str, **changes: object) -> InputRecord:
    """A record as it should come: under the customer's key, or without one."""
    return record(written(name, **changes), None if name in CONTROL else CUSTOMER)
