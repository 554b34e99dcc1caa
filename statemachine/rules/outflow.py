"""Outflow: the customer moves a large part of the money to other banks, within weeks.

It compares what the customer transferred to other banks with the mean of their assets before the
latest of those transfers. Payment institutions are no banks, a standing order is no decision of
the day, and small transfers are everyday life.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from pydantic import Field, field_validator

from schemas.outputs import ReasonGroup, Value
from statemachine.assets import assets_of, left_out, mean
from statemachine.calendar import Span, day_text
from statemachine.customer import Customer, Reason
from statemachine.rules.base import (
    AT_ONCE,
    Bank,
    PolicySpan,
    RuleKind,
    RuleSettings,
    whole_days,
)
from statemachine.transfers import transfers_of


class OutflowSettings(RuleSettings):
    """The outflow rule's entry in the policy; amounts in its currency."""

    percent_of_assets: int = Field(default=50, ge=1, le=1000, strict=True)
    within: PolicySpan = Span.of_days(30)
    assets_at_least: int = Field(default=10_000, ge=1, le=10**12, strict=True)
    transfer_at_least: int = Field(default=1_000, ge=1, le=10**12, strict=True)

    _days = field_validator("within")(whole_days)


@dataclass(frozen=True, slots=True)
class Outflow:
    """The rule, see the top of this file."""

    settings: OutflowSettings
    bank: Bank

    name: ClassVar[str] = "outflow"
    group: ClassVar[ReasonGroup] = "competitor"
    reads: ClassVar[frozenset[str]] = frozenset({"assets", "transfers"})

    @property
    def hastened_after(self) -> Span | None:
        """It looks at transfers, which are decided upon one by one."""
        return None

    def raises_at(self, customer: Customer, earliest: int) -> int | None:
        """On the day of the transfer that makes it too much."""
        transfers, assets = transfers_of(customer.transfers), assets_of(customer.assets)
        if not transfers or assets is None:
            return None
        day = transfers[-1][0]
        before = mean(assets, day)
        if before < self.settings.assets_at_least:
            return None
        if self._moved(transfers) * 100 < self.settings.percent_of_assets * before:
            return None
        # A transfer that was no outflow then is none for what is reported of later days.
        latest = self.bank.calendar.midnight(assets.changes[-2]) if assets.changes else earliest
        if self._over_at(day) <= max(earliest, latest):
            return None
        return max(self.bank.calendar.midnight(day), customer.newcomer_since)

    def clears_at(self, customer: Customer, reason: Reason) -> int | None:
        """So many full days after the last transfer that counts."""
        transfers = transfers_of(customer.transfers)
        return self._over_at(transfers[-1][0]) if transfers else AT_ONCE

    def undone_by(self, customer: Customer, reason: Reason, at: int) -> bool:
        """It stands on what was done, not on what was not."""
        return False

    def values(self, customer: Customer, at: int) -> dict[str, Value]:
        """What was transferred, until when, and what there was before."""
        transfers = transfers_of(customer.transfers)
        if not transfers:
            return {}
        day, assets = transfers[-1][0], assets_of(customer.assets)
        return {
            "transferred": self._moved(transfers),
            "last_transfer_on": day_text(day),
            "mean_before": mean(assets, day),
            **left_out(assets),
        }

    def thresholds(self) -> Mapping[str, Value]:
        """How much of the assets, within how long, and what is too little to count."""
        return self.settings.model_dump(mode="json")

    def raised(self, values: Mapping[str, Value]) -> str:
        """In one sentence."""
        return (
            f"{values['transferred']} went to other banks within {self.settings.within},"
            f" of assets of {values['mean_before']}"
        )

    def unless(self) -> str:
        """In a few words."""
        return "the money stays"

    def _over_at(self, day: int) -> int:
        return self.bank.calendar.after(self.settings.within, self.bank.calendar.midnight(day))

    def _moved(self, transfers: tuple[tuple[int, int], ...]) -> int:
        first = transfers[-1][0] - (self.settings.within.days or 0)
        return sum(amount for day, amount in transfers if day >= first)


KIND = RuleKind(OutflowSettings, Outflow)
