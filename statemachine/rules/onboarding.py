"""Not onboarded: the onboarding window is over and the customer never became active."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from schemas.outputs import ReasonGroup, Value
from statemachine.activity import days_since
from statemachine.calendar import Span, day_text
from statemachine.customer import Customer, Reason
from statemachine.relationships import has_transactional
from statemachine.rules.base import AT_ONCE, Bank, RuleKind, RuleSettings


class NotOnboardedSettings(RuleSettings):
    """No number of its own: the window is `onboarding.window`."""


@dataclass(frozen=True, slots=True)
class NotOnboarded:
    """The rule, see the top of this file."""

    settings: NotOnboardedSettings
    bank: Bank

    name: ClassVar[str] = "not_onboarded"
    group: ClassVar[ReasonGroup] = "inactivity"
    reads: ClassVar[frozenset[str]] = frozenset({"activation_days", "relationships"})

    @property
    def hastened_after(self) -> Span | None:
        """Activity never brings it nearer."""
        return None

    def raises_at(self, customer: Customer, earliest: int) -> int | None:
        """When the window is over, counted from when the customer last became new."""
        bank = self.bank
        if customer.activated or not has_transactional(customer.relationships, bank.contractual):
            return None
        return bank.deadline(customer, bank.onboarding_window, customer.newcomer_since)

    def clears_at(self, customer: Customer, reason: Reason) -> int | None:
        """With the activation."""
        return AT_ONCE if customer.activated else None

    def undone_by(self, customer: Customer, reason: Reason, at: int) -> bool:
        """By enough own activity within the window."""
        day_of = self.bank.calendar.day_of
        days = days_since(customer.activity, day_of(customer.newcomer_since))
        in_time = sum(day < day_of(reason.since) for day in days)
        return customer.activated and in_time >= self.bank.activation_days

    def values(self, customer: Customer, at: int) -> dict[str, Value]:
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


KIND = RuleKind(NotOnboardedSettings, NotOnboarded)
