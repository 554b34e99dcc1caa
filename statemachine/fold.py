"""The fold: one customer and one input in, the customer and what is to be said out.

    decide(policy, customer_id, customer, event, ...)  an event came
    sweep(policy, customer_id, customer, until, ...)   time passed

Theory of operation. Before an event is learnt, whatever was due up to it fires, each thing at its
own time; so the sweep decides when a change is published, never what it is. Then the event is
learnt (facts.py), then what follows from the facts at once is decided: death, first sight, a
relationship opened, activation. Last, whatever the facts have made due by now fires, with the
event as its cause. Everything due at one moment is one decision: at most one stage change.

Pure: no clock, no randomness, no input or output. The same values give the same values.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from msgspec.structs import replace

from schemas.base import rfc3339, to_millis
from schemas.events import AccountOpened, CustomerEvent
from schemas.events.accounts import AccountSnapshot
from schemas.events.products import ProductSubscribed
from schemas.outputs import Cause, Evidence, Mode, Output, Value
from schemas.outputs import Reason as ReasonText
from statemachine import say
from statemachine.activity import days_since
from statemachine.calendar import DAY_MILLIS, day_number
from statemachine.customer import Customer, Reason
from statemachine.due import EXPIRED, LOST, RELATIONSHIP_END, Due, dues
from statemachine.facts import Learnt, learn
from statemachine.policy import Policy
from statemachine.relationships import in_force, last_end
from statemachine.rules.base import AT_ONCE
from statemachine.rules.silence import silent_since
from statemachine.stages import Move, StageMachine, Trigger

FOLD_VERSION = 1
"""Raised by every release that decides differently; a worker refuses versions it cannot execute."""

_MACHINE = StageMachine()
_MOST_ROUNDS = 100

Note = Literal["learnt", "duplicate"]
CauseOf = Callable[[Due], Cause]


class Decided(NamedTuple):
    """The customer afterwards, what is to be said (in order), and what the input was."""

    customer: Customer
    outputs: tuple[Output, ...]
    note: Note = "learnt"


def decide(
    policy: Policy,
    customer_id: str,
    customer: Customer | None,
    event: CustomerEvent,
    *,
    clock: int | None,
    record_at: int,
    mode: Mode = "live",
) -> Decided:
    """An event came. `clock` is the partition's W before it, `record_at` the record's timestamp."""
    known = customer if customer is not None else _NOBODY
    remembered = _remember(policy, known, event)
    if remembered is None:
        return Decided(known, (), "duplicate")
    at = to_millis(event.occurred_at)
    if known.lost_by == "deceased":
        # Terminal: later facts teach nothing, and there is nothing left to be due.
        return Decided(known, ())
    until = at if clock is None or clock < at else clock
    fired: tuple[Output, ...] = ()
    if known.timer is not None and known.timer <= until:
        known, fired, _ = sweep(policy, customer_id, known, until, mode=mode)
    before = replace(known, seen=remembered[0], sequences=remembered[1])
    learnt = learn(policy, before, event, at)
    if _is_routine(policy, before, learnt):
        return Decided(learnt.customer, fired)
    case = _Case(policy, customer_id, learnt.customer, mode, list(fired))
    case.follow(learnt, event, at, until, record_at)
    return case.decided()


def _is_routine(policy: Policy, before: Customer, learnt: Learnt) -> bool:
    """Whether nothing can follow: the short way for most events of most customers.

    What taught nothing changes no due time, and neither does a sign of life of an active customer
    without an open reason bring one nearer, unless a rule says that activity may do that.
    """
    if before.unanswered or before.stage is None:
        return False
    if learnt.customer is before:
        return True
    return (
        learnt.active
        and before.stage == "active"
        and not before.reasons
        and policy.activity_only_postpones
    )


def sweep(
    policy: Policy, customer_id: str, customer: Customer, until: int, *, mode: Mode = "live"
) -> Decided:
    """Time passed: whatever is due up to `until` (inclusive) fires, each at its own time.

    In mode policy another policy has made it due: it fires at `until`, when that took effect.
    """
    case = _Case(policy, customer_id, customer, mode)
    case.fire(until, since=until if mode == "policy" else None, cause=say.cause_of_due)
    return case.decided()


_NOBODY = Customer()


def _remember(
    policy: Policy, customer: Customer, event: CustomerEvent
) -> tuple[bytes, dict[str, int]] | None:
    """The memory of inputs with this one in it; None if it is a duplicate."""
    if event.sequence is not None and event.source in policy.growing_sequences:
        if event.sequence <= customer.sequences.get(event.source, -1):
            return None
        return customer.seen, {**customer.sequences, event.source: event.sequence}
    identity = f"{event.source}\n{event.event_id}".encode()
    mark = hashlib.blake2b(identity, digest_size=8).digest()
    seen = customer.seen
    position = seen.find(mark)
    while position >= 0:
        if position % 8 == 0:
            return None
        position = seen.find(mark, position + 1)
    return (seen + mark)[-8 * policy.memory.event_ids :], customer.sequences


@dataclass(slots=True)
class _Case:
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

    def decided(self) -> Decided:
        """The result, with the timer entry moved if the next due time came nearer."""
        customer = self.customer
        coming = self.coming()
        timer = customer.timer
        if coming and (timer is None or coming[0].at < timer):
            customer = replace(customer, timer=coming[0].at)
        return Decided(customer, tuple(self.outputs))

    # An event's consequences.

    def follow(
        self, learnt: Learnt, event: CustomerEvent, at: int, until: int, record_at: int
    ) -> None:
        """What follows from an event's facts, in order."""

        def cause(_: Due | None = None) -> Cause:
            return say.cause_of(event, at)

        if learnt.died:
            why = "the bank was told of the customer's death"
            self._move("died", at, cause(), "deceased", why)
            self.customer = replace(self.customer, timer=None)
            return
        if self.customer.stage is None and learnt.relates:
            self._place(learnt, event, at, until, record_at, cause())
        elif learnt.opened:
            why = "a first product is in force"
            if self.customer.stage == "lost":
                why = "the customer opened a product again"
            self._move("relationship_opened", at, cause(), "relationship", why)
        elif learnt.interest:
            why = "the customer looks at the bank"
            self._move("interest_shown", at, cause(), "interest", why)
        self._activate(at, cause)
        self.fire(at, since=at, cause=cause)
        if self.customer.unanswered:
            self.customer = replace(self.customer, unanswered="")
        if until > at:
            self.fire(until, since=None, cause=say.cause_of_due)

    def _place(
        self,
        learnt: Learnt,
        event: CustomerEvent,
        at: int,
        until: int,
        record_at: int,
        cause: Cause,
    ) -> None:
        """First sight through a bank-side fact (domain section 8)."""
        if not self.customer.relationships:
            return
        ends_at = last_end(self.customer.relationships)
        if ends_at is not None and ends_at <= until:
            self._see(until)
            why = "first seen with the last product closed"
            self._move("adopted_as_lost", until, cause, "relationship", why)
            return
        older_than = self.policy.adoption.older_than.millis
        opened_on = _opened_at(self.policy, event)
        fresh = (
            learnt.opened
            and isinstance(event, AccountOpened | ProductSubscribed)
            and record_at - at <= older_than
            and (opened_on is None or at - opened_on <= older_than)
        )
        if fresh:
            self._see(at)
            why = "a first product is in force"
            self._move("relationship_opened", at, cause, "relationship", why)
            return
        self._see(until)
        window = self.policy.onboarding.window
        began = at if opened_on is None else opened_on
        dated = opened_on is not None or isinstance(event, AccountOpened | ProductSubscribed)
        if dated and self.policy.calendar.after(window, began) > until:
            self.customer = replace(self.customer, newcomer_since=began)
            trigger: Trigger = "adopted_as_new"
        else:
            # Who was a customer before was new long ago, whenever that was.
            since = began if dated else 0
            self.customer = replace(
                self.customer, newcomer_since=since, activated=True, been_active=True
            )
            trigger = "adopted_as_active"
        as_if = replace(self.customer, stage="active", effective_at=until)
        raised = [
            due
            for due in dues(self.policy, as_if)
            if due.rule is not None and due.at <= until and not due.clears
        ]
        if raised:
            trigger = "adopted_as_at_risk"
            self._raise(raised, until)
        self._move(trigger, until, cause, "first_sight", "a customer of the bank's existing book")

    def _see(self, at: int) -> None:
        self.customer = replace(self.customer, first_seen=at, newcomer_since=at)

    def _activate(self, at: int, cause: Callable[[], Cause]) -> None:
        """The activation rule, where it has not been met yet."""
        customer = self.customer
        needed = self.policy.activation.own_activity_days
        if customer.activation_days < needed or customer.stage in (None, "potential", "active"):
            return
        if customer.stage == "lost":
            if customer.lost_by != "silence" or not in_force(customer.relationships):
                return
        elif customer.activated:
            return
        self.customer = replace(customer, activated=True)
        if customer.stage != "at_risk":
            self._move("activation_met", at, cause(), "activation", self._why_active())
        elif not customer.reasons:
            self._recover(at, cause(), [])

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
            self._move("prospect_limit_passed", moment, cause_of(by_name[EXPIRED]), EXPIRED, why)
        elif LOST in by_name:
            why = "no sign of life for too long, and nothing protects"
            self._move("lost_limit_passed", moment, cause_of(by_name[LOST]), "lost_limit", why)
        else:
            first = due[0] if due[0].at > AT_ONCE else replace(due[0], at=moment)
            cause = cause_of(first)
            cleared = self._clear([one for one in due if one.clears], moment)
            raised = self._raise([one for one in due if not one.clears], moment)
            self._weigh(raised, cleared, moment, cause)

    def _end(self, moment: int, cause: Cause) -> None:
        if self.customer.stage == "lost":
            self.customer = replace(self.customer, lost_by="closure")
            why = "the last product was closed after the customer was lost"
            self._say_reasons([], [], moment, cause, "relationship", why)
            return
        why = "the last product is closed"
        self._move("relationships_ended", moment, cause, "relationship", why)

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

    def _raise(self, due: list[Due], moment: int) -> list[ReasonText]:
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
            self._move("reason_raised", moment, cause, rule, why, reasons=raised)
        elif customer.stage == "at_risk" and not customer.reasons:
            if not self._recover(moment, cause, cleared):
                why = "nothing is open any more, but the customer never became active"
                self._say_reasons(raised, cleared, moment, cause, cleared[0].rule, why)
        else:
            why = self._sentences(raised) or "a reason no longer stands"
            rule = (raised or cleared)[0].rule
            self._say_reasons(raised, cleared, moment, cause, rule, why)

    def _recover(self, moment: int, cause: Cause, cleared: list[ReasonText]) -> bool:
        """Back from at-risk: recovered, or activated late."""
        if self.customer.been_active:
            why = "the last reason no longer stands"
            rule = cleared[0].rule if cleared else "activation"
            return self._move("reasons_cleared", moment, cause, rule, why, reasons=cleared)
        if not self.customer.activated:
            return False
        why = self._why_active()
        return self._move("activation_met", moment, cause, "activation", why, reasons=cleared)

    # Moving and saying.

    def _move(
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
        move = _MACHINE.move(
            before.stage, trigger, lost_by=before.lost_by, been_active=before.been_active
        )
        if move is None:
            return False
        effective_at = max(moment, before.effective_at)
        told = say.open_reasons(self.policy, before) if reasons is None else reasons
        evidence = self._evidence(rule, move, effective_at)
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

    def _evidence(self, rule: str, move: Move, effective_at: int) -> Evidence:
        """The numbers behind a move that are not a reason's."""
        customer = self.customer
        thresholds: dict[str, Value] = {}
        values: dict[str, Value] = {}
        if move.trigger == "activation_met":
            thresholds["own_activity_days"] = self.policy.activation.own_activity_days
            values["own_activity_days"] = customer.activation_days
        elif move.trigger == "lost_limit_passed":
            thresholds["after_silence"] = str(self.policy.lost.after_silence)
            thresholds["at_least_at_risk"] = str(self.policy.lost.at_least_at_risk)
            values["at_risk_since"] = rfc3339(customer.since)
            values["silent_for_days"] = (effective_at - silent_since(customer)) // DAY_MILLIS
        elif move.trigger == "prospect_limit_passed":
            thresholds["limit"] = str(self.policy.prospects.limit)
            values["last_interest_at"] = rfc3339(customer.interest_at or 0)
        else:
            values["products_in_force"] = sum(one.ends_at is None for one in customer.relationships)
        return Evidence(rule=rule, thresholds=thresholds, values=values)

    def _sentences(self, raised: list[ReasonText]) -> str:
        rules = {rule.name: rule for rule in self.policy.active_rules}
        return "; ".join(rules[one.rule].raised(one.values) for one in raised)

    def _why_active(self) -> str:
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


def _opened_at(policy: Policy, event: CustomerEvent) -> int | None:
    """When the core says the account was opened."""
    if isinstance(event, AccountOpened | AccountSnapshot) and event.opened_on is not None:
        return policy.calendar.midnight(day_number(event.opened_on))
    return None
