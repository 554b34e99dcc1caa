"""What is due: every moment at which a customer changes by themselves, derived from the facts.

Nothing of this is stored. The list follows from the remembered customer and the policy, so it
cannot disagree with them, and another policy recomputes it by looking. The timer index holds one
entry per customer, never later than the earliest moment here.
"""

from __future__ import annotations

import msgspec

from statemachine.customer import Customer, Reason
from statemachine.policy import Policy
from statemachine.relationships import last_end, only_undone, protected_until
from statemachine.rules.base import AT_ONCE, Rule
from statemachine.rules.silence import silent_since

LOST = "lost"
EXPIRED = "expired"
RELATIONSHIP_END = "relationship_end"


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
    if stage == "potential":
        limit = policy.prospects.limit
        if limit is not None and customer.interest_at is not None:
            at = policy.calendar.after(limit, customer.interest_at)
            found.append(Due(at, EXPIRED, "the prospect opens a product or asks again"))
        return found
    ends_at = last_end(customer.relationships)
    if ends_at is not None and customer.lost_by in (None, "silence"):
        found.append(Due(ends_at, RELATIONSHIP_END, "a product is renewed or opened"))
    if stage == "lost":
        return found
    for rule in policy.active_rules:
        due = _of_rule(policy, customer, rule)
        if due is not None:
            found.append(due)
    if stage == "at_risk":
        found += _at_risk(policy, customer)
    found.sort(key=_by_time)
    return found


def _at_risk(policy: Policy, customer: Customer) -> list[Due]:
    """What is due for a customer at risk beside their rules."""
    # Raised under another policy: nobody watches it any more, so it is over.
    found = [
        Due(AT_ONCE, name, "the rule is switched on", policy.rules_off[name], clears=True)
        for name in customer.reasons
        if name in policy.rules_off
    ]
    protected = protected_until(customer.relationships)
    # Whose only opening was undone cannot be lost: the bank never had them.
    if protected is not None and not only_undone(customer.relationships):
        at = max(
            protected,
            policy.calendar.after(policy.lost.after_silence, silent_since(customer)),
            policy.calendar.after(policy.lost.at_least_at_risk, customer.since),
        )
        found.append(Due(at, LOST, "the customer does something"))
    return found


def _of_rule(policy: Policy, customer: Customer, rule: Rule) -> Due | None:
    reason = customer.reasons.get(rule.name)
    if reason is not None:
        at = rule.clears_at(customer, reason)
        if at is None:
            return None
        return Due(at, rule.name, "it is raised again", rule, clears=True)
    at = rule.raises_at(customer)
    if at is None:
        return None
    cleared = customer.cleared.get(rule.name)
    if cleared is not None:
        at = max(at, policy.calendar.after(policy.quiet_period, cleared))
    if cleared is not None or at < customer.effective_at:
        # It could only be raised late: what would be over again by then is history.
        late = max(at, customer.effective_at)
        over = rule.clears_at(customer, Reason(late, {}))
        if over is not None and over <= late:
            return None
    return Due(at, rule.name, rule.unless(), rule)


def _by_time(due: Due) -> tuple[int, str]:
    return due.at, due.what
