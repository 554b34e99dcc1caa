"""Corrections: the core takes something back, or late evidence removes a cause.

The customer is put where they would have been. That is a move of its own kind, `corrected`, which
counts in no rate. What was published is not rewritten.
"""

from __future__ import annotations

from msgspec.structs import replace

from schemas.outputs import Cause
from schemas.outputs import Reason as ReasonText
from statemachine import say
from statemachine.activity import days_since, is_sign
from statemachine.case import Case
from statemachine.customer import Customer, Reason
from statemachine.due import Due, dues
from statemachine.pauses import deadline
from statemachine.policy import Policy
from statemachine.relationships import in_force, only_undone, that_were
from statemachine.stages import Trigger

_PRESENT = ("new", "active", "at_risk")


def standing(policy: Policy, customer: Customer, moment: int) -> list[Due]:
    """The rules whose reasons would stand at `moment`, if the customer were active by then."""
    as_if = replace(customer, stage="active", lost_by=None, effective_at=moment)
    return [
        due
        for due in dues(policy, as_if)
        if due.rule is not None and due.at <= moment and not due.clears
    ]


def undo_opening(case: Case, ref: int, moment: int, cause: Cause) -> None:
    """The opening of `ref` never was: back to where the customer was before it."""
    customer = case.customer
    if customer.stage not in _PRESENT:
        return
    trigger = _before_opening(customer, ref)
    if trigger is not None:
        why = "the core took the opening back: the customer is where they were before it"
        case.move(trigger, moment, cause, "relationship", why, reasons=[])


def _before_opening(customer: Customer, ref: int) -> Trigger | None:
    former = customer.former
    lost_by = None if former is None else former.lost_by
    if only_undone(customer.relationships):
        ends = [one.ends_at for one in that_were(customer.relationships) if one.ends_at is not None]
        if lost_by in ("closure", "silence") or any(at >= customer.newcomer_since for at in ends):
            return "corrected_to_closure"
        return "corrected_to_expired" if lost_by == "expired" else "corrected_to_potential"
    won_back = former is not None and former.ref == ref and lost_by == "silence"
    if won_back and not customer.activated and not _began_since(customer):
        return "corrected_to_silence"
    return None


def _began_since(customer: Customer) -> bool:
    """Whether anything else that came into force since then makes them a customer anew."""
    return any(
        one.ends_at is None and one.starts_at >= customer.newcomer_since
        for one in customer.relationships
    )


def undo_closing(case: Case, moment: int, cause: Cause) -> None:
    """The closing by which the customer was lost never was: a product is in force."""
    former = case.customer.former
    why = "the closing was undone: the product is in force"
    if former is not None and former.lost_by == "silence":
        case.customer = replace(case.customer, lost_by="silence", former=None)
        case.say_reasons([], [], moment, cause, "relationship", why, mode="corrected")
        return
    _restore(case, _left_with(case), moment, cause, "relationship", why)


def _restore(
    case: Case, reasons: dict[str, Reason], moment: int, cause: Cause, rule: str, why: str
) -> None:
    """The customer should not have been lost: the stage they would have had."""
    customer, policy = case.customer, case.policy
    days = days_since(customer.activity, policy.calendar.day_of(customer.newcomer_since))
    case.customer = replace(customer, activation_days=len(days), reasons=reasons, cleared={})
    case.open(standing(policy, case.customer, moment), moment)
    told = say.open_reasons(policy, case.customer)
    trigger = "corrected_to_at_risk" if told else _well(customer)
    case.move(trigger, moment, cause, rule, why, reasons=told)


def _left_with(case: Case) -> dict[str, Reason]:
    """The reasons that stood open when the customer left, of rules that are on."""
    former, customer = case.customer.former, case.customer
    if former is None:
        return {}
    return {
        rule.name: Reason(since, rule.values(customer, since))
        for rule in case.policy.active_rules
        if (since := former.reasons.get(rule.name)) is not None
    }


def withdraw(case: Case, at: int, moment: int, cause: Cause) -> None:
    """The event of `at` came late: whatever it shows should never have been raised goes."""
    customer, policy = case.customer, case.policy
    if customer.lost_by == "silence" and at < customer.since:
        _withdraw_loss(case, at, moment, cause)
    if customer.stage != "at_risk":
        return
    gone = _undone(policy, customer, customer.reasons, at)
    if not gone:
        return
    kept = {name: one for name, one in customer.reasons.items() if name not in gone}
    case.customer = replace(customer, reasons=kept)
    why = "late evidence: the reason never stood"
    if kept:
        case.say_reasons(
            [], list(gone.values()), moment, cause, next(iter(gone)), why, mode="corrected"
        )
        return
    raised = case.open(standing(policy, case.customer, moment), moment)
    if raised:
        told = list(gone.values())
        case.say_reasons(raised, told, moment, cause, raised[0].rule, why, mode="corrected")
    else:
        reasons = list(gone.values())
        case.move(_well(customer), moment, cause, next(iter(gone)), why, reasons=reasons)


def _withdraw_loss(case: Case, at: int, moment: int, cause: Cause) -> None:
    """The same for who was given up as silent, and was not silent for so long."""
    customer, policy = case.customer, case.policy
    due = deadline(policy.calendar, customer, policy.lost.after_silence, at)
    known = is_sign(customer.activity, policy.calendar, at)
    if not known or (due is not None and due <= customer.since):
        return
    if not in_force(customer.relationships):
        return
    reasons = _left_with(case)
    gone = _undone(policy, customer, reasons, at)
    kept = {name: one for name, one in reasons.items() if name not in gone}
    why = "late evidence: the customer was not silent for so long"
    _restore(case, kept, moment, cause, "lost_limit", why)


def _undone(
    policy: Policy, customer: Customer, reasons: dict[str, Reason], at: int
) -> dict[str, ReasonText]:
    """Of these reasons those that the late event removes, as they were told."""
    gone = {
        rule.name
        for rule in policy.active_rules
        if (reason := reasons.get(rule.name)) is not None
        and at < reason.since
        and rule.undone_by(customer, reason, at)
    }
    if not gone:
        return {}
    told = say.open_reasons(policy, replace(customer, reasons=reasons))
    return {one.rule: one for one in told if one.rule in gone}


def _well(customer: Customer) -> Trigger:
    """Where the customer would be without any reason."""
    been = customer.been_active or customer.activated
    return "corrected_to_active" if been else "corrected_to_new"
