"""Lives in which every at-risk rule has something to look at, made up by Hypothesis.

They are made of habits, such as a salary of several months or a fortnight of using the account,
rather than of single facts: what comes seldom by chance is what the rules are about.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from schemas.events import CustomerEvent
from tests.statemachine import builders as told
from tests.statemachine.builders import DAY_ZERO

Draw = st.DrawFn
Step = Callable[[Draw, datetime, set[str]], list[Any]]
KINDS = {"a1": "current_account", "a2": "savings_account", "l1": "loan"}
PRODUCTS = {"d1": "term_deposit", "d2": "term_deposit", "w1": "wealth"}
AMOUNTS = (0, 900, 9_000, 20_000, 60_000, 100_000)


def _later(when: datetime, days: float) -> datetime:
    return when + timedelta(days=days)


def _uses(draw: Draw, when: datetime, _: set[str]) -> list[Any]:
    times, apart = draw(st.sampled_from((1, 2, 5, 12, 40))), draw(st.sampled_from((1, 1, 3, 10)))
    return [told.used(_later(when, number * apart)) for number in range(times)]


def _balance(draw: Draw, when: datetime, refs: set[str]) -> list[Any]:
    ref, amount = draw(st.sampled_from(sorted(refs))), draw(st.sampled_from(AMOUNTS))
    if ref in PRODUCTS:
        return []
    as_of = (when - DAY_ZERO).days - draw(st.integers(0, 1))
    owners = draw(st.sampled_from((1, 1, 1, 2)))
    return [told.reported(when, amount, ref, as_of=as_of, owners=owners)]


def _salaries(draw: Draw, when: datetime, _: set[str]) -> list[Any]:
    return [told.salary(_later(when, 30 * month)) for month in range(draw(st.integers(1, 5)))]


def _moved(draw: Draw, when: datetime, _: set[str]) -> list[Any]:
    kind = draw(st.sampled_from(("other_bank",) * 4 + ("own_bank", "payment_institution")))
    amount = draw(st.sampled_from((500, 3_000, 6_000, 12_000, 60_000)))
    by = draw(st.sampled_from(("customer", "customer", "standing")))
    return [told.transferred(when, amount, counterparty_kind=kind, initiator=by)]


def _flag(draw: Draw, when: datetime, refs: set[str]) -> list[Any]:
    ref = draw(st.sampled_from(sorted(refs & set(KINDS))))
    return [told.flagged(when, draw(st.sampled_from(("dormant", "active", "frozen"))), ref)]


def _pause(draw: Draw, when: datetime, _: set[str]) -> list[Any]:
    until = _later(when, draw(st.sampled_from((0.2, 5, 50))))
    if draw(st.booleans()):
        return [told.held(when), told.released(until)]
    of_age = (until - DAY_ZERO).days + 1
    return [told.minor(when, of_age)]


def _complaint(draw: Draw, when: datetime, _: set[str]) -> list[Any]:
    ref = f"f{when:%m%d%H%M}"
    settled = _later(when, draw(st.sampled_from((0.1, 4, 20))))
    return [told.complained(when, ref), told.resolved(settled, ref)][: draw(st.integers(1, 2))]


def _words(draw: Draw, when: datetime, _: set[str]) -> list[Any]:
    return [
        draw(
            st.sampled_from(
                (
                    told.rated(when, 2),
                    told.rated(when, 8),
                    told.scored(when, "0.9"),
                    told.scored(when, "0.7"),
                    told.scored(when, "0.3"),
                    told.came_by(when),
                    told.payroll_ended(when),
                    told.posted(when, "bank"),
                    told.registered(when),
                )
            )
        )
    ]


def _score(draw: Draw, when: datetime, _: set[str]) -> list[Any]:
    later = _later(when, draw(st.sampled_from((3, 40))))
    return [told.scored(when, "0.9"), told.scored(later, draw(st.sampled_from(("0.7", "0.3"))))]


def _run(draw: Draw, when: datetime, _: set[str]) -> list[Any]:
    """The money goes, and sometimes comes back."""
    amounts = [draw(st.sampled_from(AMOUNTS)) for _ in range(draw(st.integers(2, 4)))]
    apart = draw(st.sampled_from((10, 30, 40)))
    return [
        told.reported(_later(when, number * apart), amount) for number, amount in enumerate(amounts)
    ]


def _repaid(draw: Draw, when: datetime, refs: set[str]) -> list[Any]:
    """A loan beside some money, and one day both are less."""
    begins = [] if "l1" in refs else [told.opened(when, "l1", product_type=KINDS["l1"])]
    refs.add("l1")
    later = _later(when, draw(st.sampled_from((40, 60))))
    minute = timedelta(minutes=1)
    left, owed = draw(st.sampled_from((0, 20_000))), draw(st.sampled_from((0, 0, 80_000)))
    return [
        *begins,
        told.reported(when + minute, 100_000),
        told.reported(when + minute, 80_000, "l1"),
        told.reported(later, left),
        told.reported(later, owed, "l1"),
    ]


def _return(draw: Draw, when: datetime, refs: set[str]) -> list[Any]:
    """Everything is closed, and one day the customer is back."""
    back = _later(when, draw(st.sampled_from((0.5, 20, 100))))
    ends = [
        told.product("matured", when, product_ref=ref)
        if ref in PRODUCTS
        else told.closed(when, ref)
        for ref in sorted(refs)
    ]
    return [*ends, told.account("reopened", back)]


def _account(draw: Draw, when: datetime, refs: set[str]) -> list[Any]:
    ref = draw(st.sampled_from(sorted(KINDS)))
    if ref not in refs:
        refs.add(ref)
        return [told.opened(when, ref, product_type=KINDS[ref])]
    return [told.account(draw(st.sampled_from(("closed", "reopened"))), when, account_ref=ref)]


def _product(draw: Draw, when: datetime, refs: set[str]) -> list[Any]:
    ref = draw(st.sampled_from(sorted(PRODUCTS)))
    if ref not in refs:
        refs.add(ref)
        amount = draw(st.sampled_from((None, "20000", "80000")))
        currency = None if amount is None else "CNY"
        fields = {"product_type": PRODUCTS[ref], "amount": amount, "currency": currency}
        return [told.product("subscribed", when, product_ref=ref, **fields)]
    what = draw(st.sampled_from(("matured", "matured", "renewed")))
    return [told.product(what, when, product_ref=ref)]


_STEPS: tuple[Step, ...] = (
    *(_uses,) * 4,
    *(_balance,) * 5,
    *(_salaries,) * 2,
    *(_moved,) * 2,
    _flag,
    _pause,
    _complaint,
    _words,
    _account,
    *(_product,) * 2,
    _score,
    *(_run,) * 2,
    _repaid,
    _return,
)
gaps = st.one_of(
    *(st.floats(0, 3),) * 3, st.floats(0, 30), st.sampled_from((1.0, 15.0, 25.0, 45.0, 91.0))
)
"""Days between two steps."""


@st.composite
def rule_lives(draw: Draw, least: int = 1, most: int = 18) -> Timeline:
    """A life in order, that begins with a current account."""
    refs = {"a1"}
    when = DAY_ZERO + timedelta(hours=10)
    events: list[Any] = [told.opened(when)]
    for gap, step in draw(
        st.lists(st.tuples(gaps, st.sampled_from(_STEPS)), min_size=least, max_size=most)
    ):
        # Whole minutes, and nothing at the same instant as anything else.
        when += timedelta(minutes=1 + int(gap * 1440))
        events += step(draw, when, refs)
    events = [event for event in events if not _comes_before(event, events)]
    return in_order(_maturing_once(events))


def _maturing_once(events: list[Any]) -> list[Any]:
    """Without what matures though it has matured and was not renewed since."""
    waiting: set[str] = set()
    found = []
    for event in sorted(events, key=lambda one: one.occurred_at):
        if event.type == "product.matured":
            if event.product_ref in waiting:
                continue
            waiting.add(event.product_ref)
        elif event.type == "product.renewed":
            waiting.discard(event.product_ref)
        found.append(event)
    return found


def _comes_before(event: Any, events: list[Any]) -> bool:
    """A balance of the day before something began: whether it is of that life or of the former is
    nobody's question."""
    if event.type != "balance.reported" or event.as_of == event.occurred_at.date():
        return False
    begins = ("account.opened", "account.reopened", "product.subscribed")
    today = event.occurred_at.date()
    return any(one.type in begins and one.occurred_at.date() == today for one in events)


class Timeline(list[CustomerEvent]):
    """Events that show themselves as a line each, where a law is broken."""

    def __repr__(self) -> str:
        return "\n".join(["a life of", *(f"  {_line(event)}" for event in self)])


def _line(event: Any) -> str:
    told_of = event.model_dump(mode="json", exclude_defaults=True, exclude=_EVERYWHERE)
    return f"{told.clock(event.occurred_at.isoformat())} {event.type} {told_of}"


_EVERYWHERE = {"type", "schema_version", "source", "event_id", "occurred_at", "customer_id", "role"}


def in_order(events: list[Any]) -> Timeline:
    """By time, with a second between facts of one instant, and ids that two runs share."""
    found = Timeline()
    for number, event in enumerate(sorted(events, key=lambda one: one.occurred_at)):
        when = event.occurred_at
        if found and when <= found[-1].occurred_at:
            when = found[-1].occurred_at + timedelta(seconds=1)
        changes = {"occurred_at": when, "event_id": f"e{number}"}
        if hasattr(event, "posting_id"):
            changes["posting_id"] = f"p{number}"
        found.append(event.model_copy(update=changes))
    return found
