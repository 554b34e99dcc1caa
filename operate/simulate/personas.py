"""Who the customers are: habits, income and the forms their postings take, as data.

Amounts are whole yuan here; a life draws cents.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

Fields = dict[str, object]
"""The fields of an event's JSON, as they will be written."""


class Form(NamedTuple):
    """One way of posting: everything that is the same each time."""

    fields: Fields
    low: int
    high: int
    notes: bool = False
    """Cash comes in notes of a hundred yuan."""

    @property
    def credits(self) -> bool:
        """Whether the account's owner receives money."""
        return self.fields["direction"] == "credit"


def _form(
    initiator: str, direction: str, code: str, amounts: tuple[int, int], **fields: str
) -> Form:
    static: Fields = {
        "initiator": initiator,
        "direction": direction,
        "currency": "CNY",
        "code": code,
        **fields,
    }
    return Form(static, amounts[0], amounts[1], notes="CASH" in code)


_OTHER = "other_bank"
_PAYMENT = "payment_institution"

QUICK_PAY = _form(
    "customer",
    "debit",
    "QUICKPAY",
    (5, 600),
    purpose="purchase",
    channel="mobile",
    counterparty_institution="PAY01",
    counterparty_kind=_PAYMENT,
)
CARD = _form("customer", "debit", "POS", (20, 2500), purpose="purchase", channel="pos")
ONLINE_CARD = _form("customer", "debit", "ECOM", (30, 1500), purpose="purchase", channel="online")
BILL = _form("customer", "debit", "BILLPAY", (30, 500), purpose="purchase", channel="mobile")
CASH_OUT = _form("customer", "debit", "ATMCASH", (100, 3000), channel="atm")
CASH_DESK = _form("customer", "debit", "CASHOUT", (300, 8000), channel="branch")
CASH_IN = _form("customer", "credit", "CASHIN", (200, 6000), channel="branch")
TOP_UP = _form("customer", "credit", "CASHATM", (300, 4000), channel="atm")
TRANSFER_OUT = _form(
    "customer",
    "debit",
    "TRFOUT",
    (50, 8000),
    purpose="transfer",
    channel="mobile",
    counterparty_institution="BANK02",
    counterparty_kind=_OTHER,
)
TRANSFER_HERE = _form(
    "customer",
    "debit",
    "TRFOUT",
    (50, 5000),
    purpose="transfer",
    channel="mobile",
    counterparty_kind="own_bank",
)
BROUGHT = _form(
    "customer",
    "credit",
    "TRFIN",
    (1, 1),
    purpose="transfer",
    channel="mobile",
    counterparty_institution="PAY01",
    counterparty_kind=_PAYMENT,
)
PAYOUT = _form(
    "customer",
    "debit",
    "TRFOUT",
    (1, 1),
    purpose="transfer",
    channel="mobile",
    counterparty_institution="BANK03",
    counterparty_kind=_OTHER,
)
WALLET = _form(
    "customer",
    "debit",
    "WALLET",
    (1, 1),
    purpose="transfer",
    channel="mobile",
    counterparty_institution="PAY01",
    counterparty_kind=_PAYMENT,
)
REPAY = _form("customer", "debit", "REPAY", (1, 1), channel="mobile", counterparty_kind="own_bank")
INVEST = _form(
    "customer", "debit", "INVEST", (1, 1), purpose="transfer", counterparty_kind="own_bank"
)

SALARY = _form(
    "third_party",
    "credit",
    "PAYROLL",
    (4000, 28000),
    purpose="salary",
    counterparty_institution="BANK02",
    counterparty_kind=_OTHER,
)
PENSION = _form(
    "third_party",
    "credit",
    "PENSION",
    (2500, 7000),
    purpose="pension",
    counterparty_institution="SOCIAL",
)
ALLOWANCE = _form(
    "third_party", "credit", "TRFIN", (1200, 2500), purpose="transfer", channel="mobile"
)
TAKINGS = _form(
    "third_party",
    "credit",
    "ACQUIRER",
    (6000, 40000),
    purpose="transfer",
    counterparty_institution="PAY01",
    counterparty_kind=_PAYMENT,
)
GIFT = _form("third_party", "credit", "TRFIN", (50, 3000), purpose="transfer", channel="mobile")
RENT = _form("standing", "debit", "STORDER", (900, 5000), purpose="transfer", channel="batch")
PREMIUM = _form("standing", "debit", "MANDATE", (60, 400), purpose="transfer", channel="batch")
SWEEP = _form("standing", "debit", "SWEEP", (1, 1), purpose="transfer", channel="batch")
INSTALMENT = _form("standing", "debit", "LOANPAY", (600, 3000), channel="batch")
MORTGAGE_PAID = _form(
    "standing",
    "credit",
    "LOANPAY",
    (1, 1),
    channel="batch",
    counterparty_institution="BANK02",
    counterparty_kind=_OTHER,
)
INTEREST = _form("bank", "credit", "INTEREST", (1, 1), purpose="interest", channel="batch")
FEE = _form("bank", "debit", "FEE", (3, 10), purpose="fee", channel="batch")
REPAID = _form("bank", "credit", "REDEEM", (1, 1), channel="batch")
SETTLE_DEBIT = _form("bank", "debit", "SETTLE", (1, 1), channel="branch")
SETTLE_CREDIT = _form("bank", "credit", "SETTLE", (1, 1), channel="branch")
LOAN_PAID_OUT = _form("bank", "credit", "LOANOUT", (1, 1), channel="batch")


@dataclass(frozen=True, slots=True)
class Persona:
    """A kind of customer, from whose numbers each person's own are drawn."""

    name: str
    days_per_month: tuple[float, float]
    """Own activity days in an ordinary month, from and to."""
    week: tuple[float, ...]
    """Weight of each weekday, Monday first."""
    summer: float
    """Factor in July and August."""
    forms: tuple[tuple[float, Form], ...]
    income: Form | None
    rent: float
    """The share who pay rent or a mortgage by standing order."""
    savings: tuple[int, int]
    """Yuan on the account at first, from and to; most have little."""
    logins: float
    """Visits to the app per own activity day."""
    contact: Literal["login", "branch"] = "login"


_WORKDAYS = (1.1, 1.0, 1.0, 1.0, 1.15, 0.95, 0.8)
_WEEKEND = (0.8, 0.75, 0.8, 0.85, 1.2, 1.5, 1.3)
_DESK = (1.5, 1.3, 1.1, 1.1, 1.1, 0.6, 0.3)

PERSONAS: tuple[tuple[float, Persona], ...] = (
    (
        0.26,
        Persona(
            "office_worker",
            (5.0, 10.0),
            _WORKDAYS,
            1.0,
            ((0.5, QUICK_PAY), (0.2, CARD), (0.12, BILL), (0.1, TRANSFER_OUT), (0.08, CASH_OUT)),
            SALARY,
            0.45,
            (800, 60000),
            0.35,
        ),
    ),
    (
        0.16,
        Persona(
            "young_mobile",
            (8.0, 15.0),
            _WEEKEND,
            1.1,
            ((0.72, QUICK_PAY), (0.14, ONLINE_CARD), (0.08, BILL), (0.06, TRANSFER_HERE)),
            SALARY,
            0.5,
            (300, 9000),
            0.5,
        ),
    ),
    (
        0.18,
        Persona(
            "family",
            (5.0, 9.0),
            _WEEKEND,
            1.25,
            ((0.35, QUICK_PAY), (0.35, CARD), (0.15, BILL), (0.1, TRANSFER_OUT), (0.05, CASH_OUT)),
            SALARY,
            0.6,
            (2000, 120000),
            0.3,
        ),
    ),
    (
        0.08,
        Persona(
            "shopkeeper",
            (6.0, 12.0),
            (1.2, 1.1, 1.1, 1.1, 1.1, 0.8, 0.6),
            0.9,
            ((0.4, TRANSFER_OUT), (0.25, TRANSFER_HERE), (0.2, CASH_IN), (0.15, BILL)),
            TAKINGS,
            0.5,
            (3000, 90000),
            0.3,
        ),
    ),
    (
        0.16,
        Persona(
            "retiree",
            (2.2, 5.0),
            _DESK,
            0.9,
            ((0.4, CASH_DESK), (0.2, CASH_OUT), (0.2, CARD), (0.1, CASH_IN), (0.1, BILL)),
            PENSION,
            0.15,
            (3000, 150000),
            0.12,
            "branch",
        ),
    ),
    (
        0.06,
        Persona(
            "student",
            (7.0, 13.0),
            _WEEKEND,
            0.45,
            ((0.85, QUICK_PAY), (0.1, ONLINE_CARD), (0.05, TOP_UP)),
            ALLOWANCE,
            0.0,
            (100, 3000),
            0.4,
        ),
    ),
    (
        0.10,
        Persona(
            "second_bank",
            (1.6, 3.5),
            _WORKDAYS,
            1.0,
            ((0.4, QUICK_PAY), (0.2, CARD), (0.2, TRANSFER_HERE), (0.2, TOP_UP)),
            None,
            0.1,
            (200, 15000),
            0.3,
        ),
    ),
)
_BY_NAME = {persona.name: persona for _, persona in PERSONAS}
OFFICE_WORKER = _BY_NAME["office_worker"]
FAMILY = _BY_NAME["family"]
RETIREE = _BY_NAME["retiree"]
STUDENT = _BY_NAME["student"]
