"""Bad records: each is refused with its own code, and says what a feed team can act on."""

import pytest

from consumer.decode import Decoded, Limits, decode
from consumer.rejection import REASONS, Rejected
from tests.consumer.bad_records import BAD, POSTED, Bad
from tests.consumer.decoding import record, told


@pytest.mark.parametrize("bad", BAD, ids=[bad.name for bad in BAD])
def test_a_bad_record_is_refused_with_a_reason(bad: Bad) -> None:
    found = decode(bad.record)
    assert isinstance(found, Rejected)
    assert found.reason == bad.reason
    assert bad.fragment in found.detail
    assert found.remedy
    assert found.record is bad.record
    assert len(found.detail) < 1_000


def test_there_are_at_least_forty_five_and_each_has_a_name_of_its_own() -> None:
    assert len(BAD) >= 45
    assert len({bad.name for bad in BAD}) == len(BAD)


def test_every_reason_that_decoding_can_give_is_among_them() -> None:
    needs_more_than_the_record = {"wrong_partition", "wrong_topic", "policy_not_in_force"}
    assert {bad.reason for bad in BAD} == set(REASONS) - needs_more_than_the_record


def test_good_records_around_bad_ones_are_unharmed() -> None:
    good = told("transaction.posted")
    for bad in BAD:
        before, middle, after = (decode(each) for each in (good, bad.record, good))
        assert isinstance(middle, Rejected)
        assert isinstance(before, Decoded)
        assert before == after


SECRET = "Jane Doe"


@pytest.mark.parametrize(
    "field", sorted({"occurred_at", "amount", "currency", "role", "booking_date", "code", "type"})
)
def test_a_name_in_the_wrong_field_is_not_repeated(field: str) -> None:
    found = decode(told("transaction.posted", **{field: SECRET * (9 if field == "code" else 1)}))
    assert isinstance(found, Rejected)
    assert "Jane" not in found.detail


def test_text_that_is_no_json_is_not_repeated() -> None:
    found = decode(record(b'{"name": "Jane Doe", oops}'))
    assert isinstance(found, Rejected)
    assert "Jane" not in found.detail


def test_the_limits_are_the_callers() -> None:
    strict = Limits(value_bytes=len(POSTED) - 1, future_ms=0)
    found = decode(record(POSTED), strict)
    assert isinstance(found, Rejected)
    assert found.reason == "too_large"
    occurred = 1_743_383_564_310
    for stamp, future, accepted in [
        (occurred, 0, True),
        (occurred - 1, 0, False),
        (occurred - 1, 1, True),
        (occurred - 2, 1, False),
    ]:
        answer = decode(record(POSTED, stamp=stamp), Limits(future_ms=future))
        assert isinstance(answer, Decoded) is accepted
