"""Decline: the customer uses the bank much less than they used to.

Most tests compare ten days with the ten before, where five days are a habit; the shipped policy
compares sixty with the half year before.
"""

from collections.abc import Iterable

import pytest

from statemachine.policy import Policy
from tests.statemachine.builders import (
    Life,
    active,
    came_by,
    closed,
    flagged,
    held,
    minor,
    only,
    opened,
    posted,
    reason_of,
    released,
    reversed_,
    used,
    why,
)

SHIPPED = only("decline")
SHORT = only(
    "decline",
    **{
        "rules.decline.recent_days": 10,
        "rules.decline.compared_periods": 1,
        "rules.decline.usual_at_least": 5,
    },
)
WARNED = "active > at_risk warned: decline"


def coming(days: Iterable[int], rules: Policy = SHORT) -> Life:
    """Active, and there on each of these days."""
    life = active(rules)
    life.outputs.clear()
    life.tell(*(used(day) for day in days))
    return life


def declined() -> Life:
    """Every day until day 20 and then not any more; at risk since day 27."""
    life = coming(range(4, 21))
    assert life.passes(27) == [f"27 00:00 {WARNED}"]
    return life


# When it is raised.


def test_four_days_of_ten_after_ten_of_ten_are_few_enough() -> None:
    life = coming(range(4, 21))
    # Before day 26 begins there are the days 16 to 20.
    assert life.passes(26, "23:59") == []
    assert life.passes(27) == [f"27 00:00 {WARNED}"]


def test_the_shipped_policy_compares_sixty_days_with_the_half_year_before() -> None:
    life = coming(range(4, 241), SHIPPED)
    # 24 of 60 days, from day 217 on: forty percent of sixty.
    assert life.passes(276, "23:59") == []
    assert life.passes(277) == [f"277 00:00 {WARNED}"]


def test_it_is_raised_though_the_customer_still_comes_now_and_then() -> None:
    life = coming((*range(4, 241), *range(243, 330, 3)), SHIPPED)
    # Seventeen third days up to 291, and the days 234 to 240.
    assert life.story == [f"294 00:00 {WARNED}"]


@pytest.mark.parametrize("every, warned", [(10, "281 00:00"), (11, None)])
def test_who_came_less_than_six_days_in_sixty_has_no_habit(every: int, warned: str | None) -> None:
    life = coming(range(240 - 22 * every, 241, every), SHIPPED)
    life.passes(700)
    assert life.story == ([] if warned is None else [f"{warned} {WARNED}"])


def test_four_days_ever_are_no_habit_and_five_are() -> None:
    assert coming((4,)).passes(400) == []
    assert coming((4, 5)).passes(400) == [f"16 00:00 {WARNED}"]


def test_who_keeps_coming_half_as_often_is_not_missed() -> None:
    assert coming((*range(4, 21), *range(22, 60, 2))).passes(60) == []


@pytest.mark.parametrize("by", ["bank", "standing", "third_party", "unknown"])
def test_only_what_the_customer_did_is_a_habit_and_keeps_it(by: str) -> None:
    life = active(SHORT)
    life.tell(*(posted(day, by) for day in range(4, 21)))
    assert life.passes(400) == []
    other = coming(range(4, 21))
    other.tell(*(posted(day, by) for day in range(21, 27)), came_by(26))
    assert other.passes(27) == [f"27 00:00 {WARNED}"]


def test_it_needs_a_product_that_is_used_every_day() -> None:
    life = coming(range(4, 21))
    life.tell(opened(21, "m1", product_type="mortgage"), closed(22))
    assert life.passes(400) == []


def test_a_habit_of_an_earlier_life_is_history() -> None:
    life = coming(range(4, 21))
    life.tell(closed(21), opened(22, "a2"))
    life.passes(400)
    assert "decline" not in " ".join(life.story)


def test_a_day_taken_back_is_no_day() -> None:
    life = coming(range(4, 20))
    life.tell(used(20, posting_id="x1"), reversed_(20, "x1", "11:00"))
    assert life.passes(26) == [f"26 00:00 {WARNED}"]


# While the customer cannot act.


def test_the_days_of_a_hold_are_nobody_s_absence() -> None:
    life = coming(range(4, 21))
    life.tell(held(21))
    assert life.passes(40) == []
    life.tell(released(40))
    assert life.passes(400) == []


def test_who_is_back_after_a_hold_is_compared_when_all_recent_days_are_after_it() -> None:
    life = coming(range(4, 21))
    life.tell(flagged(21, "frozen"), flagged(23, "active"))
    assert life.passes(33, "23:59") == []
    assert life.passes(34) == [f"34 00:00 {WARNED}"]


def test_nobody_is_compared_before_they_are_of_age() -> None:
    life = coming(range(4, 21))
    life.tell(minor(21, until=60))
    assert life.passes(400) == []


# When it clears.


def test_it_clears_with_the_day_that_brings_more_than_sixty_percent() -> None:
    life = declined()
    said = life.tell(*(used(day) for day in range(27, 34)))
    # The days 27 to 31 are five against nine; with day 32 they are six against eight.
    assert said == ["32 10:00 at_risk > active recovered: decline"]


def test_it_clears_when_a_new_habit_has_taken_the_place_of_the_old_one() -> None:
    life = declined()
    life.tell(*(used(day) for day in range(27, 60, 4)))
    assert life.story[-1].endswith("at_risk > active recovered: decline")
    assert life.passes(60) == []


def test_who_does_not_come_back_stays_at_risk() -> None:
    assert declined().passes(2_000) == []


def test_interactions_are_no_return() -> None:
    life = declined()
    life.tell(*(came_by(day) for day in range(27, 60)))
    assert life.now.stage == "at_risk"


def test_it_waits_for_the_quiet_period_before_it_is_raised_again() -> None:
    life = declined()
    # Cleared on day 32, quiet for thirty full days.
    life.tell(*(used(day) for day in range(27, 55)))
    assert life.passes(62, "23:59") == []
    assert life.passes(63) == [f"63 00:00 {WARNED}"]


def test_a_decline_that_is_forgotten_within_the_quiet_period_is_never_told() -> None:
    life = declined()
    # Few enough from day 52 on; but when it is quiet no more the habit is forgotten.
    life.tell(*(used(day) for day in range(27, 46)))
    assert life.passes(400) == []


def test_a_day_that_is_told_late_shows_that_it_never_declined() -> None:
    life = declined()
    assert life.tell(used(26)) == ["27 00:00 at_risk > active corrected: decline"]


# What it says.


def test_the_evidence_names_the_days_now_and_before() -> None:
    life = declined()
    reason = reason_of(life)
    assert (reason.rule, reason.group) == ("decline", "inactivity")
    assert reason.values == {
        "last_own_day": "2024-01-21",
        "own_days_recently": 4,
        "own_days_usually": 10,
    }
    assert reason.thresholds == {
        "recent_days": 10,
        "compared_periods": 1,
        "usual_at_least": 5,
        "raise_at_percent": 40,
        "clear_above_percent": 60,
    }
    assert why(life) == "the customer used the bank on 4 days in 10, and usually on 10"
