"""Not onboarded: the onboarding window is over and the customer never became active."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from schemas.outputs import ReasonGroup, Value
from statemachine.calendar import day_text
from statemachine.customer import Customer, Reason
from statemachine.relationships import has_transactional
from statemachine.rules.base import AT_ONCE, Bank, RuleSettings


class NotOnboardedSettings(RuleSettings):
    """No number of its own: the window is `onboarding.window`."""


@dataclass(frozen=True, slots=True)
class NotOnboarded:
    """The rule, see the top of this file."""

    settings: NotOnboardedSettings
    bank: Bank

    name: ClassVar[str] = "not_onboarded"
    group: ClassVar[ReasonGroup] = "inactivity"

    @property
    def hastened_by_activity(self) -> bool:
        """It does not look at activity that way."""
        return False

    def raises_at(self, customer: Customer) -> int | None:
        """When the window is over, counted from when the customer last became new."""
        if customer.activated or not has_transactional(customer.relationships):
            return None
        return self.bank.calendar.after(self.bank.onboarding_window, customer.newcomer_since)

    def clears_at(self, customer: Customer, reason: Reason) -> int | None:
        """With the activation."""
        return AT_ONCE if customer.activated else None

    def values(self, customer: Customer) -> dict[str, Value]:
        """When the customer became new, and how far they came."""
        return {
            "new_since": day_text(self.bank.calendar.day_of(customer.newcomer_since)),
            "own_activity_days": customer.activation_days,
        }

    def thresholds(self) -> Mapping[str, Value]:
        """The window."""
        return {"window": str(self.bank.onboarding_window)}

    def raised(self, values: Mapping[str, Value]) -> str:
        """In one sentence."""
        return (
            f"new since {values['new_since']} and used the bank on"
            f" {values['own_activity_days']} days only"
        )

    def unless(self) -> str:
        """In a few words."""
        return "the customer becomes active"
