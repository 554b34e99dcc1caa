"""Good records, by whatever way they come."""

import json

import pytest

from consumer.decode import Decoded, Limits, decode, decode_line
from consumer.rejection import Rejected
from schemas.cloudevents import canonical
from schemas.events import EVENTS
from schemas.examples import example, type_names
from tests.consumer.decoding import CONTROL, CUSTOMER, STAMP, record, told, written

OCCURRED = 1_743_383_564_310


@pytest.mark.parametrize("name", type_names())
def test_every_example_is_decoded(name: str) -> None:
    given = told(name)
    found = decode(given)
    assert isinstance(found, Decoded)
    assert found.record is given
    event = EVENTS.validate_json(written(name))
    for field in type(event).model_fields:
        assert getattr(found.event, field) == getattr(event, field), field
    assert found.occurred_ms == OCCURRED


def test_headers_that_are_not_of_cloudevents_change_nothing() -> None:
    headers = [("traceparent", b"00-1"), ("content-type", b"application/json"), ("empty", None)]
    found = decode(record(written("account.closed"), headers=headers))
    assert isinstance(found, Decoded)


def test_a_binary_cloudevent_is_decoded() -> None:
    data = example("account.closed")
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", data.pop("event_id").encode()),
        ("ce_source", data.pop("source").encode()),
        ("ce_type", data.pop("type").encode()),
        ("ce_time", data.pop("occurred_at").encode()),
        ("ce_subject", data.pop("customer_id").encode()),
    ]
    found = decode(record(json.dumps(data).encode(), headers=headers))
    assert isinstance(found, Decoded)
    assert found.event == EVENTS.validate_json(written("account.closed"))


def test_a_key_beyond_ascii_is_compared_as_utf8() -> None:
    given = record(written("account.closed", customer_id="客户-7"), "客户-7".encode())
    assert isinstance(decode(given), Decoded)


def test_a_control_event_may_have_an_empty_key_in_place_of_none() -> None:
    assert isinstance(decode(record(written("feed.watermark"), b"")), Decoded)


def test_a_day_that_has_begun_somewhere_on_earth_is_not_the_future() -> None:
    assert isinstance(decode(told("balance.reported", as_of="2025-04-01")), Decoded)


@pytest.mark.parametrize("name", type_names())
def test_a_line_of_a_file_is_decoded_under_its_customer(name: str) -> None:
    found = decode_line(written(name), 7, "feed.jsonl")
    assert isinstance(found, Decoded)
    key = None if name in CONTROL else CUSTOMER
    assert (found.record.topic, found.record.partition, found.record.offset) == ("feed.jsonl", 0, 7)
    assert found.record.key == key
    assert found.record.timestamp_ms == OCCURRED


def test_a_lines_timestamp_is_its_received_at() -> None:
    line = written("account.closed", received_at="2025-03-31T09:12:45.310+08:00")
    found = decode_line(line, 7, "feed.jsonl")
    assert isinstance(found, Decoded)
    assert found.record.timestamp_ms == OCCURRED + 1000


def test_a_line_received_before_it_happened_is_refused() -> None:
    line = written("account.closed", received_at="2025-03-31T09:12:43.310+08:00")
    found = decode_line(line, 7, "feed.jsonl", Limits(future_ms=999))
    assert isinstance(found, Rejected)
    assert found.reason == "future_date"


def test_a_line_may_be_a_structured_cloudevent() -> None:
    data = example("account.closed")
    line = {
        "specversion": "1.0",
        "id": data.pop("event_id"),
        "source": data.pop("source"),
        "type": data.pop("type"),
        "data": data,
    }
    found = decode_line(json.dumps(line).encode(), 7, "feed.jsonl")
    assert isinstance(found, Decoded)


@pytest.mark.parametrize("line", [b"", b"{", b"[]", b"\xff", b'{"specversion": "1.0"}'])
def test_a_bad_line_is_refused_with_its_number(line: bytes) -> None:
    found = decode_line(line, 7, "feed.jsonl")
    assert isinstance(found, Rejected)
    assert (found.record.topic, found.record.offset, found.record.value) == ("feed.jsonl", 7, line)


def test_decoding_touches_no_bytes_of_a_bare_record() -> None:
    value = written("account.closed")
    assert canonical((), value) is value
    found = decode(record(value, stamp=STAMP))
    assert isinstance(found, Decoded)
    assert found.record.value is value
