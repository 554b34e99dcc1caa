"""Run-off: the money leaves, while the customer may still be there."""

import pytest

from tests.statemachine.builders import (
    Life,
    account,
    active,
    closed,
    deposited,
    held,
    only,
    opened,
    reason_of,
    released,
    reported,
    used,
    why,
)

RULES = only("run_off")


def rich(amount: int = 100_000) -> Life:
    """Active, with so much since day 4, and nothing more said of it yet."""
    life = active(RULES)
    life.tell(reported(4, amount))
    life.outputs.clear()
    return life


def ran_off() -> Life:
    """Everything went on day 60; at risk since day 81."""
    life = rich()
    life.tell(reported(60, 0))
    assert life.passes(81) == ["81 00:00 active > at_risk warned: run_off"]
    return life


# When it is raised.


def test_it_is_raised_at_the_midnight_when_thirty_percent_of_the_peak_are_left() -> None:
    life = rich()
    life.tell(reported(60, 0))
    # Ten of the last thirty days still had 100,000, then nine.
    assert life.passes(80, "23:59") == []
    assert life.passes(81) == ["81 00:00 active > at_risk warned: run_off"]


def test_a_little_more_than_thirty_percent_is_not_little_enough() -> None:
    life = rich()
    life.tell(reported(60, 10))
    assert life.passes(81, "23:59") == []
    assert life.passes(82) == ["82 00:00 active > at_risk warned: run_off"]


@pytest.mark.parametrize("peak, warned", [(49_999, False), (50_000, True)])
def test_who_never_had_a_mean_of_fifty_thousand_has_nothing_that_could_run_off(
    peak: int, warned: bool
) -> None:
    life = rich(peak)
    life.tell(reported(60, 0))
    life.passes(400)
    assert (life.now.stage == "at_risk") is warned


def test_the_balance_of_one_day_is_no_peak() -> None:
    life = rich(1_000)
    life.tell(reported(40, 1_400_000), reported(41, 1_000))
    assert life.passes(400) == []


def test_a_peak_more_than_ninety_days_ago_is_forgotten() -> None:
    life = rich()
    life.tell(reported(60, 60_000), reported(160, 30_000), reported(260, 15_000))
    assert life.passes(700) == []


def test_what_leaves_in_steps_within_ninety_days_is_missed_all_the_same() -> None:
    life = rich()
    life.tell(reported(60, 60_000), reported(90, 20_000))
    # Seven days of 60,000 and 23 of 20,000 are 29,333; the day before there were 30,666.
    assert life.passes(113) == ["113 00:00 active > at_risk warned: run_off"]


def test_it_is_seen_in_a_balance_that_changes_every_day() -> None:
    life = active(RULES)
    for day in range(4, 160):
        life.tell(reported(day, (100_000 if day < 100 else 5_000) + day % 7))
    assert [said for said in life.story if "run_off" in said] == [
        "123 00:00 active > at_risk warned: run_off"
    ]


def test_a_joint_account_counts_in_equal_shares() -> None:
    life = active(RULES)
    life.tell(reported(4, 99_998, owners=2), reported(60, 0, owners=2))
    life.passes(400)
    assert life.now.stage == "active"


# What is no run-off.


@pytest.mark.parametrize("kind", ["term_deposit", "wealth", "insurance"])
def test_money_moved_into_the_bank_s_own_products_has_not_left(kind: str) -> None:
    life = rich()
    life.tell(deposited(60, product_type=kind, amount="100000", currency="CNY"), reported(60, 0))
    assert life.passes(400) == []


def test_money_moved_to_another_account_of_the_customer_s_has_not_left() -> None:
    life = rich()
    life.tell(opened(59, "a2", product_type="savings_account"))
    life.tell(reported(60, 0), reported(60, 100_000, "a2"))
    assert life.passes(400) == []


@pytest.mark.parametrize("owed", ["80000", "-80000"])
def test_what_repaid_the_bank_s_own_loan_is_not_missed(owed: str) -> None:
    life = rich()
    life.tell(opened(5, "l1", product_type="loan"), reported(5, owed, "l1"))
    life.tell(reported(60, 20_000), reported(60, 0, "l1"))
    assert life.passes(400) == []


def test_a_loan_repaid_by_closing_it_is_repaid() -> None:
    life = rich()
    life.tell(opened(5, "l1", product_type="loan"), reported(5, 80_000, "l1"))
    life.tell(reported(60, 20_000), closed(60, "l1"))
    assert life.passes(400) == []


def test_a_loan_that_is_still_owed_excuses_nothing() -> None:
    life = rich()
    life.tell(opened(5, "l1", product_type="loan"), reported(5, 80_000, "l1"))
    life.tell(reported(60, 20_000))
    life.passes(400)
    assert life.now.stage == "at_risk"


def test_what_left_with_an_earlier_life_is_not_missed_in_the_new_one() -> None:
    life = rich()
    life.tell(closed(60), opened(70, "a2"))
    life.passes(400)
    assert "run_off" not in " ".join(life.story)


def test_a_closing_that_the_core_takes_back_took_no_money() -> None:
    life = rich()
    life.tell(closed(60), account("closing-undone", 61))
    life.passes(400)
    assert "run_off" not in " ".join(life.story)


# While the customer cannot act.


def test_nothing_is_raised_during_a_hold_and_what_came_back_in_it_is_no_run_off() -> None:
    life = rich()
    life.tell(reported(60, 0), held(61), reported(90, 100_000))
    assert life.passes(129) == []
    assert life.tell(released(130)) == []
    assert life.passes(400) == []


def test_what_did_not_come_back_is_missed_when_the_hold_is_lifted() -> None:
    life = rich()
    life.tell(reported(60, 0), held(61))
    assert life.passes(89) == []
    life.tell(released(90))
    assert life.passes(91) == ["91 00:00 active > at_risk warned: run_off"]


# When it clears.


def test_it_clears_at_the_midnight_with_more_than_sixty_percent_of_the_old_peak() -> None:
    life = ran_off()
    life.tell(reported(90, 100_000))
    # Eighteen of thirty days are sixty percent, and not more.
    assert life.passes(108, "23:59") == []
    assert life.passes(109) == ["109 00:00 at_risk > active recovered: run_off"]


def test_the_old_peak_counts_however_long_ago_it_was() -> None:
    life = ran_off()
    life.tell(reported(300, 60_000))
    assert life.passes(600) == []
    life.tell(reported(600, 61_000))
    assert life.passes(700)[-1].endswith("recovered: run_off")


def test_it_waits_for_the_quiet_period_before_it_is_raised_again() -> None:
    life = ran_off()
    life.tell(reported(90, 100_000))
    assert life.passes(110) == ["109 00:00 at_risk > active recovered: run_off"]
    life.tell(reported(110, 0))
    # Too little is left from day 131 on; the quiet period ends with day 139.
    assert life.passes(139, "23:59") == []
    assert life.passes(140) == ["140 00:00 active > at_risk warned: run_off"]


def test_an_open_reason_is_not_raised_twice() -> None:
    life = ran_off()
    life.tell(reported(90, 10), reported(100, 5), used(101))
    assert life.passes(300) == []


def test_a_report_that_was_missing_shows_that_it_never_ran_off() -> None:
    life = ran_off()
    said = life.tell(reported(80, 100_000, as_of=75))
    assert said == ["81 00:00 at_risk > active corrected: run_off"]


# What it says.


def test_the_evidence_names_the_mean_and_the_peak_and_its_day() -> None:
    life = ran_off()
    reason = reason_of(life)
    assert (reason.rule, reason.group) == ("run_off", "competitor")
    assert reason.values == {"mean": 30_000, "peak": 100_000, "peak_on": "2024-02-29"}
    assert reason.thresholds == {
        "peak_within_days": 90,
        "peak_at_least": 50_000,
        "raise_at_percent": 30,
        "clear_above_percent": 60,
    }
    assert why(life) == "of 100000 on 2024-02-29 only 30000 is left"


def test_the_evidence_names_what_was_repaid_and_the_money_without_a_rate() -> None:
    life = rich()
    life.tell(opened(5, "l1", product_type="loan"), reported(5, 6_000, "l1"))
    life.tell(opened(6, "a2"), reported(6, 500, "a2", currency="USD"))
    life.tell(opened(6, "a3"), reported(6, 500, "a3", currency="EUR"))
    life.tell(reported(60, 0), reported(60, 0, "l1"))
    life.passes(100)
    values = reason_of(life).values
    assert values["repaid"] == 4_600
    assert values["left_out"] == "EUR, USD"
