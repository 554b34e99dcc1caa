"""The rules as the product applies them, and as SQL states them, give the same reasons.

The SQL (sql/) sees the raw events and the policy's numbers; of the product's outputs it sees the
changes of stage, which say when the rules apply, and no reason. `make oracle` does the same for
more customers and seeds.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from statemachine.rules import KINDS
from tests.oracle.compare import compare
from tests.oracle.conftest import Judged
from tests.oracle.numbers import RULES

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def test_every_rule_of_the_product_is_stated_in_sql() -> None:
    assert sorted(RULES) == sorted(KINDS)


@pytest.mark.parametrize("rule", RULES)
def test_the_same_reasons_are_raised_and_cleared_at_the_same_times(
    judged: Judged, rule: str
) -> None:
    (compared,) = (one for one in judged.compared if one.rule == rule)
    assert [str(one) for one in judged.explained.left(rule)] == []
    # What is never raised, or never clears, would always be the same.
    assert compared.same >= 20
    assert any(one.cleared_at for one in judged.told.reasons if one.rule == rule)


@pytest.mark.parametrize("rule", RULES)
def test_hardly_any_difference_needs_an_explanation(judged: Judged, rule: str) -> None:
    (compared,) = (one for one in judged.compared if one.rule == rule)
    assert len(compared.differences) <= compared.raised_in_both / 100


@pytest.mark.parametrize(
    "rule, number, wrong",
    [
        ("silence", "silence_after", 89),
        ("silence", "silence_after", 91),
        ("silence", "silence_clears_within_days", 7),
        ("silence", "silence_clears_after_days", 1),
        ("not_onboarded", "onboarding_window", 89),
        ("not_onboarded", "onboarding_window", 91),
        ("not_onboarded", "activation_days", 2),
        ("not_onboarded", "activation_days", 4),
        ("not_onboarded", "activation_assets", 1_000),
        ("complaint", "complaint_score_below", 3),
        ("complaint", "complaint_score_below", 5),
        ("complaint", "complaint_score_clears_after", 59),
        ("complaint", "complaint_score_clears_after", 61),
        ("churn_score", "churn_raise_at", Decimal("0.79")),
        ("churn_score", "churn_raise_at", Decimal("0.81")),
        ("churn_score", "churn_clear_below", Decimal("0.59")),
        ("churn_score", "churn_clear_below", Decimal("0.61")),
        ("churn_score", "quiet_period", 0),
        ("decline", "decline_days", 59),
        ("decline", "decline_days", 61),
        ("decline", "decline_usual", 7),
        ("decline", "decline_raise", 39),
        ("decline", "decline_raise", 41),
        ("decline", "decline_clear", 59),
        ("decline", "decline_clear", 61),
        ("decline", "quiet_period", 29),
        ("decline", "quiet_period", 31),
        ("run_off", "run_off_days", 80),
        ("run_off", "run_off_least", 49_000),
        ("run_off", "run_off_raise", 29),
        ("run_off", "run_off_raise", 31),
        ("run_off", "run_off_clear", 50),
        ("outflow", "outflow_within", 29),
        ("outflow", "outflow_within", 31),
        ("outflow", "outflow_percent", 49),
        ("outflow", "outflow_percent", 51),
        ("outflow", "outflow_assets", 9_900),
        ("outflow", "outflow_transfer", 900),
        ("payroll_lost", "payroll_months", 2),
        ("payroll_lost", "payroll_months", 4),
        ("payroll_lost", "payroll_none_for", 44),
        ("payroll_lost", "payroll_none_for", 46),
        ("product_end", "end_wears_off", 179),
        ("product_end", "end_wears_off", 181),
        ("product_end", "end_matured", ["wealth"]),
        ("product_end", "end_last_of_family", ["current_account", "savings_account"]),
    ],
)
def test_a_number_that_is_wrong_shows(judged: Judged, rule: str, number: str, wrong: Any) -> None:
    assert judged.with_numbers(rule, **{number: wrong}).differences


@pytest.mark.parametrize("rule", RULES)
def test_one_reason_a_day_late_or_left_out_shows(judged: Judged, rule: str) -> None:
    reasons = [one for one in judged.told.reasons if one.rule == rule]
    right, *others = reasons
    late = right._replace(raised_at=right.raised_at + timedelta(days=1))
    ends = right.cleared_at or right.raised_at
    ends_late = right._replace(cleared_at=ends + timedelta(days=1))
    for planted in ([late, *others], [ends_late, *others], others):
        (compared,) = compare([rule], planted, reasons)
        assert {one.customer for one in compared.differences} == {right.customer}
