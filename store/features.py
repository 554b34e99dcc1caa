"""Flags and payroll as they are stored."""

from __future__ import annotations

from statemachine.customer import Flag, Payroll

FLAGS: tuple[Flag | None, ...] = (None, "dormant", "frozen", "blocked", "in_arrears")
"""A flag's place is its number in stored rows: append, never reorder."""


def payroll_to_wire(payroll: Payroll) -> list[int]:
    """Months, the last day, and the day of the end, if there was one."""
    row = [payroll.months, payroll.last_day]
    return [*row, payroll.ended_day] if payroll.ended_day else row


def payroll_of_wire(row: list[int]) -> Payroll:
    """The payroll again."""
    return Payroll(*row)
