import itertools
from typing import Any

import pytest

from schemas.events import CustomerEvent
from statemachine.activity import ref_hash
from statemachine.customer import Customer, Relationship
from statemachine.facts import learn
from statemachine.products import product_number
from statemachine.relationships import MOST, begin, imply, protected_until
from tests.statemachine.builders import (
    DEFAULT,
    Life,
    account,
    active,
    closed,
    deposited,
    fact,
    millis,
    opened,
    posted,
    product,
    registered,
    snapshot,
    used,
)

CURRENT, MORTGAGE = product_number("current_account"), product_number("mortgage")


def learnt(*events: CustomerEvent) -> tuple[Relationship, ...]:
    customer = Customer()
    for event in events:
        at = int(event.occurred_at.timestamp() * 1000)
        customer = learn(DEFAULT, customer, event, at).customer
    return customer.relationships


@pytest.mark.parametrize(
    "told",
    [
        [opened(1), closed(2), account("reopened", 3)],
        [opened(1), posted(2, "bank"), posted(3, "bank"), closed(4)],
        [posted(1, "bank"), opened(2), closed(3), posted(4, "customer")],
        [opened(1, product_type="loan"), closed(2), account("reopened", 3)],
        [posted(1, "bank"), posted(2, "bank", product_type="loan"), account("reopened", 3)],
        [opened(1, product_type="loan"), posted(2, "standing"), snapshot(3, product_type="loan")],
        [deposited(1), product("matured", 2), product("renewed", 3)],
        [closed(1), posted(2, "bank"), account("closing-undone", 3), posted(4, "bank")],
        [opened(1), account("opening-undone", 2), closed(3), posted(4, "bank")],
        [opened(1), account("opening-undone", 2), account("reopened", 3), closed(4)],
        [account("opening-undone", 1), opened(2), closed(3), account("opening-undone", 4)],
        [opened(1), closed(2), account("opening-undone", 3), snapshot(4, status="closed")],
        [posted(1, "bank"), account("opening-undone", 2), closed(3), account("closing-undone", 4)],
    ],
)
def test_facts_told_in_any_order_leave_the_same_relationships(told: list[Any]) -> None:
    in_order = learnt(*told)
    assert len(in_order) == 1
    for shuffled in itertools.permutations(told):
        assert learnt(*shuffled) == in_order


def test_a_posting_that_overtakes_the_opening_of_its_loan_leaves_it_a_loan() -> None:
    (loan,) = learnt(posted(2, "standing"), opened(1, product_type="loan"))
    assert loan.product == product_number("loan")


def test_a_family_that_nobody_told_counts_as_used_every_day() -> None:
    life = Life()
    life.tell(posted(0, "bank"))
    assert life.passes(200) == [
        "91 00:00 active > at_risk warned: silence",
        "181 00:00 at_risk > lost left (silence): silence",
    ]


def test_a_posting_behind_the_closing_of_its_account_does_not_bring_the_account_back() -> None:
    life = active()
    life.tell(opened(4, "a2"), closed(5), posted(6, "bank"), closed(7, "a2"))
    assert life.story[-1] == "7 10:00 active > lost left (closure)"


def test_a_prospect_whose_posting_comes_before_any_opening_has_become_a_customer() -> None:
    life = Life()
    life.tell(registered(0), used(5))
    assert life.story[-1] == "5 10:00 potential > new progressed"
    assert life.tell(opened(5, time="09:00")) == []


def test_a_prospect_given_up_whose_account_shows_activity_has_become_a_customer() -> None:
    life = Life()
    life.customer = Customer(stage="lost", lost_by="expired", kind="expired", changes=2)
    assert life.tell(posted(5, "bank")) == ["5 10:00 lost > new progressed"]


def test_the_closing_of_an_account_never_heard_of_leaves_a_prospect_given_up_as_they_are() -> None:
    life = Life()
    life.customer = Customer(stage="lost", lost_by="expired", kind="expired", changes=2)
    assert life.tell(closed(5)) == []
    assert life.now.lost_by == "expired"


@pytest.mark.parametrize(
    "closing",
    [
        closed(5),
        account("status-changed", 5, status="closed"),
        snapshot(5, status="closed"),
    ],
)
def test_an_account_is_closed_however_the_core_says_so(closing: Any) -> None:
    assert active().tell(closing) == ["5 10:00 active > lost left (closure)"]


def test_a_status_flag_on_an_account_closes_nothing() -> None:
    life = active()
    for number, status in enumerate(("active", "dormant", "frozen", "blocked", "in_arrears")):
        life.tell(account("status-changed", 5 + number, status=status))
    assert life.now.relationships[0].ends_at is None


def test_no_feed_makes_a_customer_grow_without_bound() -> None:
    known: tuple[Relationship, ...] = ()
    for number in range(500):
        known = imply(known, ref_hash(f"a{number}"), millis(number), product=None)[0]
        known = begin(known, ref_hash(f"b{number}"), millis(number), product=CURRENT)[0]
    assert len(known) == MOST


def test_beyond_the_bound_the_one_product_that_protects_is_kept() -> None:
    known = begin((), ref_hash("mortgage"), millis(0), product=MORTGAGE)[0]
    for number in range(100):
        known = begin(known, ref_hash(f"c{number}"), millis(number + 1), product=CURRENT)[0]
    assert protected_until(known, DEFAULT.contractual) is None
    assert len(known) == MOST


def test_an_arrears_report_is_about_a_loan() -> None:
    (loan,) = learnt(
        fact("loan.arrears-changed", 1, product_ref="l1", role="owner", conduct="clean")
    )
    assert loan.product == product_number("loan")


def test_what_ended_first_is_forgotten_first() -> None:
    life = active()
    for number in range(8):
        life.tell(opened(10 + number, f"x{number}"), closed(20 + number, f"x{number}"))
    known = {one.ref for one in life.now.relationships}
    assert known == {ref_hash(name) for name in ("a1", "x4", "x5", "x6", "x7")}


def test_a_closing_told_before_the_opening_that_replaces_it_is_a_departure() -> None:
    life = active()
    assert life.tell(closed(10), opened(10, "a2")) == [
        "10 10:00 active > lost left (closure)",
        "10 10:00 lost > new won_back",
    ]
    kept = active()
    assert kept.tell(opened(10, "a2"), closed(10)) == []
