"""Payroll (代发工资): in which months a salary came, until it is known to have ended."""

from __future__ import annotations

from datetime import date

from msgspec.structs import replace

from statemachine.calendar import date_of
from statemachine.customer import Payroll

_MONTHS = 12
_MASK = (1 << _MONTHS) - 1


def _month(day: int) -> int:
    found: date = date_of(day)
    return found.year * 12 + found.month


def paid(payroll: Payroll | None, day: int) -> Payroll:
    """A salary came on `day`. One of a year before the latest changes nothing."""
    if payroll is None:
        return Payroll(1, day)
    if not payroll.months:
        return replace(payroll, months=1, last_day=day)
    ahead = _month(day) - _month(payroll.last_day)
    months = payroll.months
    if ahead > 0:
        months = (months << ahead | 1) & _MASK
    elif -ahead < _MONTHS:
        months |= 1 << -ahead
    last_day = max(day, payroll.last_day)
    if (months, last_day) == (payroll.months, payroll.last_day):
        return payroll
    return replace(payroll, months=months, last_day=last_day)


def ended(payroll: Payroll | None, day: int) -> Payroll:
    """On `day` the payroll is known to have ended."""
    known = payroll or Payroll()
    return known if known.ended_day >= day else replace(known, ended_day=day)


def months_running(payroll: Payroll) -> int:
    """How many calendar months up to the latest salary's had one; 0 once it has ended.

    After an end the months begin anew, with the month that follows it.
    """
    if not payroll.months or payroll.ended_day >= payroll.last_day:
        return 0
    running = (~payroll.months & -~payroll.months).bit_length() - 1
    if payroll.ended_day:
        running = min(running, _month(payroll.last_day) - _month(payroll.ended_day))
    return running
