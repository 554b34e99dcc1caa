"""Hypothesis strategies for logs: a few customers' lives, told in one arrival order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import strategies as st

from schemas.base import rfc3339

DAY = 86_400_000
BEGIN = 1_704_067_200_000  # 2024-01-01T00:00:00Z
LATENESS = 48 * 3_600_000
CUSTOMERS = ("anna", "boris", "chen", "dora", "emil")

_ACCOUNT = {"role": "owner", "product_type": "current_account"}


def _posting(initiator: str, **more: str) -> dict[str, Any]:
    return {
        "type": "transaction.posted",
        "role": "owner",
        "initiator": initiator,
        "direction": "debit",
        "amount": "10.00",
        "currency": "CNY",
        **more,
    }


def _balance(amount: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "balance.reported",
        "role": "owner",
        "balance": amount,
        "currency": "CNY",
        **more,
    }


_FLAG = {"type": "account.status-changed", "role": "owner"}
_PERSON = {"type": "customer.status-changed"}


KINDS: list[dict[str, Any]] = [
    *[_posting("customer")] * 6,
    _posting("unknown"),
    _posting("bank"),
    {"type": "account.opened", **_ACCOUNT},
    {"type": "account.opened", **_ACCOUNT},
    {"type": "account.closed", "role": "owner"},
    {"type": "account.reopened", "role": "owner"},
    {"type": "account.snapshot", **_ACCOUNT, "status": "active", "opened_on": "2015-05-05"},
    {"type": "product.subscribed", "role": "owner", "product_type": "term_deposit"},
    {"type": "product.matured", "role": "owner"},
    {"type": "prospect.registered", "origin": "walk_in"},
    {"type": "interest.shown", "kind": "quote"},
    {"type": "feedback.received", "kind": "complaint"},
    {"type": "feedback.received", "kind": "score", "score": 1},
    {"type": "feedback.resolved"},
    {"type": "customer.interacted", "kind": "login"},
    {"type": "customer.scored", "model": "m", "score": "0.9"},
    {"type": "customer.scored", "model": "m", "score": "0.3"},
    {"type": "transaction.reversed", "role": "owner"},
    {**_PERSON, "status": "deceased"},
    {**_PERSON, "status": "hold"},
    {**_PERSON, "status": "hold_lifted"},
    {**_PERSON, "status": "minor", "until": "2024-09-01"},
    _balance("100.00"),
    _balance("20000.00", product_type="current_account"),
    _balance("90000.00", owners=2),
    _balance("70000.00", product_type="loan"),
    _posting("third_party", direction="credit", purpose="salary", amount="9000.00"),
    _posting("customer", counterparty_kind="other_bank", amount="15000.00"),
    {"type": "payroll.ended", "reason": "retired"},
    {"type": "product.renewed", "role": "owner"},
    {"type": "account.opening-undone", "role": "owner"},
    {"type": "account.closing-undone", "role": "owner"},
    {**_FLAG, "status": "dormant"},
    {**_FLAG, "status": "frozen"},
    {**_FLAG, "status": "active"},
]


@st.composite
def events(draw: st.DrawFn, *, late: bool) -> list[tuple[dict[str, Any], int]]:
    """(event, record timestamp) in arrival order; without `late`, none behind the lateness.

    Timestamps grow strictly from one event to the next: of two topics with equal timestamps a
    merge cannot know which came first.
    """
    count = draw(st.integers(1, 40))
    log: list[tuple[dict[str, Any], int]] = []
    arrival = highest = BEGIN
    for number in range(count):
        arrival += draw(st.sampled_from((1, 2, 60_000, DAY, 9 * DAY, 40 * DAY, 95 * DAY)))
        behind = draw(st.sampled_from((0, 0, 0, 1, 3_600_000, LATENESS)))
        occurred = max(arrival - behind, highest - LATENESS)
        if late and draw(st.booleans()):
            occurred = arrival - draw(st.integers(0, 200 * DAY))
        highest = max(highest, occurred)
        event = dict(draw(st.sampled_from(KINDS)))
        event |= {
            "schema_version": 1,
            "source": "core",
            "event_id": f"e{number}",
            "occurred_at": rfc3339(occurred),
            "customer_id": draw(st.sampled_from(CUSTOMERS)),
        }
        refer(event, number, lambda options: draw(st.sampled_from(options)))
        log.append((event, arrival))
        if draw(st.integers(0, 9)) == 0:
            log.append((event, arrival))
    return log


def refer(event: dict[str, Any], number: int, choose: Callable[[Sequence[Any]], Any]) -> None:
    """References to accounts, postings and feedback, so that events meet each other."""
    kind = event["type"]
    if kind.startswith(("account.", "transaction.", "balance.")):
        event["account_ref"] = choose(("a1", "a2"))
    if kind == "balance.reported":
        event["as_of"] = event["occurred_at"][:10]
    if kind.startswith("product."):
        event["product_ref"] = choose(("p1", "p2"))
    if kind == "transaction.posted":
        event["posting_id"] = f"t{number}"
    if kind == "transaction.reversed":
        event["posting_id"] = f"r{number}"
        event["original_posting_id"] = f"t{choose(range(max(number, 1)))}"
    if kind.startswith("feedback."):
        event["feedback_id"] = choose(("f1", "f2"))
