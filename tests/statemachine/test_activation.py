"""Activation by assets and by families of products, beside the days of own activity."""

import pytest

from tests.statemachine.builders import (
    Life,
    account,
    active,
    closed,
    complained,
    deposited,
    only,
    opened,
    policy,
    product,
    reported,
    resolved,
    used,
    why,
)


def newcomer(**changes: object) -> Life:
    """New since day 0, with a current account."""
    life = Life(policy(**changes))
    life.tell(opened(0))
    life.outputs.clear()
    return life


# Assets.


def test_a_mean_of_ten_thousand_activates_at_the_midnight_that_reaches_it() -> None:
    life = newcomer()
    assert life.tell(reported(4, 100_000)) == []
    # Three of thirty days.
    assert life.passes(6, "23:59") == []
    assert life.passes(7) == ["7 00:00 new > active activated"]
    assert why(life) == "the customer's assets reached 10000"


@pytest.mark.parametrize("amount, activated", [(9_999, False), (10_000, True)])
def test_a_balance_of_ten_thousand_must_stay_for_a_month(amount: int, activated: bool) -> None:
    life = newcomer(**{"rules.not_onboarded": None, "rules.silence": None})
    life.tell(reported(4, amount))
    assert life.passes(33, "23:59") == []
    assert life.passes(400) == (["34 00:00 new > active activated"] if activated else [])


def test_a_balance_that_is_gone_in_time_activates_nobody() -> None:
    life = newcomer()
    life.tell(reported(4, 100_000), reported(6, 0))
    assert life.passes(60) == []


def test_a_deposit_counts_and_a_loan_does_not() -> None:
    saver, debtor = Life(), Life()
    saver.tell(deposited(0, amount="10000", currency="CNY"))
    debtor.tell(opened(0, product_type="loan"), reported(0, 90_000))
    assert saver.passes(60) == ["30 00:00 new > active activated"]
    assert debtor.passes(60) == []


def test_assets_end_the_risk_of_who_was_never_onboarded() -> None:
    life = newcomer()
    assert life.passes(91)[-1].startswith("91 00:00 new > at_risk warned: ")
    said = life.tell(reported(100, 300_000)) + life.passes(101)
    assert said == ["101 00:00 at_risk -not_onboarded"]
    assert list(life.now.reasons) == ["silence"]


def test_who_was_at_risk_for_the_window_alone_is_activated_late() -> None:
    life = Life(only("not_onboarded"))
    life.tell(opened(0))
    life.passes(91)
    life.tell(reported(100, 300_000))
    assert life.passes(101) == ["101 00:00 at_risk > active activated_late: not_onboarded"]


def test_who_becomes_rich_while_a_complaint_is_open_moves_when_it_is_settled() -> None:
    life = newcomer()
    life.tell(complained(5), reported(5, 300_000))
    assert life.passes(10) == []
    assert life.tell(resolved(20)) == ["20 10:00 at_risk > active activated_late: complaint"]


def test_money_of_an_earlier_life_activates_nobody() -> None:
    life = active()
    life.tell(reported(4, 100_000), closed(60), opened(70, "a2"))
    life.outputs.clear()
    assert life.passes(150) == []
    assert life.now.stage == "new"


def test_assets_win_nobody_back_who_was_lost_by_silence() -> None:
    life = active()
    life.passes(184)
    assert life.now.lost_by == "silence"
    life.tell(reported(190, 900_000))
    life.outputs.clear()
    assert life.passes(400) == []


def test_the_evidence_names_the_assets() -> None:
    life = newcomer()
    life.tell(reported(4, 100_000))
    life.passes(7)
    (change,) = life.changes
    assert change.evidence.thresholds == {"assets_at_least": 10_000}
    assert change.evidence.values == {"assets_at_least": 10_000}


def test_assets_that_the_policy_does_not_ask_for_activate_nobody() -> None:
    life = newcomer(**{"activation.assets_at_least": None})
    life.tell(reported(4, 900_000))
    assert life.passes(60) == []


# Families.


@pytest.mark.parametrize("kind", ["loan", "mortgage", "term_deposit", "wealth", "insurance"])
def test_a_second_family_activates_at_once(kind: str) -> None:
    life = newcomer()
    assert life.tell(product("subscribed", 5, product_type=kind)) == [
        "5 10:00 new > active activated"
    ]
    assert why(life) == "the customer holds 2 families of products"
    assert life.changes[-1].evidence.thresholds == {"product_families": 2}
    assert life.changes[-1].evidence.values == {"product_families": 2}


@pytest.mark.parametrize("kind", ["current_account", "savings_account", "card", "payment"])
def test_everything_that_is_used_every_day_is_one_family(kind: str) -> None:
    assert newcomer().tell(opened(5, "a2", product_type=kind)) == []


def test_two_of_one_contractual_kind_are_one_family_and_two_kinds_are_two() -> None:
    life = Life()
    life.tell(deposited(0), deposited(1, product_ref="d2"))
    assert life.now.stage == "new"
    assert life.tell(deposited(2, product_ref="w1", product_type="wealth")) == [
        "2 10:00 new > active activated"
    ]


def test_families_must_be_held_at_the_same_time() -> None:
    life = newcomer()
    life.tell(opened(0, "a2"), closed(1, "a2"))
    other = Life()
    other.tell(deposited(0), product("matured", 5), opened(6))
    assert (life.now.stage, other.now.stage) == ("new", "new")


def test_an_activation_is_not_withdrawn_when_the_second_family_ends() -> None:
    life = newcomer()
    life.tell(opened(5, "s1", product_type="insurance"))
    life.tell(account("opening-undone", 6, account_ref="s1"))
    assert life.now.stage == "active"


def test_families_that_the_policy_does_not_count_activate_nobody() -> None:
    life = newcomer(**{"activation.product_families": None})
    assert life.tell(opened(5, "s1", product_type="insurance")) == []


def test_more_families_may_be_asked_for() -> None:
    life = newcomer(**{"activation.product_families": 3})
    assert life.tell(opened(5, "s1", product_type="insurance")) == []
    assert life.tell(opened(6, "l1", product_type="loan")) == ["6 10:00 new > active activated"]


# What comes first.


def test_own_activity_days_count_as_before() -> None:
    life = newcomer()
    assert life.tell(used(1), used(2), used(3)) == ["3 10:00 new > active activated"]
    assert why(life) == "the customer used the bank on 3 days of their own"


def test_nobody_is_activated_twice() -> None:
    life = newcomer()
    life.tell(used(1), used(2), used(3), opened(4, "s1", product_type="insurance"))
    life.tell(reported(5, 900_000))
    life.passes(60)
    assert life.story == ["3 10:00 new > active activated"]
