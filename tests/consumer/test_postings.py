"""The short way to read a posting: what it accepts is what the model accepts, field by field."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from consumer.postings import Posting, read_posting
from operate.simulate.feed import Plan, simulate
from schemas.events import EVENTS, TransactionPosted
from schemas.examples import example as example_of
from tests.consumer.bad_records import BAD

PLAIN = example_of("transaction.posted") | {"type": "transaction.posted"}
ODD: list[Any] = [
    None,
    "",
    " ",
    "x" * 129,
    "x y",
    "é",
    "\u00a0",
    "\u2028",
    "\x7f",
    "-1",
    "+1.0",
    "1.",
    ".5",
    "1e5",
    "\u0661",
    "0000000000000000000",
    "1.1234567",
    "2025-01-01T00:00:00.9999999Z",
    "2025-01-01T00:00Z",
    "2025-01-01T00:00:00",
    "2025-01-01 00:00:00+08:00",
    "1899-12-31T23:59:59Z",
    "1900-01-01T00:00:00+14:00",
    "2199-12-31T23:59:59-12:00",
    "2200-01-01T00:00:00Z",
    "2025-1-1",
    "2025-02-30",
    "1899-12-31",
    "2025-01-01",
    "20250101",
    "CNY",
    "cny",
    "owner",
    "OWNER",
    "void",
    True,
    0,
    1,
    -1,
    1.0,
    2**63 - 1,
    2**63,
    [],
    {},
]
fields = st.sampled_from([*TransactionPosted.model_fields, "unknown"])
changes = st.dictionaries(fields, st.sampled_from(ODD) | st.text(max_size=6), max_size=3)


def judged(value: bytes) -> TransactionPosted | None:
    """What the model says; None: refused."""
    try:
        event = EVENTS.validate_json(value)
    except ValidationError:
        return None
    assert isinstance(event, TransactionPosted)
    return event


def assert_alike(value: bytes) -> bool:
    """Whatever is read the short way, the model accepts with the same values; whether it was."""
    short = read_posting(value)
    if short is None:
        return False
    event = judged(value)
    assert event is not None, value
    for name in TransactionPosted.model_fields:
        assert getattr(short, name) == getattr(event, name), name
    assert short.occurred_at.utcoffset() == event.occurred_at.utcoffset()
    return True


def test_the_fields_are_those_of_the_model() -> None:
    assert set(Posting.__struct_fields__) == set(TransactionPosted.model_fields)
    short = read_posting(_written(PLAIN))
    assert short is not None
    only_required = {
        name: PLAIN[name]
        for name, field in TransactionPosted.model_fields.items()
        if field.is_required()
    }
    assert assert_alike(_written(only_required))


def test_nearly_all_postings_of_a_feed_go_the_short_way() -> None:
    feed = simulate(Plan(customers=30, days=90, seed=5))
    values = [record.value for record in feed if b'"transaction.posted"' in record.value]
    assert len(values) > 500
    assert all(assert_alike(value) for value in values)


@settings(max_examples=1_000, deadline=None)
@given(changed=changes, dropped=st.sets(fields, max_size=2), spaced=st.booleans())
@example(changed={"occurred_at": "2025-01-01T00:00:00.9999999Z"}, dropped=set(), spaced=False)
def test_whatever_a_posting_says_both_ways_agree(
    changed: dict[str, Any], dropped: set[str], spaced: bool
) -> None:
    fields_ = {name: value for name, value in (PLAIN | changed).items() if name not in dropped}
    for ascii_only in (True, False):
        assert_alike(_written(fields_, spaced=spaced, ascii_only=ascii_only))


@settings(max_examples=1_000, deadline=None)
@given(
    at=st.integers(0, 700),
    put=st.sampled_from([b"", b'"', b"\\", b"{", b"}", b",", b":", b" ", b"\x00", b"\xff", b"9"]),
    cut=st.integers(0, 3),
)
def test_whatever_happens_to_its_bytes_both_ways_agree(at: int, put: bytes, cut: int) -> None:
    value = _written(PLAIN)
    place = at % len(value)
    assert_alike(value[:place] + put + value[place + cut :])


def test_a_field_that_comes_twice_counts_as_it_does_for_the_model() -> None:
    value = _written(PLAIN)[:-1] + b',"amount":"7.00","amount":"8.00"}'
    assert assert_alike(value)


def test_bad_records_are_left_to_the_model() -> None:
    for bad in BAD:
        if bad.record.value is not None:
            assert_alike(bad.record.value)


def _written(fields_: dict[str, Any], *, spaced: bool = False, ascii_only: bool = True) -> bytes:
    separators = (", ", ": ") if spaced else (",", ":")
    ordered = {"type": fields_.get("type")} | fields_ if "type" in fields_ else fields_
    return json.dumps(ordered, separators=separators, ensure_ascii=ascii_only).encode()
