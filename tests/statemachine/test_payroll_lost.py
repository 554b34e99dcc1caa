"""Payroll lost (代发工资): the salary that used to come stays away.

Days 9, 40 and 69 are the tenths of January, February and March 2024.
"""

from typing import Any

import pytest

from tests.statemachine.builders import (
    Life,
    active,
    closed,
    held,
    only,
    opened,
    payroll_ended,
    reason_of,
    released,
    salary,
    why,
)

RULES = only("payroll_lost")
WARNED = "active > at_risk warned: payroll_lost"


def employed(*days: int, **fields: Any) -> Life:
    """Active, with a salary on each of these days."""
    life = active(RULES)
    life.tell(*(salary(day, **fields) for day in days or (9, 40, 69)))
    life.outputs.clear()
    return life


# When it is raised.


def test_a_salary_of_three_months_running_is_missed_after_forty_five_full_days() -> None:
    life = employed()
    assert life.passes(114, "23:59") == []
    assert life.passes(115) == [f"115 00:00 {WARNED}"]


def test_a_salary_on_the_last_day_is_in_time() -> None:
    life = employed()
    assert life.tell(salary(114)) == []
    assert life.passes(160) == [f"160 00:00 {WARNED}"]


@pytest.mark.parametrize(
    "days",
    [
        pytest.param((9, 40), id="two months"),
        pytest.param((9, 20, 40), id="three salaries in two months"),
        pytest.param((9, 40, 100), id="not running: none in March"),
    ],
)
def test_what_did_not_come_for_three_months_running_is_not_missed(days: tuple[int, ...]) -> None:
    assert employed(*days).passes(400) == []


def test_the_day_of_the_month_does_not_matter() -> None:
    # The last of January, the first of February, the last of March.
    assert employed(30, 31, 90).passes(136) == [f"136 00:00 {WARNED}"]


def test_salaries_told_late_and_out_of_order_are_the_same_payroll() -> None:
    assert employed(69, 9, 40).passes(115) == [f"115 00:00 {WARNED}"]


@pytest.mark.parametrize(
    "fields",
    [
        {"purpose": "pension"},
        {"purpose": "transfer"},
        {"purpose": None},
        {"direction": "debit"},
        {"status": "pending"},
        {"role": "authorised"},
    ],
)
def test_only_a_salary_paid_in_is_a_payroll(fields: dict[str, Any]) -> None:
    assert employed(9, 40, 69, **fields).passes(400) == []


# What explains it.


@pytest.mark.parametrize("reason", ["retired", "employer_closed", "unknown"])
def test_a_payroll_that_is_known_to_have_ended_is_not_missed(reason: str) -> None:
    life = employed()
    assert life.tell(payroll_ended(100, reason)) == []
    assert life.passes(400) == []


def test_a_new_employer_s_salary_is_a_payroll_after_three_months_of_its_own() -> None:
    life = employed()
    life.tell(payroll_ended(75), salary(100), salary(130))
    assert life.passes(160) == []
    life.tell(salary(161))
    assert life.passes(206, "23:59") == []
    assert life.passes(207) == [f"207 00:00 {WARNED}"]


def test_one_last_salary_after_the_end_begins_no_payroll() -> None:
    life = employed()
    life.tell(payroll_ended(75), salary(80))
    assert life.passes(400) == []


def test_a_payroll_of_an_earlier_life_is_missed_once_the_new_one_is_old_enough() -> None:
    life = employed()
    life.tell(closed(80), opened(100, "a2"))
    assert life.passes(145, "23:59") == []
    assert life.passes(146) == ["146 00:00 new > at_risk warned: payroll_lost"]


def test_the_days_of_a_hold_are_not_counted() -> None:
    life = employed()
    life.tell(held(80), released(100))
    assert life.passes(134, "23:59") == []
    assert life.passes(135) == [f"135 00:00 {WARNED}"]


# When it clears.


def test_it_clears_with_the_next_salary() -> None:
    life = employed()
    life.passes(115)
    assert life.tell(salary(120)) == ["120 10:00 at_risk > active recovered: payroll_lost"]


def test_it_clears_when_its_end_is_explained() -> None:
    life = employed()
    life.passes(115)
    assert life.tell(payroll_ended(120)) == ["120 10:00 at_risk > active recovered: payroll_lost"]
    assert life.passes(400) == []


def test_an_end_before_the_last_salary_explains_nothing() -> None:
    life = employed()
    life.tell(payroll_ended(20))
    life.tell(salary(101))
    assert life.passes(147) == [f"147 00:00 {WARNED}"]


def test_a_salary_in_time_that_is_told_late_shows_that_it_was_never_lost() -> None:
    life = employed()
    life.passes(115)
    assert life.tell(salary(114)) == ["115 00:00 at_risk > active corrected: payroll_lost"]


def test_it_waits_for_the_quiet_period_before_it_is_raised_again() -> None:
    short = {"rules.payroll_lost.months_running": 1, "rules.payroll_lost.none_for": "10 days"}
    life = active(only("payroll_lost", **short))
    life.tell(salary(9))
    assert life.passes(20) == [f"20 00:00 {WARNED}"]
    assert life.tell(salary(21)) == ["21 10:00 at_risk > active recovered: payroll_lost"]
    assert life.passes(51, "23:59") == []
    assert life.passes(52) == [f"52 00:00 {WARNED}"]
    assert life.passes(400) == []


# What it says.


def test_the_evidence_names_the_last_salary_and_how_long_it_came() -> None:
    life = employed()
    life.passes(115)
    reason = reason_of(life)
    assert (reason.rule, reason.group) == ("payroll_lost", "competitor")
    assert reason.values == {"last_salary_on": "2024-03-10", "months_running": 3}
    assert reason.thresholds == {"months_running": 3, "none_for": "45 days"}
    assert why(life) == "no salary has come since 2024-03-10"
