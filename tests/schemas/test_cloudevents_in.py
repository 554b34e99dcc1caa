"""What arrives as CloudEvents, written by the CloudEvents SDK: an implementation not ours."""

import base64
import json
from datetime import datetime
from typing import Any

import pytest
from cloudevents.core.bindings import kafka as sdk
from cloudevents.core.v1.event import CloudEvent
from hypothesis import given
from hypothesis import strategies as st

from schemas.cloudevents import STRUCTURED, canonical
from schemas.events import EVENTS
from schemas.examples import example, type_names
from schemas.problems import Problem

ENVELOPE = {
    "id": "event_id",
    "source": "source",
    "type": "type",
    "time": "occurred_at",
    "subject": "customer_id",
}


def as_cloudevent(name: str, **extensions: object) -> CloudEvent:
    """The example of a type with its envelope in attributes, and only there."""
    data = example(name)
    attributes: dict[str, Any] = {
        attribute: data.pop(field) for attribute, field in ENVELOPE.items() if field in data
    }
    del data["schema_version"]
    attributes["time"] = datetime.fromisoformat(attributes["time"])
    attributes["datacontenttype"] = "application/json"
    return CloudEvent({**attributes, **extensions}, data)


def headers_of(message: sdk.KafkaMessage) -> list[tuple[str, bytes | None]]:
    return list(message.headers.items())


def read(headers: list[tuple[str, bytes | None]], value: bytes) -> Any:
    document = canonical(headers, value)
    assert isinstance(document, bytes), document
    return EVENTS.validate_json(document)


def problem(headers: list[tuple[str, bytes | None]], value: bytes) -> Problem:
    found = canonical(headers, value)
    assert isinstance(found, Problem), found
    return found


def bare(name: str) -> Any:
    return EVENTS.validate_json(json.dumps(example(name)))


@pytest.mark.parametrize("name", type_names())
def test_a_binary_cloudevent_is_the_same_event_as_the_bare_one(name: str) -> None:
    message = sdk.to_binary_event(as_cloudevent(name))
    assert read(headers_of(message), message.value) == bare(name)


@pytest.mark.parametrize("name", type_names())
def test_a_structured_cloudevent_is_the_same_event_as_the_bare_one(name: str) -> None:
    message = sdk.to_structured_event(as_cloudevent(name))
    assert read(headers_of(message), message.value) == bare(name)


@pytest.mark.parametrize("write", [sdk.to_binary_event, sdk.to_structured_event])
def test_the_extensions_are_the_sequence_and_the_version(write: Any) -> None:
    message = write(as_cloudevent("account.closed", sequence="000042", schemaversion="1"))
    assert read(headers_of(message), message.value).sequence == 42


@pytest.mark.parametrize("write", [sdk.to_binary_event, sdk.to_structured_event])
def test_a_version_that_is_not_known_is_handed_on_to_be_refused(write: Any) -> None:
    message = write(as_cloudevent("account.closed", schemaversion="2"))
    document = canonical(headers_of(message), message.value)
    assert isinstance(document, bytes)
    assert json.loads(document)["schema_version"] == 2


def test_data_that_repeats_the_envelope_is_no_conflict() -> None:
    message = sdk.to_binary_event(as_cloudevent("account.closed"))
    whole = {**example("account.closed"), "occurred_at": "2025-03-31T01:12:44.310Z"}
    assert read(headers_of(message), json.dumps(whole).encode()) == bare("account.closed")


@pytest.mark.parametrize(
    "field, told",
    [
        ("event_id", "another"),
        ("source", "core/cards"),
        ("type", "account.opened"),
        ("occurred_at", "2025-03-31T09:12:44.310Z"),
        ("occurred_at", "yesterday"),
        ("customer_id", "cust-9020"),
        ("sequence", 43),
        ("schema_version", 2),
    ],
)
def test_an_envelope_and_data_that_differ_are_refused_by_name(field: str, told: object) -> None:
    message = sdk.to_binary_event(as_cloudevent("account.closed", sequence="42", schemaversion="1"))
    value = json.dumps({**example("account.closed"), field: told}).encode()
    found = problem(headers_of(message), value)
    assert found.code == "cloudevent_conflict"
    assert field in found.detail


def test_what_is_no_cloudevent_is_handed_on_untouched() -> None:
    headers = [("traceparent", b"00-1"), ("content-type", b"application/json"), ("x", None)]
    assert canonical(headers, b"anything \xff") == b"anything \xff"


def test_header_names_are_read_in_any_case() -> None:
    message = sdk.to_binary_event(as_cloudevent("account.closed"))
    loud = [(name.upper(), value) for name, value in headers_of(message)]
    assert read(loud, message.value) == bare("account.closed")


def test_a_header_that_comes_twice_must_say_the_same() -> None:
    message = sdk.to_binary_event(as_cloudevent("account.closed"))
    headers = headers_of(message)
    assert read([*headers, headers[0]], message.value) == bare("account.closed")
    found = problem([*headers, ("ce_id", b"another")], message.value)
    assert found.code == "cloudevent_conflict"
    assert "ce_id" in found.detail


def structured(**changes: object) -> bytes:
    whole = {
        "specversion": "1.0",
        "id": "e-1",
        "source": "core/retail",
        "type": "account.closed",
        "data": {},
        **changes,
    }
    return json.dumps({key: value for key, value in whole.items() if value is not ...}).encode()


CONTENT_TYPE: list[tuple[str, bytes | None]] = [
    ("content-type", f"{STRUCTURED}; charset=utf-8".encode())
]


@pytest.mark.parametrize(
    "changes, code, fragment",
    [
        ({"specversion": "0.3"}, "cloudevent_invalid", "specversion is '0.3'"),
        ({"specversion": ...}, "cloudevent_invalid", "specversion is null"),
        ({"id": ...}, "cloudevent_invalid", "`id` is missing"),
        ({"source": ""}, "cloudevent_invalid", "`source` is missing"),
        ({"type": ...}, "cloudevent_invalid", "`type` is missing"),
        ({"id": 5}, "cloudevent_invalid", "`id` is the number 5"),
        ({"sequence": "first"}, "cloudevent_invalid", "expected decimal digits"),
        ({"schemaversion": True}, "cloudevent_invalid", "`schemaversion` is true"),
        ({"data": "text"}, "cloudevent_invalid", "data is text of 4 characters"),
        ({"data": ...}, "cloudevent_invalid", "data is null"),
        ({"data": ..., "data_base64": "!"}, "cloudevent_invalid", "not base64"),
        ({"data": ..., "data_base64": "W10="}, "not_object", "data_base64 is an array"),
        ({"data": ..., "data_base64": "ew=="}, "not_json", "not JSON"),
        ({"datacontenttype": "avro/binary"}, "cloudevent_invalid", "content type is 'avro/binary'"),
    ],
)
def test_a_broken_structured_cloudevent_is_refused_by_name(
    changes: dict[str, object], code: str, fragment: str
) -> None:
    found = problem(CONTENT_TYPE, structured(**changes))
    assert found.code == code
    assert fragment in found.detail


@pytest.mark.parametrize(
    "headers, value, code",
    [
        ([("content-type", b"application/cloudevents-batch+json")], b"[]", "cloudevent_invalid"),
        ([("content-type", b"application/cloudevents+avro")], b"\x00", "cloudevent_invalid"),
        ([("ce_id", b"\xff")], b"{}", "cloudevent_invalid"),
        ([("ce_id", b"e-1")], b"{}", "cloudevent_invalid"),
        ([("ce_specversion", b"1.0"), ("content-type", b"text/xml")], b"{}", "cloudevent_invalid"),
        (CONTENT_TYPE, b"{", "not_json"),
        (CONTENT_TYPE, b"\xffx", "not_utf8"),
        (CONTENT_TYPE, b"[]", "not_object"),
    ],
)
def test_other_modes_and_broken_bytes_are_refused(
    headers: list[tuple[str, bytes | None]], value: bytes, code: str
) -> None:
    assert problem(headers, value).code == code


def test_data_may_be_in_base64() -> None:
    message = sdk.to_structured_event(as_cloudevent("account.closed"))
    whole = json.loads(message.value)
    whole["data_base64"] = base64.b64encode(json.dumps(whole.pop("data")).encode()).decode()
    assert read(CONTENT_TYPE, json.dumps(whole).encode()) == bare("account.closed")


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["ce_specversion", "ce_id", "ce_time", "content-type", "ce_x", "y"]),
            st.none() | st.binary(max_size=20) | st.just(b"1.0") | st.just(STRUCTURED.encode()),
        )
    ),
    st.binary()
    | st.recursive(st.none() | st.text(), st.lists).map(lambda x: json.dumps(x).encode()),
)
def test_whatever_comes_there_is_an_answer(
    headers: list[tuple[str, bytes | None]], value: bytes
) -> None:
    assert isinstance(canonical(headers, value), bytes | Problem)
