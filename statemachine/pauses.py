"""Pauses: while the customer cannot act, no deadline runs.

A legal or fraud hold, every account frozen or blocked, or not being of age: whatever was going to
be due waits, and is due later by as long as that lasted. Spans of days are put off by whole bank
days, exact durations exactly. Pauses are noted as they are told: one whose end overtakes its
beginning is not noticed.
"""

from __future__ import annotations

from msgspec.structs import replace

from statemachine.calendar import Calendar, Span
from statemachine.customer import Customer

MOST = 4
"""Pauses remembered; of more, the two oldest count as one that lasted as long."""
_STOPPED = ("frozen", "blocked")


def is_stopped(customer: Customer) -> bool:
    """Whether the customer cannot act: on hold, not of age, or with nothing but frozen accounts."""
    if customer.hold or customer.minor_until is not None:
        return True
    in_force = [one for one in customer.relationships if one.ends_at is None]
    return bool(in_force) and all(one.flag in _STOPPED for one in in_force)


def follow_pause(before: Customer, after: Customer, at: int) -> Customer:
    """`after` an event at `at`, with a pause begun or ended where it stops or frees them."""
    if after.relationships is before.relationships and (
        (after.hold, after.minor_until) == (before.hold, before.minor_until)
    ):
        return after
    stopped = is_stopped(after)
    if stopped == (after.paused_at is not None):
        return after
    if stopped:
        return replace(after, paused_at=at)
    return resumed(after, at)


def resumed(customer: Customer, at: int) -> Customer:
    """The pause is over at `at`."""
    since = customer.paused_at
    if since is None or at <= since:
        return replace(customer, paused_at=None)
    pauses = (*customer.pauses, (since, at))
    if len(pauses) > MOST:
        (first, _), (second, until) = pauses[:2]
        lasted = pauses[0][1] - first
        pauses = ((second - lasted, until), *pauses[2:])
    return replace(customer, paused_at=None, pauses=pauses)


def deadline(calendar: Calendar, customer: Customer, span: Span, since: int) -> int | None:
    """When `span` is over, counted from `since` without the pauses; None while one lasts."""
    if customer.paused_at is not None:
        return None
    at = calendar.after(span, since)
    days = span.days
    for begun, ended in customer.pauses:
        if ended <= since:
            continue
        if at <= begun:
            break
        waited_from = max(begun, since)
        if days is None:
            at += ended - waited_from
        else:
            days += calendar.day_of(ended) - calendar.day_of(waited_from)
            at = calendar.after(Span.of_days(days), since)
    return at


def acted_freely_since(customer: Customer) -> int | None:
    """The end of the last pause; None: there was none that is remembered."""
    return customer.pauses[-1][1] if customer.pauses else None
