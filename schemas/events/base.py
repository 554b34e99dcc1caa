"""What every canonical event carries, whatever it tells."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field
from pydantic_core import PydanticCustomError

from schemas.base import LARGEST_INTEGER, Identifier, Instant, Message

Role = Literal["owner", "joint", "authorised", "guardian"]
"""How this record's customer stands to the account. Owner and joint owner have a relationship."""

ProductType = Literal[
    "current_account",
    "savings_account",
    "card",
    "payment",
    "loan",
    "mortgage",
    "term_deposit",
    "wealth",
    "insurance",
]
"""What an account or product is; the policy says which family each type belongs to."""


class Event(Message):
    """One fact, told once. `(source, event_id)` is its identity: a second one is a duplicate."""

    schema_version: Literal[1] = Field(description="Version of this event type's contract.")
    source: Identifier = Field(description="The system that tells it, stable across restarts.")
    event_id: Identifier = Field(description="Unique within the source; the same when re-sent.")
    occurred_at: Instant = Field(description="When it happened for the customer (event time).")
    received_at: Instant | None = Field(
        default=None,
        description="When the bank's feed received it; files use it as the record's timestamp.",
    )
    sequence: int | None = Field(
        default=None,
        ge=0,
        le=LARGEST_INTEGER,
        description="The source's running number, where it has one.",
    )
    tenant: Identifier | None = Field(
        default=None, description="The bank or branch network, where one system serves several."
    )

    def _with(self, field: str, because: str) -> Self:
        """Return this event if it has a value in `field`; refuse it otherwise, saying why.

        For fields that only some events of a type need; call it in an `after` validator.
        """
        if getattr(self, field) is None:
            raise PydanticCustomError(
                "needs_field", "{field} is missing: {because}", {"field": field, "because": because}
            )
        return self


class CustomerEvent(Event):
    """A fact about one customer; the record's key is the customer id."""

    customer_id: Identifier = Field(description="The customer number, also the record's key.")


class AccountEvent(CustomerEvent):
    """A fact about one account, told once per party with the same source and event id."""

    account_ref: Identifier = Field(description="system:tenant:kind:id, unique across systems.")
    role: Role = Field(description="How this customer stands to the account.")
