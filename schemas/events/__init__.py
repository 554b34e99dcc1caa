"""The canonical events: one discriminated union, told apart by `type`."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field, TypeAdapter

from schemas.events.accounts import (
    AccountClosed,
    AccountClosingUndone,
    AccountOpened,
    AccountOpeningUndone,
    AccountReopened,
    AccountSnapshot,
    AccountStatusChanged,
    BalanceReported,
)
from schemas.events.base import AccountEvent, CustomerEvent, Event
from schemas.events.control import CustomerErased, FeedWatermark, PolicyActivated
from schemas.events.customers import (
    ConsentChanged,
    CustomerAttributeSet,
    CustomerInteracted,
    CustomerScored,
    CustomerStatusChanged,
    FeedbackReceived,
    FeedbackResolved,
    ObjectionChanged,
)
from schemas.events.products import (
    LoanArrearsChanged,
    PayrollEnded,
    ProductEvent,
    ProductMatured,
    ProductRenewed,
    ProductSubscribed,
)
from schemas.events.prospects import CustomerReferred, InterestShown, ProspectRegistered
from schemas.events.transactions import TransactionPosted, TransactionReversed

ControlEvent = FeedWatermark | PolicyActivated | CustomerErased
CONTROL_EVENTS: frozenset[type[Event]] = frozenset({FeedWatermark, PolicyActivated, CustomerErased})
"""The same, to look a class up in: isinstance on models costs as much as reading one."""

CanonicalEvent = Annotated[
    TransactionPosted
    | TransactionReversed
    | BalanceReported
    | ProspectRegistered
    | InterestShown
    | CustomerReferred
    | AccountOpened
    | AccountClosed
    | AccountReopened
    | AccountStatusChanged
    | AccountSnapshot
    | AccountOpeningUndone
    | AccountClosingUndone
    | ProductSubscribed
    | ProductMatured
    | ProductRenewed
    | LoanArrearsChanged
    | PayrollEnded
    | ConsentChanged
    | ObjectionChanged
    | FeedbackReceived
    | FeedbackResolved
    | CustomerInteracted
    | CustomerScored
    | CustomerAttributeSet
    | CustomerStatusChanged
    | FeedWatermark
    | PolicyActivated
    | CustomerErased,
    Field(discriminator="type"),
]

EVENTS: TypeAdapter[CanonicalEvent] = TypeAdapter(
    # Ids and amounts hardly ever repeat: looking each up in a cache costs a third more.
    CanonicalEvent,
    config=ConfigDict(cache_strings="keys"),
)
"""Reads any canonical event: `EVENTS.validate_json(bytes)`."""

__all__ = [
    "CONTROL_EVENTS",
    "EVENTS",
    "AccountClosed",
    "AccountClosingUndone",
    "AccountEvent",
    "AccountOpened",
    "AccountOpeningUndone",
    "AccountReopened",
    "AccountSnapshot",
    "AccountStatusChanged",
    "BalanceReported",
    "CanonicalEvent",
    "ConsentChanged",
    "ControlEvent",
    "CustomerAttributeSet",
    "CustomerErased",
    "CustomerEvent",
    "CustomerInteracted",
    "CustomerReferred",
    "CustomerScored",
    "CustomerStatusChanged",
    "Event",
    "FeedWatermark",
    "FeedbackReceived",
    "FeedbackResolved",
    "InterestShown",
    "LoanArrearsChanged",
    "ObjectionChanged",
    "PayrollEnded",
    "PolicyActivated",
    "ProductEvent",
    "ProductMatured",
    "ProductRenewed",
    "ProductSubscribed",
    "ProspectRegistered",
    "TransactionPosted",
    "TransactionReversed",
]
