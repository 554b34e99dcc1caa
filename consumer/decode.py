"""From bytes to events: a record is decoded, or rejected with a reason. Pure.

The checks, in their order: is there a value, of a sane size; is it an event of the contract
(schemas.events; a CloudEvent is brought into that form first); is it dated no later than its own
record; is it addressed as its kind must be, a fact about a customer under the customer's key and
a control event without one. What depends on state, such as duplicates, is the fold's.

This is the hot path: one call for every record. Explanations are made only for what is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, cast

import msgspec
from pydantic import ValidationError

from consumer.partitioner import Partitioner, partition_of
from consumer.postings import read_posting
from consumer.records import InputRecord
from consumer.rejection import Rejected, reject
from schemas.base import from_millis, rfc3339, to_millis
from schemas.cloudevents import STRUCTURED, canonical
from schemas.events import (
    EVENTS,
    AccountOpened,
    AccountSnapshot,
    BalanceReported,
    CanonicalEvent,
    CustomerErased,
    CustomerStatusChanged,
    FeedWatermark,
    PolicyActivated,
    TransactionPosted,
)
from schemas.problems import Problem, problem_in, word


@dataclass(frozen=True, slots=True)
class Limits:
    """What a record may be at most."""

    value_bytes: int = 1_048_576
    future_ms: int = 900_000
    """How far after its own record an event may be dated: the clocks of a bank differ."""


class Decoded(msgspec.Struct, frozen=True, gc=False):
    """A record with its event, valid in itself."""

    record: InputRecord
    event: CanonicalEvent
    occurred_ms: int
    """The event's occurred_at, milliseconds since 1970."""


DEFAULT_LIMITS: Final = Limits()
_STRUCTURED_HEADERS: Final = (("content-type", STRUCTURED.encode()),)
_LATEST_STAMP: Final = 7_258_118_400_000
"""2200-01-01 in milliseconds. A later one was written in microseconds."""
_read = EVENTS.validator.validate_json


def decode(record: InputRecord, limits: Limits = DEFAULT_LIMITS) -> Decoded | Rejected:
    """Return the record's event, or why it is refused. Never raises, whatever the bytes are."""
    value, stamp = record.value, record.timestamp_ms
    if value is not None and not record.headers and len(value) <= limits.value_bytes:
        posting = read_posting(value)
        if posting is not None and record.key == posting.customer_id.encode():
            occurred = to_millis(posting.occurred_at)
            if 0 <= stamp < _LATEST_STAMP and occurred <= stamp + limits.future_ms:
                # It has every field of the model, and nobody asks for more.
                return Decoded(record, cast(TransactionPosted, posting), occurred)
    event = _event_in(record, limits)
    return event if isinstance(event, Rejected) else _examined(record, event, limits)


def decode_line(
    line: bytes, number: int, topic: str, limits: Limits = DEFAULT_LIMITS
) -> Decoded | Rejected:
    """Decode one line of a file: canonical JSON, or a CloudEvent in structured mode.

    A line has no key and no timestamp of its own: the key is the customer's, the timestamp its
    received_at (without one, its occurred_at). `number` stands for the offset, partition is 0.
    """
    headers = _STRUCTURED_HEADERS if b'"specversion"' in line else ()
    record = InputRecord(topic, 0, number, 0, None, line, headers)
    event = _event_in(record, limits)
    if isinstance(event, Rejected):
        return event
    customer = None if isinstance(event, _CONTROL) else event.customer_id.encode()
    stamp = to_millis(event.received_at or event.occurred_at)
    return _examined(InputRecord(topic, 0, number, stamp, customer, line, headers), event, limits)


def misplaced(decoded: Decoded, partition_count: int, partitioner: Partitioner) -> Rejected | None:
    """Refuse an event whose key belongs on another partition than the one that it came on.

    Costs several µs, so the caller asks only for customers that are not yet known. Control
    events belong anywhere.
    """
    record = decoded.record
    if not record.key:
        return None
    expected = partition_of(record.key, partition_count, partitioner)
    if expected == record.partition:
        return None
    return reject(
        record,
        "wrong_partition",
        f"key {_key(record.key)} came on partition {record.partition}; "
        f"{partitioner} over {partition_count} partitions puts it on {expected}",
    )


def _event_in(record: InputRecord, limits: Limits) -> CanonicalEvent | Rejected:
    value = record.value
    if value is None:
        return reject(record, "tombstone", f"key {_key(record.key)} has a null value")
    if len(value) > limits.value_bytes:
        found = f"the value has {len(value):,} bytes; the limit is {limits.value_bytes:,}"
        return reject(record, "too_large", found)
    if record.headers:
        brought = canonical(record.headers, value)
        if isinstance(brought, Problem):
            return reject(record, brought.code, brought.detail, brought.remedy)
        value = brought
    try:
        return _read(value)  # type: ignore[no-any-return]  # the validator is untyped
    except ValidationError as error:
        problem = problem_in(error, value)
        return reject(record, problem.code, problem.detail, problem.remedy)


def _examined(record: InputRecord, event: CanonicalEvent, limits: Limits) -> Decoded | Rejected:
    stamp = record.timestamp_ms
    if not 0 <= stamp < _LATEST_STAMP:
        return reject(record, "invalid_timestamp", f"the record's timestamp is {stamp}")
    occurred = to_millis(event.occurred_at)
    if occurred > stamp + limits.future_ms:
        return _dated_late(record, "occurred_at", occurred, limits)
    refused = _EXAMINE.get(event.__class__, _keyed)(record, event, limits)
    return Decoded(record, event, occurred) if refused is None else refused


def _keyed(record: InputRecord, event: Any, _: Limits) -> Rejected | None:
    if record.key == event.customer_id.encode():
        return None
    if not record.key:
        found = f"the key is {'null' if record.key is None else 'empty'}"
        return reject(record, "missing_key", f"{found}; expected {_id(event)}")
    try:
        text = record.key.decode()
    except UnicodeDecodeError:
        return reject(
            record, "key_not_utf8", f"the key is {_key(record.key)}; expected the customer id"
        )
    quoted = " in quotation marks: a JSON serializer wrote it" * (text.strip('"') != text)
    return reject(
        record,
        "key_mismatch",
        f"the key is {_key(record.key)}{quoted}; customer_id is {_id(event)}",
    )


def _unkeyed(record: InputRecord, event: Any, _: Limits) -> Rejected | None:
    if not record.key:
        return None
    return reject(record, "control_with_key", f"{event.type} has the key {_key(record.key)}")


def _watermark(record: InputRecord, event: FeedWatermark, limits: Limits) -> Rejected | None:
    through = to_millis(event.complete_through)
    if through > record.timestamp_ms + limits.future_ms:
        return _dated_late(record, "complete_through", through, limits)
    return _unkeyed(record, event, limits)


def _status(record: InputRecord, event: CustomerStatusChanged, limits: Limits) -> Rejected | None:
    if event.status == "merged":
        return reject(record, "merge_unsupported", f"customer {_id(event)} is said to be merged")
    return _keyed(record, event, limits)


def _account(record: InputRecord, event: AccountOpened, limits: Limits) -> Rejected | None:
    return _day_late(record, "opened_on", event.opened_on, limits) or _keyed(record, event, limits)


def _balance(record: InputRecord, event: BalanceReported, limits: Limits) -> Rejected | None:
    return _day_late(record, "as_of", event.as_of, limits) or _keyed(record, event, limits)


def _snapshot(record: InputRecord, event: AccountSnapshot, limits: Limits) -> Rejected | None:
    last = event.last_customer_activity
    if last is not None and to_millis(last) > record.timestamp_ms + limits.future_ms:
        return _dated_late(record, "last_customer_activity", to_millis(last), limits)
    return _day_late(record, "opened_on", event.opened_on, limits) or _keyed(record, event, limits)


_CONTROL: Final = (FeedWatermark, PolicyActivated, CustomerErased)
_EXAMINE: Final[dict[type, Callable[[InputRecord, Any, Limits], Rejected | None]]] = {
    FeedWatermark: _watermark,
    PolicyActivated: _unkeyed,
    CustomerErased: _unkeyed,
    CustomerStatusChanged: _status,
    AccountOpened: _account,
    AccountSnapshot: _snapshot,
    BalanceReported: _balance,
}
"""The types that need more than the customer's key; every other type is examined by `_keyed`."""


def _dated_late(record: InputRecord, field: str, at: int, limits: Limits) -> Rejected:
    return reject(
        record,
        "future_date",
        f"{field} is {rfc3339(at)}, more than {limits.future_ms / 1000:g} s after the record's "
        f"timestamp {rfc3339(record.timestamp_ms)}",
    )


def _day_late(record: InputRecord, field: str, day: date | None, limits: Limits) -> Rejected | None:
    """Refuse a day that has not begun anywhere on earth when the record was written."""
    if day is None:
        return None
    latest = from_millis(record.timestamp_ms + limits.future_ms).date() + timedelta(days=1)
    if day <= latest:
        return None
    written = rfc3339(record.timestamp_ms)
    return reject(
        record, "future_date", f"{field} is {day}, after the record's timestamp {written}"
    )


def _id(event: Any) -> str:
    return f"'{event.customer_id}'"


def _key(key: bytes | None) -> str:
    """Describe a key: itself where it looks like an id, else its size."""
    if not key:
        return "null" if key is None else "empty"
    try:
        return word(key.decode())
    except UnicodeDecodeError:
        return f"{len(key)} bytes that are not UTF-8"
