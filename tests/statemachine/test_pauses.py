"""Pauses: while the customer cannot act, no deadline runs."""

from typing import Any

import pytest

from tests.statemachine.builders import (
    Life,
    account,
    active,
    clock,
    closed,
    complained,
    day_of,
    deposited,
    died,
    flagged,
    held,
    minor,
    only,
    opened,
    policy,
    posted,
    product,
    registered,
    released,
    resolved,
    used,
)

RULES = only("silence")
WARNED = "active > at_risk warned: silence"
"""Last active on day 3, somebody is silent at the midnight that begins day 94."""


def paused(*events: Any) -> Life:
    """Active, and then this."""
    life = active(RULES)
    life.outputs.clear()
    life.tell(*events)
    return life


# What pauses.


@pytest.mark.parametrize(
    "begin, end",
    [
        (held(20), released(50)),
        (flagged(20, "frozen"), flagged(50, "active")),
        (flagged(20, "blocked"), flagged(50, "dormant")),
        (flagged(20, "frozen"), opened(50, "a2")),
        (minor(20, until=50), posted(60, "bank")),
    ],
)
def test_what_would_be_due_is_due_later_by_as_many_days_as_the_pause_had(
    begin: Any, end: Any
) -> None:
    life = paused(begin)
    assert life.passes(19) == []
    life.tell(end)
    assert life.passes(123, "23:59") == []
    assert life.passes(124) == [f"124 00:00 {WARNED}"]


@pytest.mark.parametrize("begin", [held(20), flagged(20, "frozen"), flagged(20, "blocked")])
def test_nothing_is_due_while_it_lasts(begin: Any) -> None:
    assert paused(begin).passes(2_000) == []


@pytest.mark.parametrize("status", ["dormant", "in_arrears", "active"])
def test_no_other_flag_pauses_anything(status: str) -> None:
    assert paused(flagged(20, status)).passes(94) == [f"94 00:00 {WARNED}"]


def test_one_account_that_can_be_used_is_enough_to_be_free() -> None:
    assert paused(opened(5, "a2"), flagged(20, "frozen")).passes(94) == [f"94 00:00 {WARNED}"]


def test_the_last_free_account_closed_is_a_pause_until_another_is_free() -> None:
    life = paused(opened(5, "a2"), flagged(20, "frozen"), closed(30, "a2"), flagged(40, "active"))
    assert life.passes(103, "23:59") == []
    assert life.passes(104) == [f"104 00:00 {WARNED}"]


def test_a_hold_on_a_customer_with_frozen_accounts_pauses_until_both_are_lifted() -> None:
    life = paused(held(20), flagged(25, "frozen"), released(30), flagged(50, "active"))
    assert life.passes(124) == [f"124 00:00 {WARNED}"]


# How long.


def test_several_pauses_add_up() -> None:
    life = paused(held(20), released(30), held(40), released(45), held(60), released(61))
    assert life.passes(109, "23:59") == []
    assert life.passes(110) == [f"110 00:00 {WARNED}"]


def test_more_pauses_than_are_remembered_still_add_up() -> None:
    holds = [one for day in range(10, 80, 10) for one in (held(day), released(day + 5))]
    life = paused(*holds)
    assert life.passes(128, "23:59") == []
    assert life.passes(129) == [f"129 00:00 {WARNED}"]


def test_a_pause_within_a_day_puts_off_no_deadline_of_days() -> None:
    life = paused(held(20, time="09:00"), released(20, time="17:00"))
    assert life.passes(94) == [f"94 00:00 {WARNED}"]


def test_a_pause_before_the_last_activity_counts_for_nothing() -> None:
    life = paused(held(20), released(40), used(41))
    assert life.passes(132) == [f"132 00:00 {WARNED}"]


def test_of_a_pause_that_began_before_the_last_activity_the_rest_counts() -> None:
    life = paused(held(20), used(30), released(40))
    assert life.passes(130, "23:59") == []
    assert life.passes(131) == [f"131 00:00 {WARNED}"]


def test_a_pause_that_begins_when_it_was_due_already_comes_too_late() -> None:
    assert paused(held(94, time="00:00")).story == [f"94 00:00 {WARNED}"]


def test_exact_durations_are_put_off_exactly() -> None:
    exact = only("silence", **{"rules.silence.after": "36 hours"})
    life = active(exact)
    life.outputs.clear()
    life.tell(held(3, time="12:00"), released(3, time="15:30"))
    assert life.passes(5, "01:29") == []
    assert life.passes(5, "01:30") == [f"5 01:30 {WARNED}"]


def test_lifted_twice_or_never_begun_is_no_pause() -> None:
    life = paused(released(10), held(20), held(25), released(30), released(40))
    assert life.passes(104) == [f"104 00:00 {WARNED}"]


# Which deadlines.


def test_the_onboarding_window_stands_still() -> None:
    life = Life(only("not_onboarded"))
    life.tell(opened(0), held(10), released(30))
    assert life.passes(110, "23:59") == []
    assert life.passes(111) == ["111 00:00 new > at_risk warned: not_onboarded"]


def test_nobody_is_given_up_during_a_hold() -> None:
    life = active(policy(**{"rules.silence.after": "90 days"}))
    assert life.passes(94) == [f"94 00:00 {WARNED}"]
    life.tell(held(100), released(160))
    assert life.passes(243, "23:59") == []
    assert life.passes(244) == ["244 00:00 at_risk > lost left (silence): silence"]


def test_the_thirty_days_at_risk_stand_still_too() -> None:
    life = active(policy(**{"rules.silence.after": "180 days"}))
    assert life.passes(184) == [f"184 00:00 {WARNED}"]
    life.tell(held(190), released(200))
    assert life.passes(224, "23:59") == []
    assert life.passes(225) == ["225 00:00 at_risk > lost left (silence): silence"]


def test_a_prospect_on_hold_is_not_given_up() -> None:
    life = Life(policy(**{"prospects.limit": "20 days"}))
    life.tell(registered(0), held(10), released(15))
    assert life.passes(25, "23:59") == []
    assert life.passes(26) == ["26 00:00 potential > lost expired (expired)"]


def test_the_quiet_period_stands_still_so_that_it_ends_in_nobody_s_absence() -> None:
    life = active(only("complaint"))
    life.tell(complained(10), resolved(12), complained(20, "f2"), held(25))
    life.outputs.clear()
    assert life.passes(69) == []
    life.tell(released(70))
    assert life.passes(87, "23:59") == []
    assert life.passes(88) == ["88 00:00 active > at_risk warned: complaint"]


def test_a_quiet_period_that_stood_still_is_not_forgotten_before_it_is_over() -> None:
    life = active(only("complaint"))
    life.tell(minor(4, until=51), complained(6), resolved(6, time="12:00"))
    life.outputs.clear()
    # Quiet since day 6, but for the days until 51: thirty full days end with day 81.
    assert life.tell(complained(52, "f2")) == []
    assert life.passes(81, "23:59") == []
    assert life.passes(82) == ["82 00:00 active > at_risk warned: complaint"]


def test_what_ended_before_the_day_of_majority_is_missed_on_that_day() -> None:
    life = active(only("product_end"))
    life.tell(deposited(4), minor(5, until=51), product("matured", 6))
    life.outputs.clear()
    assert life.passes(60) == ["51 00:00 active > at_risk warned: product_end"]


# What goes on all the same.


def test_what_somebody_tells_is_heard_during_a_hold() -> None:
    life = active(only("complaint"))
    life.outputs.clear()
    life.tell(held(20), complained(21), resolved(22))
    assert life.story == [
        "21 10:00 active > at_risk warned: complaint",
        "22 10:00 at_risk > active recovered: complaint",
    ]


def test_who_closes_the_last_account_during_a_hold_has_left() -> None:
    assert paused(held(20), closed(30)).story == ["30 10:00 active > lost left (closure)"]


def test_death_ends_a_pause_like_everything_else() -> None:
    life = paused(held(20), died(30))
    assert life.passes(400) == []
    assert life.now.timer is None


# Minors.


def test_what_a_guardian_does_is_not_the_child_s_activity() -> None:
    life = Life(RULES)
    life.tell(opened(0), minor(0, until=60), *(used(day) for day in (1, 2, 3, 4)))
    assert life.now.stage == "new"
    assert life.now.activity.days == 0


def test_what_the_child_is_known_to_have_done_is_theirs() -> None:
    life = Life(RULES)
    life.tell(opened(0), minor(0, until=60))
    life.tell(*(used(day, acting_party="cust-1") for day in (1, 2, 3)))
    assert life.now.stage == "active"


def test_the_day_of_majority_begins_a_life_of_one_s_own() -> None:
    life = Life(RULES)
    life.tell(opened(0), minor(0, until=60))
    assert day_of(life) == "60 00:00"
    life.tell(used(59), used(60), used(61), used(62))
    assert life.story[-1] == "62 10:00 new > active activated"


def test_the_window_of_a_minor_begins_with_the_day_of_majority() -> None:
    life = Life(only("not_onboarded"))
    life.tell(opened(0), minor(0, until=60))
    life.outputs.clear()
    assert life.passes(150, "23:59") == []
    assert life.passes(151) == ["151 00:00 new > at_risk warned: not_onboarded"]


def test_who_comes_of_age_while_on_hold_is_free_when_it_is_lifted() -> None:
    life = paused(minor(20, until=40), held(30), released(50))
    assert life.passes(124) == [f"124 00:00 {WARNED}"]


def test_a_majority_that_is_past_already_pauses_nothing() -> None:
    life = paused(minor(20, until=10))
    assert life.now.minor_until is None
    assert life.passes(94) == [f"94 00:00 {WARNED}"]


def test_a_majority_told_anew_counts() -> None:
    life = paused(minor(20, until=2_000), minor(30, until=50))
    assert life.passes(124) == [f"124 00:00 {WARNED}"]


def test_a_minor_first_seen_as_one_is_paused_from_the_first_account_on() -> None:
    life = Life(only("not_onboarded"))
    life.tell(minor(0, until=60), opened(10))
    assert life.passes(150, "23:59") == []
    assert life.passes(151) == ["151 00:00 new > at_risk warned: not_onboarded"]


def test_the_next_due_time_is_not_told_while_there_is_none() -> None:
    life = active(only("silence", "complaint"))
    life.tell(held(20), complained(21))
    told = [(coming.what, clock(coming.at)) for coming in life.outputs[-1].next]
    assert told == []


def test_a_closing_undone_leaves_a_frozen_account_frozen() -> None:
    life = paused(flagged(20, "frozen"), closed(30), account("closing-undone", 31))
    assert life.passes(2_000) == []
