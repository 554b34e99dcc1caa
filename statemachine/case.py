"""A case: one decision in the making, from what is due to what is said.

Everything due at one moment is one decision: reasons are cleared and raised together, and then at
most one row of the move table is taken (stages.py). Only `move` changes a stage.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from msgspec.structs import replace

from schemas.base import rfc3339
from schemas.outputs import Cause, Evidence, Mode, Output
from schemas.outputs import Reason as ReasonText
from statemachine import say
from statemachine.activity import days_since
from statemachine.customer import Customer, Reason
from statemachine.due import EXPIRED, LOST, RELATIONSHIP_END, Due, dues
from statemachine.policy import Policy
from statemachine.rules.base import AT_ONCE
from statemachine.stages import Move, StageMachine, Trigger

MACHINE = StageMachine()
"""The one machine, shared by all customers."""
_MOST_ROUNDS = 100

CauseOf = Callable[[Due], Cause]


@dataclass(slots=True)
class Case:
    """One decision in the making."""

    policy: Policy
    customer_id: str
    customer: Customer
    mode: Mode
    outputs: list[Output] = field(default_factory=list)
    _coming: list[Due] = field(default_factory=list)
    _coming_of: Customer | None = None

    def coming(self) -> list[Due]:
        """What is due for the customer as they stand, worked out once per state."""
        if self._coming_of is not self.customer:
            self._coming = dues(self.policy, self.customer)
            self._coming_of = self.customer
        return self._coming

    def with_timer(self) -> Customer:
        """The customer, with the timer entry moved if the next due time came nearer."""
        coming, timer = self.coming(), self.customer.timer
        if coming and (timer is None or coming[0].at < timer):
            return replace(self.customer, timer=coming[0].at)
        return self.customer

    # What is due.

    def fire(self, until: int, *, since: int | None, cause: CauseOf) -> None:
        """Everything due up to `until`, moment by moment.

        With `since`, what was due before it fires at it: a fact has only just made it due.
        """
        fired = False
        for _ in range(_MOST_ROUNDS):
            coming = self.coming()
            if not coming or coming[0].at > until:
                break
            fired = True
            moment = coming[0].at if coming[0].at > AT_ONCE else until
            if since is not None and moment < since:
                moment = since
            self._fire_moment([due for due in coming if due.at <= moment], moment, cause)
        else:
            raise AssertionError(f"the rules chase each other at {rfc3339(until)}")
        timer = self.customer.timer
        if timer is not None and (fired or timer <= until):
            self.customer = replace(self.customer, timer=coming[0].at if coming else None)

    def _fire_moment(self, due: list[Due], moment: int, cause_of: CauseOf) -> None:
        """Everything due at one moment, as one decision."""
        by_name = {one.what: one for one in due if one.rule is None}
        if RELATIONSHIP_END in by_name:
            self._end(moment, cause_of(by_name[RELATIONSHIP_END]))
        elif EXPIRED in by_name:
            why = "the prospect never opened anything"
            self.move("prospect_limit_passed", moment, cause_of(by_name[EXPIRED]), EXPIRED, why)
        elif LOST in by_name:
            why = "no sign of life for too long, and nothing protects"
            self.move("lost_limit_passed", moment, cause_of(by_name[LOST]), "lost_limit", why)
        else:
            first = due[0] if due[0].at > AT_ONCE else replace(due[0], at=moment)
            cause = cause_of(first)
            cleared = self._clear([one for one in due if one.clears], moment)
            raised = self.open([one for one in due if not one.clears], moment)
            self._weigh(raised, cleared, moment, cause)

    def _end(self, moment: int, cause: Cause) -> None:
        if self.customer.stage == "lost":
            self.customer = replace(self.customer, lost_by="closure")
            why = "the last product was closed after the customer was lost"
            self._say_reasons([], [], moment, cause, "relationship", why)
            return
        why = "the last product is closed"
        self.move("relationships_ended", moment, cause, "relationship", why)

    def reinstate(self, moment: int, cause: Cause) -> None:
        """The closing by which the customer was lost was undone: something is in force again."""
        self.customer = replace(self.customer, lost_by="silence")
        why = "the closing was undone: a product is in force, and the customer does not use it"
        self._say_reasons([], [], moment, cause, "relationship", why)

    def _clear(self, due: list[Due], moment: int) -> list[ReasonText]:
        texts = []
        reasons = dict(self.customer.reasons)
        cleared = dict(self.customer.cleared)
        for one in due:
            if one.rule is not None:
                reason = reasons.pop(one.rule.name)
                cleared[one.rule.name] = moment
                texts.append(say.reason_text(self.customer, one.rule, reason.since))
        if due:
            self.customer = replace(self.customer, reasons=reasons, cleared=cleared)
        return texts

    def open(self, due: list[Due], moment: int) -> list[ReasonText]:
        """Raise these reasons: what is told of them."""
        texts = []
        reasons = dict(self.customer.reasons)
        cleared = dict(self.customer.cleared)
        since = max(moment, self.customer.effective_at)
        for one in due:
            if one.rule is not None:
                reasons[one.rule.name] = Reason(since, one.rule.values(self.customer))
                cleared.pop(one.rule.name, None)
                texts.append(say.reason_text(self.customer, one.rule, since))
        if due:
            self.customer = replace(self.customer, reasons=reasons, cleared=cleared)
        return texts

    def _weigh(
        self, raised: list[ReasonText], cleared: list[ReasonText], moment: int, cause: Cause
    ) -> None:
        """The reasons changed; the stage may have to follow."""
        customer = self.customer
        if customer.stage in ("new", "active") and customer.reasons:
            rule = raised[0].rule
            why = self._sentences(raised)
            self.move("reason_raised", moment, cause, rule, why, reasons=raised)
        elif customer.stage == "at_risk" and not customer.reasons:
            if not self.recover(moment, cause, cleared):
                why = "nothing is open any more, but the customer never became active"
                self._say_reasons(raised, cleared, moment, cause, cleared[0].rule, why)
        else:
            why = self._sentences(raised) or "a reason no longer stands"
            rule = (raised or cleared)[0].rule
            self._say_reasons(raised, cleared, moment, cause, rule, why)

    def recover(self, moment: int, cause: Cause, cleared: list[ReasonText]) -> bool:
        """Back from at-risk: recovered, or activated late."""
        if self.customer.been_active:
            why = "the last reason no longer stands"
            rule = cleared[0].rule if cleared else "activation"
            return self.move("reasons_cleared", moment, cause, rule, why, reasons=cleared)
        if not self.customer.activated:
            return False
        why = self.why_active()
        return self.move("activation_met", moment, cause, "activation", why, reasons=cleared)

    # Moving and saying.

    def move(
        self,
        trigger: Trigger,
        moment: int,
        cause: Cause,
        rule: str,
        why: str,
        *,
        reasons: list[ReasonText] | None = None,
    ) -> bool:
        """Pull a trigger; say so if a row of the move table answers."""
        before = self.customer
        move = MACHINE.move(
            before.stage, trigger, lost_by=before.lost_by, been_active=before.been_active
        )
        if move is None:
            return False
        effective_at = max(moment, before.effective_at)
        told = say.open_reasons(self.policy, before) if reasons is None else reasons
        evidence = say.evidence_of(self.policy, before, move, rule, effective_at)
        after = _moved(self.policy, before, move, effective_at)
        change = say.stage_changed(
            self.policy,
            self.customer_id,
            before,
            after,
            move,
            reasons=told,
            evidence=evidence,
            why=why,
            cause=cause,
            supersedes=None if cause.type == "due" else before.unanswered or None,
            mode=self.mode,
        )
        unanswered = change.id if cause.type == "due" else ""
        self.customer = replace(after, unanswered=unanswered)
        self.outputs.append(change)
        return True

    def _say_reasons(
        self,
        raised: list[ReasonText],
        cleared: list[ReasonText],
        moment: int,
        cause: Cause,
        rule: str,
        why: str,
    ) -> None:
        effective_at = max(moment, self.customer.effective_at)
        self.customer = replace(
            self.customer,
            effective_at=effective_at,
            reason_changes=self.customer.reason_changes + 1,
        )
        self.outputs.append(
            say.reasons_changed(
                self.policy,
                self.customer_id,
                self.customer,
                raised=raised,
                cleared=cleared,
                evidence=Evidence(rule=rule),
                why=why,
                cause=cause,
                mode=self.mode,
            )
        )

    def _sentences(self, raised: list[ReasonText]) -> str:
        rules = {rule.name: rule for rule in self.policy.active_rules}
        return "; ".join(rules[one.rule].raised(one.values) for one in raised)

    def why_active(self) -> str:
        """Why the activation rule is met, in one sentence."""
        days = self.customer.activation_days
        return f"the customer used the bank on {days} days of their own"


def _moved(policy: Policy, before: Customer, move: Move, effective_at: int) -> Customer:
    """The customer after a move: the stage, and what a stage begins with."""
    after = replace(
        before,
        stage=move.target,
        kind=move.kind,
        lost_by=move.loses_by,
        since=effective_at,
        effective_at=effective_at,
        changes=before.changes + 1,
        first_seen=before.first_seen or effective_at,
    )
    match move.target:
        case "new" if move.kind != "adopted":
            today = policy.calendar.day_of(effective_at)
            return replace(
                after,
                newcomer_since=effective_at,
                activation_days=len(days_since(before.activity, today)),
                activated=False,
                been_active=False,
                reasons={},
                cleared={},
            )
        case "active":
            return replace(after, been_active=True, activated=True)
        case "lost":
            return replace(after, activation_days=0, reasons={}, cleared={})
        case _:
            return after
