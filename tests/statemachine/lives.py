"""Lives that Hypothesis makes up: facts of every kind, after short and long pauses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from schemas.base import to_millis
from schemas.events import CustomerEvent
from statemachine.policy import Policy
from tests.statemachine.builders import CUSTOMER, DAY_ZERO, DEFAULT, fact, policy

POLICIES: tuple[Policy, ...] = (
    DEFAULT,
    policy(**{"rules.silence.limit": "own_rhythm", "lost.after_silence": "200 days"}),
    policy(
        **{
            "prospects.limit": "20 days",
            "rules.silence.clears_after_days": 1,
            "quiet_period": "0 hours",
            "maturity_grace": "0 days",
            "activation.own_activity_days": 1,
        }
    ),
    policy(
        **{
            "zone": "Europe/Prague",
            "rules.silence.after": "36 hours",
            "rules.silence.clears_after_days": 1,
            "rules.complaint.score_clears_after": "1 hour",
            "lost.after_silence": "72 hours",
            "lost.at_least_at_risk": "0 hours",
            "onboarding.window": "48 hours",
            "quiet_period": "5 hours",
            "memory.reversible_postings": 2,
        }
    ),
    policy(**{"rules.silence": None, "rules.not_onboarded": None, "lost.after_silence": "1 day"}),
)
policies = st.sampled_from(POLICIES)

Told = tuple[str, dict[str, Any]]
"""What happened: its type and fields, still without time and event id."""

accounts = st.sampled_from(("a1", "a1", "a1", "a2", "a3"))
deposits = st.sampled_from(("d1", "d1", "d2"))
postings = st.integers(0, 30).map("p{}".format)
roles = st.sampled_from(("owner", "owner", "owner", "joint", "authorised"))
initiators = st.sampled_from(
    (*("customer",) * 6, *("third_party", "standing", "bank", "unknown")),
)
kinds = st.sampled_from(("current_account", "current_account", "savings_account", "loan"))
complaints = st.sampled_from(("f1", "f2", "f3"))
_OWN = {"account_ref": accounts, "role": roles}
_MONEY = {"direction": st.just("debit"), "amount": st.just("5.00"), "currency": st.just("CNY")}


def _of(type_name: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Told]:
    return st.tuples(st.just(type_name), st.fixed_dictionaries(fields))


def _one(*words: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(words)


_posted = _of(
    "transaction.posted",
    **_OWN,
    **_MONEY,
    posting_id=postings,
    initiator=initiators,
    acting_party=_one(None, None, None, CUSTOMER, "cust-2"),
)
_FACTS: tuple[st.SearchStrategy[Told], ...] = (
    *(_posted,) * 8,
    *(_of("account.opened", **_OWN, product_type=kinds),) * 2,
    *(_of("account.closed", **_OWN),) * 2,
    _of("account.reopened", **_OWN),
    _of("account.status-changed", **_OWN, status=_one("active", "dormant", "frozen", "closed")),
    _of(
        "balance.reported",
        **_OWN,
        balance=_one("50.00", "9000.00", "60000.00", "200000.00"),
        currency=_one("CNY", "CNY", "USD"),
        as_of=_one("2024-01-03", "2024-02-20", "2024-04-30", "2024-08-01"),
        owners=_one(1, 1, 2),
        product_type=_one(None, "current_account", "loan"),
    ),
    _of(
        "transaction.posted",
        **_OWN,
        posting_id=postings,
        initiator=_one("third_party"),
        direction=_one("credit"),
        amount=_one("8000.00"),
        currency=_one("CNY"),
        purpose=_one("salary"),
    ),
    _of(
        "transaction.posted",
        **_OWN,
        posting_id=postings,
        initiator=_one("customer"),
        direction=_one("debit"),
        amount=_one("500.00", "7000.00"),
        currency=_one("CNY"),
        counterparty_kind=_one("other_bank"),
    ),
    _of("account.opening-undone", **_OWN),
    _of("account.closing-undone", **_OWN),
    _of(
        "account.snapshot",
        **_OWN,
        product_type=kinds,
        status=_one("active", "active", "closed"),
        opened_on=_one("2019-06-03", "2024-01-20", "2024-06-01"),
    ),
    _of(
        "product.subscribed",
        product_ref=deposits,
        role=roles,
        product_type=_one("wealth"),
        amount=_one("30000.00"),
        currency=_one("CNY"),
    ),
    _of("product.matured", product_ref=deposits, role=roles),
    _of("product.renewed", product_ref=deposits, role=roles),
    _of("feedback.received", feedback_id=complaints, kind=_one("complaint")),
    _of("feedback.received", feedback_id=complaints, kind=_one("score"), score=st.integers(0, 10)),
    *(_of("feedback.resolved", feedback_id=complaints),) * 2,
    _of("customer.scored", model=_one("churn"), score=_one("0.1", "0.7", "0.85")),
    _of("customer.interacted", kind=_one("login", "call")),
    _of("transaction.reversed", **_OWN, posting_id=_one("r1", "r2"), original_posting_id=postings),
    _of("prospect.registered", origin=_one("walk_in")),
    _of("interest.shown", kind=_one("quote")),
    _of("payroll.ended", reason=_one("unknown")),
    _of("objection.changed", purpose=_one("profiling", "marketing"), objected=st.booleans()),
    _of(
        "consent.changed",
        purpose=_one("marketing"),
        channel=_one(None, "sms", "email"),
        granted=st.booleans(),
        legal_basis=_one(None, "consent"),
    ),
    _of(
        "customer.attribute-set",
        attribute=_one("risk_appetite"),
        value=_one("C1", "C3", "C5"),
        expires_on=_one(None, "2024-06-30", "2025-06-30"),
    ),
    _of("customer.status-changed", status=_one("minor"), until=_one("2024-03-01", "2030-09-01")),
    _of(
        "loan.arrears-changed",
        product_ref=_one("l1"),
        role=roles,
        conduct=_one("clean", "arrears"),
    ),
    # Mostly other news, because death is the end of the story.
    _of("customer.status-changed", status=_one(*("hold", "hold_lifted") * 8, "deceased")),
)
facts = st.one_of(_FACTS)


pauses = st.one_of(
    st.integers(0, 3 * 86_400),
    st.integers(0, 3 * 86_400),
    st.integers(0, 200 * 86_400),
    st.sampled_from((0, 1, 86_400, 30 * 86_400, 91 * 86_400, 181 * 86_400)),
)
"""Seconds between two facts."""


def timed(story: Sequence[tuple[int, Told]], begin: datetime = DAY_ZERO) -> list[CustomerEvent]:
    """The facts of a story at their times, in order."""
    events, when = [], begin
    for number, (pause, told) in enumerate(story):
        when += timedelta(seconds=pause)
        type_name, fields = told
        events.append(fact(type_name, when, event_id=f"e{number}", **fields))
    return events


stories = st.lists(st.tuples(pauses, facts), min_size=1, max_size=40)
lives = stories.map(timed)
"""A life in order: no event is late."""


def at(event: CustomerEvent) -> int:
    """When it happened, in milliseconds."""
    return to_millis(event.occurred_at)
