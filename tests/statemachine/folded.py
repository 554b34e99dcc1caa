"""A customer folded step by step, with everything checked that must hold at every step."""

from __future__ import annotations

from dataclasses import dataclass, field

from msgspec.structs import replace

from schemas.events import CustomerEvent
from schemas.outputs import Output, StageChanged
from statemachine.customer import Customer
from statemachine.due import dues
from statemachine.fold import Decided, decide, sweep
from statemachine.policy import Policy
from tests.statemachine.builders import CUSTOMER
from tests.statemachine.expected import EXPECTED
from tests.statemachine.lives import at

LATER = 3_000 * 86_400_000
ROWS = {(row.source, row.target, row.kind, row.way) for row in EXPECTED}


@dataclass
class Folded:
    """A customer on their way, checked at every step."""

    policy: Policy
    customer: Customer | None = None
    outputs: list[Output] = field(default_factory=list)

    def tell(self, event: CustomerEvent, clock: int | None = None) -> Decided:
        decided = decide(
            self.policy, CUSTOMER, self.customer, event, clock=clock, record_at=at(event)
        )
        self._take(decided)
        return decided

    def sweep(self, until: int) -> None:
        if self.customer is not None:
            self._take(sweep(self.policy, CUSTOMER, self.customer, until))

    def activate(self, rules: Policy, when: int) -> None:
        """Another policy takes effect."""
        self.policy = rules
        if self.customer is not None:
            self._take(sweep(rules, CUSTOMER, self.customer, when, mode="policy"))

    def _take(self, decided: Decided) -> None:
        before = self.customer or Customer()
        self.customer = decided.customer
        self.outputs += decided.outputs
        check_timer(self.policy, self.customer)
        check_customer(self.customer)
        check_outputs(before, decided)

    @property
    def facts(self) -> Customer | None:
        """The customer but for the timer entry, which is moved lazily."""
        return None if self.customer is None else replace(self.customer, timer=None)


def check_timer(policy: Policy, customer: Customer) -> None:
    """The entry is never later than the earliest due time."""
    coming = dues(policy, customer)
    if coming:
        assert customer.timer is not None
        assert customer.timer <= coming[0].at


def check_customer(customer: Customer) -> None:
    assert bool(customer.reasons) <= (customer.stage == "at_risk")
    assert (customer.lost_by is not None) == (customer.stage == "lost")
    assert customer.activation_days >= 0
    assert customer.since <= customer.effective_at
    if customer.stage == "active":
        assert customer.been_active
        assert customer.activated


def check_outputs(before: Customer, decided: Decided) -> None:
    """Each follows from the one before it, by a row of the table written by hand."""
    stage, effective_at = before.stage, ""
    changes, reason_changes = before.changes, before.reason_changes
    for output in decided.outputs:
        assert output.effective_at >= effective_at
        effective_at = output.effective_at
        if isinstance(output, StageChanged):
            changes += 1
            assert (output.sequence, output.from_stage) == (changes, stage)
            move = (output.from_stage, output.to_stage, output.kind, output.lost_by)
            assert move in ROWS
            stage = output.to_stage
        else:
            reason_changes += 1
            assert (output.sequence, output.stage) == (reason_changes, stage)
    after = decided.customer
    assert (after.stage, after.changes, after.reason_changes) == (stage, changes, reason_changes)
    assert after.effective_at >= before.effective_at


def told(policy: Policy, life: list[CustomerEvent], until: int) -> Folded:
    folded = Folded(policy)
    for event in life:
        folded.tell(event)
    folded.sweep(until)
    return folded
