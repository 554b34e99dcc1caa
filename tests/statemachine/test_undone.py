"""Openings and closings that the core takes back: nobody moves by them, until there is `corrected`.

What they are about never was, so it counts in no rate: no departure, no winning back.
"""

from typing import Any

import pytest

from statemachine.relationships import in_force, only_undone
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
    assert life.tell(never_opened(10)) == []
    assert life.passes(3000) == []
    assert life.now.stage == stage
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
    assert life.now.stage == "active"


def test_who_has_another_product_leaves_when_that_ends() -> None:
    life = active()
    life.tell(opened(4, "a2"), never_opened(5, "a2"))
    assert life.tell(closed(6)) == ["6 10:00 active > lost left (closure)"]


def test_who_had_closed_the_others_stays_when_the_last_opening_is_undone() -> None:
    for told in (
        [opened(4, "a2"), closed(5), never_opened(6, "a2")],
        [opened(4, "a2"), never_opened(6, "a2"), closed(5)],
        [opened(4, "a2"), closed(6), never_opened(6, "a2")],
        [opened(4, "a2"), never_opened(6, "a2"), closed(6)],
    ):
        life = active()
        assert life.tell(*told) == []
        assert only_undone(life.now.relationships)


def test_a_matured_product_ends_when_it_would_though_an_opening_is_undone_meanwhile() -> None:
    life = active()
    life.tell(product("subscribed", 4, product_type="wealth"), product("matured", 5))
    life.tell(never_opened(6))
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
    assert life.now.stage == "new"


def test_who_is_at_risk_with_nothing_but_an_opening_undone_is_not_lost_by_silence() -> None:
    life = active()
    life.tell(complained(5), never_opened(6))
    assert life.passes(3000) == []
    assert life.now.stage == "at_risk"


@pytest.mark.parametrize("ref", ["a1", "a2"])
def test_the_next_opening_begins_anew(ref: str) -> None:
    life = Life()
    life.tell(opened(0), used(1), used(2), never_opened(3))
    assert life.tell(opened(200, ref)) == []
    assert life.passes(290, "23:59") == []
    assert life.passes(291) == ["291 00:00 new > at_risk warned: not_onboarded, silence"]


def test_days_before_the_next_opening_do_not_count_towards_activation() -> None:
    life = Life()
    life.tell(opened(0), used(1), used(2), never_opened(3), opened(200))
    assert life.tell(used(200), used(201)) == []
    assert life.tell(used(202)) == ["202 10:00 new > active activated"]


def test_an_active_customer_s_silence_counts_from_the_next_opening() -> None:
    life = active()
    life.tell(never_opened(4))
    assert life.tell(opened(300)) == []
    assert life.passes(391) == ["391 00:00 active > at_risk warned: silence"]


def test_who_was_won_back_by_an_opening_that_is_undone_stays_won_back() -> None:
    """They would be lost as before; but that is a correction and no departure."""
    life = active()
    life.tell(closed(10), opened(20, "a2"))
    assert life.tell(never_opened(21, "a2")) == []
    assert life.now.stage == "new"


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


def test_a_closing_undone_wins_nobody_back_and_says_that_something_is_in_force() -> None:
    life = lost()
    assert life.tell(never_closed(12)) == ["12 10:00 lost silence"]
    assert (life.now.stage, life.now.lost_by, life.now.kind) == ("lost", "silence", "left")
    assert life.outputs[-1].why.startswith("the closing was undone")
    assert life.passes(3000) == []


def test_own_activity_on_the_account_in_force_again_wins_back() -> None:
    life = lost()
    life.tell(never_closed(12))
    assert life.tell(*(used(day) for day in (20, 21))) == []
    assert life.tell(used(400)) == ["400 10:00 lost > active won_back"]
    assert life.tell(used(401)) == []


def test_what_others_do_on_it_wins_nobody_back() -> None:
    life = lost()
    life.tell(never_closed(12))
    told = [posted(day, by) for day in range(20, 30) for by in ("bank", "unknown", "third_party")]
    assert life.tell(*told) == []


def test_own_activity_between_the_closing_and_its_undoing_counts() -> None:
    life = lost()
    assert life.tell(*(used(day) for day in (11, 12, 13))) == []
    assert life.tell(never_closed(14)) == [
        "14 10:00 lost silence",
        "14 10:00 lost > active won_back",
    ]


def test_an_opening_after_a_closing_undone_wins_back_as_new() -> None:
    life = lost()
    life.tell(never_closed(12))
    assert life.tell(opened(20, "a2")) == ["20 10:00 lost > new won_back"]


def test_who_closes_again_is_lost_by_closure_again() -> None:
    life = lost()
    life.tell(never_closed(12))
    assert life.tell(closed(20)) == ["20 10:00 lost closure"]
    assert life.tell(used(21), used(22), used(23)) == []


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
