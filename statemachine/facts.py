"""Learning: what an event teaches about a customer, before any stage is decided.

Every handler takes the remembered customer and returns it with the event in it. Facts are learnt
in any stage but after death, and exactly whatever their order within the lateness; what follows
from them is decided in fold.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import msgspec
from msgspec.structs import replace

from schemas.base import to_millis
from schemas.events import (
    AccountClosed,
    AccountClosingUndone,
    AccountOpened,
    AccountOpeningUndone,
    AccountReopened,
    AccountSnapshot,
    AccountStatusChanged,
    BalanceReported,
    CustomerEvent,
    CustomerInteracted,
    InterestShown,
    LoanArrearsChanged,
    PayrollEnded,
    ProductMatured,
    ProductRenewed,
    ProductSubscribed,
    ProspectRegistered,
    TransactionPosted,
    TransactionReversed,
)
from statemachine import activity, relationships
from statemachine.activity import ref_hash
from statemachine.customer import Customer
from statemachine.person import TELLINGS
from statemachine.policy import Policy

_HAS_RELATIONSHIP = ("owner", "joint")
_NOBODYS = ("bank", "standing", "third_party")
"""Initiators whose postings are not what the customer did."""


class Learnt(msgspec.Struct, frozen=True, gc=False):
    """The customer with the event in it, and what the event was."""

    customer: Customer
    opened: bool = False
    """A relationship came into force with it."""
    interest: bool = False
    """Somebody looked at the bank."""
    relates: bool = False
    """It tells of an account or product of this customer's own: a bank-side fact."""
    died: bool = False
    active: bool = False
    """It was a sign of life and nothing else: nothing can be due any sooner for it."""


def learn(policy: Policy, customer: Customer, event: CustomerEvent, at: int) -> Learnt:
    """What `event`, which occurred at `at`, teaches about `customer`."""
    kind: str = event.type  # type: ignore[attr-defined]  # every type of the contract has it
    if kind in _WITH_ROLE and event.role not in _HAS_RELATIONSHIP:  # type: ignore[attr-defined]
        # An authorised user or guardian is not a customer by that role (domain section 4).
        return Learnt(customer)
    handler = _BY_TYPE.get(kind)
    if handler is None:
        # Referrals are kept by the segments and actions that need them.
        return Learnt(customer)
    learnt = handler(policy, customer, event, at)
    if learnt.opened and _has_nothing_but_undone(customer):
        return replace(learnt, customer=_begins_anew(policy, learnt.customer, at))
    return learnt


def _has_nothing_but_undone(customer: Customer) -> bool:
    here = customer.stage in ("new", "active", "at_risk")
    return here and relationships.only_undone(customer.relationships)


def _begins_anew(policy: Policy, customer: Customer, at: int) -> Customer:
    """Who had nothing but an opening undone is counted as a customer from the next one on."""
    days = activity.days_since(customer.activity, policy.calendar.day_of(at))
    since = max(customer.newcomer_since, at)
    return replace(customer, newcomer_since=since, activation_days=len(days))


def _posted(policy: Policy, customer: Customer, event: TransactionPosted, at: int) -> Learnt:
    if event.status != "posted":
        return Learnt(customer)
    before, opened = customer, False
    if not relationships.is_told(customer.relationships, ref_hash(event.account_ref)):
        implied = _implied(policy, customer, event, at)
        customer, opened = implied.customer, implied.opened
    only_active = customer is before
    if event.initiator in _NOBODYS:
        return Learnt(customer, opened=opened, relates=True)
    if event.acting_party is not None and event.acting_party != event.customer_id:
        return Learnt(customer, opened=opened, relates=True)
    if event.initiator == "customer":
        done, fresh = activity.add_own(
            customer.activity,
            policy.calendar,
            at,
            ref_hash(event.posting_id),
            policy.memory.reversible_postings,
        )
        counted = customer.activation_days
        if fresh and _counts(policy, customer, at):
            counted += 1
        customer = replace(customer, activity=done, activation_days=counted)
        if event.role == "joint" and event.acting_party is None:
            # Taken back or not: in whatever order the two come, the doubt is the same.
            day = policy.calendar.day_of(at)
            known = customer.joint_day
            joint_day = day if known is None else max(known, day)
            customer = replace(customer, joint_day=joint_day)
    elif event.initiator == "unknown":
        customer = replace(customer, activity=activity.add_sign(customer.activity, at))
    return Learnt(customer, opened=opened, relates=True, active=only_active)


def _reversed(policy: Policy, customer: Customer, event: TransactionReversed, _: int) -> Learnt:
    left, day = activity.reverse(
        customer.activity,
        policy.calendar,
        ref_hash(event.original_posting_id),
        policy.memory.reversible_postings,
    )
    counted = customer.activation_days
    if day is not None and _counts(policy, customer, policy.calendar.midnight(day)):
        counted = max(counted - 1, 0)
    return Learnt(replace(customer, activity=left, activation_days=counted), relates=True)


def _counts(policy: Policy, customer: Customer, at: int) -> bool:
    """Whether own activity at an instant counts towards activation: from the begin of a day on."""
    since = customer.since if customer.stage == "lost" else customer.newcomer_since
    return at >= since or at >= policy.calendar.midnight(policy.calendar.day_of(since))


def _began(
    policy: Policy,
    customer: Customer,
    event: AccountOpened | AccountReopened | ProductSubscribed | ProductRenewed,
    at: int,
) -> Learnt:
    contractual = None if event.product_type is None else event.product_type in policy.contractual
    known, fresh = relationships.begin(
        customer.relationships, ref_hash(_reference(event)), at, contractual=contractual
    )
    return Learnt(replace(customer, relationships=known), opened=fresh, relates=True)


def _ended(
    policy: Policy,
    customer: Customer,
    event: AccountClosed | AccountStatusChanged | ProductMatured,
    at: int,
) -> Learnt:
    ends_at = at
    if isinstance(event, ProductMatured):
        ends_at = policy.calendar.after(policy.maturity_grace, at)
    known = relationships.end(customer.relationships, ref_hash(_reference(event)), at, ends_at)
    return Learnt(replace(customer, relationships=known), relates=True)


def _never_opened(_: Policy, customer: Customer, event: AccountOpeningUndone, at: int) -> Learnt:
    # Of whom nothing is known but an opening that never was, nothing is known.
    known = relationships.undo(customer.relationships, ref_hash(event.account_ref), at)
    return Learnt(replace(customer, relationships=known))


def _snapshot(policy: Policy, customer: Customer, event: AccountSnapshot, at: int) -> Learnt:
    ref = ref_hash(event.account_ref)
    opened = False
    if event.status == "closed":
        known = relationships.end(customer.relationships, ref, at, at)
    else:
        contractual = event.product_type in policy.contractual
        known, opened = relationships.begin(
            customer.relationships, ref, at, contractual=contractual
        )
    customer = replace(customer, relationships=known)
    if event.last_customer_activity is not None:
        seen_at = min(to_millis(event.last_customer_activity), at)
        customer = replace(customer, activity=activity.add_sign(customer.activity, seen_at))
    return Learnt(customer, opened=opened, relates=True)


def _implied(policy: Policy, customer: Customer, event: CustomerEvent, at: int) -> Learnt:
    """A fact about an account never heard of: it is in force, unless it may trail behind.

    What trails behind the closing of a lost customer's account brings nobody back.
    """
    reference = _reference(event)
    if not reference or (customer.stage == "lost" and customer.lost_by != "expired"):
        return Learnt(customer, relates=True)
    kind = getattr(event, "product_type", None)
    contractual = None if kind is None else kind in policy.contractual
    if isinstance(event, LoanArrearsChanged):
        contractual = True
    known, fresh = relationships.imply(
        customer.relationships, ref_hash(reference), at, contractual=contractual
    )
    if known is not customer.relationships:
        customer = replace(customer, relationships=known)
    return Learnt(customer, opened=fresh, relates=True)


def _flagged(policy: Policy, customer: Customer, event: AccountStatusChanged, at: int) -> Learnt:
    # A core that flags an account closed has closed it, however it says so.
    tells = _ended if event.status == "closed" else _implied
    return tells(policy, customer, event, at)


def _reference(event: CustomerEvent) -> str:
    return getattr(event, "account_ref", "") or getattr(event, "product_ref", "")


def _never_closed(_: Policy, customer: Customer, event: AccountClosingUndone, at: int) -> Learnt:
    ref = ref_hash(event.account_ref)
    known, fresh = relationships.begin(customer.relationships, ref, at, contractual=None)
    # To a prospect it is the first that is heard of a relationship. A lost customer is not won
    # back by what the core takes back, but by what they then do.
    first = fresh and customer.lost_by in (None, "expired")
    return Learnt(replace(customer, relationships=known), opened=first, relates=True)


def _looked(
    _: Policy, customer: Customer, event: ProspectRegistered | InterestShown, at: int
) -> Learnt:
    return Learnt(replace(customer, interest_at=max(customer.interest_at or at, at)), interest=True)


def _interacted(_: Policy, customer: Customer, event: CustomerInteracted, at: int) -> Learnt:
    seen = activity.add_sign(customer.activity, at)
    return Learnt(replace(customer, activity=seen), active=True)


def _told(_: Policy, customer: Customer, event: CustomerEvent, at: int) -> Learnt:
    after = TELLINGS[event.__class__](customer, event, at)
    return Learnt(after, died=after.deceased and not customer.deceased)


_HANDLERS: dict[type[CustomerEvent], Callable[[Policy, Customer, Any, int], Learnt]] = {
    TransactionPosted: _posted,
    TransactionReversed: _reversed,
    BalanceReported: _implied,
    AccountOpened: _began,
    AccountReopened: _began,
    AccountClosed: _ended,
    AccountStatusChanged: _flagged,
    AccountSnapshot: _snapshot,
    AccountOpeningUndone: _never_opened,
    AccountClosingUndone: _never_closed,
    ProductSubscribed: _began,
    ProductRenewed: _began,
    ProductMatured: _ended,
    LoanArrearsChanged: _implied,
    PayrollEnded: _implied,
    ProspectRegistered: _looked,
    InterestShown: _looked,
    CustomerInteracted: _interacted,
    **dict.fromkeys(TELLINGS, _told),
}
"""What each event teaches. An event that is not here teaches the fold nothing yet."""
_NAMES = {one: get_args(one.model_fields["type"].annotation)[0] for one in _HANDLERS}
_BY_TYPE = {_NAMES[one]: handler for one, handler in _HANDLERS.items()}
"""By the name of the event's type: whatever has the fields of an event may be learnt."""
_WITH_ROLE = frozenset(_NAMES[one] for one in _HANDLERS if "role" in one.model_fields)
"""The events that are told once per party."""
