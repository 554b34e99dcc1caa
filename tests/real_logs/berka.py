"""Berka: a Czech bank's first 15 months, mapped to canonical events.

49,102 postings on 1,229 accounts from 1993-01-01 to 1994-03-31. The raw files stay where they are
(places.py). What is decided here, and why:

- A customer is the client with role OWNER; nobody owns two accounts. A DISPONENT may use the
  account and is no customer by that: a copy of each of the account's events with role
  `authorised` goes to that client too, as a feed with one copy per party would send it, and must
  have no effect.
- Who caused a posting is read off operation and k_symbol: interest (UROK), statement fees
  (SLUZBY) and penalty interest (SANKC. UROK) are the bank's; PREVOD NA UCET all match a standing
  order; PREVOD Z UCTU comes from another bank, from a third party. Cash in (VKLAD), cash out
  (VYBER) and card (VYBER KARTOU) are the customer's own.
- Accounts opened after the last posting have no life in this log, and are left out.
- The currency is CZK throughout, as the data were published; in its first weeks it was CSK, at
  par. The time of day is not known: see telling.py.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from operate.simulate.records import FeedRecord
from tests.real_logs.telling import Teller, Topics, in_merged_order

ZONE: Final = "Europe/Prague"
LAST_DAY: Final = date(1994, 3, 31)
_BANK: Final = frozenset({"UROK", "SLUZBY", "SANKC. UROK"})
_BY_OPERATION: Final = {
    "PREVOD NA UCET": "standing",
    "PREVOD Z UCTU": "third_party",
    "VKLAD": "customer",
    "VYBER": "customer",
    "VYBER KARTOU": "customer",
}
_PURPOSES: Final = {
    "UROK": "interest",
    "SANKC. UROK": "interest",
    "SLUZBY": "fee",
    "DUCHOD": "pension",
}
_ROLES: Final = {"OWNER": "owner", "DISPONENT": "authorised"}
_CHANNELS: Final = {"VYBER KARTOU": "card", "VYBER": "counter", "VKLAD": "counter"}
Row = dict[str, str]


def feed(folder: Path, topics: Topics | None = None) -> list[FeedRecord]:
    """The log as its feed would have told it, in merged order, closed by watermarks."""
    return _feed(folder, topics or Topics(), everything=False)


def feed_counting_everything(folder: Path, topics: Topics | None = None) -> list[FeedRecord]:
    """The same log told by a feed that takes every posting for the customer's own doing."""
    return _feed(folder, topics or Topics(), everything=True)


def initiator(operation: str, symbol: str) -> str:
    """Who caused a posting, by its Czech codes. KeyError for codes the log does not have."""
    return "bank" if symbol in _BANK else _BY_OPERATION[operation]


def _feed(folder: Path, topics: Topics, *, everything: bool) -> list[FeedRecord]:
    teller = Teller("berka-core", ZONE, topics)
    parties: dict[str, list[tuple[str, str]]] = {}
    for row in _rows(folder / "disp.asc"):
        client = (f"C{int(row['client_id']):05d}", _ROLES[row["type"]])
        parties.setdefault(row["account_id"], []).append(client)
    told = [*_openings(folder, teller, parties), *_postings(folder, teller, parties, everything)]
    return in_merged_order(told) + teller.closed(LAST_DAY)


def _openings(
    folder: Path, teller: Teller, parties: dict[str, list[tuple[str, str]]]
) -> Iterator[FeedRecord]:
    for row in _rows(folder / "account.asc"):
        day = _day(row["date"])
        if day > LAST_DAY:
            continue
        account = row["account_id"]
        for client, role in parties[account]:
            yield teller.opened(
                f"A{account}",
                day,
                client,
                account_ref=_reference(account),
                role=role,
                product_type="current_account",
                currency="CZK",
            )


def _postings(
    folder: Path, teller: Teller, parties: dict[str, list[tuple[str, str]]], everything: bool
) -> Iterator[FeedRecord]:
    for row in _rows(folder / "trans.asc"):
        operation, symbol = row["operation"], row["k_symbol"].strip()
        body: dict[str, Any] = {
            "account_ref": _reference(row["account_id"]),
            "initiator": "customer" if everything else initiator(operation, symbol),
            "direction": "credit" if row["type"] == "PRIJEM" else "debit",
            "amount": row["amount"],
            "currency": "CZK",
            "balance_after": row["balance"],
            "booking_date": _day(row["date"]).isoformat(),
            "product_type": "current_account",
            "code": "/".join(filter(None, (operation, symbol))),
        }
        transfer = "transfer" if operation.startswith("PREVOD") else None
        optional = {
            "purpose": _PURPOSES.get(symbol, transfer),
            "channel": _CHANNELS.get(operation) if symbol not in _BANK else None,
            "counterparty_institution": row["bank"] or None,
            "counterparty_kind": "other_bank" if row["bank"] else None,
        }
        body |= {name: value for name, value in optional.items() if value is not None}
        day = _day(row["date"])
        for client, role in parties[row["account_id"]]:
            yield teller.posted(f"T{row['trans_id']}", day, client, role=role, **body)


def _reference(account: str) -> str:
    return f"berka:cz:account:{account}"


def _rows(file: Path) -> Iterator[Row]:
    with file.open(encoding="ascii", newline="") as lines:
        yield from csv.DictReader(lines, delimiter=";")


def _day(text: str) -> date:
    return datetime.strptime(f"19{text}", "%Y%m%d").date()  # noqa: DTZ007 - a day, not a time
