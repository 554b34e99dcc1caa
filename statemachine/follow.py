"""What follows from an event at once: death, first sight, a relationship opened, activation."""

from __future__ import annotations

from msgspec.structs import replace

from schemas.events import AccountOpened, CustomerEvent
from schemas.events.accounts import AccountSnapshot
from schemas.events.products import ProductSubscribed
from schemas.outputs import Cause
from statemachine import say
from statemachine.activity import ref_hash
from statemachine.calendar import day_number
from statemachine.case import Case
from statemachine.corrections import standing, undo_closing, undo_opening, withdraw
from statemachine.customer import Former
from statemachine.due import Due
from statemachine.facts import Learnt, reference_of
from statemachine.policy import Policy
from statemachine.relationships import families, in_force, last_end, that_were
from statemachine.stages import Trigger


def follow(
    case: Case, learnt: Learnt, event: CustomerEvent, at: int, until: int, record_at: int
) -> None:
    """What follows from an event's facts, in order."""
    told = say.cause_of(event, at)

    def cause(_: Due | None = None) -> Cause:
        return told

    if learnt.died:
        why = "the bank was told of the customer's death"
        case.move("died", at, told, "deceased", why)
        case.customer = replace(case.customer, timer=None)
        return
    _move(case, learnt, event, at, until, record_at, told)
    _activate(case, at, told)
    withdraw(case, at, until, told)
    case.fire(at, since=at, cause=cause)
    case.answered()
    if until > at:
        case.fire(until, since=None, cause=say.cause_of_due)


def _move(
    case: Case,
    learnt: Learnt,
    event: CustomerEvent,
    at: int,
    until: int,
    record_at: int,
    cause: Cause,
) -> None:
    """The move that the event's own facts make, if they make one."""
    if case.customer.stage is None and learnt.relates:
        _place(case, learnt, event, at, until, record_at, cause)
    elif learnt.opened:
        why = "a first product is in force"
        if case.customer.stage == "lost":
            why = "the customer opened a product again"
        _begin(case, event, at, cause, why)
    elif learnt.interest:
        why = "the customer looks at the bank"
        case.move("interest_shown", at, cause, "interest", why)
    elif learnt.undone is not None:
        undo_opening(case, learnt.undone, at, cause)
    elif case.customer.lost_by == "closure" and in_force(case.customer.relationships):
        undo_closing(case, until, cause)


def _place(
    case: Case,
    learnt: Learnt,
    event: CustomerEvent,
    at: int,
    until: int,
    record_at: int,
    cause: Cause,
) -> None:
    """First sight through a bank-side fact (domain section 8)."""
    known = that_were(case.customer.relationships)
    if not known:
        return
    ends_at = last_end(known)
    if ends_at is not None and ends_at <= until:
        # Whoever was a customer before was new long ago.
        case.customer = replace(case.customer, activated=True, been_active=True)
        _see(case, until)
        why = "first seen with the last product closed"
        case.move("adopted_as_lost", until, cause, "relationship", why)
        return
    older_than = case.policy.adoption.older_than.millis
    opened_on = _opened_at(case.policy, event)
    fresh = (
        learnt.opened
        and isinstance(event, AccountOpened | ProductSubscribed)
        and record_at - at <= older_than
        and (opened_on is None or at - opened_on <= older_than)
    )
    if fresh:
        _see(case, at)
        why = "a first product is in force"
        _begin(case, event, at, cause, why)
        return
    _see(case, until)
    window = case.policy.onboarding.window
    began = at if opened_on is None else opened_on
    dated = opened_on is not None or isinstance(event, AccountOpened | ProductSubscribed)
    if dated and case.policy.calendar.after(window, began) > until:
        case.customer = replace(case.customer, newcomer_since=began)
        trigger: Trigger = "adopted_as_new"
    else:
        # Who was a customer before was new long ago, whenever that was.
        since = began if dated else 0
        case.customer = replace(
            case.customer, newcomer_since=since, activated=True, been_active=True
        )
        trigger = "adopted_as_active"
    raised = standing(case.policy, case.customer, until)
    if raised:
        trigger = "adopted_as_at_risk"
        case.open(raised, until)
    case.move(trigger, until, cause, "first_sight", "a customer of the bank's existing book")


def _begin(case: Case, event: CustomerEvent, at: int, cause: Cause, why: str) -> None:
    """A relationship makes a customer: new, whatever they were before."""
    lost_by = case.customer.lost_by
    if case.move("relationship_opened", at, cause, "relationship", why):
        ref = ref_hash(reference_of(event))
        former = None if lost_by is None else Former(ref, lost_by)
        case.customer = replace(case.customer, former=former)


def _see(case: Case, at: int) -> None:
    case.customer = replace(case.customer, first_seen=at, newcomer_since=at)


def _activate(case: Case, at: int, cause: Cause) -> None:
    """The activation rule, where it has not been met yet."""
    customer, rule = case.customer, case.policy.activation
    if customer.stage in (None, "potential", "active"):
        return
    met = customer.activation_days >= rule.own_activity_days
    if customer.stage == "lost":
        # Only what they do themselves brings back who was lost by silence.
        if met and customer.lost_by == "silence" and in_force(customer.relationships):
            case.activate(at, cause)
        return
    if customer.activated:
        return
    if rule.product_families is not None:
        held = families(customer.relationships, case.policy.contractual)
        met = met or len(held) >= rule.product_families
    if met:
        case.activate(at, cause)


def _opened_at(policy: Policy, event: CustomerEvent) -> int | None:
    """When the core says the account was opened."""
    if isinstance(event, AccountOpened | AccountSnapshot) and event.opened_on is not None:
        return policy.calendar.midnight(day_number(event.opened_on))
    return None
