"""The bank's calendar: its days, their seasons, and how a time is written.

Bank days are days in UTC+8 (China keeps no summer time). Inside the simulation a moment is a
number of seconds since the midnight that begins the plan's first day.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta, timezone
from typing import NamedTuple

DAY = 86_400
"""Seconds in a day."""
DAY_MS = DAY * 1000
_OFFSET_MS = 8 * 3_600_000
ZONE = timezone(timedelta(milliseconds=_OFFSET_MS))
"""The bank's offset from UTC."""
_EPOCH = date(1970, 1, 1)
_MONTHS = (1.05, 0.92, 0.95, 0.97, 1.0, 1.03, 1.1, 1.1, 0.98, 1.04, 1.08, 1.1)
_LUNAR_NEW_YEARS = {
    2023: date(2023, 1, 22),
    2024: date(2024, 2, 10),
    2025: date(2025, 1, 29),
    2026: date(2026, 2, 17),
    2027: date(2027, 2, 6),
    2028: date(2028, 1, 26),
    2029: date(2029, 2, 13),
    2030: date(2030, 2, 3),
}
_HOURS_MINUTES = tuple(f"{minute // 60:02d}:{minute % 60:02d}:" for minute in range(1440))
_SECONDS = tuple(f"{second:02d}" for second in range(60))
_dates: dict[int, str] = {}


class Day(NamedTuple):
    """One bank day of the plan."""

    number: int
    """0 for the plan's first day."""
    iso: str
    midnight_ms: int
    """When it begins, milliseconds since 1970."""
    weekday: int
    """0 for Monday."""
    of_month: int
    month: int
    month_days: int
    """Days in this month, and so from this day to the same one of the next month."""
    next_month_days: int
    season: float
    """How much money moves on such a day against an ordinary one."""


def day_of(start: date, number: int) -> Day:
    """The bank day with this number in a plan that starts on `start`."""
    today = start + timedelta(days=number)
    month_days = monthrange(today.year, today.month)[1]
    following = today.replace(day=1) + timedelta(days=month_days)
    return Day(
        number=number,
        iso=today.isoformat(),
        midnight_ms=(today - _EPOCH).days * DAY_MS - _OFFSET_MS,
        weekday=today.weekday(),
        of_month=today.day,
        month=today.month,
        month_days=month_days,
        next_month_days=monthrange(following.year, following.month)[1],
        season=_season(today),
    )


def _season(today: date) -> float:
    """The month's usual level, and the feasts: they empty purses before and streets after."""
    new_year = _LUNAR_NEW_YEARS.get(today.year)
    if new_year is not None:
        after = (today - new_year).days
        if -14 <= after < 0:
            return 1.5
        if 0 <= after < 8:
            return 0.5
    usual = _MONTHS[today.month - 1]
    if (today.month == 10 and today.day <= 7) or (today.month == 11 and today.day <= 11):
        return usual * 1.3
    return usual * (1.2 if today.month == 6 and today.day <= 18 else 1.0)


def clock_text(second: int) -> str:
    """A second of a bank day as the time part of RFC 3339: 'T09:30:00+08:00'."""
    return f"T{_HOURS_MINUTES[second // 60]}{_SECONDS[second % 60]}+08:00"


def stamp(millis: int) -> str:
    """Milliseconds since 1970 as RFC 3339 in the bank's offset, to the millisecond."""
    days, rest = divmod(millis + _OFFSET_MS, DAY_MS)
    iso = _dates.get(days)
    if iso is None:
        iso = _dates.setdefault(days, (_EPOCH + timedelta(days=days)).isoformat())
    second, fraction = divmod(rest, 1000)
    return f"{iso}T{_HOURS_MINUTES[second // 60]}{_SECONDS[second % 60]}.{fraction:03d}+08:00"


def moment_text(start: date, moment: int) -> str:
    """A moment (seconds since the plan's start, may be negative) as RFC 3339."""
    days, second = divmod(moment, DAY)
    return (start + timedelta(days=days)).isoformat() + clock_text(second)


def millis_of(text: str) -> int:
    """Milliseconds since 1970 of an RFC 3339 time with an offset."""
    return (datetime.fromisoformat(text) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(
        milliseconds=1
    )
