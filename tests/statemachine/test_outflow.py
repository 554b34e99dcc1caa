"""Outflow: the customer moves a large part of the money to other banks, within weeks."""

from typing import Any

import pytest

from tests.statemachine.builders import (
    Life,
    active,
    closed,
    only,
    opened,
    reason_of,
    reported,
    reversed_,
    transferred,
    why,
)

RULES = only("outflow")
WARNED = "active > at_risk warned: outflow"


def holder(amount: int = 20_000) -> Life:
    """Active, with so much since day 4, and nothing more said of it yet."""
    life = active(RULES)
    life.tell(reported(4, amount))
    life.passes(39)
    life.outputs.clear()
    return life


def left() -> Life:
    """Transferred 12,000 of 20,000 on day 40."""
    life = holder()
    assert life.tell(transferred(40, 12_000)) == [f"40 10:00 {WARNED}"]
    return life


# When it is raised.


def test_half_of_the_assets_in_one_transfer_is_too_much() -> None:
    assert holder().tell(transferred(40, 10_000)) == [f"40 10:00 {WARNED}"]


def test_a_little_less_than_half_is_not() -> None:
    assert holder().tell(transferred(40, "9999.99")) == []


@pytest.mark.parametrize("second, said", [(70, [f"70 10:00 {WARNED}"]), (71, [])])
def test_transfers_of_thirty_days_count_together(second: int, said: list[str]) -> None:
    life = holder()
    assert life.tell(transferred(40, 5_000)) == []
    assert life.tell(transferred(second, 5_000)) == said


@pytest.mark.parametrize("assets, said", [(10_000, [f"40 10:00 {WARNED}"]), (9_999, [])])
def test_little_money_is_not_watched(assets: int, said: list[str]) -> None:
    assert holder(assets).tell(transferred(40, 9_000)) == said


def test_of_whose_assets_nothing_is_known_nothing_is_missed() -> None:
    assert active(RULES).tell(transferred(40, 90_000)) == []


def test_what_counts_is_the_mean_before_the_transfer_not_what_it_left() -> None:
    life = holder()
    life.tell(reported(39, 19_000))
    assert life.tell(transferred(40, 9_900)) == []
    life.tell(reported(40, 9_100))
    assert life.tell(transferred(41, 1_000)) == [f"41 10:00 {WARNED}"]


def test_a_transfer_that_was_not_too_much_then_is_not_made_so_by_what_comes_later() -> None:
    life = active(RULES)
    life.outputs.clear()
    # A mean of 9,000 before the transfer; two months later it must still be known as that.
    life.tell(reported(26, 10_000), transferred(53, 6_000), reported(115, 900))
    assert life.passes(400) == []
    assert life.story == []


# What is no outflow.


@pytest.mark.parametrize(
    "fields",
    [
        {"counterparty_kind": "payment_institution"},
        {"counterparty_kind": "own_bank"},
        {"counterparty_kind": None},
        {"initiator": "standing"},
        {"initiator": "third_party"},
        {"initiator": "bank"},
        {"initiator": "unknown"},
        {"direction": "credit"},
        {"status": "pending"},
        {"status": "rejected"},
        {"acting_party": "cust-2"},
        {"role": "authorised"},
    ],
)
def test_only_what_the_customer_sent_to_another_bank_counts(fields: dict[str, Any]) -> None:
    assert holder().tell(transferred(40, 19_000, **fields)) == []


def test_small_transfers_are_everyday_life() -> None:
    life = holder()
    assert life.tell(*(transferred(day, "999.99") for day in range(40, 65))) == []
    assert life.tell(*(transferred(day, 1_000) for day in range(65, 74))) == []
    assert life.tell(transferred(74, 1_000)) == [f"74 10:00 {WARNED}"]


def test_a_transfer_told_again_under_another_event_is_one_transfer() -> None:
    life = holder()
    assert life.tell(*(transferred(40, 6_000, posting_id="x1") for _ in range(3))) == []


def test_a_transfer_that_is_reversed_never_left() -> None:
    life = holder()
    life.tell(transferred(40, 6_000, posting_id="x1"))
    life.tell(reversed_(41, "x1", amount="6000", currency="CNY"))
    assert life.tell(transferred(42, 6_000)) == []


def test_transfers_of_an_earlier_life_are_history() -> None:
    life = holder()
    life.tell(transferred(40, 9_000), closed(41), opened(45, "a2"))
    life.passes(100)
    assert "outflow" not in " ".join(life.story)


# When it clears.


def test_it_clears_after_thirty_full_days_without() -> None:
    life = left()
    assert life.passes(70, "23:59") == []
    assert life.passes(71) == ["71 00:00 at_risk > active recovered: outflow"]


def test_another_transfer_starts_the_thirty_days_anew_and_raises_nothing_twice() -> None:
    life = left()
    assert life.tell(transferred(70, 2_000)) == []
    assert life.passes(100, "23:59") == []
    assert life.passes(101) == ["101 00:00 at_risk > active recovered: outflow"]


def test_what_has_cleared_is_not_raised_again_without_another_transfer() -> None:
    life = left()
    assert life.passes(2_000) == ["71 00:00 at_risk > active recovered: outflow"]


def test_another_outflow_waits_for_the_quiet_period() -> None:
    life = left()
    life.passes(71)
    assert life.tell(transferred(80, 12_000)) == []
    assert life.passes(101, "23:59") == []
    assert life.passes(102) == [f"102 00:00 {WARNED}"]
    assert life.passes(111) == ["111 00:00 at_risk > active recovered: outflow"]


def test_one_that_is_over_before_the_quiet_period_is_never_told() -> None:
    life = left()
    life.passes(71)
    assert life.tell(transferred(71, 12_000)) == []
    assert life.passes(400) == []


# What it says.


def test_the_evidence_names_what_was_transferred_and_of_how_much() -> None:
    life = holder()
    life.tell(transferred(38, "5000.80"), transferred(40, 7_000))
    reason = reason_of(life)
    assert (reason.rule, reason.group) == ("outflow", "competitor")
    assert reason.values == {
        "transferred": 12_000,
        "last_transfer_on": "2024-02-10",
        "mean_before": 20_000,
    }
    assert reason.thresholds == {
        "percent_of_assets": 50,
        "within": "30 days",
        "assets_at_least": 10_000,
        "transfer_at_least": 1_000,
    }
    assert why(life) == "12000 went to other banks within 30 days, of assets of 20000"
