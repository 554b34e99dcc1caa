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
from statemachine.assets import anew, assets_of, pack_assets
from statemachine.customer import Customer, Former, Reason
from statemachine.due import (
    ACTIVATION,
    EXPIRED,
    LOST,
    MAJORITY,
    RELATIONSHIP_END,
    Due,
    dues,
)
from statemachine.pauses import deadline, is_stopped, resumed
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

    def with_timer(self, now: int) -> Customer:
        """The customer, with the timer entry moved if the next due time came nearer.

        Where a sign of life may bring something nearer, the entry is not later than that could be:
        so the signs that follow `now` need not be looked at one by one (fold.py).
        """
        if self.customer.cleared:
            self._forget_quiet_periods(now)
        coming, timer, hastened = self.coming(), self.customer.timer, self.policy.hastened_after
        moments = [coming[0].at] if coming else []
        if hastened is not None and self.customer.stage in ("new", "active", "at_risk"):
            moments.append(self.policy.calendar.after(hastened, now))
        soonest = min(moments, default=None)
        if soonest is not None and (timer is None or soonest < timer):
            return replace(self.customer, timer=soonest)
        return self.customer

    def _forget_quiet_periods(self, now: int) -> None:
        """Those that are over, unless without them something that they put off would be raised."""
        last = {
            name: at for name, at in self.customer.cleared.items() if not self._is_over(at, now)
        }
        if len(last) == len(self.customer.cleared):
            return
        without = replace(self.customer, cleared=last)
        if not any(due.at <= now for due in dues(self.policy, without)):
            self.customer = without

    def _is_over(self, cleared: int, now: int) -> bool:
        quiet, calendar = self.policy.quiet_period, self.policy.calendar
        over = deadline(calendar, self.customer, quiet, cleared)
        return over is not None and over <= now

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
            self._note(replace(self.customer, timer=coming[0].at if coming else None))

    def _note(self, customer: Customer) -> None:
        """The customer with something else noted of them that nothing due depends on."""
        if self._coming_of is self.customer:
            self._coming_of = customer
        self.customer = customer

    def answered(self) -> None:
        """An event has come: no later one supersedes what was decided before it."""
        if self.customer.unanswered:
            self._note(replace(self.customer, unanswered=""))

    def _fire_moment(self, due: list[Due], moment: int, cause_of: CauseOf) -> None:
        """Everything due at one moment, as one decision."""
        by_name = {one.what: one for one in due if one.rule is None}
        if MAJORITY in by_name:
            self._come_of_age(moment)
        elif RELATIONSHIP_END in by_name:
            self._end(moment, cause_of(by_name[RELATIONSHIP_END]))
        elif EXPIRED in by_name:
            why = "the prospect never opened anything"
            self.move("prospect_limit_passed", moment, cause_of(by_name[EXPIRED]), EXPIRED, why)
        elif LOST in by_name:
            why = "no sign of life for too long, and nothing protects"
            self.move("lost_limit_passed", moment, cause_of(by_name[LOST]), "lost_limit", why)
        elif ACTIVATION in by_name:
            self.activate(moment, cause_of(by_name[ACTIVATION]))
        else:
            first = due[0] if due[0].at > AT_ONCE else replace(due[0], at=moment)
            cause = cause_of(first)
            cleared = self._clear([one for one in due if one.clears], moment)
            raised = self.open([one for one in due if not one.clears], moment)
            self._weigh(raised, cleared, moment, cause)

    def _end(self, moment: int, cause: Cause) -> None:
        if self.customer.stage == "lost":
            former = Former(lost_by=self.customer.lost_by)
            self.customer = replace(self.customer, lost_by="closure", former=former)
            why = "the last product was closed after the customer was lost"
            self.say_reasons([], [], moment, cause, "relationship", why)
            return
        why = "the last product is closed"
        self.move("relationships_ended", moment, cause, "relationship", why)

    def _come_of_age(self, moment: int) -> None:
        grown = replace(self.customer, minor_until=None)
        self.customer = grown if is_stopped(grown) else resumed(grown, moment)

    def activate(self, moment: int, cause: Cause) -> None:
        """The activation rule is met."""
        self.customer = replace(self.customer, activated=True)
        if self.customer.stage != "at_risk":
            self.move("activation_met", moment, cause, "activation", self.why_active(moment))
        elif not self.customer.reasons:
            self.recover(moment, cause, [])

    def _clear(self, due: list[Due], moment: int) -> list[ReasonText]:
        texts = []
        reasons = dict(self.customer.reasons)
        cleared = dict(self.customer.cleared)
        for one in due:
            if one.rule is not None:
                reason = reasons.pop(one.rule.name)
                cleared[one.rule.name] = moment
                texts.append(say.reason_text(self.customer, one.rule, reason.since, moment))
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
                reasons[one.rule.name] = Reason(since, one.rule.values(self.customer, since))
                cleared.pop(one.rule.name, None)
                texts.append(say.reason_text(self.customer, one.rule, since, since))
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
                self.say_reasons(raised, cleared, moment, cause, cleared[0].rule, why)
        else:
            why = self._sentences(raised) or "a reason no longer stands"
            rule = (raised or cleared)[0].rule
            self.say_reasons(raised, cleared, moment, cause, rule, why)

    def recover(self, moment: int, cause: Cause, cleared: list[ReasonText]) -> bool:
        """Back from at-risk: recovered, or activated late."""
        if self.customer.been_active:
            why = "the last reason no longer stands"
            rule = cleared[0].rule if cleared else "activation"
            return self.move("reasons_cleared", moment, cause, rule, why, reasons=cleared)
        if not self.customer.activated:
            return False
        why = self.why_active(moment)
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

    def say_reasons(
        self,
        raised: list[ReasonText],
        cleared: list[ReasonText],
        moment: int,
        cause: Cause,
        rule: str,
        why: str,
        *,
        mode: Mode | None = None,
    ) -> None:
        """Reasons (or the way of being lost) changed, and the stage did not."""
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
                mode=mode or self.mode,
            )
        )

    def _sentences(self, raised: list[ReasonText]) -> str:
        rules = {rule.name: rule for rule in self.policy.active_rules}
        return "; ".join(rules[one.rule].raised(one.values) for one in raised)

    def why_active(self, at: int) -> str:
        """Why the activation rule is met at `at`, in one sentence."""
        met, value = say.activation_by(self.policy, self.customer, at)
        if met == "product_families":
            return f"the customer holds {value} families of products"
        if met == "assets_at_least":
            return f"the customer's assets reached {value}"
        return f"the customer used the bank on {value} days of their own"


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
        case "new" if move.kind not in ("adopted", "corrected"):
            today = policy.calendar.day_of(effective_at)
            return replace(
                after,
                newcomer_since=effective_at,
                activation_days=len(days_since(before.activity, today)),
                activated=False,
                been_active=False,
                reasons={},
                cleared={},
                assets=_anew(before.assets, today),
                owed=_anew(before.owed, today),
                transfers=b"",
            )
        case "active":
            return replace(after, been_active=True, activated=True)
        case "potential":
            return replace(after, activated=False, been_active=False, reasons={}, cleared={})
        case "lost":
            since = {name: one.since for name, one in before.reasons.items()}
            former = Former(reasons=since) if since else None
            return replace(after, activation_days=0, reasons={}, cleared={}, former=former)
        case _:
            return after


def _anew(packed: bytes, today: int) -> bytes:
    assets = assets_of(packed)
    return b"" if assets is None else pack_assets(anew(assets, today))
