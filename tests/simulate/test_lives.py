"""Whether the bank looks like one."""

from collections import Counter
from decimal import Decimal

from tests.simulate.conftest import PLAN, Body, is_own


def test_most_postings_are_the_customers_own_and_few_are_unknown(bodies: list[Body]) -> None:
    initiators = Counter(
        body["initiator"] for body in bodies if body["type"] == "transaction.posted"
    )
    total = initiators.total()
    assert 0.7 < initiators["customer"] / total < 0.9
    assert 0.0005 < initiators["unknown"] / total < 0.02
    assert min(initiators[who] for who in ("third_party", "standing", "bank")) / total > 0.015


def test_a_customer_has_some_events_each_week(bodies: list[Body]) -> None:
    assert 150 < len(bodies) / PLAN.customers < 300


def test_the_lunar_new_year_empties_purses_before_and_streets_after(bodies: list[Body]) -> None:
    days = Counter(body["occurred_at"][:10] for body in bodies if is_own(body))
    before = sum(days[f"2025-01-{day}"] for day in range(18, 25))
    after = sum(days[f"2025-01-{day}"] for day in (29, 30, 31))
    after += sum(days[f"2025-02-0{day}"] for day in range(1, 5))
    assert before > 1.8 * after


def test_each_has_favourite_days_of_the_week_and_the_branch_is_shut_at_night(
    bodies: list[Body],
) -> None:
    visits = [body for body in bodies if body.get("channel") == "branch" and is_own(body)]
    hours = Counter(int(body["occurred_at"][11:13]) for body in bodies if is_own(body))
    assert len(visits) > 50
    assert not any(hours[hour] for hour in range(7))
    assert hours[12] > hours[22]


def test_salaries_come_once_a_month_on_the_same_day(by_customer: dict[str, list[Body]]) -> None:
    regular = 0
    for facts in by_customer.values():
        days = [fact["booking_date"] for fact in facts if fact.get("purpose") == "salary"]
        months = {day[:7] for day in days}
        assert len(months) == len(days)
        regular += len(days) >= 12 and len({day[8:] for day in days}) == 1
    assert regular > 50


def test_silent_customers_still_have_postings_that_are_not_theirs(
    by_customer: dict[str, list[Body]],
) -> None:
    """Why counting every posting sees almost no silence."""
    fooled = 0
    for facts in by_customer.values():
        own = [fact["occurred_at"] for fact in facts if is_own(fact)]
        posted = [fact["occurred_at"] for fact in facts if fact["type"] == "transaction.posted"]
        fooled += bool(own) and own[-1] < "2025-06" and posted[-1] > "2025-11"
    assert fooled >= 5


def test_the_balances_add_up(by_customer: dict[str, list[Body]]) -> None:
    """Each posting's balance is the one before it, plus or minus the amount."""
    checked = 0
    for facts in by_customer.values():
        balances: dict[str, Decimal] = {}
        for fact in facts:
            account = fact.get("account_ref", "")
            if ":product:" in account:
                continue  # what goes in and out of these is not posted on them
            if fact["type"] in ("account.closed", "account.opened", "account.reopened"):
                balances[account] = Decimal(0)
            elif fact["type"] == "account.snapshot" and "balance" in fact:
                balances[account] = Decimal(fact["balance"])
            elif fact["type"] == "transaction.reversed":
                balances[account] += Decimal(fact["amount"])
            elif "balance_after" in fact:
                sign = 1 if fact["direction"] == "credit" else -1
                after = Decimal(fact["balance_after"])
                if account in balances:
                    assert balances[account] + sign * Decimal(fact["amount"]) == after
                    checked += 1
                balances[account] = after
            elif fact["type"] == "balance.reported" and account in balances:
                assert balances[account] == Decimal(fact["balance"])
    assert checked > 10_000


def test_reversals_take_back_postings_that_exist(by_customer: dict[str, list[Body]]) -> None:
    reversals = 0
    for facts in by_customer.values():
        posted = {fact["posting_id"] for fact in facts if fact["type"] == "transaction.posted"}
        for fact in facts:
            if fact["type"] == "transaction.reversed":
                assert fact["original_posting_id"] in posted
                reversals += 1
    assert reversals > 50


def test_scores_cross_the_usual_lines_in_both_directions(
    by_customer: dict[str, list[Body]],
) -> None:
    up = down = 0
    for facts in by_customer.values():
        high = False
        for fact in facts:
            if fact["type"] == "customer.scored":
                if not high and fact["score"] >= "0.8":
                    high, up = True, up + 1
                elif high and fact["score"] < "0.6":
                    high, down = False, down + 1
    assert up >= 15
    assert down >= 5
