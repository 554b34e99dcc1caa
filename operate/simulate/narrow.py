"""Customers with one product and no account for every day: a mortgage, or a deposit."""

from __future__ import annotations

from datetime import date
from functools import partial

from operate.simulate import contracts
from operate.simulate.almanac import DAY, Day
from operate.simulate.dice import Dice
from operate.simulate.life import MONTHLY, Life
from operate.simulate.money import plan_month_end
from operate.simulate.personas import MORTGAGE_PAID
from operate.simulate.script import HORIZON, Absence, Contract, Script, any_hour
from operate.simulate.voice import consent

_MONTH = 30 * DAY


def narrow(script: Script, dice: Dice) -> None:
    """Nothing but a mortgage paid from another bank, or nothing but a deposit."""
    script.everyday = False
    if dice.chance(0.5):
        taken, days = -dice.between(400, 3_000), 7_300
        if dice.chance(0.1):
            days = dice.between(60, HORIZON - 60) - taken
        contract = Contract(
            taken * DAY + 40_000, "mortgage", days, 50_000 * dice.between(6, 40), renews=False
        )
    else:
        days = dice.pick(((0.3, 182), (0.5, 365), (0.2, 1_095)))
        taken = -dice.between(1, days - 10)
        stays = dice.chance(0.6)
        yuan = dice.between(10, 300) * 1000
        contract = Contract(any_hour(dice, taken), "term_deposit", days, yuan, renews=stays)
    script.contracts = (contract,)
    ends = contract.at // DAY + contract.days
    if not contract.renews and ends < HORIZON:
        script.absences = (Absence(ends * DAY, "matured", how="matured"),)


def introduce(start: date, life: Life, today: Day, second: int) -> None:
    """The plan's first night: the one product, as a snapshot."""
    (contract,) = life.script.contracts
    contracts.introduce_contract(start, life, second, contract)
    consent(life, second + 20, granted=life.dice.chance(0.7))
    plan_month_end(life, today, second)
    if contract.kind == "mortgage":
        ref = next(iter(life.products))
        day = today.number + life.dice.between(0, 27)
        life.plan_while_open(day * DAY + 21_600, partial(_pay, ref, contract), MONTHLY)


def _pay(ref: str, contract: Contract, life: Life, today: Day, second: int) -> None:
    """The month's part of the mortgage, by a standing order at another bank."""
    mortgage = life.products.get(ref)
    if mortgage is not None and not life.dead:
        left = max(1, (contract.at // DAY + contract.days - today.number) * DAY // _MONTH)
        life.post(today, second, mortgage, MORTGAGE_PAID, max(1, mortgage.balance // left))
