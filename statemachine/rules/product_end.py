"""Product end: a deposit or fund matured and was not renewed, or a whole family of products went.

Whoever takes their deposit back, or gives up the last product of a kind, needs the bank less. It
clears with a renewal or a new product. A loan paid back is a family less too, but by plan: the
families that count are in the policy. After a while it is the new normal, and no warning any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from pydantic import field_validator

from schemas.events.base import ProductType
from schemas.outputs import ReasonGroup, Value
from statemachine.calendar import Span, day_text
from statemachine.customer import Customer, Reason, Relationship
from statemachine.products import family_name, family_of, numbers_of
from statemachine.relationships import families
from statemachine.rules.base import (
    AT_ONCE,
    Bank,
    PolicySpan,
    RuleKind,
    RuleSettings,
    in_order,
    positive,
)


class ProductEndSettings(RuleSettings):
    """The product end rule's entry in the policy."""

    matured: tuple[ProductType, ...] = ("term_deposit", "wealth")
    last_of_family: tuple[ProductType, ...] = (
        "card",
        "current_account",
        "insurance",
        "payment",
        "savings_account",
        "term_deposit",
        "wealth",
    )
    wears_off_after: PolicySpan = Span.of_days(180)

    _longer = field_validator("wears_off_after")(positive)

    _in_order = field_validator("matured", "last_of_family")(in_order)


@dataclass(frozen=True, slots=True)
class ProductEnd:
    """The rule, see the top of this file."""

    settings: ProductEndSettings
    bank: Bank

    name: ClassVar[str] = "product_end"
    group: ClassVar[ReasonGroup] = "product_end"
    reads: ClassVar[frozenset[str]] = frozenset({"relationships"})

    @property
    def hastened_after(self) -> Span | None:
        """It does not look at activity."""
        return None

    def raises_at(self, customer: Customer, earliest: int) -> int | None:
        """With the end of the first product whose end stands."""
        ends = [
            self._stands_at(customer, one.ends_at)
            for one in self._gone(customer)
            if one.ends_at is not None and one.ends_at >= customer.newcomer_since
        ]
        return min((at for at in ends if at is not None), default=None)

    def clears_at(self, customer: Customer, reason: Reason) -> int | None:
        """With a renewal or a new product, or when it has worn off."""
        ends = [one.ends_at for one in self._gone(customer) if one.ends_at is not None]
        if not ends:
            return AT_ONCE
        return self.bank.calendar.after(self.settings.wears_off_after, max(ends))

    def undone_by(self, customer: Customer, reason: Reason, at: int) -> bool:
        """By a renewal in time."""
        return not self._gone(customer)

    def values(self, customer: Customer, at: int) -> dict[str, Value]:
        """What ended last, and when."""
        gone = [one for one in self._gone(customer) if one.ends_at is not None]
        if not gone:
            return {}
        latest = max(gone, key=lambda one: (one.ends_at or 0, one.ref))
        family = family_of(latest.product, self.bank.contractual)
        return {
            "product": family_name(family),
            "ended_on": day_text(self.bank.calendar.day_of(latest.as_of)),
        }

    def thresholds(self) -> Mapping[str, Value]:
        """How long it counts."""
        return {"wears_off_after": str(self.settings.wears_off_after)}

    def raised(self, values: Mapping[str, Value]) -> str:
        """In one sentence."""
        what = str(values.get("product", "product")).replace("_", " ")
        return f"the {what} product ended on {values.get('ended_on', 'its day')}, and no other came"

    def unless(self) -> str:
        """In a few words."""
        return "the product is renewed, or another one taken"

    def _stands_at(self, customer: Customer, ended: int) -> int | None:
        """The end, or that of the pause that it lies in; None: that one still lasts."""
        if customer.paused_at is not None and ended > customer.paused_at:
            return None
        around = (until for begun, until in customer.pauses if begun < ended <= until)
        return max(around, default=ended)

    def _gone(self, customer: Customer) -> list[Relationship]:
        """What ended without being replaced: something in force begun since then replaces it.

        What was only ever told to be closed has not ended under the bank's eyes.
        """
        held = families(customer.relationships, self.bank.contractual)
        if not held:
            return []  # they leave, which is no mere reason
        matured, last = map(numbers_of, (self.settings.matured, self.settings.last_of_family))
        # Replaced once is replaced, also if that ends in turn.
        newest = max(one.starts_at for one in customer.relationships if one.undone_at is None)
        return [
            one
            for one in customer.relationships
            if one.ends_at is not None
            and one.undone_at is None
            and one.begun_at is not None
            and newest < one.as_of
            and self._counts(one, held, matured, last)
        ]

    def _counts(
        self, one: Relationship, held: set[int], matured: frozenset[int], last: frozenset[int]
    ) -> bool:
        """Whether its end is one: matured, or the last of its family."""
        has_matured = one.ends_at is not None and one.ends_at > one.as_of
        if has_matured and one.product in matured:
            return True
        if one.product is not None and one.product not in last:
            return False
        return family_of(one.product, self.bank.contractual) not in held


KIND = RuleKind(ProductEndSettings, ProductEnd)
