"""CDNOW: a music shop's purchases, mapped to canonical events.

69,659 purchases by the 23,570 customers who first bought in the first quarter of 1997, until
1998-06-30. It is no bank: a customer is somebody with a payment product, in force with the first
purchase and never closed, on which every purchase is the customer's own posting. The shop was in
Pennsylvania, so days are days in America/New_York. A purchase of 0.00 is a purchase. There is no
number of a purchase in the log; its line is one.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Final

from operate.simulate.records import FeedRecord
from tests.real_logs.telling import Teller, Topics, in_merged_order

ZONE: Final = "America/New_York"
LAST_DAY: Final = date(1998, 6, 30)


def feed(file: Path, topics: Topics | None = None) -> list[FeedRecord]:
    """The log as its feed would have told it, in merged order, closed by watermarks."""
    teller = Teller("cdnow-shop", ZONE, topics or Topics())
    told: list[FeedRecord] = []
    known: dict[str, date] = {}
    lines = file.read_text(encoding="ascii").splitlines()[1:]
    for number, line in enumerate(lines, 1):
        customer, day_text, _, amount = line.split()
        day = datetime.strptime(day_text, "%Y%m%d").date()  # noqa: DTZ007 - a day, not a time
        account = {"account_ref": f"cdnow:us:payment:{customer}", "role": "owner"}
        if day < known.get(customer, day):
            raise ValueError(f"line {number}: the customer's purchases are not in order")
        if customer not in known:
            told.append(
                teller.opened(
                    f"A{customer}", day, customer, product_type="payment", currency="USD", **account
                )
            )
        known[customer] = day
        told.append(
            teller.posted(
                f"P{number:05d}",
                day,
                customer,
                initiator="customer",
                direction="debit",
                amount=amount,
                currency="USD",
                purpose="purchase",
                product_type="payment",
                **account,
            )
        )
    return in_merged_order(told) + teller.closed(LAST_DAY)
