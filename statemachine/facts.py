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
    CustomerScored,
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
from statemachine import activity, holdings, payroll, relationships
from statemachine.activity import ref_hash
from statemachine.calendar import day_number
from statemachine.customer import Customer
from statemachine.pauses import follow_pause
from statemachine.person import TELLINGS
from statemachine.policy import Policy
from statemachine.products import product_number
from statemachine.transfers import add_transfer, take_back

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
    """It was a sign of life."""
    touches: tuple[str, ...] | None = None
    """The fields of Customer, beside activity, that it may have changed; None: any."""
    undone: int | None = None
    """The opening of this reference was taken back."""


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
    paused = follow_pause(customer, learnt.customer, at)
    return learnt if paused is learnt.customer else replace(learnt, customer=paused)


def _posted(policy: Policy, customer: Customer, event: TransactionPosted, at: int) -> Learnt:
    if event.status != "posted":
        return Learnt(customer)
    before, opened = customer, False
    if not relationships.is_told(customer.relationships, ref_hash(event.account_ref)):
        implied = _implied(policy, customer, event, at)
        customer, opened = implied.customer, implied.opened
    if event.initiator in _NOBODYS:
        if event.purpose == "salary" and event.direction == "credit":
            salaried = payroll.paid(customer.payroll, policy.calendar.day_of(at))
            after = replace(customer, payroll=salaried)
            only = ("payroll",) if customer is before else None
            return Learnt(after, opened=opened, relates=True, touches=only)
        return Learnt(customer, opened=opened, relates=True)
    if event.acting_party != event.customer_id and (
        event.acting_party is not None or customer.minor_until is not None
    ):
        # Another party's doing; a child's account is used by its guardians, unless it is told.
        return Learnt(customer, opened=opened, relates=True)
    touches: tuple[str, ...] | None = () if customer is before else None
    if event.initiator == "unknown":
        seen = replace(customer, activity=activity.add_sign(customer.activity, at))
        return Learnt(seen, opened=opened, relates=True, active=True, touches=touches)
    moved = _transferred(policy, customer, event, at)
    after = _active(policy, customer, event, at, moved)
    if customer is before and moved is not customer.transfers:
        touches = ("transfers",)
    return Learnt(after, opened=opened, relates=True, active=True, touches=touches)


def _active(
    policy: Policy, customer: Customer, event: TransactionPosted, at: int, moved: bytes
) -> Customer:
    """The customer's own activity."""
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
    joint_day = customer.joint_day
    if event.role == "joint" and event.acting_party is None:
        # Taken back or not: in whatever order the two come, the doubt is the same.
        day = policy.calendar.day_of(at)
        joint_day = day if joint_day is None else max(joint_day, day)
    return replace(
        customer, activity=done, activation_days=counted, joint_day=joint_day, transfers=moved
    )


def _transferred(policy: Policy, customer: Customer, event: TransactionPosted, at: int) -> bytes:
    """The transfers to other banks, with this one if it is large enough to be told."""
    told = policy.transfers_told
    if told is None or event.direction != "debit" or event.counterparty_kind != "other_bank":
        return customer.transfers
    if activity.is_known(customer.activity, ref_hash(event.posting_id)):
        return customer.transfers
    day = policy.calendar.day_of(at)
    amount = _worth_telling(policy, event.amount, event.currency, day)
    if amount is None:
        return customer.transfers
    return add_transfer(customer.transfers, day, amount, keep_days=told.within.days or 0)


def _reversed(policy: Policy, customer: Customer, event: TransactionReversed, _: int) -> Learnt:
    posting = ref_hash(event.original_posting_id)
    moved = _taken_back(policy, customer, event, posting)
    left, day = activity.reverse(
        customer.activity, policy.calendar, posting, policy.memory.reversible_postings
    )
    counted = customer.activation_days
    if day is not None and _counts(policy, customer, policy.calendar.midnight(day)):
        counted = max(counted - 1, 0)
    after = replace(customer, activity=left, activation_days=counted, transfers=moved)
    return Learnt(after, relates=True)


def _taken_back(
    policy: Policy, customer: Customer, event: TransactionReversed, posting: int
) -> bytes:
    """The transfers without this one, if as much went to other banks on the day of the posting."""
    if not customer.transfers or event.amount is None or event.currency is None:
        return customer.transfers
    day = activity.day_of_posting(customer.activity, policy.calendar, posting)
    if day is None:
        return customer.transfers
    amount = _worth_telling(policy, event.amount, event.currency, day)
    return customer.transfers if amount is None else take_back(customer.transfers, day, amount)


def _worth_telling(policy: Policy, amount: str, currency: str, day: int) -> int | None:
    """A transfer's amount in whole units, if it is large enough for any rule."""
    told = policy.transfers_told
    units = policy.assets.known_rates.whole_units(amount, currency, day)
    if told is None or units is None or units < told.transfer_at_least:
        return None
    return units


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
    ref, product = ref_hash(reference_of(event)), _product(event)
    known, fresh = relationships.begin(customer.relationships, ref, at, product=product)
    customer = holdings.sort_out(policy, replace(customer, relationships=known), ref)
    day = policy.calendar.day_of(at)
    if isinstance(event, ProductSubscribed) and event.amount is not None:
        customer = holdings.hold(
            policy, customer, ref, day, event.amount, event.currency, product=product
        )
    elif isinstance(event, ProductRenewed):
        customer = holdings.refill(policy, customer, ref, day)
    return Learnt(customer, opened=fresh, relates=True)


def _ended(
    policy: Policy,
    customer: Customer,
    event: AccountClosed | AccountStatusChanged | ProductMatured,
    at: int,
) -> Learnt:
    ends_at = at
    if isinstance(event, ProductMatured):
        ends_at = policy.calendar.after(policy.maturity_grace, at)
    ref = ref_hash(reference_of(event))
    known = relationships.end(customer.relationships, ref, at, ends_at)
    customer = holdings.empty(policy, customer, ref, policy.calendar.day_of(at))
    return Learnt(replace(customer, relationships=known), relates=True)


def _never_opened(
    policy: Policy, customer: Customer, event: AccountOpeningUndone, at: int
) -> Learnt:
    # Of whom nothing is known but an opening that never was, nothing is known.
    ref = ref_hash(event.account_ref)
    known = relationships.undo(customer.relationships, ref, at)
    customer = holdings.empty(policy, customer, ref, policy.calendar.day_of(at))
    return Learnt(replace(customer, relationships=known), undone=ref)


def _snapshot(policy: Policy, customer: Customer, event: AccountSnapshot, at: int) -> Learnt:
    ref = ref_hash(event.account_ref)
    opened = False
    if event.status == "closed":
        known = relationships.end(customer.relationships, ref, at, at)
        customer = holdings.empty(policy, customer, ref, policy.calendar.day_of(at))
    else:
        product = product_number(event.product_type)
        known, opened = relationships.begin(customer.relationships, ref, at, product=product)
        if event.status != "active":
            known = relationships.flagged(known, ref, at, event.status)
        customer = holdings.introduce(policy, customer, event, ref, at)
    customer = replace(customer, relationships=known)
    if event.last_customer_activity is not None:
        seen_at = min(to_millis(event.last_customer_activity), at)
        customer = replace(customer, activity=activity.add_sign(customer.activity, seen_at))
    return Learnt(customer, opened=opened, relates=True)


def _implied(policy: Policy, customer: Customer, event: CustomerEvent, at: int) -> Learnt:
    """A fact about an account never heard of: it is in force, unless it may trail behind.

    What trails behind the closing of a lost customer's account brings nobody back.
    """
    reference = reference_of(event)
    if not reference or (customer.stage == "lost" and customer.lost_by != "expired"):
        return Learnt(customer, relates=True)
    known, fresh = relationships.imply(
        customer.relationships, ref_hash(reference), at, product=_product(event)
    )
    if known is not customer.relationships:
        customer = replace(customer, relationships=known)
    return Learnt(customer, opened=fresh, relates=True)


def _flagged(policy: Policy, customer: Customer, event: AccountStatusChanged, at: int) -> Learnt:
    if event.status == "closed":
        # A core that flags an account closed has closed it, however it says so.
        return _ended(policy, customer, event, at)
    learnt = _implied(policy, customer, event, at)
    flag = None if event.status == "active" else event.status
    ref = ref_hash(event.account_ref)
    known = relationships.flagged(learnt.customer.relationships, ref, at, flag)
    return replace(learnt, customer=replace(learnt.customer, relationships=known))


def _balance(policy: Policy, customer: Customer, event: BalanceReported, at: int) -> Learnt:
    learnt = _implied(policy, customer, event, at)
    after = holdings.hold(
        policy,
        learnt.customer,
        ref_hash(event.account_ref),
        day_number(event.as_of),
        event.balance,
        event.currency,
        shares=event.owners,
        product=_product(event),
    )
    touches = ("assets", "owed") if learnt.customer is customer else None
    return replace(learnt, customer=after, touches=touches)


def _payroll_ended(policy: Policy, customer: Customer, _: PayrollEnded, at: int) -> Learnt:
    ended = payroll.ended(customer.payroll, policy.calendar.day_of(at))
    return Learnt(replace(customer, payroll=ended))


def _product(event: CustomerEvent) -> int | None:
    if isinstance(event, LoanArrearsChanged):
        return product_number("loan")
    kind = getattr(event, "product_type", None)
    return None if kind is None else product_number(kind)


def reference_of(event: CustomerEvent) -> str:
    """The account or product that it is about; empty if none."""
    return getattr(event, "account_ref", "") or getattr(event, "product_ref", "")


def _never_closed(
    policy: Policy, customer: Customer, event: AccountClosingUndone, at: int
) -> Learnt:
    ref = ref_hash(event.account_ref)
    ended = relationships.find(customer.relationships, ref)
    if ended is not None and ended.ends_at is not None and ended.as_of <= at:
        # The money never left: it is there from the day on that it was taken to be gone.
        closed_on = policy.calendar.day_of(ended.as_of)
        customer = holdings.refill(policy, customer, ref, closed_on)
    known, fresh = relationships.begin(
        customer.relationships, ref, at, product=None, keeps_flag=True
    )
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
    return Learnt(replace(customer, activity=seen), active=True, touches=())


def _told(_: Policy, customer: Customer, event: CustomerEvent, at: int) -> Learnt:
    after = TELLINGS[event.__class__](customer, event, at)
    touches = ("score",) if isinstance(event, CustomerScored) else None
    return Learnt(after, died=after.deceased and not customer.deceased, touches=touches)


_HANDLERS: dict[type[CustomerEvent], Callable[[Policy, Customer, Any, int], Learnt]] = {
    TransactionPosted: _posted,
    TransactionReversed: _reversed,
    BalanceReported: _balance,
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
    PayrollEnded: _payroll_ended,
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
