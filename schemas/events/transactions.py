"""Postings and their reversals."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import ConfigDict, Field, model_validator

from schemas.base import Amount, Code, Day, Identifier, SignedAmount
from schemas.currency import Currency
from schemas.events.base import AccountEvent, ProductType

Initiator = Literal["customer", "third_party", "standing", "bank", "unknown"]
"""Who caused the posting. Only `customer` is the customer's own activity."""

PostingStatus = Literal["posted", "pending", "authorised", "held", "rejected", "void"]


class TransactionPosted(AccountEvent):
    """One leg of a posting on a customer's account."""

    type: Literal["transaction.posted"]
    posting_id: Identifier = Field(
        description="The posting's number in its system; a reversal names it."
    )
    initiator: Initiator = Field(
        description="Who caused it; only what the customer did is activity."
    )
    direction: Literal["credit", "debit"] = Field(description="As the account's owner sees it.")
    amount: Amount
    currency: Currency
    status: PostingStatus = Field(
        default="posted", description="Only what is posted can be activity."
    )
    code: Code | None = Field(default=None, description="The core's transaction code.")
    purpose: Literal["salary", "pension", "interest", "fee", "transfer", "purchase"] | None = Field(
        default=None, description="What it was for, where the feed knows."
    )
    channel: Code | None = Field(
        default=None, description="Where it was made, such as 'mobile' or 'counter'."
    )
    product_type: ProductType | None = Field(default=None, description="What the account is.")
    counterparty_institution: Code | None = Field(
        default=None, description="The other side's bank, by its code."
    )
    counterparty_kind: Literal["own_bank", "other_bank", "payment_institution"] | None = Field(
        default=None, description="Where the other side is."
    )
    booking_date: Day | None = Field(default=None, description="The core's accounting day.")
    value_date: Day | None = Field(
        default=None, description="The day from which interest counts; never activity."
    )
    balance_after: SignedAmount | None = Field(
        default=None, description="The account's balance after it, in the same currency."
    )
    acting_party: Identifier | None = Field(
        default=None, description="The party who acted, where known; else each owner did."
    )


class TransactionReversed(AccountEvent):
    """A posting is taken back, and the activity it was with it."""

    model_config = ConfigDict(json_schema_extra={"dependentRequired": {"amount": ["currency"]}})

    type: Literal["transaction.reversed"]
    posting_id: Identifier = Field(description="The reversal's own number.")
    original_posting_id: Identifier = Field(description="The posting that is taken back.")
    direction: Literal["credit", "debit"] | None = None
    amount: Amount | None = None
    currency: Currency | None = None

    @model_validator(mode="after")
    def _amount_has_a_currency(self) -> Self:
        return self if self.amount is None else self._with("currency", "there is an amount")
