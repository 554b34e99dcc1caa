"""What is due: every moment at which a customer changes by themselves, derived from the facts.

Nothing of this is stored. The list follows from the remembered customer and the policy, so it
cannot disagree with them, and another policy recomputes it by looking. The timer index holds one
entry per customer, never later than the earliest moment here.
"""

from __future__ import annotations

import msgspec

from statemachine.assets import assets_of, first_with_mean
from statemachine.customer import Customer, Reason
from statemachine.pauses import deadline
from statemachine.policy import Policy
from statemachine.relationships import last_end, protected_until
from statemachine.rules.base import AT_ONCE, Rule
from statemachine.rules.silence import silent_since

LOST = "lost"
EXPIRED = "expired"
RELATIONSHIP_END = "relationship_end"
ACTIVATION = "activation"
MAJORITY = "majority"


class Due(msgspec.Struct, frozen=True):
    """One moment: `what` is a rule's name, or one of the names above."""

    at: int
    what: str
    unless: str
    rule: Rule | None = None
    clears: bool = False
    """Whether the rule's reason ends then, rather than begins."""


def dues(policy: Policy, customer: Customer) -> list[Due]:
    """Everything that is due some time, the earliest first; AT_ONCE for what already holds."""
    found: list[Due] = []
    stage = customer.stage
    if stage is None or customer.lost_by == "deceased":
        return found
    if customer.minor_until is not None:
        at = policy.calendar.midnight(customer.minor_until)
        found.append(Due(at, MAJORITY, "the customer is on hold or frozen"))
    if stage == "potential":
        _add(
            found,
            _expires_at(policy, customer),
            EXPIRED,
            "the prospect opens a product or asks again",
        )
        return sorted(found, key=_by_time)
    if customer.lost_by in (None, "silence"):
        ends_at = last_end(customer.relationships)
        _add(found, ends_at, RELATIONSHIP_END, "a product is renewed or opened")
    if stage == "lost":
        return sorted(found, key=_by_time)
    if stage != "active" and not customer.activated:
        _add(found, _rich_at(policy, customer), ACTIVATION, "the assets go down")
    for rule in policy.active_rules:
        due = due_of(policy, customer, rule)
        if due is not None:
            found.append(due)
    if stage == "at_risk":
        found += _switched_off(policy, customer)
        _add(found, _lost_at(policy, customer), LOST, "the customer does something")
    return sorted(found, key=_by_time)


def _add(found: list[Due], at: int | None, what: str, unless: str) -> None:
    if at is not None:
        found.append(Due(at, what, unless))


def _expires_at(policy: Policy, customer: Customer) -> int | None:
    """When a prospect is given up."""
    limit, interest_at = policy.prospects.limit, customer.interest_at
    if limit is None or interest_at is None:
        return None
    return deadline(policy.calendar, customer, limit, interest_at)


def _switched_off(policy: Policy, customer: Customer) -> list[Due]:
    # Raised under another policy: nobody watches it any more, so it is over.
    return [
        Due(AT_ONCE, name, "the rule is switched on", policy.rules_off[name], clears=True)
        for name in customer.reasons
        if name in policy.rules_off
    ]


def _rich_at(policy: Policy, customer: Customer) -> int | None:
    """When the assets reach what makes a customer active."""
    assets, limit = assets_of(customer.assets), policy.activation.assets_at_least
    if assets is None or limit is None or not assets.changes:
        return None
    first = max(policy.calendar.day_of(customer.newcomer_since), assets.changes[-2]) + 1
    day = first_with_mean(assets, limit, first, below=False)
    return None if day is None else policy.calendar.midnight(day)


def _lost_at(policy: Policy, customer: Customer) -> int | None:
    """When a customer at risk is given up: silent and at risk for long enough, and unprotected."""
    after = [
        protected_until(customer.relationships, policy.contractual),
        deadline(policy.calendar, customer, policy.lost.after_silence, silent_since(customer)),
        deadline(policy.calendar, customer, policy.lost.at_least_at_risk, customer.since),
    ]
    moments = [at for at in after if at is not None]
    if len(moments) < len(after):
        return None
    at, limit = max(moments), policy.lost.protected_by_assets
    assets = assets_of(customer.assets)
    if limit is None or assets is None:
        return at
    first = policy.calendar.day_of(at)
    day = first_with_mean(assets, limit, first, below=True)
    if day is None:
        return None
    return at if day == first else policy.calendar.midnight(day)


def due_of(policy: Policy, customer: Customer, rule: Rule) -> Due | None:
    """When the rule's reason will stand, or be over if it does; None: not as things are."""
    reason = customer.reasons.get(rule.name)
    if reason is not None:
        at = rule.clears_at(customer, reason)
        if at is None:
            return None
        return Due(at, rule.name, "it is raised again", rule, clears=True)
    cleared = customer.cleared.get(rule.name)
    quiet_until: int = AT_ONCE
    if cleared is not None:
        over = deadline(policy.calendar, customer, policy.quiet_period, cleared)
        if over is None:
            return None
        quiet_until = over
    earliest = max(customer.effective_at, quiet_until)
    at = rule.raises_at(customer, earliest)
    if at is None:
        return None
    at = max(at, quiet_until)
    if cleared is not None or at < earliest:
        # It could only be raised late: what would be over again by then is history.
        late = max(at, earliest)
        over = rule.clears_at(customer, Reason(late, rule.values(customer, late)))
        if over is not None and over <= late:
            return None
    return Due(at, rule.name, rule.unless(), rule)


def _by_time(due: Due) -> tuple[int, str]:
    return due.at, due.what
