"""What the rows and columns of cells_table.py are: ways to stand on day 400, and what then comes.

An input is one event, or a due item: some events that prepare it and the day until which time
passes after them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from schemas.events import CustomerEvent
from statemachine.customer import Customer
from statemachine.policy import Policy
from tests.statemachine.builders import (
    CUSTOMER,
    DEFAULT,
    Life,
    account,
    came_by,
    closed,
    complained,
    died,
    fact,
    opened,
    policy,
    posted,
    product,
    rated,
    registered,
    resolved,
    reversed_,
    scored,
    snapshot,
    used,
)

NOW = 400
LIMITED = policy(**{"prospects.limit": "30 days"})


def _opened_and_used(day: int, times: int) -> list[Any]:
    return [opened(day), *(used(day + after) for after in range(1, times + 1))]


_STANDS: dict[str, Callable[[], list[Any]]] = {
    "none": list,
    "pot": lambda: [registered(NOW - 1)],
    "new": lambda: _opened_and_used(390, 2),
    "act": lambda: _opened_and_used(390, 3),
    "sil": lambda: [*_opened_and_used(200, 3), used(350)],
    "com": lambda: [*_opened_and_used(390, 3), complained(NOW - 1)],
    "nev": lambda: [*_opened_and_used(250, 1), used(330)],
    "clo": lambda: [*_opened_and_used(390, 3), closed(395)],
    "sln": lambda: [*_opened_and_used(0, 3), used(NOW - 2), used(NOW - 1)],
    "exp": lambda: [registered(300)],
    "dead": lambda: [*_opened_and_used(390, 3), died(NOW - 1)],
}
STAGES = {
    "none": (None, None),
    "pot": ("potential", None),
    "new": ("new", None),
    "act": ("active", None),
    "sil": ("at_risk", None),
    "com": ("at_risk", None),
    "nev": ("at_risk", None),
    "clo": ("lost", "closure"),
    "sln": ("lost", "silence"),
    "exp": ("lost", "expired"),
    "dead": ("lost", "deceased"),
}


@cache
def standing(column: str) -> Customer | None:
    """The customer of a column on the midnight that begins day 400."""
    life = Life(LIMITED if column in ("exp", "pot") else DEFAULT)
    events = _STANDS[column]()
    if events:
        life.tell(*events)
        life.passes(NOW)
    return life.customer


@dataclass(frozen=True)
class Input:
    """What comes on day 400: events, then time until a day, under a policy."""

    events: tuple[CustomerEvent, ...]
    until: int | None = None
    rules: Policy = DEFAULT
    told: CustomerEvent | None = field(default=None)
    """The one event, if it is one and no due item."""


def _inputs() -> dict[str, Any]:
    posting = "transaction.posted customer"
    n = NOW
    return {
        **_by_word(posting),
        **_by_kind(),
        posting: used(n),
        f"{posting}: joint owner": used(n, role="joint"),
        f"{posting}: on an account never heard of": used(n, account_ref="a2"),
        f"{posting}: by this party": used(n, acting_party=CUSTOMER),
        f"{posting}: by the other party": used(n, acting_party="cust-2"),
        f"{posting}: authorised user": used(n, role="authorised"),
        f"{posting}: guardian": used(n, role="guardian"),
        "transaction.reversed": reversed_(n, "p0"),
        "transaction.reversed: authorised user": reversed_(n, "p0", role="authorised"),
        "customer.referred": fact("customer.referred", n),
        "account.opened": opened(n, "a2", opened_on="2025-02-04"),
        "account.opened: joint owner": opened(n, "a2", role="joint"),
        "account.opened: authorised user": opened(n, "a2", role="authorised"),
        "account.opened: guardian": opened(n, "a2", role="guardian"),
        "account.opened: the one that there was": opened(n),
        "account.opened: a loan": opened(n, "a2", product_type="loan"),
        "account.opened: opened in 2019": opened(n, "a2", opened_on="2019-06-03"),
        "account.closed": closed(n),
        "account.closed: another account": closed(n, "a2"),
        "account.closed: authorised user": closed(n, role="authorised"),
        "account.reopened": account("reopened", n),
        "account.reopened: another account": account("reopened", n, account_ref="a2"),
        "account.reopened: authorised user": account("reopened", n, role="authorised"),
        "account.snapshot open": snapshot(n),
        "account.snapshot open: opened within the window": snapshot(n, opened_on="2025-01-20"),
        "account.snapshot open: another account": snapshot(n, account_ref="a2"),
        "account.snapshot open: closed": snapshot(n, status="closed"),
        "account.snapshot open: authorised user": snapshot(n, role="authorised"),
        "account.opening-undone": account("opening-undone", n),
        "account.closing-undone": account("closing-undone", n),
        "product.subscribed": product("subscribed", n, product_type="wealth"),
        "product.subscribed: authorised user": product(
            "subscribed", n, product_type="wealth", role="authorised"
        ),
        "product.matured": product("matured", n),
        "product.renewed": product("renewed", n),
        "payroll.ended": fact("payroll.ended", n, reason="retired"),
        "feedback.received complaint": complained(n, "f2"),
        "feedback.received bad score": rated(n, 0),
        "feedback.received good score": rated(n, 10),
        "feedback.resolved": resolved(n),
        "customer.scored high": scored(n, "0.8"),
        "customer.scored between": scored(n, "0.7"),
        "customer.scored low": scored(n, "0.1"),
        "customer.attribute-set": fact(
            "customer.attribute-set", n, attribute="risk_appetite", value="C3"
        ),
        "customer.status-changed minor": fact(
            "customer.status-changed", n, status="minor", until="2030-01-01"
        ),
        "balance.reported": _balance(),
        "balance.reported: authorised user": _balance(role="authorised"),
    }


def _by_word(posting: str) -> dict[str, Any]:
    n = NOW
    found: dict[str, Any] = {}
    for status in ("pending", "authorised", "held", "rejected", "void"):
        found[f"{posting}: {status}"] = used(n, status=status)
    for initiator in ("third_party", "standing", "bank", "unknown"):
        found[f"transaction.posted {initiator}"] = posted(n, initiator)
    for origin in ("walk_in", "outreach", "existing_book"):
        found[f"prospect.registered {origin}"] = registered(n, origin=origin)
    for kind in ("application", "quote", "enquiry", "visit"):
        found[f"interest.shown {kind}"] = fact("interest.shown", n, kind=kind)
    return found


def _by_kind() -> dict[str, Any]:
    n = NOW
    found: dict[str, Any] = {}
    for status in ("active", "dormant", "frozen", "blocked", "in_arrears", "closed"):
        found[f"account.status-changed {status}"] = account("status-changed", n, status=status)
    for conduct in ("clean", "arrears", "default"):
        found[f"loan.arrears-changed {conduct}"] = fact(
            "loan.arrears-changed", n, product_ref="l1", role="owner", conduct=conduct
        )
    for word, said in (("granted", True), ("withdrawn", False)):
        found[f"consent.changed {word}"] = fact(
            "consent.changed", n, purpose="marketing", granted=said
        )
    for word, said in (("made", True), ("withdrawn", False)):
        found[f"objection.changed {word}"] = fact(
            "objection.changed", n, purpose="profiling", objected=said
        )
    for kind in ("login", "branch", "call", "adviser"):
        found[f"customer.interacted {kind}"] = came_by(n, kind)
    for status in ("deceased", "hold", "hold_lifted", "merged"):
        found[f"customer.status-changed {status}"] = fact(
            "customer.status-changed", n, status=status
        )
    return found


def _balance(**fields: Any) -> Any:
    usual: dict[str, Any] = {"balance": "10.00", "currency": "CNY", "as_of": "2025-02-03"}
    told: dict[str, Any] = {"account_ref": "a1", "role": "owner", **usual, **fields}
    return fact("balance.reported", NOW, **told)


_n = NOW
_NEVER_OPENED = account("opening-undone", _n)
_NEVER_CLOSED = account("closing-undone", _n)
_THREE_DAYS = (used(_n), used(_n + 1), used(_n + 2))
_ON_THE_OTHER = [used(_n + day, account_ref="a2") for day in range(3)]
_ANYTHING = fact("customer.attribute-set", _n + 30, attribute="risk_appetite", value="C3")


def _undone(day: int) -> Any:
    return account("opening-undone", day, account_ref="a2")


INPUTS: dict[str, Input] = {
    label: Input((event,), told=event) for label, event in _inputs().items()
}
INPUTS |= {
    "after a complaint, any opening": Input((complained(_n, "f2"), opened(_n, "a2"))),
    "after a complaint, a snapshot": Input((complained(_n, "f2"), snapshot(_n, account_ref="a2"))),
    "after an opening undone, activity": Input((_NEVER_OPENED, *_THREE_DAYS)),
    "after an opening undone, an opening": Input((_NEVER_OPENED, opened(_n, "a2"))),
    "after an opening undone, a closing": Input((_NEVER_OPENED, closed(_n + 1, "a2"))),
    "after a closing undone, activity": Input((_NEVER_CLOSED, *_THREE_DAYS)),
    "after a closing undone, a closing": Input((_NEVER_CLOSED, closed(_n + 1))),
    "after a closing, it is undone": Input((closed(_n), account("closing-undone", _n + 1))),
    "after an opening, it is undone": Input((opened(_n, "a2"), _undone(_n + 1))),
    "after its three days, it is undone": Input(
        (opened(_n, "a2"), *_ON_THE_OTHER, _undone(_n + 3))
    ),
    "after a complaint, it is undone": Input(
        (opened(_n, "a2"), complained(_n, "f2"), _undone(_n + 1))
    ),
    "late evidence, before the warning": Input((used(260),)),
    "late evidence, before the loss": Input((used(150),)),
    "late evidence, of a short silence": Input(
        (_ANYTHING, came_by(_n + 5)), rules=policy(**{"rules.silence.after": "30 days"})
    ),
    "due: the onboarding window": Input((), 481),
    "due: silence": Input((), 484),
    "due: lost": Input((), 574),
    "due: after an opening undone": Input((_NEVER_OPENED,), 1000),
    "due: a prospect's limit": Input((), 430, LIMITED),
    "due: the end of a maturity's grace": Input((product("matured", _n, product_ref="a1"),), 411),
    "due: a bad score wears off": Input((rated(_n, 1),), 461),
    "due: a complaint's quiet period": Input(
        (complained(_n, "f7"), resolved(_n + 1, "f7"), complained(_n + 2, "f8")), 432
    ),
    "due: a score's quiet period": Input(
        (scored(_n, "0.9"), scored(_n + 1, "0.1"), scored(_n + 2, "0.9")), 432
    ),
}
