"""Payroll lost (代发工资): the salary that used to come stays away.

Whoever changes the bank of their salary has changed their bank. A salary seen three calendar
months running is a payroll; one that ends for a reason the bank knows is no warning.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from pydantic import Field, field_validator

from schemas.outputs import ReasonGroup, Value
from statemachine.calendar import Span, day_text
from statemachine.customer import Customer, Payroll, Reason
from statemachine.payroll import months_running
from statemachine.rules.base import (
    AT_ONCE,
    Bank,
    PolicySpan,
    RuleKind,
    RuleSettings,
    whole_days,
)


class PayrollLostSettings(RuleSettings):
    """The payroll rule's entry in the policy."""

    months_running: int = Field(default=3, ge=1, le=12, strict=True)
    none_for: PolicySpan = Span.of_days(45)

    _days = field_validator("none_for")(whole_days)


@dataclass(frozen=True, slots=True)
class PayrollLost:
    """The rule, see the top of this file."""

    settings: PayrollLostSettings
    bank: Bank

    name: ClassVar[str] = "payroll_lost"
    group: ClassVar[ReasonGroup] = "competitor"
    reads: ClassVar[frozenset[str]] = frozenset({"payroll"})

    @property
    def hastened_after(self) -> Span | None:
        """It does not look at activity."""
        return None

    def raises_at(self, customer: Customer, earliest: int) -> int | None:
        """When the latest salary is too long ago."""
        payroll = customer.payroll
        if payroll is None or months_running(payroll) < self.settings.months_running:
            return None
        since = max(self._latest(payroll), customer.newcomer_since)
        return self.bank.deadline(customer, self.settings.none_for, since)

    def clears_at(self, customer: Customer, reason: Reason) -> int | None:
        """With the next salary, or when its end is explained."""
        payroll = customer.payroll
        if payroll is None or payroll.ended_day >= payroll.last_day:
            return AT_ONCE
        due = self.bank.calendar.after(self.settings.none_for, self._latest(payroll))
        return AT_ONCE if due > reason.since else None

    def undone_by(self, customer: Customer, reason: Reason, at: int) -> bool:
        """By a salary in time, or the end of the payroll before it was missed."""
        return self.clears_at(customer, reason) is not None

    def values(self, customer: Customer, at: int) -> dict[str, Value]:
        """The day of the latest salary, and how many months running it came."""
        payroll = customer.payroll
        if payroll is None:
            return {}
        return {
            "last_salary_on": day_text(payroll.last_day),
            "months_running": months_running(payroll),
        }

    def thresholds(self) -> Mapping[str, Value]:
        """How often it must have come, and how long it may stay away."""
        return {
            "months_running": self.settings.months_running,
            "none_for": str(self.settings.none_for),
        }

    def raised(self, values: Mapping[str, Value]) -> str:
        """In one sentence."""
        return f"no salary has come since {values['last_salary_on']}"

    def unless(self) -> str:
        """In a few words."""
        return "a salary comes, or the payroll's end is explained"

    def _latest(self, payroll: Payroll) -> int:
        return self.bank.calendar.midnight(payroll.last_day)


KIND = RuleKind(PayrollLostSettings, PayrollLost)
