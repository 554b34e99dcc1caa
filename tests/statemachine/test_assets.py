"""Assets: what the customer has at the bank, as the mean of the last thirty days."""

from datetime import datetime
from typing import Any

import pytest

from schemas.base import to_millis
from statemachine.assets import MOST_HOLDINGS, assets_of, mean
from statemachine.customer import Customer
from statemachine.facts import learn
from store.codec import Codec
from tests.statemachine.builders import (
    DEFAULT,
    Life,
    account,
    closed,
    deposited,
    millis,
    on,
    only,
    opened,
    product,
    reported,
    snapshot,
)


def of(*events: Any) -> Customer:
    """What was learnt from these facts, in the order they are told."""
    customer = Customer()
    for event in events:
        customer = learn(DEFAULT, customer, event, to_millis(event.occurred_at)).customer
    return customer


def assets(customer: Customer, day: int) -> int:
    """The mean of the thirty days before `day` begins."""
    return mean(assets_of(customer.assets), DEFAULT.calendar.day_of(millis(day)))


def owed(customer: Customer, day: int) -> int:
    """Likewise of loans and mortgages."""
    return mean(assets_of(customer.owed), DEFAULT.calendar.day_of(millis(day)))


def morning(day: int, amount: int, **fields: Any) -> Any:
    """The balance of the day before, told in the morning of `day`."""
    return reported(on(day, "06:00"), amount, as_of=day - 1, **fields)


# The mean.


def test_the_mean_is_that_of_the_ends_of_thirty_days() -> None:
    customer = of(opened(0), reported(10, 30_000))
    assert [assets(customer, day) for day in (10, 11, 12, 39, 40, 41, 400)] == [
        *(0, 1_000, 2_000, 29_000),
        *(30_000, 30_000, 30_000),
    ]


def test_the_last_report_is_carried_forward() -> None:
    customer = of(opened(0), reported(10, 30_000), reported(55, 0))
    assert [assets(customer, day) for day in (55, 56, 70, 85)] == [30_000, 29_000, 15_000, 0]


def test_the_mean_is_rounded_down() -> None:
    assert assets(of(opened(0), reported(10, 29)), 11) == 0
    assert assets(of(opened(0), reported(10, 59)), 11) == 1


def test_of_whom_nothing_was_reported_the_mean_is_nothing() -> None:
    assert assets(of(opened(0)), 100) == 0


def test_several_holdings_are_added() -> None:
    customer = of(
        opened(0),
        opened(0, "a2", product_type="savings_account"),
        deposited(0, amount="5000", currency="CNY"),
        reported(0, 20_000),
        reported(0, 3_000, "a2"),
    )
    assert assets(customer, 30) == 28_000


@pytest.mark.parametrize("kind", ["current_account", "card", "term_deposit", "wealth", "insurance"])
def test_what_counts_as_assets_is_in_the_policy(kind: str) -> None:
    assert assets(of(opened(0, product_type=kind), reported(0, 9_000)), 60) == 9_000


@pytest.mark.parametrize("kind", ["loan", "mortgage"])
@pytest.mark.parametrize("balance", [9_000, -9_000])
def test_what_is_owed_is_no_asset_and_kept_apart_whatever_its_sign(kind: str, balance: int) -> None:
    customer = of(opened(0, product_type=kind), reported(0, balance))
    assert (assets(customer, 60), owed(customer, 60)) == (0, 9_000)


def test_an_overdraft_is_nothing() -> None:
    customer = of(opened(0), opened(0, "a2"), reported(0, -9_000), reported(0, 9_000, "a2"))
    assert assets(customer, 60) == 9_000


def test_joint_accounts_count_in_equal_shares() -> None:
    assert assets(of(opened(0), reported(0, 10_001, owners=3)), 60) == 3_333


def test_an_account_of_which_nobody_said_what_it_is_counts() -> None:
    assert assets(of(reported(0, 9_000, "a7")), 60) == 9_000


def test_an_authorised_user_has_no_share() -> None:
    assert assets(of(opened(0), reported(0, 9_000, role="authorised")), 60) == 0


# Beginnings and ends.


def test_a_balance_ends_with_its_account() -> None:
    customer = of(opened(0), reported(0, 30_000), closed(60))
    assert [assets(customer, day) for day in (60, 61, 90)] == [30_000, 29_000, 0]


def test_a_deposit_that_matured_is_the_bank_s_no_more_until_it_is_renewed() -> None:
    customer = of(
        deposited(0, amount="30000", currency="CNY"), product("matured", 60), product("renewed", 63)
    )
    assert [assets(customer, day) for day in (60, 63, 90, 93)] == [30_000, 27_000, 27_000, 30_000]


def test_a_renewal_that_overtakes_the_maturity_is_the_same() -> None:
    customer = of(
        deposited(0, amount="30000", currency="CNY"), product("renewed", 61), product("matured", 60)
    )
    assert assets(customer, 92) == 30_000


def test_a_closing_that_the_core_takes_back_gives_the_money_back() -> None:
    customer = of(opened(0), reported(0, 30_000), closed(60), account("closing-undone", 62))
    assert assets(customer, 100) == 30_000


def test_the_first_balance_of_a_snapshot_has_been_there_for_a_mean() -> None:
    assert assets(of(snapshot(60, balance="30000", currency="CNY")), 61) == 30_000


def test_but_not_since_before_the_account_was_opened() -> None:
    fresh = snapshot(60, balance="30000", currency="CNY", opened_on=on(50).date().isoformat())
    assert assets(of(fresh), 60) == 10_000


# Whatever the order.


def test_a_report_that_comes_late_is_put_in_its_place() -> None:
    in_order = of(opened(0), reported(10, 100), reported(11, 40_000), reported(12, 100))
    told = of(opened(0), reported(10, 100), reported(12, 100), reported(11, 40_000))
    days = range(10, 60)
    assert [assets(told, day) for day in days] == [assets(in_order, day) for day in days]
    assert assets(told, 42) == 100


def test_a_loan_whose_balance_comes_before_its_opening_is_a_loan() -> None:
    customer = of(reported(10, 9_000, "l1"), opened(9.5, "l1", product_type="loan"))
    assert (assets(customer, 60), owed(customer, 60)) == (0, 9_000)


def test_of_two_reports_for_one_day_the_one_told_later_counts() -> None:
    customer = of(opened(0), reported(10, 100), reported(on(11), 900, as_of=10))
    assert assets(customer, 60) == 900


# Bounds.


def test_as_many_holdings_as_there_is_room_for_are_remembered() -> None:
    told = [reported(day, 3_000, f"h{day}") for day in range(MOST_HOLDINGS + 10)]
    assert assets(of(*told), 100) == 3_000 * MOST_HOLDINGS


def test_a_balance_for_every_day_of_years_takes_little_room() -> None:
    life = Life(only("run_off"))
    life.tell(opened(0), opened(0, "a2", product_type="savings_account"))
    for day in range(1, 600):
        life.tell(reported(day, 80_000 + day * 7_919 % 1_000))
        life.tell(reported(day, 30_000 + day * 104_729 % 500, "a2"))
    size = len(Codec().encode(life.now))
    print(f"{size} bytes")
    assert size <= 1_000
    assert 110_000 < assets(life.now, 600) < 112_000


def test_a_month_is_exact_however_often_the_balance_changes() -> None:
    amounts = {day: day * 7_919 % 100_000 for day in range(1, 200)}
    customer = of(opened(0), *(morning(day + 1, amount) for day, amount in amounts.items()))
    assert assets(customer, 200) == sum(amounts[day] for day in range(170, 200)) // 30


def test_a_datetime_tells_a_report_like_a_day_does() -> None:
    when: datetime = on(10, "23:30")
    assert reported(when, 5, as_of=10).as_of == reported(10, 5).as_of
