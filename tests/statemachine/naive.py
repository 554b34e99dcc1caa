"""The at-risk rules once more, from the domain and the raw list of events, as plainly as can be.

An oracle for test_rule_laws.py: every question goes through all events again and counts day by
day. It knows the shipped policy's numbers, calls none of the product's rules and features, and
understands the lives of rule_lives.py only: told in order, in the bank's zone of +08:00.

It is long because it shares nothing with what it checks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any

from tests.statemachine.lives import at

DAY = 86_400_000
_EVERYDAY = frozenset({"current_account", "savings_account", "card", "payment"})
_DEPOSITS = frozenset({"term_deposit", "wealth"})
_DEBTS = frozenset({"loan", "mortgage"})
_BEGINNINGS = ("account.opened", "account.reopened", "product.subscribed", "product.renewed")
_NEVER = 1 << 62


def day_of(millis: int) -> int:
    return (millis + 8 * 3_600_000) // DAY


def midnight(day: int) -> int:
    return day * DAY - 8 * 3_600_000


@dataclass
class Product:
    """What was told of one account or product."""

    kind: str
    first_begun: int
    begun: int
    ended: int | None = None
    """When its end was told."""
    ends: int | None = None
    """When it takes effect: a matured one waits ten full days."""
    matured: bool = False
    flag: str = "active"


@dataclass
class Known:
    """What had been told by the moment `now`; the customer last became new at `new_since`."""

    events: Sequence[Any]
    now: int
    new_since: int
    _totals: dict[tuple[int, frozenset[str]], int] = field(default_factory=dict)

    def of(self, *types: str) -> Iterator[Any]:
        return (event for event in self.events if event.type in types)

    @property
    def today(self) -> int:
        return day_of(self.now)

    # Products.

    @cached_property
    def products(self) -> dict[str, Product]:
        return _products(self.events)

    @property
    def in_force(self) -> list[Product]:
        return [one for one in self.products.values() if one.ended is None]

    @property
    def uses_something_every_day(self) -> bool:
        return any(one.kind in _EVERYDAY for one in self.in_force)

    @property
    def families(self) -> set[str]:
        return {_family(one.kind) for one in self.in_force}

    # Pauses.

    @cached_property
    def pauses(self) -> list[tuple[int, int]]:
        """From, to; the last one may be open-ended."""
        return _pauses(self.events, self.now)

    @property
    def is_paused(self) -> bool:
        return any(begun <= self.now < ended for begun, ended in self.pauses)

    def full_days_since(self, since: int) -> int:
        """The full days after the day of `since` and before today, without the pauses."""
        waited = sum(
            day_of(min(ended, self.now)) - day_of(max(begun, since))
            for begun, ended in self.pauses
            if ended > since and begun < self.now
        )
        return self.today - day_of(since) - 1 - waited

    # What the customer did.

    @cached_property
    def own_days(self) -> list[int]:
        return sorted({day_of(at(event)) for event in self._own})

    @property
    def _own(self) -> list[Any]:
        told = self.of("transaction.posted")
        return [e for e in told if e.initiator == "customer" and not self._was_minor(at(e))]

    def _was_minor(self, when: int) -> bool:
        until = 0
        for event in self.of("customer.status-changed"):
            if event.status == "minor" and at(event) <= when:
                until = midnight(_day(event.until))
        return when < until

    def own_days_within(self, first: int, last: int, *, of_this_life: bool = False) -> int:
        begun = day_of(self.new_since) if of_this_life else -_NEVER
        return sum(max(first, begun) <= day <= last for day in self.own_days)

    @property
    def last_sign(self) -> int:
        signs = [at(event) for event in self._own]
        signs += [at(event) for event in self.of("customer.interacted")]
        return max([self.new_since, *signs])

    # Money.

    @cached_property
    def _reports(self) -> dict[str, list[tuple[int, int]]]:
        return {ref: _amounts(self.events, ref) for ref in self.products}

    def total(self, day: int, kinds: frozenset[str]) -> int:
        """What all holdings of these kinds had at the end of a day."""
        if (day, kinds) not in self._totals:
            self._totals[day, kinds] = self._total(day, kinds)
        return self._totals[day, kinds]

    def _total(self, day: int, kinds: frozenset[str]) -> int:
        found = 0
        for ref, one in self.products.items():
            if one.kind in kinds:
                by_then = [amount for told_of, amount in self._reports[ref] if told_of <= day]
                found += by_then[-1] if by_then else 0
        return found

    def month(self, day: int, kinds: frozenset[str]) -> int:
        """The sum of the thirty days before a day; a mean is a thirtieth of it."""
        return sum(self.total(one, kinds) for one in range(day - 30, day))

    def assets(self, day: int) -> int:
        """As `month`, of the assets; a new life begins without any."""
        begun = max(day - 30, day_of(self.new_since))
        return sum(self.total(one, ASSETS) for one in range(begun, day))

    def is_rich_on(self, day: int) -> bool:
        """Whether the mean was ten thousand when a day began."""
        return self.assets(day) >= 30 * 10_000

    @property
    def transfers(self) -> list[tuple[int, int]]:
        """Day and amount of own transfers to other banks that are not small."""
        return [
            (day_of(at(event)), int(float(event.amount)))
            for event in self._postings_to_other_banks
            if float(event.amount) >= 1_000
        ]

    @property
    def _postings_to_other_banks(self) -> list[Any]:
        return [event for event in self._own if event.counterparty_kind == "other_bank"]

    @property
    def salaries(self) -> list[int]:
        told = self.of("transaction.posted")
        return [day_of(at(event)) for event in told if event.purpose == "salary"]

    @property
    def payroll_ended(self) -> int:
        return max((day_of(at(event)) for event in self.of("payroll.ended")), default=0)

    # Words.

    @property
    def open_complaints(self) -> set[str]:
        found: set[str] = set()
        for event in self.of("feedback.received", "feedback.resolved"):
            if event.type == "feedback.resolved":
                found.discard(event.feedback_id)
            elif event.kind == "complaint":
                found.add(event.feedback_id)
        return found

    @property
    def bad_score_at(self) -> int | None:
        """When the customer last scored the bank, if it was badly and counts still."""
        last = None
        for event in self.of("feedback.received"):
            if event.score is not None:
                last = event
        if last is None or last.score >= 4 or self.today > day_of(at(last)) + 60:
            return None
        return at(last)

    @property
    def model_score(self) -> tuple[float, int]:
        told = [(float(event.score), at(event)) for event in self.of("customer.scored")]
        return told[-1] if told else (0.0, 0)


ASSETS = _EVERYDAY | _DEPOSITS | {"insurance"}


def _day(day: date) -> int:
    return day.toordinal() - 719_163


def _family(kind: str) -> str:
    return "everyday" if kind in _EVERYDAY else kind


def _ref(event: Any) -> str:
    return getattr(event, "account_ref", "") or getattr(event, "product_ref", "")


def _products(events: Sequence[Any]) -> dict[str, Product]:
    found: dict[str, Product] = {}
    for event in events:
        ref, when = _ref(event), at(event)
        if event.type in _BEGINNINGS:
            if ref not in found:
                found[ref] = Product(event.product_type, when, when)
            one = found[ref]
            one.flag = "active"
            if one.ended is not None:
                one.begun, one.ended, one.ends, one.matured = when, None, None, False
        elif event.type == "account.closed":
            found[ref].ended, found[ref].ends, found[ref].matured = when, when, False
        elif event.type == "product.matured":
            found[ref].ended, found[ref].matured = when, True
            found[ref].ends = midnight(day_of(when) + 11)
        elif event.type == "account.status-changed":
            found[ref].flag = event.status
    return found


def _pauses(events: Sequence[Any], now: int) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    hold, of_age, begun, frozen = False, 0, None, False
    for number, event in enumerate(events):
        when = at(event)
        if begun is not None and of_age and of_age <= when:
            begun, of_age = _grown(found, events[:number], begun, of_age, hold=hold)
        if event.type == "customer.status-changed":
            if event.status == "minor":
                of_age = midnight(_day(event.until))
            else:
                hold = event.status == "hold"
        if event.type.startswith(("account.", "product.")):
            frozen = _all_stopped(events[: number + 1])
        stopped = hold or of_age > when or frozen
        if stopped and begun is None:
            begun = when
        elif not stopped and begun is not None:
            found.append((begun, when))
            begun = None
    if begun is not None and of_age and of_age <= now:
        begun, of_age = _grown(found, events, begun, of_age, hold=hold)
    return found if begun is None else [*found, (begun, _NEVER)]


def _grown(
    found: list[tuple[int, int]], events: Sequence[Any], begun: int, of_age: int, *, hold: bool
) -> tuple[int | None, int]:
    """The day of majority has come: the pause is over, unless something else lasts."""
    if hold or _all_stopped(events):
        return begun, 0
    found.append((begun, of_age))
    return None, 0


def _all_stopped(events: Sequence[Any]) -> bool:
    flags = [one.flag for one in _products(events).values() if one.ended is None]
    return bool(flags) and all(flag in ("frozen", "blocked") for flag in flags)


def _amounts(events: Sequence[Any], ref: str) -> list[tuple[int, int]]:
    """What a holding had from which day on; of two reports for one day the later told counts."""
    found: list[tuple[int, int]] = []
    amount, before_its_end = 0, 0
    told = [(tells[1], event) for event in events if (tells := money_told(event)) is not None]
    for day, event in sorted(told, key=lambda one: one[0]):
        if _ref(event) != ref:
            continue
        if event.type == "balance.reported":
            amount = int(float(event.balance)) // event.owners
        elif event.type == "product.subscribed":
            amount = amount if event.amount is None else int(float(event.amount))
        elif event.type == "product.renewed":
            amount = amount or before_its_end
        else:
            amount = 0
        before_its_end = amount or before_its_end
        found.append((day, amount))
    return found


def money_told(event: Any) -> tuple[str, int] | None:
    """Of which holding and day it tells what was held, if it does."""
    if event.type == "balance.reported":
        return _ref(event), _day(event.as_of)
    if event.type in ("product.subscribed", "product.renewed", "product.matured", "account.closed"):
        return _ref(event), day_of(at(event))
    return None


# When each rule may raise, and when its reason is over.


def _silence(known: Known) -> bool:
    silent = known.full_days_since(known.last_sign) >= 90
    return silent and known.uses_something_every_day and not known.is_paused


def _silence_over(known: Known, since: int, _: dict[str, Any]) -> bool:
    own = [at(event) for event in known._own if at(event) >= since]
    days = sorted({day_of(when) for when in own})
    return any(later - earlier <= 60 for earlier, later in pairwise(days))


def _not_onboarded(known: Known) -> bool:
    over = known.full_days_since(known.new_since) >= 90 and not known.is_paused
    return over and known.uses_something_every_day and not _activated(known)


def _activated(known: Known) -> bool:
    """Whether the activation rule was met once since they became new."""
    moments = [at(event) for event in known.events if at(event) >= known.new_since]
    told = [
        Known([one for one in known.events if at(one) <= now], now, known.new_since)
        for now in [*moments, known.now]
    ]
    days = range(day_of(known.new_since) + 1, known.today + 1)
    return any(_activates(one) for one in told) or any(map(known.is_rich_on, days))


def _activates(known: Known) -> bool:
    """Whether the activation rule is met as things are."""
    own = known.own_days_within(day_of(known.new_since), known.today)
    return own >= 3 or len(known.families) >= 2 or known.is_rich_on(known.today)


def _not_onboarded_over(known: Known, _: int, __: dict[str, Any]) -> bool:
    return _activated(known)


def _complaint(known: Known) -> bool:
    bad = known.bad_score_at
    return bool(known.open_complaints) or (bad is not None and bad >= known.new_since)


def _complaint_over(known: Known, _: int, __: dict[str, Any]) -> bool:
    return not known.open_complaints and known.bad_score_at is None


def _churn_score(known: Known) -> bool:
    score, told_at = known.model_score
    return score >= 0.8 and told_at >= known.new_since


def _churn_score_over(known: Known, _: int, __: dict[str, Any]) -> bool:
    return known.model_score[0] < 0.6


def _core_dormant(known: Known) -> bool:
    return any(one.flag == "dormant" for one in known.in_force)


def _core_dormant_over(known: Known, _: int, __: dict[str, Any]) -> bool:
    return not _core_dormant(known)


def _decline(known: Known) -> bool:
    if known.is_paused or not known.uses_something_every_day:
        return False
    if any(day_of(ended) + 60 >= known.today for _, ended in known.pauses):
        return False  # they could not have come on all of the last sixty days
    recent = known.own_days_within(known.today - 60, known.today - 1)
    before = known.own_days_within(known.today - 240, known.today - 61, of_this_life=True)
    return before >= 3 * 6 and recent <= 0.4 * before / 3


def _decline_over(known: Known, since: int, _: dict[str, Any]) -> bool:
    if not known.uses_something_every_day:
        return False
    today = known.today + (known.today in known.own_days and known.today >= day_of(since))
    if today <= day_of(since):
        return False
    recent = known.own_days_within(today - 60, today - 1)
    return recent > 0.6 * known.own_days_within(today - 240, today - 61) / 3


def _run_off(known: Known) -> bool:
    if known.is_paused:
        return False
    months = {day: known.assets(day) for day in range(known.today - 90, known.today + 1)}
    left = months.pop(known.today)
    peak_day = max(months, key=lambda day: (months[day], day))
    repaid = known.month(peak_day, _DEBTS) - known.month(known.today, _DEBTS)
    peak = months[peak_day]
    return peak >= 30 * 50_000 and (left + max(repaid, 0)) * 100 <= 30 * peak


def _run_off_over(known: Known, since: int, values: dict[str, Any]) -> bool:
    enough = known.assets(known.today) * 100 > 60 * values["peak"] * 30
    return enough and known.today > day_of(since)


def _outflow(known: Known) -> bool:
    transfers = known.transfers
    if not transfers:
        return False
    last = transfers[-1][0]
    before = known.assets(last)
    moved = sum(amount for day, amount in transfers if day >= last - 30)
    return before >= 30 * 10_000 and 100 * moved >= 50 * (before // 30) and known.today <= last + 30


def _outflow_over(known: Known, _: int, __: dict[str, Any]) -> bool:
    return all(known.today > day + 30 for day, _ in known.transfers)


def _payroll_lost(known: Known) -> bool:
    days = [day for day in known.salaries if day > known.payroll_ended]
    if not days or known.is_paused:
        return False
    months = {_month(day) for day in days if _month(day) > _month_of_end(known.payroll_ended)}
    last = _month(days[-1])
    running = all(last - back in months for back in range(3))
    since = max(midnight(days[-1]), known.new_since)
    return running and known.full_days_since(since) >= 45


def _payroll_lost_over(known: Known, since: int, _: dict[str, Any]) -> bool:
    last = max(known.salaries, default=0)
    return last >= day_of(since) or known.payroll_ended >= last


def _month(day: int) -> int:
    found = date(1970, 1, 1) + timedelta(days=day)
    return found.year * 12 + found.month


def _month_of_end(day: int) -> int:
    return _month(day) if day else 0


def _gone(known: Known) -> list[Product]:
    """What ended while something else stayed, and was not replaced by anything new."""
    newest = max((one.first_begun for one in known.in_force), default=_NEVER)
    return [
        one
        for one in known.products.values()
        if one.ended is not None
        and newest < one.ended
        and (
            (one.matured and one.kind in _DEPOSITS)
            or (one.kind not in _DEBTS and _family(one.kind) not in known.families)
        )
    ]


def _product_end(known: Known) -> bool:
    return any(
        one.ends is not None
        and max(known.new_since, 0) <= one.ends <= known.now
        and known.today <= day_of(one.ends) + 180
        for one in _gone(known)
    )


def _product_end_over(known: Known, _: int, __: dict[str, Any]) -> bool:
    return all(one.ends is None or known.today > day_of(one.ends) + 180 for one in _gone(known))


HOLDS: dict[str, Callable[[Known], bool]] = {
    "silence": _silence,
    "not_onboarded": _not_onboarded,
    "complaint": _complaint,
    "churn_score": _churn_score,
    "core_dormant": _core_dormant,
    "decline": _decline,
    "run_off": _run_off,
    "outflow": _outflow,
    "payroll_lost": _payroll_lost,
    "product_end": _product_end,
}
"""Whether a rule's reason may be raised, as things are."""
OVER: dict[str, Callable[[Known, int, dict[str, Any]], bool]] = {
    "silence": _silence_over,
    "not_onboarded": _not_onboarded_over,
    "complaint": _complaint_over,
    "churn_score": _churn_score_over,
    "core_dormant": _core_dormant_over,
    "decline": _decline_over,
    "run_off": _run_off_over,
    "outflow": _outflow_over,
    "payroll_lost": _payroll_lost_over,
    "product_end": _product_end_over,
}
"""Whether its reason, raised at a moment with these values, is over."""
