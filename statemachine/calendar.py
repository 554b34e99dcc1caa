"""Bank days: calendar days in the policy's time zone, and spans of days or of exact time.

"N days" means N full days: what is counted from an instant on day d is due at the local midnight
that begins day d + N + 1, so that something dated on day d + N is still in time. Spans in hours,
minutes or seconds are exact durations.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from schemas.base import EPOCH, from_millis

_DAY_ONE = date(1970, 1, 1).toordinal()
_MILLIS = {
    "second": 1_000,
    "minute": 60_000,
    "hour": 3_600_000,
}
DAY_MILLIS = 86_400_000
_LONGEST = 36_525 * DAY_MILLIS
_SPAN = re.compile(r"(\d{1,7}) (second|minute|hour|day)s?")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A length of time: whole bank days, or an exact number of milliseconds."""

    millis: int
    """The exact length; for days, their nominal length, used only to compare spans."""
    days: int | None = None

    @classmethod
    def parse(cls, text: object) -> Span:
        """Read '90 days', '48 hours', '15 minutes' or '30 seconds'; ValueError otherwise."""
        if isinstance(text, Span):
            return text
        match = _SPAN.fullmatch(text) if isinstance(text, str) else None
        if match is None:
            raise ValueError(
                f"{text!r} is not a span of time: write a whole number that is not negative"
                " and a unit, such as '90 days' or '48 hours'"
            )
        count, unit = int(match[1]), match[2]
        span = cls.of_days(count) if unit == "day" else cls(count * _MILLIS[unit])
        if span.millis > _LONGEST:
            # Further on there is no calendar to count in.
            raise ValueError(f"{text!r} is longer than a hundred years")
        return span

    @classmethod
    def of_days(cls, days: int) -> Span:
        """A span of whole bank days."""
        return cls(days * DAY_MILLIS, days)

    def __str__(self) -> str:
        if self.days is not None:
            return f"{self.days} days"
        for unit in ("hour", "minute"):
            if self.millis % _MILLIS[unit] == 0:
                return f"{self.millis // _MILLIS[unit]} {unit}s"
        return f"{self.millis // 1000} seconds"


class Calendar:
    """The bank's days. Pure, but for a memory of answers already worked out."""

    def __init__(self, zone: str) -> None:
        self.zone = _load_zone(zone)
        self._offsets: dict[int, int] = {}
        self._midnights: dict[int, int] = {}
        self._seconds: dict[int, tuple[int, int]] = {}

    def day_of(self, millis: int) -> int:
        """The bank day (days since 1970-01-01) that an instant falls on."""
        utc_day = millis // DAY_MILLIS
        offset = self._offsets.get(utc_day)
        if offset is None:
            offset = self._offset(millis)
            if (
                offset
                == self._offset(utc_day * DAY_MILLIS)
                == self._offset((utc_day + 1) * DAY_MILLIS)
            ):
                # It does not change within this UTC day.
                self._offsets[utc_day] = offset
        return (millis + offset) // DAY_MILLIS

    def _offset(self, millis: int) -> int:
        offset = from_millis(millis).astimezone(self.zone).utcoffset()
        return 0 if offset is None else offset // timedelta(milliseconds=1)

    def midnight(self, day: int) -> int:
        """The instant (milliseconds since 1970) at which a bank day begins."""
        millis = self._midnights.get(day)
        if millis is None:
            begins = datetime.fromordinal(day + _DAY_ONE).replace(tzinfo=self.zone)
            millis = (begins - EPOCH) // timedelta(milliseconds=1)
            self._midnights[day] = millis
        return millis

    def seconds_of(self, day: int) -> tuple[int, int]:
        """The seconds since 1970 at which a bank day begins and ends; none before the first."""
        seconds = self._seconds.get(day)
        if seconds is None:
            seconds = max(self.midnight(day) // 1000, 1), self.midnight(day + 1) // 1000
            self._seconds[day] = seconds
        return seconds

    def after(self, span: Span, since: int) -> int:
        """When `span` is over, counted from the instant `since` (see the top of this file)."""
        if span.days is None:
            return since + span.millis
        return self.midnight(self.day_of(since) + span.days + 1)


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - _DAY_ONE


def date_of(day: int) -> date:
    """A bank day as a date."""
    return date.fromordinal(day + _DAY_ONE)


def day_text(day: int) -> str:
    """A bank day as YYYY-MM-DD."""
    return date_of(day).isoformat()


@lru_cache(maxsize=16)
def _load_zone(zone: str) -> ZoneInfo:
    # Always from the pinned package, never the machine's copy: two workers with other zone
    # releases would disagree on a due time. ValueError for a zone that does not exist.
    place = files("tzdata").joinpath("zoneinfo", *zone.split("/"))
    if ".." in zone or not place.is_file():
        raise ValueError(f"{zone!r} is not an IANA time zone, such as 'Asia/Shanghai'")
    with place.open("rb") as data:
        return ZoneInfo.from_file(data, key=zone)
