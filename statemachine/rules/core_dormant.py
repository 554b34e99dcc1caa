"""Core dormant (睡眠户): the core itself flags an account of the customer's as dormant.

It stands as long as the flag does, on an account in force. The flag is no activity, and neither is
its end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from schemas.outputs import ReasonGroup, Value
from statemachine.calendar import Span, day_text
from statemachine.customer import Customer, Reason
from statemachine.rules.base import AT_ONCE, Bank, RuleKind, RuleSettings


class CoreDormantSettings(RuleSettings):
    """No number of its own: the core decides."""


@dataclass(frozen=True, slots=True)
class CoreDormant:
    """The rule, see the top of this file."""

    settings: CoreDormantSettings
    bank: Bank

    name: ClassVar[str] = "core_dormant"
    group: ClassVar[ReasonGroup] = "inactivity"
    reads: ClassVar[frozenset[str]] = frozenset({"relationships"})

    @property
    def hastened_after(self) -> Span | None:
        """It does not look at activity."""
        return None

    def raises_at(self, customer: Customer, earliest: int) -> int | None:
        """With the first flag."""
        return min(self._flags(customer), default=None)

    def clears_at(self, customer: Customer, reason: Reason) -> int | None:
        """When no account is flagged any more."""
        return None if self._flags(customer) else AT_ONCE

    def undone_by(self, customer: Customer, reason: Reason, at: int) -> bool:
        """It stands on what was told, not on what was not."""
        return False

    def values(self, customer: Customer, at: int) -> dict[str, Value]:
        """How many accounts, and since when."""
        flags = self._flags(customer)
        values: dict[str, Value] = {"dormant_accounts": len(flags)}
        if flags:
            values["since"] = day_text(self.bank.calendar.day_of(min(flags)))
        return values

    def thresholds(self) -> Mapping[str, Value]:
        """None."""
        return {}

    def raised(self, values: Mapping[str, Value]) -> str:
        """In one sentence."""
        return f"the core flags {values['dormant_accounts']} account(s) as dormant"

    def unless(self) -> str:
        """In a few words."""
        return "the core lifts the flag"

    def _flags(self, customer: Customer) -> list[int]:
        return [
            one.flagged_at
            for one in customer.relationships
            if one.ends_at is None and one.flag == "dormant"
        ]


KIND = RuleKind(CoreDormantSettings, CoreDormant)
