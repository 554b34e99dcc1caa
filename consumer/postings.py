"""A short way to read a posting, the event that a bank sends most of.

The contract is the pydantic model, and so is the judgement. This only recognises, with msgspec, a
posting written in the plainest way (ASCII, no escapes, no fields but the contract's) and checks
each field as the model does; the values are the model's own, in an object that costs a third of it
to make and to drop. Whatever is not so plain, or not right, is left to the model, which accepts it
or says why not. Tests hold the two against each other: their fields, and what they accept.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from schemas.base import LARGEST_INTEGER
from schemas.currency import CURRENCIES
from schemas.events.base import ProductType, Role
from schemas.events.transactions import Initiator, PostingStatus

_Id = Annotated[str, Meta(min_length=1, max_length=128)]
_Code = Annotated[str, Meta(min_length=1, max_length=64)]
_Instant = Annotated[datetime, Meta(tz=True)]


class Posting(msgspec.Struct, frozen=True, kw_only=True, gc=False, forbid_unknown_fields=True):
    """schemas.events.TransactionPosted, field by field."""

    schema_version: Literal[1]
    source: _Id
    event_id: _Id
    occurred_at: _Instant
    received_at: _Instant | None = None
    sequence: Annotated[int, Meta(ge=0, le=LARGEST_INTEGER)] | None = None
    tenant: _Id | None = None
    customer_id: _Id
    account_ref: _Id
    role: Role
    type: Literal["transaction.posted"]
    posting_id: _Id
    initiator: Initiator
    direction: Literal["credit", "debit"]
    amount: str
    currency: str
    status: PostingStatus = "posted"
    code: _Code | None = None
    purpose: Literal["salary", "pension", "interest", "fee", "transfer", "purchase"] | None = None
    channel: _Code | None = None
    product_type: ProductType | None = None
    counterparty_institution: _Code | None = None
    counterparty_kind: Literal["own_bank", "other_bank", "payment_institution"] | None = None
    booking_date: date | None = None
    value_date: date | None = None
    balance_after: str | None = None
    acting_party: _Id | None = None


_MARK: Final = b'"transaction.posted"'
_MARK_WITHIN: Final = 160
"""Bytes: plainly written, an event says early what it is."""
_FINE_FRACTION: Final = re.compile(rb"\.[0-9]{7}").search
"""More digits of a second than are kept: the two libraries leave them out differently."""
_AMOUNT: Final = re.compile(r"[0-9]{1,18}(\.[0-9]{1,6})?").fullmatch
_SIGNED_AMOUNT: Final = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,6})?").fullmatch
_CURRENCIES: Final = frozenset(CURRENCIES)
_EARLIEST, _LATEST = 1901, 2198
"""Years that lie within the model's limits whatever the offset."""
_parse: Final = msgspec.json.Decoder(Posting).decode


def read_posting(value: bytes) -> Posting | None:
    """The posting in `value`, if it is one and written plainly; None leaves it to the model."""
    if value.find(_MARK, 0, _MARK_WITHIN) < 0 or not value.isascii():
        return None
    if b"\\" in value or _FINE_FRACTION(value):
        return None
    try:
        found = _parse(value)
    except msgspec.DecodeError:
        return None
    return found if _is_right(found) else None


def _is_right(it: Posting) -> bool:
    """Whether what msgspec does not check is as the model asks for."""
    ids = f"{it.source}{it.event_id}{it.customer_id}{it.account_ref}{it.posting_id}"
    if it.tenant is not None or it.acting_party is not None:
        ids = f"{ids}{it.tenant}{it.acting_party}"
    if not ids.isprintable() or " " in ids or it.currency not in _CURRENCIES:
        return False
    if not _AMOUNT(it.amount):
        return False
    if it.balance_after is not None and not _SIGNED_AMOUNT(it.balance_after):
        return False
    received, booked, valued = it.received_at, it.booking_date, it.value_date
    return (
        _EARLIEST <= it.occurred_at.year <= _LATEST
        and (received is None or _EARLIEST <= received.year <= _LATEST)
        and (booked is None or _EARLIEST <= booked.year <= _LATEST)
        and (valued is None or _EARLIEST <= valued.year <= _LATEST)
    )
