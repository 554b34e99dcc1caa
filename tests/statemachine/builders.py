"""A customer's life as a timeline, for tests that read as sentences.

Day 0 is 2024-01-01 in the bank's zone (+08:00). A fact `on(day)` happens at 10:00 unless told
otherwise, and "91 00:00" is the midnight that begins day 91: what `Life.story` shows.

    life = Life()
    life.tell(opened(0), used(1), used(2), used(3))
    life.passes(100)
    assert life.story == [
        "0 10:00 (none) > new progressed",
        "3 10:00 new > active activated",
        "94 00:00 active > at_risk warned: silence",
    ]
"""

from __future__ import annotations

import itertools
import json
from datetime import datetime, timedelta, timezone
from typing import Any

from schemas.base import from_millis, to_millis
from schemas.events import EVENTS, CustomerEvent
from schemas.outputs import Output, Reason, StageChanged
from statemachine.customer import Customer
from statemachine.fold import Decided, decide, sweep
from statemachine.policy import Policy
from statemachine.policy_file import default_policy, default_policy_text, read_policy
from statemachine.rules import KINDS
from statemachine.rules.base import Rule

ZONE = timezone(timedelta(hours=8))
DAY_ZERO = datetime(2024, 1, 1, tzinfo=ZONE)
DEFAULT = default_policy()
CUSTOMER = "cust-1"
_numbers = itertools.count(1)


def on(day: float, time: str = "10:00") -> datetime:
    """The time of day `day`; days may be negative."""
    hours, minutes = time.split(":")
    return DAY_ZERO + timedelta(days=day, hours=int(hours), minutes=int(minutes))


def millis(day: float, time: str = "00:00") -> int:
    """The same in milliseconds, at the midnight that begins the day unless told otherwise."""
    return to_millis(on(day, time))


def policy(**changes: Any) -> Policy:
    """The shipped policy with settings changed: `policy(**{"lost.after_silence": "200 days"})`.

    None takes a rule out.
    """
    values = json.loads(DEFAULT.canonical())
    for path, value in changes.items():
        *parents, last = path.split(".")
        inner = values
        for parent in parents:
            inner = inner[parent]
        inner[last] = value
    return Policy.model_validate(values)


def rule_of(rules: Policy, name: str) -> Rule:
    """One rule of a policy."""
    return next(rule for rule in rules.active_rules if rule.name == name)


def policy_of(changed: dict[str, str]) -> Policy:
    """The shipped policy file with pieces of its text replaced."""
    text = default_policy_text()
    for old, new in changed.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return read_policy(text, "changed policy")


def fact(type_name: str, day: float | datetime, time: str = "10:00", **fields: Any) -> Any:
    """An event; `id` sets its event id, otherwise it is a new one."""
    at = day if isinstance(day, datetime) else on(day, time)
    number = next(_numbers)
    told = {
        "type": type_name,
        "schema_version": 1,
        "source": "core",
        "event_id": f"e{number}",
        "occurred_at": at.isoformat(),
        "customer_id": CUSTOMER,
        **{name: value for name, value in fields.items() if value is not None},
    }
    return EVENTS.validate_json(json.dumps(told))


_ACCOUNT: dict[str, Any] = {"account_ref": "a1", "role": "owner"}
_PRODUCT: dict[str, Any] = {"product_ref": "d1", "role": "owner"}


def account(what: str, day: float | datetime, time: str = "10:00", **fields: Any) -> Any:
    """`account.<what>` of account a1 as its owner, unless told otherwise."""
    return fact(f"account.{what}", day, time, **{**_ACCOUNT, **fields})


def opened(day: float | datetime, ref: str = "a1", **fields: Any) -> Any:
    """A current account is opened."""
    return account(
        "opened", day, **{"account_ref": ref, "product_type": "current_account"} | fields
    )


def closed(day: float | datetime, ref: str = "a1", **fields: Any) -> Any:
    """It is closed."""
    return account("closed", day, **{"account_ref": ref} | fields)


def snapshot(day: float | datetime, **fields: Any) -> Any:
    """What the core holds: a current account opened in 2019."""
    usual = {"product_type": "current_account", "status": "active", "opened_on": "2019-06-03"}
    return account("snapshot", day, **usual | fields)


def product(what: str, day: float | datetime, **fields: Any) -> Any:
    """`product.<what>` of deposit d1 as its owner, unless told otherwise."""
    return fact(f"product.{what}", day, **{**_PRODUCT, **fields})


def deposited(day: float | datetime, **fields: Any) -> Any:
    """A term deposit is subscribed."""
    return product("subscribed", day, **{"product_type": "term_deposit"} | fields)


def posted(day: float | datetime, by: str, time: str = "10:00", **fields: Any) -> Any:
    """A posting on account a1, caused by `by`."""
    usual = {
        "posting_id": f"p{next(_numbers)}",
        "initiator": by,
        "direction": "debit",
        "amount": "25.00",
        "currency": "CNY",
    }
    return fact("transaction.posted", day, time, **{**_ACCOUNT, **usual, **fields})


def used(day: float | datetime, time: str = "10:00", **fields: Any) -> Any:
    """The customer's own activity."""
    return posted(day, "customer", time, **fields)


def reversed_(day: float | datetime, posting: str, time: str = "10:00", **fields: Any) -> Any:
    """The posting is taken back."""
    usual = {"posting_id": f"r{next(_numbers)}", "original_posting_id": posting}
    return fact("transaction.reversed", day, time, **{**_ACCOUNT, **usual, **fields})


def registered(day: float | datetime, **fields: Any) -> Any:
    """A prospect walks in."""
    return fact("prospect.registered", day, **{"origin": "walk_in"} | fields)


def complained(day: float | datetime, ref: str = "f1", **fields: Any) -> Any:
    """A complaint is filed."""
    return fact("feedback.received", day, **{"feedback_id": ref, "kind": "complaint"} | fields)


def rated(day: float | datetime, score: int, ref: str = "s1", **fields: Any) -> Any:
    """The customer scores the bank."""
    usual: dict[str, Any] = {"feedback_id": ref, "kind": "score", "score": score}
    return fact("feedback.received", day, **usual | fields)


def resolved(day: float | datetime, ref: str = "f1", **fields: Any) -> Any:
    """The complaint is settled."""
    return fact("feedback.resolved", day, **{"feedback_id": ref} | fields)


def scored(day: float | datetime, score: str, **fields: Any) -> Any:
    """The bank's churn model speaks."""
    return fact("customer.scored", day, **{"model": "churn", "score": score} | fields)


def came_by(day: float | datetime, kind: str = "branch", **fields: Any) -> Any:
    """The customer was there, without a posting."""
    return fact("customer.interacted", day, **{"kind": kind} | fields)


def died(day: float | datetime, **fields: Any) -> Any:
    """The bank is told of the death."""
    return fact("customer.status-changed", day, **{"status": "deceased"} | fields)


def clock(at: str) -> str:
    """An output's time as day and time of the bank: '91 00:00'."""
    since = datetime.fromisoformat(at).astimezone(ZONE) - DAY_ZERO
    minutes, seconds = divmod(since.seconds, 60)
    shown = f"{since.days} {minutes // 60:02d}:{minutes % 60:02d}"
    return f"{shown}:{seconds:02d}" if seconds else shown


def sentence(output: Output) -> str:
    """What an output says, in a line."""
    when = clock(output.effective_at)
    if isinstance(output, StageChanged):
        move = f"{output.from_stage or '(none)'} > {output.to_stage} {output.kind}"
        way = f" ({output.lost_by})" if output.lost_by else ""
        rules = ", ".join(reason.rule for reason in output.reasons)
        return f"{when} {move}{way}" + (f": {rules}" if rules else "")
    changed = [f"+{reason.rule}" for reason in output.raised]
    changed += [f"-{reason.rule}" for reason in output.cleared]
    return f"{when} {output.stage} {' '.join(changed) or output.lost_by}"


class Life:
    """One customer under one policy, and everything said of them."""

    def __init__(self, rules: Policy = DEFAULT, customer: Customer | None = None) -> None:
        self.policy = rules
        self.customer = customer
        self.outputs: list[Output] = []

    def tell(
        self, *events: CustomerEvent, clock: int | None = None, record_at: int | None = None
    ) -> list[str]:
        """Facts in the order they are told; what they made, in sentences."""
        said: list[str] = []
        for event in events:
            decided = self.decide(event, clock=clock, record_at=record_at)
            said += [sentence(output) for output in decided.outputs]
        return said

    def decide(
        self, event: CustomerEvent, *, clock: int | None = None, record_at: int | None = None
    ) -> Decided:
        """One fact; the record's time is the fact's own unless told otherwise."""
        decided = decide(
            self.policy,
            CUSTOMER,
            self.customer,
            event,
            clock=clock,
            record_at=to_millis(event.occurred_at) if record_at is None else record_at,
        )
        self.customer = decided.customer
        self.outputs += decided.outputs
        return decided

    def passes(self, day: float, time: str = "00:00") -> list[str]:
        """Time passes until then; what that made, in sentences."""
        assert self.customer is not None
        decided = sweep(self.policy, CUSTOMER, self.customer, to_millis(on(day, time)))
        self.customer = decided.customer
        self.outputs += decided.outputs
        return [sentence(output) for output in decided.outputs]

    @property
    def story(self) -> list[str]:
        """Everything said so far."""
        return [sentence(output) for output in self.outputs]

    @property
    def now(self) -> Customer:
        """The customer as they stand."""
        assert self.customer is not None
        return self.customer

    @property
    def changes(self) -> list[StageChanged]:
        """The stage changes so far."""
        return [output for output in self.outputs if isinstance(output, StageChanged)]


def active(rules: Policy = DEFAULT, *, day: int = 0) -> Life:
    """Opened on `day`, used on the three days after it: active since then."""
    life = Life(rules)
    life.tell(opened(day), *(used(day + after) for after in (1, 2, 3)))
    assert life.now.stage == "active"
    return life


def day_of(life: Life) -> str:
    """The timer entry as day and time."""
    assert life.now.timer is not None
    return clock(from_millis(life.now.timer).isoformat())


def reported(
    day: float | datetime, amount: object, ref: str = "a1", *, as_of: float | None = None, **f: Any
) -> Any:
    """The account's balance at the end of that day, told late in its evening."""
    told_at = on(day, "23:30") if isinstance(day, int | float) else day
    of = told_at if as_of is None else on(as_of)
    usual = {"balance": f"{amount}", "currency": "CNY", "as_of": of.date().isoformat()}
    return fact("balance.reported", told_at, **{"account_ref": ref, "role": "owner"} | usual | f)


def salary(day: float | datetime, **fields: Any) -> Any:
    """An employer pays a salary in."""
    return posted(
        day,
        "third_party",
        **{"direction": "credit", "purpose": "salary", "amount": "9000"} | fields,
    )


def transferred(day: float | datetime, amount: object, **fields: Any) -> Any:
    """The customer moves money to another bank."""
    usual = {"counterparty_kind": "other_bank", "purpose": "transfer", "amount": f"{amount}"}
    return used(day, **usual | fields)


def flagged(day: float | datetime, status: str, ref: str = "a1", **fields: Any) -> Any:
    """The core flags the account."""
    return account("status-changed", day, **{"account_ref": ref, "status": status} | fields)


def held(day: float | datetime, **fields: Any) -> Any:
    """A legal or fraud hold."""
    return fact("customer.status-changed", day, **{"status": "hold"} | fields)


def released(day: float | datetime, **fields: Any) -> Any:
    """The hold is lifted."""
    return fact("customer.status-changed", day, **{"status": "hold_lifted"} | fields)


def minor(day: float | datetime, until: float, **fields: Any) -> Any:
    """The customer is not of age before the day `until`."""
    usual = {"status": "minor", "until": on(until).date().isoformat()}
    return fact("customer.status-changed", day, **usual | fields)


def payroll_ended(day: float | datetime, reason: str = "retired", **fields: Any) -> Any:
    """The bank knows why no salary comes any more."""
    return fact("payroll.ended", day, **{"reason": reason} | fields)


def only(*rules: str, **changes: Any) -> Policy:
    """The shipped policy with these at-risk rules and no other; `changes` as in `policy`.

    Nobody is lost by silence, so that a reason can be watched for years.
    """
    off = {f"rules.{name}": None for name in KINDS if name not in rules}
    return policy(**{"lost.after_silence": "36500 days"} | off | changes)


def why(life: Life) -> str:
    """The sentence of the latest output."""
    return life.outputs[-1].why


def reason_of(life: Life) -> Reason:
    """The one reason of the latest warning."""
    (reason,) = next(change for change in life.changes[::-1] if change.kind == "warned").reasons
    return reason
