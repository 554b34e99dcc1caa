"""One valid event of every type, to copy from: `tenure example TYPE` prints them."""

from __future__ import annotations

from typing import Any, Final, get_args

from schemas.events import CanonicalEvent

_ACCOUNT: Final = {"account_ref": "core:main:acct:6222001", "role": "owner"}
_PRODUCT: Final = {"product_ref": "core:main:deposit:88121", "role": "owner"}
_LOAN: Final = {"product_ref": "core:main:loan:40077", "role": "owner"}

_OWN_FIELDS: Final[dict[str, dict[str, Any]]] = {
    "transaction.posted": {
        **_ACCOUNT,
        "posting_id": "70015-1",
        "initiator": "customer",
        "direction": "debit",
        "amount": "250.00",
        "currency": "CNY",
        "status": "posted",
        "purpose": "purchase",
        "channel": "mobile",
        "counterparty_kind": "payment_institution",
        "booking_date": "2025-03-31",
        "balance_after": "4021.55",
    },
    "transaction.reversed": {
        **_ACCOUNT,
        "posting_id": "70016-1",
        "original_posting_id": "70015-1",
        "direction": "credit",
        "amount": "250.00",
        "currency": "CNY",
    },
    "balance.reported": {
        **_ACCOUNT,
        "balance": "4021.55",
        "currency": "CNY",
        "as_of": "2025-03-31",
        "product_type": "current_account",
    },
    "prospect.registered": {"origin": "walk_in"},
    "interest.shown": {"kind": "application", "product_type": "mortgage", "channel": "web"},
    "customer.referred": {"referred_customer_id": "cust-9020"},
    "account.opened": {
        **_ACCOUNT,
        "product_type": "current_account",
        "opened_on": "2025-03-31",
        "currency": "CNY",
    },
    "account.closed": {**_ACCOUNT, "reason": "customer_request"},
    "account.reopened": {**_ACCOUNT, "product_type": "current_account"},
    "account.status-changed": {**_ACCOUNT, "status": "dormant"},
    "account.snapshot": {
        **_ACCOUNT,
        "product_type": "current_account",
        "status": "active",
        "opened_on": "2019-06-03",
        "balance": "4021.55",
        "currency": "CNY",
        "last_customer_activity": "2025-03-12T18:40:02+08:00",
    },
    "account.opening-undone": _ACCOUNT,
    "account.closing-undone": _ACCOUNT,
    "product.subscribed": {
        **_PRODUCT,
        "product_type": "term_deposit",
        "amount": "50000.00",
        "currency": "CNY",
        "matures_on": "2026-03-31",
    },
    "product.matured": _PRODUCT,
    "product.renewed": {
        **_PRODUCT,
        "product_type": "term_deposit",
        "matures_on": "2027-03-31",
    },
    "loan.arrears-changed": {**_LOAN, "conduct": "arrears", "days_past_due": 31},
    "payroll.ended": {"reason": "changed_employer", "employer_ref": "emp-118"},
    "consent.changed": {
        "purpose": "marketing",
        "channel": "sms",
        "granted": True,
        "legal_basis": "consent",
    },
    "objection.changed": {"purpose": "profiling", "objected": True},
    "feedback.received": {"feedback_id": "fb-3301", "kind": "complaint"},
    "feedback.resolved": {"feedback_id": "fb-3301"},
    "customer.interacted": {"kind": "login", "channel": "mobile"},
    "customer.scored": {"model": "churn", "model_version": "2025.1", "score": "0.83"},
    "customer.attribute-set": {
        "attribute": "risk_appetite",
        "value": "C3",
        "expires_on": "2026-03-31",
    },
    "customer.status-changed": {"status": "minor", "until": "2031-09-01"},
    "feed.watermark": {
        "topic": "tenure.transactions",
        "complete_through": "2025-03-31T00:00:00+08:00",
    },
    "policy.activated": {"policy_digest": "9f86d081884c7d659a2feaa0c55ad015", "policy_version": 2},
    "customer.erased": {},
}
_UNKEYED: Final = ("feed.watermark", "policy.activated")


def type_names() -> list[str]:
    """Return the names of all event types, in the order of the contract."""
    union = get_args(CanonicalEvent)[0]
    return [get_args(event.model_fields["type"].annotation)[0] for event in get_args(union)]


def example(type_name: str) -> dict[str, Any]:
    """Return one valid event of this type, as it is written in JSON.

    Raises KeyError for a type that does not exist; `type_names` lists those that do.
    """
    own = _OWN_FIELDS[type_name]
    customer = {} if type_name in _UNKEYED else {"customer_id": "cust-7781"}
    return {
        "type": type_name,
        "schema_version": 1,
        "source": "core/retail",
        "event_id": f"{type_name}-1",
        "occurred_at": "2025-03-31T09:12:44.310+08:00",
        **customer,
        **own,
    }
