from datetime import UTC, datetime, timedelta

import pytest

from schemas.base import from_millis, to_millis
from statemachine.calendar import DAY_MILLIS, Calendar, Span, day_number, day_text
from tests.statemachine.builders import Life, came_by, opened, policy, snapshot, used


def at(text: str) -> int:
    return to_millis(datetime.fromisoformat(text))


# Spans.


@pytest.mark.parametrize(
    "text, millis, days",
    [
        ("90 days", 90 * DAY_MILLIS, 90),
        ("1 day", DAY_MILLIS, 1),
        ("0 days", 0, 0),
        ("48 hours", 48 * 3_600_000, None),
        ("1 minute", 60_000, None),
        ("30 seconds", 30_000, None),
    ],
)
def test_a_span_is_a_number_and_a_unit(text: str, millis: int, days: int | None) -> None:
    assert Span.parse(text) == Span(millis, days)
    assert Span.parse(str(Span.parse(text))) == Span.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "90",
        90,
        "ninety days",
        "-1 days",
        "1.5 hours",
        "90days",
        "2 weeks",
        "",
        None,
        "90 days ",
        1.5,
    ],
)
def test_anything_else_is_no_span_and_the_refusal_says_how_to_write_one(text: object) -> None:
    with pytest.raises(ValueError, match="such as '90 days' or '48 hours'"):
        Span.parse(text)


@pytest.mark.parametrize("text", ["36526 days", "9999999 days", "9999999 hours"])
def test_a_span_beyond_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="longer than a hundred years"):
        Span.parse(text)
    assert Span.parse("36525 days").days == 36_525


def test_spans_are_written_in_the_largest_unit_that_fits() -> None:
    assert str(Span.parse("120 minutes")) == "2 hours"
    assert str(Span.parse("90 minutes")) == "90 minutes"
    assert str(Span.parse("90 seconds")) == "90 seconds"
    assert str(Span.parse("24 hours")) == "24 hours"


# Days.


def test_ninety_days_are_full_days_and_due_at_the_midnight_after_them() -> None:
    shanghai = Calendar("Asia/Shanghai")
    due = shanghai.after(Span.of_days(90), at("2024-01-04T10:00:00+08:00"))
    assert due == at("2024-04-04T00:00:00+08:00")


def test_hours_are_exact_over_a_change_of_the_clocks_and_days_are_not() -> None:
    prague = Calendar("Europe/Prague")
    evening = at("2024-03-30T22:00:00+01:00")
    assert prague.after(Span.parse("24 hours"), evening) == at("2024-03-31T23:00:00+02:00")
    assert prague.after(Span.parse("1 day"), evening) == at("2024-04-01T00:00:00+02:00")
    assert (
        prague.midnight(day_number(datetime(2024, 4, 1, tzinfo=UTC)))
        - prague.midnight(day_number(datetime(2024, 3, 31, tzinfo=UTC)))
        == 23 * 3_600_000
    )


def test_a_day_that_begins_at_one_begins_at_one() -> None:
    cairo = Calendar("Africa/Cairo")  # 2024-04-26 00:00 does not exist there
    begins = cairo.midnight(day_number(datetime(2024, 4, 26, tzinfo=UTC)))
    assert begins == at("2024-04-26T01:00:00+03:00")
    assert cairo.day_of(begins) == cairo.day_of(begins - 1) + 1


def test_a_midnight_that_comes_twice_is_the_first_one() -> None:
    havana = Calendar("America/Havana")  # 2024-11-03 01:00 goes back to 00:00
    begins = havana.midnight(day_number(datetime(2024, 11, 3, tzinfo=UTC)))
    assert begins == at("2024-11-03T00:00:00-04:00")


@pytest.mark.parametrize(
    "name",
    [
        *("Asia/Shanghai", "Europe/Prague", "Africa/Cairo", "Africa/Casablanca"),
        *("America/St_Johns", "America/Havana", "America/Sao_Paulo", "Asia/Kathmandu"),
        *("Australia/Lord_Howe", "Pacific/Apia", "Pacific/Kiritimati", "Antarctica/Troll"),
    ],
)
def test_the_day_of_an_instant_is_the_zone_s_around_every_change_of_clocks(name: str) -> None:
    calendar = Calendar(name)
    day, offset = at("1990-01-01T00:00:00Z"), None
    while day < at("2030-01-01T00:00:00Z"):
        now = from_millis(day).astimezone(calendar.zone).utcoffset()
        if offset is not None and now != offset:
            for minute in range(-1450, 2, 7):
                moment = day + minute * 60_000
                local = from_millis(moment).astimezone(calendar.zone)
                assert calendar.day_of(moment) == day_number(local), local
        offset = now
        day += DAY_MILLIS


@pytest.mark.parametrize("name", ["Asia/Shanghai", "Europe/Prague", "America/Sao_Paulo", "UTC"])
def test_a_day_begins_at_its_midnight_and_ends_before_the_next(name: str) -> None:
    calendar = Calendar(name)
    for day in range(day_number(datetime(2017, 1, 1, tzinfo=UTC)), 18_300):
        begins = calendar.midnight(day)
        assert calendar.day_of(begins) == day
        assert calendar.day_of(begins - 1) == day - 1


@pytest.mark.parametrize("name", ["Atlantis", "", "../../etc/passwd", "Asia", "GMT+25"])
def test_a_zone_that_does_not_exist_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not an IANA time zone"):
        Calendar(name)


def test_days_are_written_as_dates() -> None:
    assert day_text(0) == "1970-01-01"
    assert day_text(-1) == "1969-12-31"
    assert day_text(day_number(datetime(2024, 2, 29, tzinfo=UTC))) == "2024-02-29"


# A bank in another zone.


def test_a_bank_in_prague_counts_its_own_midnights_over_the_change_of_clocks() -> None:
    life = Life(policy(zone="Europe/Prague"))

    life.tell(opened(datetime.fromisoformat("2024-01-02T10:00:00+01:00")))
    for day in (3, 4, 5):
        life.tell(used(datetime.fromisoformat(f"2024-01-0{day}T23:30:00+01:00")))
    life.passes(200)
    silent = life.changes[2]
    assert silent.effective_at == "2024-04-04T22:00:00.000Z"  # midnight in summer time
    assert silent.reasons[0].values["last_sign_of_life"] == "2024-01-05"


def test_an_hour_of_summer_time_does_not_make_activity_late() -> None:
    life = Life(policy(zone="Europe/Prague"))
    begin = datetime.fromisoformat("2024-01-02T12:00:00+01:00")
    life.tell(snapshot(begin))
    still = datetime.fromisoformat("2024-04-01T23:59:59+02:00")
    assert life.tell(came_by(still)) == []
    late = still + timedelta(days=91, seconds=1)
    assert len(life.tell(came_by(late))) == 1
