"""Who is not given up though silent: a living contract, or assets of ten thousand."""

import pytest

from tests.statemachine.builders import (
    Life,
    active,
    closed,
    deposited,
    opened,
    policy,
    product,
    reported,
)

RULES = policy(**{"rules.run_off": None, "rules.product_end": None})
LOST = "at_risk > lost left (silence): silence"


def silent(*events: object) -> Life:
    """Last active on day 3, then this; at risk since day 94, and lost on day 184 if unprotected."""
    life = active(RULES)
    life.tell(*events)  # type: ignore[arg-type]
    life.passes(94)
    assert life.story[-1] == "94 00:00 active > at_risk warned: silence"
    return life


def test_nothing_protects_who_has_nothing() -> None:
    assert silent().passes(2_000) == [f"184 00:00 {LOST}"]


@pytest.mark.parametrize("amount, said", [(9_999, [f"184 00:00 {LOST}"]), (10_000, [])])
def test_mean_assets_of_ten_thousand_protect(amount: int, said: list[str]) -> None:
    assert silent(reported(4, amount)).passes(2_000) == said


def test_a_spot_balance_protects_only_as_far_as_the_mean_does() -> None:
    life = silent(reported(4, 0), reported(182, 100_000))
    # Two days of 100,000 are 6,666; nobody is lost by a midnight for what came the day before.
    assert life.passes(2_000) == [f"184 00:00 {LOST}"]


def test_who_is_no_longer_protected_is_lost_at_the_midnight_with_too_small_a_mean() -> None:
    life = silent(reported(4, 12_000))
    assert life.passes(300) == []
    life.tell(reported(300, 0))
    # Twenty-five of thirty days of 12,000 are ten thousand, twenty-four are not.
    assert life.passes(305, "23:59") == []
    assert life.passes(306) == [f"306 00:00 {LOST}"]


def test_money_that_comes_after_the_limit_has_passed_comes_too_late() -> None:
    life = silent()
    assert life.tell(reported(190, 900_000)) == [f"184 00:00 {LOST}"]


def test_a_loan_is_a_contract_and_no_money() -> None:
    life = silent(opened(4, "l1", product_type="loan"), reported(5, 90_000, "l1"))
    assert life.passes(300) == []
    assert life.tell(closed(300, "l1")) == [f"300 10:00 {LOST}"]


def test_a_deposit_protects_as_a_contract_and_then_as_money() -> None:
    life = silent(deposited(4, amount="12000", currency="CNY"))
    life.tell(product("matured", 300), reported(300, 12_000))
    # The money is on the account now, and protects when the deposit's grace is over.
    assert life.passes(2_000) == []
    life.tell(reported(2_000, 0))
    assert life.passes(2_006) == [f"2006 00:00 {LOST}"]


def test_assets_that_the_policy_does_not_count_protect_nobody() -> None:
    bare = policy(**{"lost.protected_by_assets": None})
    life = active(bare)
    life.tell(reported(4, 900_000))
    assert life.passes(400)[-1] == f"184 00:00 {LOST}"


def test_money_in_a_currency_without_a_rate_protects_nobody() -> None:
    assert silent(reported(4, 900_000, currency="EUR")).passes(400) == [f"184 00:00 {LOST}"]


def test_a_share_of_a_joint_account_protects_by_the_share() -> None:
    assert silent(reported(4, 19_999, owners=2)).passes(400) == [f"184 00:00 {LOST}"]
    assert silent(reported(4, 20_000, owners=2)).passes(400) == []


def test_what_protects_from_being_lost_does_not_keep_from_being_at_risk_or_from_closing() -> None:
    life = silent(reported(4, 900_000))
    assert life.tell(closed(200)) == ["200 10:00 at_risk > lost left (closure): silence"]
