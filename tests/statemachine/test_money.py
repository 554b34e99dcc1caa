"""Money of any currency as whole units of the policy's, by its dated rates."""

from datetime import date
from decimal import Decimal

import pytest
from pydantic import ValidationError

from statemachine.calendar import day_number
from statemachine.money import Rates
from tests.statemachine.builders import (
    Life,
    active,
    only,
    opened,
    policy,
    reason_of,
    reported,
    transferred,
)

NEW_YEAR, MARCH = day_number(date(2024, 1, 1)), day_number(date(2024, 3, 1))
RATES = Rates("CNY", {"USD": ((NEW_YEAR, Decimal("7.10")), (MARCH, Decimal("7.30")))})
TABLE = {"assets.rates": {"USD": {"2024-01-01": "7.10", "2024-03-01": "7.30"}}}


def test_the_policy_s_own_currency_needs_no_rate() -> None:
    assert RATES.whole_units("1250.00", "CNY", 0) == 1_250


@pytest.mark.parametrize(
    "day, worth",
    [(NEW_YEAR, 710), (MARCH - 1, 710), (MARCH, 730), (MARCH + 10_000, 730)],
)
def test_a_rate_is_in_force_from_its_day_until_the_next_one(day: int, worth: int) -> None:
    assert RATES.whole_units("100", "USD", day) == worth


def test_before_its_first_rate_a_currency_has_no_worth() -> None:
    assert RATES.whole_units("100", "USD", NEW_YEAR - 1) is None


def test_a_currency_that_is_not_in_the_table_has_no_worth() -> None:
    assert RATES.whole_units("100", "EUR", MARCH) is None


@pytest.mark.parametrize(
    "amount, shares, worth",
    [("99.99", 1, 99), ("-99.99", 1, -99), ("100", 3, 33), ("0.999999", 1, 0)],
)
def test_amounts_are_rounded_towards_nothing_after_all_else(
    amount: str, shares: int, worth: int
) -> None:
    assert RATES.whole_units(amount, "CNY", MARCH, shares=shares) == worth


def test_what_is_shared_is_what_it_is_worth_and_not_its_whole_units() -> None:
    # 1.99 dollars are 14.527 yuan; half of it is 7, though half of one dollar is 3.
    assert RATES.whole_units("1.99", "USD", MARCH, shares=2) == 7


def test_the_largest_amount_is_exact() -> None:
    assert RATES.whole_units("9" * 18 + ".999999", "CNY", MARCH) == 10**18 - 1


# In the policy.


def test_the_rates_are_under_the_policy_s_digest_however_they_are_written() -> None:
    same = policy(**{"assets.rates": {"USD": {"2024-03-01": "7.3", "2024-01-01": "7.1"}}})
    assert policy(**TABLE).digest == same.digest
    other = policy(**{"assets.rates": {"USD": {"2024-03-01": "7.31", "2024-01-01": "7.1"}}})
    assert policy(**TABLE).digest != other.digest


@pytest.mark.parametrize(
    "rates",
    [
        {"CNY": {"2024-01-01": "1"}},
        {"USD": {"2024-01-01": "0"}},
        {"USD": {"2024-01-01": "0.00"}},
        {"USD": {"2024-01-01": "-7"}},
        {"USD": {"2024-01-01": 7.1}},
        {"USD": {"someday": "7.1"}},
        {"XXQ": {"2024-01-01": "7.1"}},
    ],
)
def test_a_rate_that_says_nothing_is_refused(rates: object) -> None:
    with pytest.raises(ValidationError):
        policy(**{"assets.rates": rates})


# In a life.


def dollars(amount: int) -> Life:
    """Active, with dollars alone since day 61, which is the second of March."""
    life = active(only("run_off", "outflow", **TABLE))
    life.tell(reported(61, amount, currency="USD"))
    return life


def test_foreign_money_counts_with_the_rate_of_the_day_it_was_reported_for() -> None:
    life = dollars(10_000)
    life.tell(reported(110, 0, currency="USD"))
    life.passes(200)
    assert reason_of(life).values["peak"] == 73_000


def test_a_foreign_transfer_counts_with_the_rate_of_its_day() -> None:
    life = dollars(10_000)
    assert life.tell(transferred(95, 4_999, currency="USD")) == []
    assert life.tell(transferred(96, 1_000, currency="USD"))[-1].endswith("warned: outflow")
    assert reason_of(life).values["transferred"] == 36_492 + 7_300


def test_money_without_a_rate_is_left_out_and_the_evidence_says_so() -> None:
    life = active(only("run_off", **TABLE))
    life.tell(opened(4, "a2"), reported(4, 900_000, "a2", currency="EUR"))
    life.tell(reported(4, 60_000), reported(60, 0))
    life.passes(100)
    values = reason_of(life).values
    assert (values["peak"], values["mean"], values["left_out"]) == (60_000, 18_000, "EUR")


def test_a_transfer_without_a_rate_is_left_out() -> None:
    life = dollars(10_000)
    assert life.tell(transferred(95, 70_000, currency="EUR")) == []
