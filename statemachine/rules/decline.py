"""Decline: the customer uses the bank much less than they used to.

The own activity days of the last weeks are compared with the customer's own mean over the half
year before them, so that nobody is measured against others. Only whoever used to come often
enough has a habit that can decline. It looks at whole days, at the midnight that ends the last of
them, and clears when the customer is back near the habit, or has got used to a new one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from pydantic import Field

from schemas.outputs import ReasonGroup, Value
from statemachine.activity import DayCounts
from statemachine.calendar import Span, day_text
from statemachine.customer import Customer, Reason
from statemachine.pauses import acted_freely_since
from statemachine.relationships import has_transactional
from statemachine.rules.base import AT_ONCE, Bank, FallSettings, RuleKind


class DeclineSettings(FallSettings):
    """The decline rule's entry in the policy."""

    recent_days: int = Field(default=60, ge=7, le=60, strict=True)
    compared_periods: int = Field(default=3, ge=1, le=3, strict=True)
    usual_at_least: int = Field(default=6, ge=1, le=60, strict=True)
    raise_at_percent: int = Field(default=40, ge=0, le=99, strict=True)
    clear_above_percent: int = Field(default=60, ge=1, le=100, strict=True)


@dataclass(frozen=True, slots=True)
class Decline:
    """The rule, see the top of this file."""

    settings: DeclineSettings
    bank: Bank

    name: ClassVar[str] = "decline"
    group: ClassVar[ReasonGroup] = "inactivity"
    reads: ClassVar[frozenset[str]] = frozenset({"activity", "relationships"})

    @property
    def hastened_after(self) -> Span | None:
        """A day joins the habit once it is no recent one any more."""
        return Span.of_days(self.settings.recent_days)

    def raises_at(self, customer: Customer, earliest: int) -> int | None:
        """The first midnight after the latest own activity day that ends with too few of them."""
        activity, recent = customer.activity, self.settings.recent_days
        if customer.paused_at is not None or not self._has_habit(customer):
            return None
        first = max(activity.last_day, self.bank.calendar.day_of(earliest - 1)) + 1
        freed = acted_freely_since(customer)
        if freed is not None:
            first = max(first, self.bank.calendar.day_of(freed) + recent + 1)
        counts, settings = self._counts(customer), self.settings
        # Recent days only leave the count until there are none, and then the habit fades. No habit
        # is more than all days there are, so the count must at least fall to its share of them.
        compared = recent * (settings.compared_periods + 1)
        habit = counts.between(activity.last_day - compared, activity.last_day)
        few = settings.raise_at_percent * habit // (settings.compared_periods * 100)
        first = max(first, counts.at_most(few, recent))
        for day in range(first, max(first, activity.last_day + recent + 1) + 1):
            if self._is_low(counts, day):
                return self.bank.calendar.midnight(day)
        return None

    def clears_at(self, customer: Customer, reason: Reason) -> int | None:
        """With the day that brings enough of them, or when the old habit has faded."""
        last = customer.activity.last_day
        if not has_transactional(customer.relationships, self.bank.contractual):
            return None
        counts = self._counts(customer)
        begins = self.bank.calendar.day_of(reason.since)
        compared = self.settings.recent_days * (self.settings.compared_periods + 1)
        if (
            last >= begins
            and counts.covers(last + 1 - compared)
            and self._is_back(counts, last + 1)
        ):
            return AT_ONCE
        for day in range(max(last + 2, begins + 1), last + self.settings.recent_days + 1):
            if self._is_back(counts, day):
                return self.bank.calendar.midnight(day)
        return None

    def undone_by(self, customer: Customer, reason: Reason, at: int) -> bool:
        """By enough days that were not known of."""
        day = self.bank.calendar.day_of(reason.since)
        counts = self._counts(customer)
        compared = self.settings.recent_days * (self.settings.compared_periods + 1)
        return counts.covers(day - compared) and not self._is_low(counts, day)

    def values(self, customer: Customer, at: int) -> dict[str, Value]:
        """The customer's last day, how often they came, and how often they used to."""
        counts = self._counts(customer)
        day = self.bank.calendar.day_of(at)
        if day == customer.activity.last_day:
            day += 1  # what cleared it is among the recent ones
        recent, before = self._recent(counts, day), self._before(counts, day)
        return {
            "last_own_day": day_text(customer.activity.last_day),
            "own_days_recently": recent,
            "own_days_usually": before // self.settings.compared_periods,
        }

    def thresholds(self) -> Mapping[str, Value]:
        """The periods, the least habit, and both limits."""
        return self.settings.model_dump()

    def raised(self, values: Mapping[str, Value]) -> str:
        """In one sentence."""
        return (
            f"the customer used the bank on {values['own_days_recently']} days in"
            f" {self.settings.recent_days}, and usually on {values['own_days_usually']}"
        )

    def unless(self) -> str:
        """In a few words."""
        return "the customer comes as often as before"

    def _has_habit(self, customer: Customer) -> bool:
        least = self.settings.usual_at_least * self.settings.compared_periods
        return customer.activity.days >= least and has_transactional(
            customer.relationships, self.bank.contractual
        )

    def _counts(self, customer: Customer) -> DayCounts:
        # The habits of an earlier life say nothing about this one.
        return DayCounts(customer.activity, self.bank.calendar.day_of(customer.newcomer_since))

    def _recent(self, counts: DayCounts, day: int) -> int:
        return counts.between(day - self.settings.recent_days, day - 1)

    def _before(self, counts: DayCounts, day: int) -> int:
        recent, periods = self.settings.recent_days, self.settings.compared_periods
        return counts.between(day - recent * (periods + 1), day - recent - 1)

    def _is_low(self, counts: DayCounts, day: int) -> bool:
        settings, before = self.settings, self._before(counts, day)
        if before < settings.usual_at_least * settings.compared_periods:
            return False
        scaled = self._recent(counts, day) * settings.compared_periods * 100
        return scaled <= settings.raise_at_percent * before

    def _is_back(self, counts: DayCounts, day: int) -> bool:
        scaled = self._recent(counts, day) * self.settings.compared_periods * 100
        return scaled > self.settings.clear_above_percent * self._before(counts, day)


KIND = RuleKind(DeclineSettings, Decline)
