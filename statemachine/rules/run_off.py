"""Run-off: the money leaves, while the customer may still be there.

The mean of the last thirty days is compared with its own peak of the last quarter. Only means are
compared, so that a salary spent is no run-off. Money moved into the bank's own deposits, funds or
policies is still among the assets; what repaid the bank's own loans since the peak is added to
what is left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from pydantic import Field

from schemas.outputs import ReasonGroup, Value
from statemachine.assets import (
    MEAN_DAYS,
    NOTHING,
    assets_of,
    left_out,
    levels,
    mean,
    steady_from,
    sums,
)
from statemachine.calendar import Span, day_text
from statemachine.customer import Customer, Reason
from statemachine.pauses import acted_freely_since
from statemachine.rules.base import AT_ONCE, Bank, FallSettings, RuleKind


class RunOffSettings(FallSettings):
    """The run-off rule's entry in the policy; amounts in its currency."""

    peak_within_days: int = Field(default=90, ge=30, le=180, strict=True)
    peak_at_least: int = Field(default=50_000, ge=1, le=10**12, strict=True)
    raise_at_percent: int = Field(default=30, ge=0, le=99, strict=True)
    clear_above_percent: int = Field(default=60, ge=1, le=100, strict=True)


@dataclass(frozen=True, slots=True)
class RunOff:
    """The rule, see the top of this file."""

    settings: RunOffSettings
    bank: Bank

    name: ClassVar[str] = "run_off"
    group: ClassVar[ReasonGroup] = "competitor"
    reads: ClassVar[frozenset[str]] = frozenset({"assets", "owed"})

    @property
    def hastened_after(self) -> Span | None:
        """It does not look at activity."""
        return None

    def raises_at(self, customer: Customer, earliest: int) -> int | None:
        """The first midnight that begins with too little left of the peak."""
        assets = assets_of(customer.assets)
        if assets is None or customer.paused_at is not None or not assets.changes:
            return None
        calendar = self.bank.calendar
        # Before the latest report everything has been decided; a report that is late looks again.
        highest, lowest = levels(assets, assets.changes[-2] - MEAN_DAYS)
        too_little = self.settings.raise_at_percent * highest
        if highest < self.settings.peak_at_least or lowest * 100 > too_little:
            return None  # no mean is above the highest total, or below the lowest of its days
        freed = acted_freely_since(customer) or AT_ONCE
        first = max(assets.changes[-2], calendar.day_of(max(earliest - 1, freed))) + 1
        day = self._first_low(customer, first, max(first, steady_from(assets)))
        return None if day is None else calendar.midnight(day)

    def clears_at(self, customer: Customer, reason: Reason) -> int | None:
        """The first midnight that begins with enough of the old peak again."""
        peak, assets = reason.values.get("peak"), assets_of(customer.assets)
        if assets is None or not isinstance(peak, int):
            return AT_ONCE
        limit = self.settings.clear_above_percent * peak * MEAN_DAYS
        latest = assets.changes[-2] if assets.changes else 0
        first = max(self.bank.calendar.day_of(reason.since), latest) + 1
        last = max(first, steady_from(assets))
        for day, found in enumerate(sums(assets, first, last), first):
            if found * 100 > limit:
                return self.bank.calendar.midnight(day)
        return None

    def undone_by(self, customer: Customer, reason: Reason, at: int) -> bool:
        """By a report that was missing, if with it there was enough left."""
        day = self.bank.calendar.day_of(reason.since)
        return self._first_low(customer, day, day) is None

    def values(self, customer: Customer, at: int) -> dict[str, Value]:
        """What is left, the peak and its day, and what went into the bank's own loans."""
        assets = assets_of(customer.assets)
        if assets is None:
            return {}
        day = self.bank.calendar.day_of(at)
        peak_day, peak = self._peak(customer, day)
        values: dict[str, Value] = {
            "mean": mean(assets, day),
            "peak": peak // MEAN_DAYS,
            "peak_on": day_text(peak_day - 1),
        }
        repaid = self._repaid(customer, peak_day, day) // MEAN_DAYS
        if repaid:
            values["repaid"] = repaid
        return values | left_out(assets)

    def thresholds(self) -> Mapping[str, Value]:
        """How far back the peak may lie, how high it must be, and both limits."""
        return self.settings.model_dump()

    def raised(self, values: Mapping[str, Value]) -> str:
        """In one sentence."""
        return f"of {values['peak']} on {values['peak_on']} only {values['mean']} is left"

    def unless(self) -> str:
        """In a few words."""
        return "money comes back"

    def _peak(self, customer: Customer, day: int) -> tuple[int, int]:
        """The day and the sum of the highest mean before `day`; the latest of equal ones."""
        first = day - self.settings.peak_within_days
        found = sums(assets_of(customer.assets) or NOTHING, first, day - 1)
        peak = max(found)
        return first + len(found) - 1 - found[::-1].index(peak), peak

    def _first_low(self, customer: Customer, first: int, last: int) -> int | None:
        """The first day from `first` to `last` that begins with too little left."""
        settings, within = self.settings, self.settings.peak_within_days
        found = sums(assets_of(customer.assets) or NOTHING, first - within, last)
        least = settings.peak_at_least * MEAN_DAYS
        if max(found) < least:
            return None
        for at in range(within, len(found)):
            peak = max(found[at - within : at])
            if peak < least or found[at] * 100 > settings.raise_at_percent * peak:
                continue
            day = first - within + at
            left = found[at] + self._repaid(customer, self._peak(customer, day)[0], day)
            if left * 100 <= settings.raise_at_percent * peak:
                return day
        return None

    def _repaid(self, customer: Customer, since: int, day: int) -> int:
        """By how much the mean of what is owed fell, as a sum of thirty days."""
        owed = assets_of(customer.owed)
        if owed is None:
            return 0
        return max(0, sums(owed, since, since)[0] - sums(owed, day, day)[0])


KIND = RuleKind(RunOffSettings, RunOff)
