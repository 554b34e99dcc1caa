"""What the customer did: own activity days, exact whatever the order within 256 days.

Only what the customer did counts (domain: initiator `customer`). The days are a bitmap, so that
the same facts give the same feature in any order; the latest postings are remembered by hash, so
that a reversal can take its activity back. A day whose postings are not all remembered any more
is firm: no reversal takes it back.
"""

from __future__ import annotations

import struct
from functools import cache
from zlib import crc32

import msgspec

from statemachine.calendar import Calendar
from statemachine.customer import Activity

WINDOW_DAYS = 256
_ENTRY = struct.Struct("<II")
_MASK = (1 << WINDOW_DAYS) - 1
_LONGEST_DAY = 36 * 3600
"""Seconds: no day of any zone is as long, with its clock set back."""
_REVERSED_FIRST = 0
"""In place of a posting's time: its reversal came before it."""


def ref_hash(reference: str) -> int:
    """The 32-bit CRC of a posting, account, product or feedback reference."""
    return crc32(reference.encode())


def _bits(activity: Activity) -> int:
    return int.from_bytes(activity.bits, "little")


def _bytes(bits: int) -> bytes:
    return bits.to_bytes((bits.bit_length() + 7) // 8, "little")


def has_day(activity: Activity, day: int) -> bool:
    """Whether `day` is an own activity day within the window."""
    back = activity.last_day - day
    return 0 <= back < WINDOW_DAYS and bool(_bits(activity) >> back & 1)


def days_since(activity: Activity, day: int) -> list[int]:
    """The own activity days from `day` on, ascending, within the window."""
    span = min(activity.last_day - day, WINDOW_DAYS - 1)
    bits = _bits(activity)
    return [activity.last_day - back for back in range(span, -1, -1) if bits >> back & 1]


class DayCounts:
    """How many own activity days lie between two days, within the window and from a day on."""

    def __init__(self, activity: Activity, since: int) -> None:
        self._last_day = activity.last_day
        known = max(activity.last_day - since + 1, 0)
        self._bits = _bits(activity) & (1 << known) - 1

    def between(self, first: int, last: int) -> int:
        """The own activity days from `first` to `last`, both counted."""
        newest = max(self._last_day - last, 0)
        oldest = self._last_day - first
        if oldest < newest:
            return 0
        return (self._bits >> newest & (1 << (oldest - newest + 1)) - 1).bit_count()

    def at_most(self, most: int, length: int) -> int:
        """The first day that has `most` of them or fewer in the `length` days before it."""
        bits = self._bits
        for _ in range(most):
            bits &= bits - 1
        if not bits:
            return 0
        # One more than `most`, counted from the latest, has just left the days before.
        return self._last_day - ((bits & -bits).bit_length() - 1) + length + 1

    def covers(self, first: int) -> bool:
        """Whether days from `first` on are within the window."""
        return self._last_day - first < WINDOW_DAYS


def add_own(
    activity: Activity, calendar: Calendar, at: int, posting: int, ring_limit: int
) -> tuple[Activity, bool]:
    """An own posting at `at`: the activity with it, and whether its day is a new activity day.

    A posting older than the window changes nothing, nor does one that is known already; one that
    was reversed before it arrived uses up its reversal and changes nothing else.
    """
    ring = activity.ring
    position = _find(ring, posting)
    if position is not None:
        if _ENTRY.unpack_from(ring, position)[1] != _REVERSED_FIRST:
            return activity, False
        kept = ring[:position] + ring[position + _ENTRY.size :]
        return msgspec.structs.replace(activity, ring=kept), False
    day = calendar.day_of(at)
    last_day = activity.last_day
    if activity.days and last_day - day >= WINDOW_DAYS:
        return activity, False
    seconds = at // 1000
    # Outside of 1970 to 2106 a posting is not remembered for its reversal: its day is firm.
    entry = _ENTRY.pack(posting, seconds) if 0 < seconds < 1 << 32 else b""
    if not activity.days:
        return (
            Activity(1, day, day, b"\x01", at, activity.sign_at, ring + entry),
            True,
        )
    bits = _bits(activity)
    if day > last_day:
        bits = (bits << (day - last_day) | 1) & _MASK
        fresh = True
    else:
        fresh = not bits >> (last_day - day) & 1
        bits |= 1 << (last_day - day)
    if fresh or _remembers(ring, calendar, day):
        ring = _trim(ring + entry, calendar, ring_limit)
    latest = activity.last_at
    return (
        Activity(
            activity.days + fresh,
            min(activity.first_day, day),
            max(last_day, day),
            _bytes(bits),
            at if latest is None or at > latest else latest,
            activity.sign_at,
            ring,
        ),
        fresh,
    )


def reverse(
    activity: Activity, calendar: Calendar, posting: int, ring_limit: int
) -> tuple[Activity, int | None]:
    """Take a posting back: the activity without it, and the day that is no activity day now.

    A posting that is not remembered is remembered as reversed, in case it is still on its way.
    """
    ring = activity.ring
    position = _find(ring, posting)
    if position is None:
        marked = _trim(ring + _ENTRY.pack(posting, _REVERSED_FIRST), calendar, ring_limit)
        return msgspec.structs.replace(activity, ring=marked), None
    seconds = _ENTRY.unpack_from(ring, position)[1]
    if seconds == _REVERSED_FIRST:
        return activity, None
    ring = ring[:position] + ring[position + _ENTRY.size :]
    day = calendar.day_of(seconds * 1000)
    remaining = msgspec.structs.replace(activity, ring=ring)
    if not 0 <= activity.last_day - day < WINDOW_DAYS:
        return remaining, None
    if _remembers(ring, calendar, day):
        return _with_last(remaining, calendar, seconds), None
    bits = _bits(activity) & ~(1 << (activity.last_day - day))
    if not bits and activity.days <= 1:
        return Activity(sign_at=activity.sign_at, ring=ring), day
    if bits:
        back = (bits & -bits).bit_length() - 1
        last_day, bits = activity.last_day - back, bits >> back
    else:
        last_day, bits = _remembered(remaining, calendar)
    shrunk = msgspec.structs.replace(
        activity,
        days=activity.days - 1,
        last_day=last_day,
        bits=_bytes(bits),
        first_day=min(activity.first_day, last_day),
        ring=ring,
    )
    if day == activity.first_day and activity.last_day - day < WINDOW_DAYS:
        shrunk = msgspec.structs.replace(shrunk, first_day=_first(shrunk))
    return _with_last(shrunk, calendar, seconds), day


def day_of_posting(activity: Activity, calendar: Calendar, posting: int) -> int | None:
    """The day of an own posting that is remembered; None: it is not, or was reversed."""
    position = _find(activity.ring, posting)
    seconds = 0 if position is None else _ENTRY.unpack_from(activity.ring, position)[1]
    return calendar.day_of(seconds * 1000) if seconds != _REVERSED_FIRST else None


def is_known(activity: Activity, posting: int) -> bool:
    """Whether an own posting, or its reversal, is remembered."""
    return _find(activity.ring, posting) is not None


def add_sign(activity: Activity, at: int) -> Activity:
    """A sign of life that is not own activity: it postpones silence and does nothing else."""
    if activity.sign_at is not None and activity.sign_at >= at:
        return activity
    return msgspec.structs.replace(activity, sign_at=at)


def is_sign(activity: Activity, calendar: Calendar, at: int) -> bool:
    """Whether a sign of life at `at` is remembered."""
    return activity.sign_at == at or has_day(activity, calendar.day_of(at))


def last_sign(activity: Activity) -> int | None:
    """The latest sign of life of any kind."""
    own, sign = activity.last_at, activity.sign_at
    if own is None or sign is None:
        return sign if own is None else own
    return max(own, sign)


def _remembered(activity: Activity, calendar: Calendar) -> tuple[int, int]:
    """The last day and the days up to it, when none of the window is left.

    Of what lies before the window the first day is known, and those of remembered postings.
    """
    days = {calendar.day_of(at * 1000) for at in _times(activity.ring) if at != _REVERSED_FIRST}
    days.add(activity.first_day)
    last_day = max(days)
    return last_day, sum(1 << (last_day - day) for day in days if last_day - day < WINDOW_DAYS)


def _first(activity: Activity) -> int:
    return activity.last_day - (_bits(activity).bit_length() - 1)


def _with_last(activity: Activity, calendar: Calendar, gone: int) -> Activity:
    """The latest instant, after a posting of the second `gone` went.

    That of a remembered posting, or the begin of the last day, if it was the latest itself.
    """
    if activity.last_at is not None and activity.last_at // 1000 > gone:
        return activity
    begins = calendar.midnight(activity.last_day)
    latest = max((s * 1000 for _, s in _ENTRY.iter_unpack(activity.ring)), default=0)
    latest = max(latest, begins)
    return msgspec.structs.replace(activity, last_at=latest)


def _find(ring: bytes, posting: int) -> int | None:
    wanted = posting.to_bytes(4, "little")
    position = ring.find(wanted)
    while position >= 0:
        if position % _ENTRY.size == 0:
            return position
        position = ring.find(wanted, position + 1)
    return None


def _remembers(ring: bytes, calendar: Calendar, day: int) -> bool:
    begins, ends = calendar.seconds_of(day)
    times = _times(ring)
    # The latest is of that day, as nearly always; else looked at one by one.
    return (bool(times) and begins <= times[-1] < ends) or any(
        begins <= seconds < ends for seconds in times
    )


def _times(ring: bytes) -> tuple[int, ...]:
    """The seconds of each entry, the oldest first: every second number of the ring."""
    return _numbers(len(ring)).unpack(ring)[1::2]


@cache
def _numbers(length: int) -> struct.Struct:
    return struct.Struct(f"<{length // 4}I")


def _trim(ring: bytes, calendar: Calendar, limit: int) -> bytes:
    """Forget the oldest entry above the limit, and with it the rest of its day: firm now."""
    if len(ring) <= limit * _ENTRY.size:
        return ring
    times = _times(ring)
    seconds, later = times[0], times[1:]
    ring = ring[_ENTRY.size :]
    if seconds == _REVERSED_FIRST or not later or min(later) - seconds >= _LONGEST_DAY:
        return ring  # all others are of later days, as nearly always
    day = calendar.day_of(seconds * 1000)
    begins, ends = calendar.seconds_of(day)
    if not any(begins <= at < ends for at in later):
        return ring
    return b"".join(
        _ENTRY.pack(known, at) for known, at in _ENTRY.iter_unpack(ring) if not begins <= at < ends
    )
