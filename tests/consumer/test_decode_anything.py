"""Whatever the bytes are, there is an answer: an event, or a refusal that explains itself."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from consumer.decode import Decoded, decode, decode_line
from consumer.records import InputRecord
from consumer.rejection import REASONS, Rejected
from schemas.cloudevents import STRUCTURED
from schemas.examples import example, type_names

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(), below, max_size=3),
    max_leaves=10,
)
FIELDS = sorted({field for name in type_names() for field in example(name)})


@st.composite
def spoilt_events(draw: st.DrawFn) -> bytes:
    """An example with a few fields put to anything, or gone."""
    event: dict[str, Any] = example(draw(st.sampled_from(type_names())))
    for field in draw(st.lists(st.sampled_from(FIELDS), max_size=3)):
        event[field] = draw(JSON | st.sampled_from(["", "2025-01-01", "12", 0, -1, 2**70]))
    for field in draw(st.lists(st.sampled_from(sorted(event)), max_size=2)):
        event.pop(field, None)
    return json.dumps(event).encode()


VALUES = st.none() | st.binary() | JSON.map(json.dumps).map(str.encode) | spoilt_events()
HEADERS = st.lists(
    st.tuples(
        st.sampled_from(["ce_specversion", "ce_id", "ce_source", "ce_type", "content-type"])
        | st.text(),
        st.none()
        | st.binary(max_size=9)
        | st.sampled_from([b"1.0", b"account.closed", STRUCTURED.encode()]),
    ),
    max_size=7,
)
RECORDS = st.builds(
    InputRecord,
    topic=st.just("tenure.accounts"),
    partition=st.integers(0, 9),
    offset=st.integers(0, 2**63 - 1),
    timestamp_ms=st.integers(-(2**63), 2**63 - 1) | st.just(1_743_412_364_310),
    key=st.none() | st.binary() | st.just(b"cust-7781"),
    value=VALUES,
    headers=st.just(()) | HEADERS,
)


def check(found: Decoded | Rejected) -> None:
    assert isinstance(found, Decoded | Rejected)
    if isinstance(found, Rejected):
        assert found.reason in REASONS
        assert found.detail
        assert found.remedy
        assert len(found.detail) < 2_000
        assert found.detail.isprintable()


@given(RECORDS)
def test_every_record_is_decoded_or_rejected(record: InputRecord) -> None:
    found = decode(record)
    check(found)
    assert found.record is record
    assert decode(record) == found


@given(VALUES.filter(lambda value: value is not None))
def test_every_line_is_decoded_or_rejected(line: bytes) -> None:
    check(decode_line(line, 1, "feed.jsonl"))
