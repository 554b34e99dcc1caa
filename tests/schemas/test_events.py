import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.base import from_millis, rfc3339, to_millis
from schemas.events import EVENTS, AccountSnapshot, FeedbackReceived
from schemas.examples import example, type_names
from schemas.problems import problem_in
from schemas.timezone import time_zones


def read(name: str, **changes: object) -> Any:
    return EVENTS.validate_json(json.dumps({**example(name), **changes}))


def error_of(name: str, **changes: object) -> tuple[str, str]:
    with pytest.raises(ValidationError) as refused:
        read(name, **changes)
    (error,) = refused.value.errors()
    return str(error["loc"][-1]), error["type"]


def test_unknown_fields_are_ignored_so_that_a_feed_may_grow_first() -> None:
    assert read("account.opened", branch={"code": 7}) == read("account.opened")


@pytest.mark.parametrize("name", type_names())
def test_an_event_cannot_be_changed(name: str) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        read(name).source = "elsewhere"


@pytest.mark.parametrize(
    "written",
    [
        "2025-03-31T09:12:44.310+08:00",
        "2025-03-31 09:12:44+08:00",
        "2025-03-31T01:12:44Z",
        "2025-03-31T09:12:44.1234567-03:30",
        "1969-12-31T23:59:59.999Z",
    ],
)
def test_a_time_with_an_offset_is_read(written: str) -> None:
    assert read("account.closed", occurred_at=written).occurred_at.utcoffset() is not None


@pytest.mark.parametrize(
    "written",
    [
        "1743384600",  # a Unix time as text: seconds, or milliseconds?
        "1743384600870",
        "+1743384600",
        1743384600,
        "2025-03-31",
        "2025-03-31T09:12:44",
        "2025-03-31T24:00:00Z",
        "1899-12-31T23:59:59Z",
        "2200-01-01T00:00:00Z",
        None,
    ],
)
def test_a_time_that_leaves_anything_to_guess_is_refused(written: object) -> None:
    assert error_of("account.closed", occurred_at=written) == ("occurred_at", "invalid_time")


@pytest.mark.parametrize(
    "written", ["20178", "1743379200", 20178, "2025-03-31T00:00:00", "31.3.25"]
)
def test_a_day_is_a_calendar_day_and_never_a_count(written: object) -> None:
    assert error_of("balance.reported", as_of=written) == ("as_of", "invalid_date")


def test_a_day_may_be_the_end_of_time() -> None:
    assert read("product.subscribed", matures_on="9999-12-31").matures_on.year == 9999


@pytest.mark.parametrize("amount", [12.5, 12, "-1.00", "1,000.00", "1e3", "", "١٢", "1.", ".5"])
def test_an_amount_is_a_decimal_string_without_a_sign(amount: object) -> None:
    assert error_of("transaction.posted", amount=amount) == ("amount", "invalid_amount")


def test_a_sequence_is_a_whole_number_that_every_store_holds() -> None:
    assert read("account.closed", sequence=2**63 - 1).sequence == 2**63 - 1
    assert error_of("account.closed", sequence=2**63) == ("sequence", "less_than_equal")


@pytest.mark.parametrize(
    "name, without",
    [
        ("account.snapshot", "currency"),
        ("product.subscribed", "currency"),
        ("transaction.reversed", "currency"),
        ("customer.status-changed", "until"),
    ],
)
def test_a_field_that_another_one_needs_may_not_be_missing(name: str, without: str) -> None:
    assert error_of(name, **{without: None})[1] == "needs_field"


@pytest.mark.parametrize(
    "attribute, value",
    [
        *(("risk_appetite", f"C{grade}") for grade in range(1, 6)),
        ("time_zone", "Asia/Shanghai"),
        ("time_zone", "Asia/Calcutta"),
        ("time_zone", "UTC"),
        ("demographic_class", "retiree"),
        ("demographic_class", "C9"),
    ],
)
def test_an_attribute_has_a_value_of_its_kind(attribute: str, value: str) -> None:
    assert read("customer.attribute-set", attribute=attribute, value=value).value == value


@pytest.mark.parametrize(
    "attribute, value, error",
    [
        ("risk_appetite", "C0", "unknown_risk_appetite"),
        ("risk_appetite", "C6", "unknown_risk_appetite"),
        ("risk_appetite", "c3", "unknown_risk_appetite"),
        ("risk_appetite", "Asia/Shanghai", "unknown_risk_appetite"),
        ("time_zone", "C3", "unknown_time_zone"),
        ("time_zone", "Asia/Peking", "unknown_time_zone"),
        ("time_zone", "+08:00", "unknown_time_zone"),
        ("time_zone", "../zones", "unknown_time_zone"),
        ("demographic_class", "", "invalid_code"),
    ],
)
def test_an_attribute_of_another_kind_of_value_is_refused(
    attribute: str, value: str, error: str
) -> None:
    changes = {"attribute": attribute, "value": value}
    assert error_of("customer.attribute-set", **changes) == ("value", error)


def test_a_value_that_an_attribute_cannot_have_is_explained() -> None:
    document = {**example("customer.attribute-set"), "attribute": "time_zone", "value": "Beijing"}
    text = json.dumps(document).encode()
    with pytest.raises(ValidationError) as refused:
        EVENTS.validate_json(text)
    problem = problem_in(refused.value, text)
    assert problem.code == "invalid_field"
    assert problem.detail == (
        "customer.attribute-set: value is 'Beijing'; "
        "expected an IANA time zone, such as 'Asia/Shanghai'"
    )


def test_the_time_zones_accepted_are_those_that_python_knows() -> None:
    # 'localtime' is a file of some machines, and no zone of IANA's.
    assert time_zones() == available_timezones() - {"localtime"}


def test_a_score_needs_its_number_and_a_complaint_does_not() -> None:
    assert isinstance(read("feedback.received", kind="complaint"), FeedbackReceived)
    assert error_of("feedback.received", kind="score")[1] == "needs_field"


def test_a_snapshot_without_a_balance_needs_no_currency() -> None:
    bare = read("account.snapshot", balance=None, currency=None)
    assert isinstance(bare, AccountSnapshot)


@given(
    st.datetimes(  # Hypothesis takes its bounds without a zone
        min_value=datetime(1900, 1, 2),  # noqa: DTZ001
        max_value=datetime(2199, 12, 30),  # noqa: DTZ001
    ),
    st.integers(-1439, 1439),
)
def test_milliseconds_are_those_of_the_instant_whatever_the_offset(
    moment: datetime, minutes: int
) -> None:
    aware = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    elapsed = aware - datetime(1970, 1, 1, tzinfo=UTC)
    assert to_millis(aware) == elapsed // timedelta(milliseconds=1)
    assert from_millis(to_millis(aware)) <= aware < from_millis(to_millis(aware) + 1)


def test_milliseconds_follow_a_zone_with_summer_time() -> None:
    zone = ZoneInfo("Europe/Prague")
    assert to_millis(datetime(2025, 7, 1, 12, tzinfo=zone)) == 1_751_364_000_000
    assert to_millis(datetime(2025, 1, 1, 12, tzinfo=zone)) == 1_735_729_200_000


def test_a_time_without_an_offset_has_no_milliseconds() -> None:
    with pytest.raises(ValueError, match="offset"):
        to_millis(datetime(2025, 1, 1))  # noqa: DTZ001


@pytest.mark.parametrize(
    "millis, text", [(0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z")]
)
def test_an_output_writes_times_one_way(millis: int, text: str) -> None:
    assert rfc3339(millis) == text
