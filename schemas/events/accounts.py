"""The life of an account, and its end-of-day balance."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import ConfigDict, Field, model_validator

from schemas.base import Code, Day, Instant, SignedAmount
from schemas.currency import Currency
from schemas.events.base import AccountEvent, ProductType

AccountStatus = Literal["active", "dormant", "frozen", "blocked", "in_arrears", "closed"]


class AccountOpened(AccountEvent):
    """The account is in force; approval or rejection of an application is not an opening."""

    type: Literal["account.opened"]
    product_type: ProductType = Field(description="What the account is.")
    opened_on: Day | None = Field(default=None, description="The core's opening date.")
    currency: Currency | None = None


class AccountClosed(AccountEvent):
    """The account is in force no more."""

    type: Literal["account.closed"]
    reason: Code | None = Field(default=None, description="The core's closing reason.")


class AccountReopened(AccountEvent):
    """A closed account is in force again, by the customer's wish."""

    type: Literal["account.reopened"]
    product_type: ProductType | None = Field(default=None, description="What the account is.")


class AccountStatusChanged(AccountEvent):
    """The core flags the account; `frozen` and `blocked` stop it, `dormant` is the core's view."""

    type: Literal["account.status-changed"]
    status: AccountStatus = Field(description="The account's state from now on.")


class AccountSnapshot(AccountEvent):
    """What the core holds today: introduces the existing book and reconciles silent changes."""

    model_config = ConfigDict(json_schema_extra={"dependentRequired": {"balance": ["currency"]}})

    type: Literal["account.snapshot"]
    product_type: ProductType = Field(description="What the account is.")
    status: AccountStatus = Field(description="The account's state today.")
    opened_on: Day = Field(description="The core's opening date.")
    balance: SignedAmount | None = Field(
        default=None, description="Today's balance; needs a currency."
    )
    currency: Currency | None = None
    last_customer_activity: Instant | None = Field(
        default=None, description="When the customer last did something on it."
    )

    @model_validator(mode="after")
    def _balance_has_a_currency(self) -> Self:
        return self if self.balance is None else self._with("currency", "there is a balance")


class AccountOpeningUndone(AccountEvent):
    """The core takes an opening back: it never was."""

    type: Literal["account.opening-undone"]


class AccountClosingUndone(AccountEvent):
    """The core takes a closing back: it never was."""

    type: Literal["account.closing-undone"]


class BalanceReported(AccountEvent):
    """An account's balance at the end of a bank day."""

    type: Literal["balance.reported"]
    balance: SignedAmount = Field(description="The balance at the end of that day.")
    currency: Currency
    as_of: Day = Field(description="The bank day.")
    owners: int = Field(default=1, ge=1, le=99, description="Owners who share the balance.")
    product_type: ProductType | None = Field(default=None, description="What the account is.")
