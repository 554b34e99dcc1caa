"""Openings and closings that the core takes back: the customer is where they would have been.

That is `corrected`, which counts in no rate: no departure, no winning back.
"""

from typing import Any

import pytest

from statemachine.relationships import in_force
from tests.statemachine.builders import (
    Life,
    account,
    active,
    closed,
    complained,
    opened,
    posted,
    product,
    registered,
    resolved,
    snapshot,
    used,
)


def never_opened(day: float, ref: str = "a1", **fields: Any) -> Any:
    return account("opening-undone", day, account_ref=ref, **fields)


def never_closed(day: float, ref: str = "a1") -> Any:
    return account("closing-undone", day, account_ref=ref)


# --- Openings ----------------------------------------------------------------------


@pytest.mark.parametrize("days", [1, 3, 6])
def test_an_opening_undone_is_nobody_s_departure(days: int) -> None:
    life = Life()
    life.tell(opened(0), *(used(day) for day in range(1, days)))
    stage = life.now.stage
    assert life.tell(never_opened(10)) == [f"10 10:00 {stage} > potential corrected"]
    assert life.changes[-1].mode == "corrected"
    assert life.passes(3000) == []
    assert not in_force(life.now.relationships)


@pytest.mark.parametrize(
    "ending",
    [
        closed(11),
        account("status-changed", 11, status="closed"),
        snapshot(11, status="closed"),
        closed(5),
        closed(10),
    ],
)
def test_what_never_was_does_not_end(ending: Any) -> None:
    life = active()
    life.tell(never_opened(10))
    assert life.tell(ending) == []
    assert life.passes(3000) == []
    assert life.now.stage == "potential"


def test_who_has_another_product_leaves_when_that_ends() -> None:
    life = active()
    life.tell(opened(4, "a2"), never_opened(5, "a2"))
    assert life.tell(closed(6)) == ["6 10:00 active > lost left (closure)"]


@pytest.mark.parametrize(
    "told",
    [
        [opened(4, "a2"), closed(5), never_opened(6, "a2")],
        [opened(4, "a2"), closed(6), never_opened(6, "a2")],
    ],
)
def test_who_had_closed_the_others_before_the_last_opening_is_undone_had_left(
    told: list[Any],
) -> None:
    life = active()
    assert life.tell(*told) == ["6 10:00 active > lost corrected (closure)"]


@pytest.mark.parametrize(
    "told",
    [
        [opened(4, "a2"), never_opened(6, "a2"), closed(5)],
        [opened(4, "a2"), never_opened(6, "a2"), closed(6)],
    ],
)
def test_who_closes_the_others_afterwards_leaves(told: list[Any]) -> None:
    life = active()
    (moved,) = life.tell(*told)
    assert moved.endswith("active > lost left (closure)")


def test_a_matured_product_ends_when_it_would_though_an_opening_is_undone_meanwhile() -> None:
    life = active()
    life.tell(product("subscribed", 4, product_type="wealth"), product("matured", 5))
    assert life.tell(never_opened(6)) == []
    assert life.passes(16) == ["16 00:00 active > lost left (closure)"]


def test_nobody_is_introduced_by_what_trails_behind_an_opening_undone() -> None:
    life = Life()
    assert life.tell(never_opened(5), posted(6, "bank"), used(7), closed(8)) == []
    assert life.now.stage is None
    assert life.tell(opened(9, "a2")) == ["9 10:00 (none) > new progressed"]


def test_who_is_first_seen_by_a_closing_beside_an_opening_undone_is_lost() -> None:
    life = Life()
    assert life.tell(never_opened(6), closed(5, "a2")) == [
        "5 10:00 (none) > lost adopted (closure)",
    ]


def test_a_prospect_stays_one_when_an_opening_is_undone() -> None:
    life = Life()
    assert life.tell(registered(0), never_opened(5), used(6))[1:] == []
    assert life.now.stage == "potential"


def test_nobody_is_activated_on_an_account_that_never_was() -> None:
    life = Life()
    life.tell(opened(0), never_opened(1))
    assert life.tell(used(2), used(3), used(4)) == []
    assert life.now.stage == "potential"


def test_who_was_at_risk_with_nothing_but_an_opening_undone_is_so_no_more() -> None:
    life = active()
    assert life.tell(complained(5), never_opened(6))[1:] == [
        "6 10:00 at_risk > potential corrected"
    ]
    assert life.passes(3000) == []
    assert life.now.reasons == {}


@pytest.mark.parametrize("ref", ["a1", "a2"])
def test_the_next_opening_begins_anew(ref: str) -> None:
    life = Life()
    life.tell(opened(0), used(1), used(2), never_opened(3))
    assert life.tell(opened(200, ref)) == ["200 10:00 potential > new progressed"]
    assert life.passes(290, "23:59") == []
    assert life.passes(291) == ["291 00:00 new > at_risk warned: not_onboarded, silence"]


def test_days_before_the_next_opening_do_not_count_towards_activation() -> None:
    life = Life()
    life.tell(opened(0), used(1), used(2), never_opened(3), opened(200))
    assert life.tell(used(200), used(201)) == []
    assert life.tell(used(202)) == ["202 10:00 new > active activated"]


def test_who_was_won_back_by_an_opening_that_is_undone_is_lost_as_before() -> None:
    life = active()
    life.tell(closed(10), opened(20, "a2"))
    assert life.tell(never_opened(21, "a2")) == ["21 10:00 new > lost corrected (closure)"]


def test_who_had_been_silent_is_silent_again_when_the_opening_is_undone() -> None:
    life = active()
    life.passes(184)
    life.tell(opened(200, "a2"))
    assert life.tell(never_opened(201, "a2")) == ["201 10:00 new > lost corrected (silence)"]


def test_who_is_active_again_by_then_stays() -> None:
    life = active()
    life.passes(184)
    life.tell(opened(200, "a2"), used(201), used(202), used(203))
    assert life.tell(never_opened(204, "a2")) == []
    assert life.now.stage == "active"


def test_who_is_lost_stays_lost_when_an_opening_is_undone() -> None:
    life = active()
    life.tell(closed(10))
    assert life.tell(never_opened(11)) == []


def test_an_authorised_user_s_opening_undone_teaches_nothing() -> None:
    life = active()
    before = life.now.relationships
    assert life.tell(never_opened(5, role="authorised")) == []
    assert life.now.relationships == before


# --- Closings ----------------------------------------------------------------------


def lost() -> Life:
    life = active()
    life.tell(closed(10))
    return life


def test_a_closing_undone_brings_back_the_stage_they_had() -> None:
    life = lost()
    assert life.tell(never_closed(12)) == ["12 10:00 lost > active corrected"]
    assert life.changes[-1].mode == "corrected"
    assert life.outputs[-1].why.startswith("the closing was undone")
    assert life.passes(94) == ["94 00:00 active > at_risk warned: silence"]


def test_of_a_new_customer_the_days_before_count_again() -> None:
    life = Life()
    life.tell(opened(0), used(1), used(2), closed(3))
    assert life.tell(never_closed(4)) == ["4 10:00 lost > new corrected"]
    assert life.tell(used(5)) == ["5 10:00 new > active activated"]


def test_what_would_have_been_raised_meanwhile_is_raised_with_it() -> None:
    life = lost()
    assert life.tell(never_closed(100)) == ["100 10:00 lost > at_risk corrected: silence"]


def test_the_reasons_that_stood_open_stand_again() -> None:
    life = active()
    life.tell(complained(5), closed(10))
    assert life.tell(never_closed(12)) == ["12 10:00 lost > at_risk corrected: complaint"]
    assert life.tell(resolved(13)) == ["13 10:00 at_risk > active recovered: complaint"]


def test_a_reason_that_is_over_by_then_is_told_to_be() -> None:
    life = active()
    life.tell(complained(5), closed(10), resolved(11))
    assert life.tell(never_closed(12)) == [
        "12 10:00 lost > at_risk corrected: complaint",
        "12 10:00 at_risk > active recovered: complaint",
    ]


def test_who_was_first_seen_with_a_closed_account_is_no_newcomer_when_that_is_undone() -> None:
    life = Life()
    life.tell(snapshot(0, status="closed"))
    assert life.tell(never_closed(1)) == ["1 10:00 lost > active corrected"]


def test_who_was_lost_by_silence_before_is_so_again() -> None:
    life = active()
    life.passes(184)
    life.tell(closed(190))
    assert life.now.lost_by == "closure"
    assert life.tell(never_closed(191)) == ["191 10:00 lost silence"]
    assert life.outputs[-1].mode == "corrected"
    assert life.tell(used(200), used(201), used(202)) == ["202 10:00 lost > active won_back"]


def test_who_closes_again_leaves_again() -> None:
    life = lost()
    life.tell(never_closed(12))
    assert life.tell(closed(20)) == ["20 10:00 active > lost left (closure)"]


def test_a_closing_undone_that_comes_before_its_closing_leaves_the_customer_where_they_are() -> (
    None
):
    life = active()
    assert life.tell(never_closed(12), closed(10)) == []
    assert life.now.stage == "active"


def test_who_was_lost_by_silence_is_told_nothing_new_by_a_closing_undone() -> None:
    life = active()
    life.passes(184)
    assert life.now.lost_by == "silence"
    assert life.tell(never_closed(200)) == []
