"""Core dormant (睡眠户): the core itself flags an account as dormant."""

import pytest

from tests.statemachine.builders import (
    Life,
    account,
    active,
    closed,
    flagged,
    only,
    opened,
    reason_of,
    snapshot,
    why,
)

RULES = only("core_dormant")
WARNED = "active > at_risk warned: core_dormant"
RECOVERED = "at_risk > active recovered: core_dormant"


def dormant() -> Life:
    """Active, and flagged on day 10."""
    life = active(RULES)
    assert life.tell(flagged(10, "dormant")) == [f"10 10:00 {WARNED}"]
    return life


def test_it_is_raised_with_the_flag_and_clears_with_its_end() -> None:
    life = dormant()
    assert life.passes(400) == []
    assert life.tell(flagged(400, "active")) == [f"400 10:00 {RECOVERED}"]


@pytest.mark.parametrize("status", ["frozen", "blocked", "in_arrears"])
def test_no_other_flag_raises_it_and_each_takes_the_place_of_this_one(status: str) -> None:
    assert active(RULES).tell(flagged(10, status)) == []
    assert dormant().tell(flagged(20, status)) == [f"20 10:00 {RECOVERED}"]


def test_it_stands_until_the_last_of_several_flags_is_lifted() -> None:
    life = active(RULES)
    life.tell(opened(4, "a2"), flagged(10, "dormant"))
    assert life.tell(flagged(20, "dormant", "a2"), flagged(30, "active")) == []
    assert life.tell(flagged(40, "active", "a2")) == [f"40 10:00 {RECOVERED}"]


def test_it_clears_when_the_flagged_account_is_closed_and_another_is_in_force() -> None:
    life = active(RULES)
    life.tell(opened(4, "a2"), flagged(10, "dormant"))
    assert life.tell(closed(20)) == [f"20 10:00 {RECOVERED}"]


def test_an_account_opened_again_is_flagged_no_more() -> None:
    life = dormant()
    life.tell(closed(20), account("reopened", 30))
    assert life.story[-1] == "30 10:00 lost > new won_back"


def test_a_flag_told_late_behind_a_later_snapshot_does_not_stand() -> None:
    life = active(RULES)
    assert life.tell(snapshot(12), flagged(11, "dormant")) == []


def test_a_snapshot_tells_the_flag_too() -> None:
    life = active(RULES)
    assert life.tell(snapshot(10, status="dormant")) == [f"10 10:00 {WARNED}"]
    assert life.tell(snapshot(20)) == [f"20 10:00 {RECOVERED}"]


def test_a_customer_of_the_existing_book_is_adopted_at_risk() -> None:
    life = Life(RULES)
    assert life.tell(snapshot(0, status="dormant")) == [
        "0 10:00 (none) > at_risk adopted: core_dormant"
    ]


def test_neither_the_flag_nor_its_end_is_activity() -> None:
    life = active(only("core_dormant", "silence"))
    life.tell(flagged(50, "dormant"), flagged(60, "active"))
    life.outputs.clear()
    assert life.passes(94) == ["94 00:00 active > at_risk warned: silence"]


def test_a_flag_within_the_quiet_period_waits_for_its_end() -> None:
    life = dormant()
    life.tell(flagged(20, "active"))
    assert life.tell(flagged(25, "dormant")) == []
    assert life.passes(50, "23:59") == []
    assert life.passes(51) == [f"51 00:00 {WARNED}"]


def test_a_flag_that_came_and_went_within_the_quiet_period_is_never_told() -> None:
    life = dormant()
    life.tell(flagged(20, "active"))
    assert life.tell(flagged(25, "dormant"), flagged(30, "active")) == []
    assert life.passes(400) == []


def test_a_flag_told_twice_is_one_reason() -> None:
    assert dormant().tell(flagged(20, "dormant"), flagged(30, "dormant")) == []


def test_an_account_of_which_one_is_only_an_authorised_user_does_not_count() -> None:
    assert active(RULES).tell(flagged(10, "dormant", "a9", role="authorised")) == []


def test_the_evidence_names_how_many_accounts_since_when() -> None:
    life = dormant()
    reason = reason_of(life)
    assert (reason.rule, reason.group) == ("core_dormant", "inactivity")
    assert reason.values == {"dormant_accounts": 1, "since": "2024-01-11"}
    assert reason.thresholds == {}
    assert why(life) == "the core flags 1 account(s) as dormant"
