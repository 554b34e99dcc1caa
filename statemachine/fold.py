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
from typing import Literal

import msgspec
from msgspec.structs import replace

from schemas.base import to_millis
from schemas.events import CustomerEvent
from schemas.outputs import Mode, Output
from statemachine import say
from statemachine.case import Case
from statemachine.customer import Customer
from statemachine.due import due_of
from statemachine.facts import Learnt, learn
from statemachine.follow import follow
from statemachine.policy import Policy

FOLD_VERSION = 1
"""Raised by every release that decides differently; a worker refuses versions it cannot execute."""

Note = Literal["learnt", "duplicate"]


class Decided(msgspec.Struct, frozen=True, gc=False):
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
    at: int | None = None,
) -> Decided:
    """An event came. `clock` is the partition's W before it, `record_at` the record's timestamp.

    `at` is its occurred_at in milliseconds, where the caller has worked that out already.
    """
    known = customer if customer is not None else _NOBODY
    remembered = _remember(policy, known, event)
    if remembered is None:
        return Decided(known, (), "duplicate")
    if at is None:
        at = to_millis(event.occurred_at)
    if known.lost_by == "deceased":
        # Terminal: later facts teach nothing, and there is nothing left to be due.
        return Decided(known, ())
    until = at if clock is None or clock < at else clock
    fired: tuple[Output, ...] = ()
    if known.timer is not None and known.timer <= until:
        overdue = sweep(policy, customer_id, known, until, mode=mode)
        known, fired = overdue.customer, overdue.outputs
    before = replace(known, seen=remembered[0], sequences=remembered[1])
    learnt = learn(policy, before, event, at)
    if _is_routine(policy, before, learnt, at):
        return Decided(learnt.customer, fired)
    case = Case(policy, customer_id, learnt.customer, mode, list(fired))
    follow(case, learnt, event, at, until, record_at)
    return Decided(case.with_timer(at), tuple(case.outputs))


def _is_routine(policy: Policy, before: Customer, learnt: Learnt, at: int) -> bool:
    """Whether nothing can follow: the short way for most events of most customers.

    What taught nothing changes no due time. Of an active customer without an open reason a sign
    of life brings none nearer than the timer, which was set with that in mind; and what it touches
    beside may bring nearer only what looks at it. Of a customer at risk, who was active before, it
    may also clear what looks at it, and being lost it can only put off; but assets protect.
    """
    if before.unanswered or before.stage is None:
        return False
    if learnt.customer is before:
        return True
    timer, touches, stage = before.timer, learnt.touches, before.stage
    if touches is None or timer is None:
        return False
    if stage == "active" and not before.reasons:
        hastened = policy.hastened_after
        if learnt.active and hastened is not None and timer > policy.calendar.after(hastened, at):
            return False
    elif stage == "at_risk" and before.activated and "assets" not in touches:
        if any(at < reason.since for reason in before.reasons.values()):
            return False
        touches = (*touches, "activity") if learnt.active else touches
    else:
        return False
    return not touches or all(
        (due := due_of(policy, learnt.customer, rule)) is None or due.at >= max(timer, at + 1)
        for rule in policy.rules_reading(touches)
    )


def sweep(
    policy: Policy, customer_id: str, customer: Customer, until: int, *, mode: Mode = "live"
) -> Decided:
    """Time passed: whatever is due up to `until` (inclusive) fires, each at its own time.

    In mode policy another policy has made it due: it fires at `until`, when that took effect.
    """
    case = Case(policy, customer_id, customer, mode)
    if mode == "policy":
        case.fire(until, since=until, cause=say.cause_of_due)
        return Decided(case.with_timer(until), tuple(case.outputs))
    # Entry by entry, each at its own time: what is remembered afterwards is the same, however
    # often somebody sweeps.
    while (entry := case.customer.timer) is not None and entry <= until:
        case.fire(entry, since=None, cause=say.cause_of_due)
        case.customer = case.with_timer(entry)
    return Decided(case.customer, tuple(case.outputs))


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
    if mark in seen and any(seen[at : at + 8] == mark for at in range(0, len(seen), 8)):
        return None
    return (seen + mark)[-8 * policy.memory.event_ids :], customer.sequences
