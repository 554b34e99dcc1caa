"""What follows from an event at once: death, first sight, a relationship opened, activation."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from schemas.events import AccountOpened, CustomerEvent
from schemas.events.accounts import AccountSnapshot
from schemas.events.products import ProductSubscribed
from schemas.outputs import Cause
from statemachine import say
from statemachine.calendar import day_number
from statemachine.case import Case
from statemachine.due import Due, dues
from statemachine.facts import Learnt
from statemachine.policy import Policy
from statemachine.relationships import in_force, last_end, only_undone, that_were
from statemachine.stages import Trigger


def follow(
    case: Case, learnt: Learnt, event: CustomerEvent, at: int, until: int, record_at: int
) -> None:
    """What follows from an event's facts, in order."""

    def cause(_: Due | None = None) -> Cause:
        return say.cause_of(event, at)

    if learnt.died:
        why = "the bank was told of the customer's death"
        case.move("died", at, cause(), "deceased", why)
        case.customer = replace(case.customer, timer=None)
        return
    if case.customer.stage is None and learnt.relates:
        _place(case, learnt, event, at, until, record_at, cause())
    elif learnt.opened:
        why = "a first product is in force"
        if case.customer.stage == "lost":
            why = "the customer opened a product again"
        case.move("relationship_opened", at, cause(), "relationship", why)
    elif learnt.interest:
        why = "the customer looks at the bank"
        case.move("interest_shown", at, cause(), "interest", why)
    elif case.customer.lost_by == "closure" and in_force(case.customer.relationships):
        case.reinstate(at, cause())
    _activate(case, at, cause)
    case.fire(at, since=at, cause=cause)
    if case.customer.unanswered:
        case.customer = replace(case.customer, unanswered="")
    if until > at:
        case.fire(until, since=None, cause=say.cause_of_due)


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
        case.move("relationship_opened", at, cause, "relationship", why)
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
    as_if = replace(case.customer, stage="active", effective_at=until)
    raised = [
        due
        for due in dues(case.policy, as_if)
        if due.rule is not None and due.at <= until and not due.clears
    ]
    if raised:
        trigger = "adopted_as_at_risk"
        case.open(raised, until)
    case.move(trigger, until, cause, "first_sight", "a customer of the bank's existing book")


def _see(case: Case, at: int) -> None:
    case.customer = replace(case.customer, first_seen=at, newcomer_since=at)


def _activate(case: Case, at: int, cause: Callable[[], Cause]) -> None:
    """The activation rule, where it has not been met yet."""
    customer = case.customer
    needed = case.policy.activation.own_activity_days
    if customer.activation_days < needed or customer.stage in (None, "potential", "active"):
        return
    if customer.stage == "lost":
        if customer.lost_by != "silence" or not in_force(customer.relationships):
            return
    elif customer.activated or only_undone(customer.relationships):
        return
    case.customer = replace(customer, activated=True)
    if customer.stage != "at_risk":
        case.move("activation_met", at, cause(), "activation", case.why_active())
    elif not customer.reasons:
        case.recover(at, cause(), [])


def _opened_at(policy: Policy, event: CustomerEvent) -> int | None:
    """When the core says the account was opened."""
    if isinstance(event, AccountOpened | AccountSnapshot) and event.opened_on is not None:
        return policy.calendar.midnight(day_number(event.opened_on))
    return None
