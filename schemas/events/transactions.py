"""Postings and their reversals."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from schemas.base import Amount, Code, Identifier, SignedAmount
from schemas.currency import Currency
from schemas.events.base import AccountEvent, ProductType

Initiator = Literal["customer", "third_party", "standing", "bank", "unknown"]
"""Who caused the posting. Only `customer` is the customer's own activity."""

PostingStatus = Literal["posted", "pending", "authorised", "held", "rejected", "void"]


class TransactionPosted(AccountEvent):
    """One leg of a posting on a customer's account."""

    type: Literal["transaction.posted"]
    posting_id: Identifier
    initiator: Initiator
    direction: Literal["credit", "debit"] = Field(description="As the account's owner sees it.")
    amount: Amount
    currency: Currency
    status: PostingStatus = "posted"
    code: Code | None = Field(default=None, description="The core's transaction code.")
    purpose: Literal["salary", "pension", "interest", "fee", "transfer", "purchase"] | None = None
    channel: Code | None = None
    product_type: ProductType | None = None
    counterparty_institution: Code | None = None
    counterparty_kind: Literal["own_bank", "other_bank", "payment_institution"] | None = None
    booking_date: date | None = None
    value_date: date | None = None
    balance_after: SignedAmount | None = None
    acting_party: Identifier | None = Field(
        default=None, description="The party who acted, where known; else each owner did."
    )


class TransactionReversed(AccountEvent):
    """A posting is taken back, and the activity it was with it."""

    type: Literal["transaction.reversed"]
    posting_id: Identifier
    original_posting_id: Identifier
    direction: Literal["credit", "debit"] | None = None
    amount: Amount | None = None
    currency: Currency | None = None
