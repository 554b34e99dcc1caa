"""Products beside accounts: deposits, loans, wealth, insurance; and the salary paid in."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import ConfigDict, Field, model_validator

from schemas.base import LARGEST_INTEGER, Amount, Code, Day, Identifier
from schemas.currency import Currency
from schemas.events.base import CustomerEvent, ProductType, Role


class ProductEvent(CustomerEvent):
    """A fact about one product of one customer."""

    product_ref: Identifier = Field(description="system:tenant:kind:id, unique across systems.")
    role: Role = Field(description="How this customer stands to the product.")


class ProductSubscribed(ProductEvent):
    """The product is in force."""

    model_config = ConfigDict(json_schema_extra={"dependentRequired": {"amount": ["currency"]}})

    type: Literal["product.subscribed"]
    product_type: ProductType = Field(description="What the product is.")
    amount: Amount | None = Field(
        default=None, description="The amount subscribed; needs a currency."
    )
    currency: Currency | None = None
    matures_on: Day | None = Field(default=None, description="The last day of its term.")

    @model_validator(mode="after")
    def _amount_has_a_currency(self) -> Self:
        return self if self.amount is None else self._with("currency", "there is an amount")


class ProductMatured(ProductEvent):
    """The product reached its term; without a renewal the relationship ends."""

    type: Literal["product.matured"]


class ProductRenewed(ProductEvent):
    """The product goes on for another term."""

    type: Literal["product.renewed"]
    product_type: ProductType | None = Field(default=None, description="What the product is.")
    matures_on: Day | None = Field(default=None, description="The last day of its term.")


class LoanArrearsChanged(ProductEvent):
    """How far a loan is behind."""

    type: Literal["loan.arrears-changed"]
    conduct: Literal["clean", "arrears", "default"]
    days_past_due: int = Field(
        default=0, ge=0, le=LARGEST_INTEGER, description="Days since the oldest amount due."
    )


class PayrollEnded(CustomerEvent):
    """The employer's payroll is known to have ended, and why."""

    type: Literal["payroll.ended"]
    reason: Literal["retired", "employer_closed", "changed_employer", "moved_bank", "unknown"]
    employer_ref: Code | None = Field(
        default=None, description="The employer's number at the bank."
    )
