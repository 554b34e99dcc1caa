"""Each kind of people that a bank has: that they occur, and what they tell."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import pytest

from operate.simulate.almanac import DAY
from operate.simulate.script import Script
from tests.simulate.conftest import PLAN, Body, is_own
from tests.simulate.somebody import at, lived, scripts, times, told


def only(kind: str) -> list[Script]:
    return scripts(lambda one: not one.everyday and one.contracts[0].kind == kind)


def test_some_have_only_a_mortgage_that_another_bank_pays_each_month() -> None:
    for script in only("mortgage"):
        facts = lived(script)
        paid = told(facts, "transaction.posted")
        balances = [Decimal(one["balance"]) for one in told(facts, "balance.reported")]
        assert {one["initiator"] for one in paid} == {"standing"}
        assert len(paid) >= 2
        assert {one["product_type"] for one in told(facts, "account.snapshot")} == {"mortgage"}
        assert balances == sorted(balances, reverse=True)
        assert balances[-1] >= 0
        assert not any(map(is_own, facts))


def test_some_have_only_a_deposit_and_go_when_it_is_not_renewed() -> None:
    renewed = gone = 0
    for script in scripts(lambda one: not one.everyday and one.contracts[0].days < 400, 6):
        facts = lived(script)
        assert not told(facts, "transaction.posted")
        renewed += bool(told(facts, "product.renewed"))
        gone += any(absence.why == "matured" for absence in script.absences)
        if script.absences:
            assert times(facts, "product.matured")[0][:10] == at(script.absences[0].at)[:10]
    assert renewed
    assert gone
    assert renewed + gone == 6


@pytest.mark.parametrize("held", [True, False])
def test_accounts_are_frozen_and_freed_and_only_others_pay_in_meanwhile(held: bool) -> None:
    def stopped(one: Script) -> bool:
        return any((each.held if held else each.frozen) for each in one.absences)

    for script in scripts(stopped):
        facts = lived(script)
        (froze, *_), (freed, *_) = (
            times(facts, "account.status-changed", status=status) for status in ("frozen", "active")
        )
        assert froze < freed
        assert bool(told(facts, "customer.status-changed", status="hold")) == held
        meanwhile = [
            one
            for one in told(facts, "transaction.posted")
            if froze < one["occurred_at"] < freed and one["direction"] == "debit"
        ]
        assert {one["initiator"] for one in meanwhile} <= {"bank"}
        assert any(is_own(one) and one["occurred_at"] > freed for one in facts)


def test_the_core_flags_who_is_long_away_as_dormant_and_lifts_it_with_the_return() -> None:
    def slept(one: Script) -> bool:
        absence = one.absences[0] if len(one.absences) == 1 else None
        back = None if absence is None else absence.back
        return bool(absence and back and absence.at > 0 and back - absence.at > 240 * DAY) and bool(
            absence and absence.by == "using" and absence.how == "silent"
        )

    for script in scripts(slept):
        facts = lived(script)
        flagged = times(facts, "account.status-changed", status="dormant")
        lifted = times(facts, "account.status-changed", status="active")
        back = script.absences[0].back
        assert flagged
        assert len(flagged) == len(lifted)
        assert back is not None
        assert flagged[0] < at(back) <= lifted[0]


def test_some_have_their_salary_paid_elsewhere_while_they_still_use_the_account() -> None:
    def goes(one: Script) -> bool:
        return bool(one.payroll) and one.payroll[0][0] > 200 * DAY

    for script in scripts(goes, 4):
        facts = lived(script)
        moves = at(script.payroll[0][0])
        back = at(script.payroll[1][0]) if len(script.payroll) > 1 else "9999"
        salaries = times(facts, "transaction.posted", purpose="salary")
        assert sum(moment < moves for moment in salaries) >= 4
        assert not any(moves <= moment < back for moment in salaries)
        assert not told(facts, "payroll.ended")
        assert any(is_own(one) and moves < one["occurred_at"] < back for one in facts)


def test_who_retires_is_known_to_and_gets_a_pension() -> None:
    pensions = 0
    for script in scripts(lambda one: one.changes_employer is not None, 30):
        facts = lived(script)
        for moment in times(facts, "payroll.ended", reason="retired"):
            later = times(facts, "transaction.posted", purpose="salary")
            assert not any(one > moment for one in later)
            pensions += bool(times(facts, "transaction.posted", purpose="pension"))
    assert pensions >= 2


@pytest.mark.parametrize(
    "to,kind", [("bank", "other_bank"), ("wallet", "payment_institution")], ids=str
)
def test_some_move_most_of_their_money_out_and_then_go(to: str, kind: str) -> None:
    def drains(one: Script) -> bool:
        return bool(one.drains) and one.drains[0].to == to and one.wealth > 0

    for script in scripts(drains):
        facts = lived(script)
        code = "TRFOUT" if to == "bank" else "WALLET"
        days = {at(one.at)[:10] for one in script.drains}
        brought = sum(one.to == "back" for one in script.drains)
        assert len(told(facts, "transaction.posted", code="TRFIN", initiator="customer")) == brought
        large = [
            one
            for one in told(facts, "transaction.posted", code=code, counterparty_kind=kind)
            if one["occurred_at"][:10] in days
        ]
        assert len(large) >= len(script.drains) - brought
        total = sum(Decimal(one["amount"]) for one in large)
        assert total > 25_000
        reported = {one["as_of"] for one in told(facts, "balance.reported")}
        assert days <= reported


def test_money_moved_within_the_bank_is_reported_on_both_sides_the_same_day() -> None:
    def saves(one: Script) -> bool:
        return one.wealth > 0 and any(c.most_percent > 90 and c.at > 0 for c in one.contracts)

    for script in scripts(saves):
        facts = lived(script)
        planned = {at(one.at)[:10] for one in script.contracts}
        every = told(facts, "product.subscribed")
        subscribed = next(one for one in every if one["occurred_at"][:10] in planned)
        day = subscribed["occurred_at"][:10]
        assert Decimal(subscribed["amount"]) > script.wealth // 4
        assert told(facts, "balance.reported", as_of=day, product_type="current_account")
        later = told(facts, "balance.reported", product_type="wealth")
        assert subscribed["product_ref"] in {one["account_ref"] for one in later}


def test_a_loan_is_reported_as_what_is_owed_and_some_repay_it_early() -> None:
    def repays(one: Script) -> bool:
        return any(c.repaid is not None for c in one.contracts)

    for script in scripts(repays):
        facts = lived(script)
        owed = [Decimal(one["balance"]) for one in told(facts, "balance.reported")]
        loans = told(facts, "balance.reported", product_type="loan")
        assert all(Decimal(one["balance"]) > 0 for one in loans)
        assert [one["balance"] for one in loans] == sorted(
            (one["balance"] for one in loans), key=Decimal, reverse=True
        )
        repaid = told(facts, "transaction.posted", code="REPAY")
        assert len(repaid) == 1
        assert Decimal(repaid[0]["amount"]) > 10_000
        assert owed


def test_some_come_a_third_as_often_and_others_only_for_a_season() -> None:
    for back in (False, True):
        for script in _with_moods(1 + back):
            days = {one["occurred_at"][:10] for one in lived(script) if is_own(one)}
            begins = script.moods[0][0]
            ends = script.moods[1][0] if back else PLAN.days * DAY
            slow = _per_day(days, begins, ends)
            assert slow < 0.6 * _per_day(days, max(script.since * DAY, 0), begins)
            if back:
                assert slow < 0.6 * _per_day(days, ends, PLAN.days * DAY)


def _with_moods(count: int) -> list[Script]:
    return scripts(lambda one: len(one.moods) == count)


def _per_day(days: set[str], first: int, last: int) -> float:
    span = [at(day * DAY)[:10] for day in range(first // DAY, last // DAY)]
    return len(days & set(span)) / len(span)


def test_deposits_mature_unrenewed_and_some_of_those_take_another_later() -> None:
    def ends(one: Script) -> bool:
        return one.everyday and len(one.contracts) > 1 and not one.contracts[0].renews

    again = 0
    for script in scripts(ends, 12):
        facts = lived(script)
        for moment in times(facts, "product.matured"):
            limit = (_date(moment) + timedelta(days=90)).isoformat()
            again += any(moment < one < limit for one in times(facts, "product.subscribed"))
    assert again >= 2


def _date(text: str) -> date:
    return date.fromisoformat(text[:10])


def test_the_core_takes_openings_and_closings_back(by_customer: dict[str, list[Body]]) -> None:
    openings = closings = 0
    for facts in by_customer.values():
        for undone in told(facts, "account.opening-undone"):
            opened = told(facts, "account.opened", account_ref=undone["account_ref"])
            assert opened[0]["occurred_at"] < undone["occurred_at"]
            assert _date(undone["occurred_at"]) - _date(opened[0]["occurred_at"]) < timedelta(10)
            openings += 1
        for undone in told(facts, "account.closing-undone"):
            closed = told(facts, "account.closed", account_ref=undone["account_ref"])
            assert closed[0]["occurred_at"] < undone["occurred_at"]
            assert any(is_own(one) and one["occurred_at"] > undone["occurred_at"] for one in facts)
            closings += 1
    assert openings >= 8
    assert closings >= 2


def test_every_product_reports_its_balance_at_each_month_end(
    by_customer: dict[str, list[Body]],
) -> None:
    kinds: Counter[str] = Counter()
    for facts in by_customer.values():
        kinds.update(one["product_type"] for one in told(facts, "balance.reported"))
    assert {"current_account", "savings_account", "term_deposit", "wealth", "loan"} <= kinds.keys()
    assert {"mortgage", "insurance"} <= kinds.keys()
    assert min(kinds.values()) >= 12
