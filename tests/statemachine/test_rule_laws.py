"""Laws of the at-risk rules, each against an oracle that counts day by day (naive.py)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.base import to_millis
from schemas.events import CustomerEvent
from schemas.outputs import Output, Reason, StageChanged
from statemachine.assets import assets_of, sums
from statemachine.customer import Customer
from statemachine.facts import learn
from statemachine.rules import KINDS
from store.codec import Codec
from tests.statemachine.builders import DEFAULT
from tests.statemachine.folded import LATER, Folded, told
from tests.statemachine.lives import at
from tests.statemachine.naive import DAY, HOLDS, OVER, Known, day_of, midnight, money_told
from tests.statemachine.rule_lives import Timeline, rule_lives

LATENESS = 48 * 3_600
SLOW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def raised_by(output: Output) -> list[Reason]:
    """The reasons that an output raises."""
    if isinstance(output, StageChanged):
        to_risk = output.to_stage == "at_risk" and output.kind in ("warned", "adopted", "corrected")
        return output.reasons if to_risk else []
    return output.raised


def cleared_by(output: Output) -> list[Reason]:
    """The reasons that an output says are over."""
    if isinstance(output, StageChanged):
        return output.reasons if output.kind in ("recovered", "activated_late") else []
    return output.cleared


@dataclass
class Watched:
    """A life told event by event, with what was known at each output."""

    life: list[CustomerEvent]
    folded: Folded = field(default_factory=lambda: Folded(DEFAULT))
    new_since: int = 0

    def steps(self) -> Iterator[tuple[Output, Known]]:
        """Every output with what had been told when it was made."""
        for number, event in enumerate(self.life):
            # What was due before the event is decided without it.
            yield from self._passes(self.life[:number], at(event))
            before = len(self.folded.outputs)
            self.folded.tell(event)
            yield from self._said(before, self.life[: number + 1])
        yield from self._passes(self.life, at(self.life[-1]) + 400 * DAY)

    def _passes(self, known: list[CustomerEvent], until: int) -> Iterator[tuple[Output, Known]]:
        before = len(self.folded.outputs)
        self.folded.sweep(until)
        yield from self._said(before, known)

    def _said(self, before: int, events: list[CustomerEvent]) -> Iterator[tuple[Output, Known]]:
        for output in self.folded.outputs[before:]:
            now = _millis(output.effective_at)
            if isinstance(output, StageChanged) and output.to_stage == "new":
                self.new_since = now
            yield output, Known(events, now, self.new_since)

    def known(self, events: list[CustomerEvent], now: int) -> Known:
        return Known(events, now, self.new_since)


def _millis(at: str) -> int:
    return to_millis(datetime.fromisoformat(at))


def since_of(reason: Reason) -> int:
    return _millis(reason.since)


def test_the_oracle_knows_every_rule() -> None:
    assert set(HOLDS) == set(OVER) == set(KINDS)
    assert {rule.name for rule in DEFAULT.active_rules} == set(KINDS)


@given(rule_lives(least=6))
@settings(SLOW, max_examples=60)
def test_a_reason_is_raised_only_while_its_condition_holds(life: list[CustomerEvent]) -> None:
    for output, known in Watched(life).steps():
        for reason in raised_by(output):
            assert HOLDS[reason.rule](known), (reason.rule, output.effective_at)


@given(rule_lives(least=6))
@settings(SLOW, max_examples=60)
def test_a_reason_clears_only_when_it_is_over(life: list[CustomerEvent]) -> None:
    opened: dict[str, Reason] = {}
    for output, known in Watched(life).steps():
        for reason in cleared_by(output):
            raised = opened.pop(reason.rule)
            over = OVER[reason.rule](known, since_of(raised), dict(raised.values))
            assert over, (reason.rule, output.effective_at)
        opened |= {reason.rule: reason for reason in raised_by(output)}


@given(rule_lives(least=6, most=12))
@settings(SLOW, max_examples=40)
def test_no_reason_stays_open_that_is_over_and_none_is_missed(life: list[CustomerEvent]) -> None:
    watched = Watched(life)
    quiet: dict[str, int] = {}
    for number, event in enumerate(life):
        known = life[:number]
        for now in _looks(life, number):
            outputs = len(watched.folded.outputs)
            said = list(watched._passes(known, now))
            _note_quiet(quiet, watched.folded.outputs[outputs:])
            if known:
                assert said is not None
                _nothing_overlooked(watched, known, now, quiet)
        outputs = len(watched.folded.outputs)
        watched.folded.tell(event)
        list(watched._said(outputs, life[: number + 1]))
        _note_quiet(quiet, watched.folded.outputs[outputs:])
        _nothing_overlooked(watched, life[: number + 1], at(event), quiet)


def _looks(life: list[CustomerEvent], number: int) -> list[int]:
    """The midnights before an event, every few days."""
    if number == 0:
        return []
    first, last = day_of(at(life[number - 1])) + 1, day_of(at(life[number]))
    return [midnight(day) for day in range(first, last + 1, 9)]


def _note_quiet(quiet: dict[str, int], outputs: Iterable[Output]) -> None:
    for output in outputs:
        if isinstance(output, StageChanged) and output.to_stage in ("lost", "new"):
            quiet.clear()
        for reason in cleared_by(output):
            quiet[reason.rule] = _millis(output.effective_at)


def _is_quiet(known: Known, rule: str, quiet: dict[str, int]) -> bool:
    """Whether the rule cleared less than thirty full days ago, without the pauses."""
    return rule in quiet and known.full_days_since(quiet[rule]) < 30


def _nothing_overlooked(
    watched: Watched, events: list[CustomerEvent], now: int, quiet: dict[str, int]
) -> None:
    customer = watched.folded.customer
    assert customer is not None
    known = watched.known(events, now)
    for name, reason in customer.reasons.items():
        assert not OVER[name](known, reason.since, dict(reason.values)), f"{name} is over at {now}"
    if customer.stage not in ("new", "active", "at_risk") or known.is_paused:
        return
    for name, holds in HOLDS.items():
        if name in customer.reasons or _is_quiet(known, name, quiet):
            continue
        if name in _OF_WHOLE_DAYS and now != midnight(known.today):
            continue
        assert not holds(known), f"{name} stands at {now} and is not raised"


_OF_WHOLE_DAYS = ("decline", "run_off")
"""They are looked at when a day begins."""


@given(rule_lives(least=6))
@settings(SLOW, max_examples=60)
def test_no_rule_raises_twice_nor_within_the_quiet_period_after_it_cleared(
    life: list[CustomerEvent],
) -> None:
    opened: set[str] = set()
    quiet: dict[str, int] = {}
    for output, known in Watched(life).steps():
        if isinstance(output, StageChanged) and output.to_stage in ("lost", "new"):
            opened.clear()
        raised = {reason.rule for reason in raised_by(output)}
        cleared = {reason.rule for reason in cleared_by(output)}
        assert not raised & opened
        assert cleared <= opened
        assert not [rule for rule in raised if _is_quiet(known, rule, quiet)]
        opened = (opened | raised) - cleared
        _note_quiet(quiet, [output])


@given(rule_lives(least=6))
@settings(SLOW, max_examples=60)
def test_time_alone_raises_nothing_while_the_customer_cannot_act(
    life: list[CustomerEvent],
) -> None:
    for output, known in Watched(life).steps():
        if raised_by(output) and output.caused_by.type == "due":
            assert not known.is_paused, (output.why, output.effective_at)


@given(rule_lives(), st.data())
@settings(SLOW, max_examples=100)
def test_with_every_rule_on_a_sweep_decides_when_and_never_what(
    life: list[CustomerEvent], data: st.DataObject
) -> None:
    step = data.draw(st.sampled_from((DAY // 4, DAY, 7 * DAY + 1_000, 45 * DAY)))
    swept, end = Folded(DEFAULT), at(life[-1]) + 400 * DAY
    for event, following in zip(life, [*life[1:], None], strict=True):
        swept.tell(event)
        until = end if following is None else at(following)
        for moment in range(at(event), until, step):
            swept.sweep(moment)
    swept.sweep(end)
    unswept = told(DEFAULT, life, end)
    assert swept.outputs == unswept.outputs
    assert swept.facts == unswept.facts


@given(rule_lives(), st.data())
@settings(SLOW, max_examples=100)
def test_with_every_rule_on_late_and_shuffled_events_raise_no_error_and_keep_the_timer(
    life: list[CustomerEvent], data: st.DataObject
) -> None:
    folded, clock = Folded(DEFAULT), at(life[0])
    for event in _shuffled(life, data):
        folded.tell(event, clock=clock)
        clock = max(clock, at(event) - LATENESS * 1_000)
        folded.sweep(clock)
    folded.sweep(at(life[-1]) + LATER)


def _shuffled(life: list[CustomerEvent], data: st.DataObject) -> list[CustomerEvent]:
    """Each event up to 48 hours late."""
    late = st.lists(st.integers(0, LATENESS), min_size=len(life), max_size=len(life))
    arrivals = zip(life, data.draw(late), strict=True)
    arrived = sorted(arrivals, key=lambda one: one[0].occurred_at + timedelta(seconds=one[1]))
    return [event for event, _ in arrived]


@given(rule_lives(), st.data())
@settings(SLOW, max_examples=200)
def test_events_shuffled_within_the_lateness_leave_the_same_features(
    life: list[CustomerEvent], data: st.DataObject
) -> None:
    # Whose account is used by a guardian is a matter of what is known when the posting comes.
    life = [event for event in life if getattr(event, "status", None) != "minor"]
    life = _each_day_told_once(life)
    assert _features(_shuffled(life, data)) == _features(life)


def _each_day_told_once(life: list[CustomerEvent]) -> list[CustomerEvent]:
    """Of two that tell what is held on one day the later told counts: a matter of order."""
    seen: set[tuple[str, int]] = set()
    found = Timeline()
    for event in life:
        tells = money_told(event)
        if tells not in seen:
            found.append(event)
        if tells is not None:
            seen.add(tells)
    return found


def _features(life: Iterable[CustomerEvent]) -> dict[str, Any]:
    customer = Customer()
    for event in life:
        customer = learn(DEFAULT, customer, event, at(event)).customer
    done = _activity(customer)
    return {
        "activity": done,
        "assets": _means(customer.assets),
        "owed": _means(customer.owed),
        "payroll": customer.payroll,
        "transfers": customer.transfers,
        "relationships": sorted(customer.relationships, key=lambda one: one.ref),
        "feedback": customer.feedback,
        "score": customer.score,
        "status": (customer.hold, customer.minor_until),
    }


def _activity(customer: Customer) -> tuple[Any, ...]:
    """The activity but for the order in which its postings are remembered."""
    done = customer.activity
    return done.days, done.first_day, done.last_day, done.bits, done.last_at, done.sign_at


def _means(packed: bytes) -> list[int]:
    """Every day's sum of thirty, for as long as anything is reported."""
    assets = assets_of(packed)
    if assets is None or not assets.changes:
        return []
    last = assets.changes[-2]
    return sums(assets, last - 90, last + 40)


@given(rule_lives(most=60))
@settings(SLOW, max_examples=60)
def test_a_customer_of_any_life_is_remembered_in_less_than_2500_bytes(
    life: list[CustomerEvent],
) -> None:
    codec, folded = Codec(), Folded(DEFAULT)
    for event in life:
        folded.tell(event)
        assert folded.customer is not None
        assert len(codec.encode(folded.customer)) <= 2_500
        assert codec.decode(codec.encode(folded.customer)) == folded.customer
