"""What becomes of customers whose going is slow, whose money goes first, or who only seem to go."""

from __future__ import annotations

from operate.simulate.almanac import DAY
from operate.simulate.dice import Dice
from operate.simulate.fates import leave_day, settling_steps
from operate.simulate.personas import FAMILY, OFFICE_WORKER, RETIREE
from operate.simulate.script import (
    HORIZON,
    Absence,
    Contract,
    Drain,
    Leaning,
    Script,
    any_hour,
    office_hours,
)


def payroll_changer(script: Script, dice: Dice) -> None:
    """Has the salary paid elsewhere, uses the account less and less, and goes; some turn back."""
    script.persona = OFFICE_WORKER if dice.chance(0.6) else FAMILY
    day = leave_day(script, dice, first=120, reserve=100)
    if day is None:
        return
    script.payroll = ((day * DAY, False),)
    if dice.chance(0.3):
        back = (day + dice.between(75, 150)) * DAY
        script.payroll += ((back, True),)
        script.leanings = (Leaning(day * DAY, back, "moved_payroll"),)
        return
    gone = day + dice.between(90, 260)
    if gone > HORIZON - 10:
        script.leanings = (Leaning(day * DAY, None, "moved_payroll"),)
        return
    script.absences = (
        Absence(
            gone * DAY,
            "moved_payroll",
            fade=min(gone - day, 150),
            began=day * DAY,
            drains=True,
            foreseen=dice.chance(0.4),
        ),
    )


def drainer(script: Script, dice: Dice) -> None:
    """Moves the money to another bank in one to three large transfers, and goes weeks later."""
    _prosper(script, dice)
    day = leave_day(script, dice, first=40, reserve=100)
    if day is None:
        return
    days = [day]
    for _ in range(dice.between(0, 2)):
        days.append(days[-1] + dice.between(2, 9))
    script.drains = tuple(
        Drain(office_hours(dice, each), dice.between(60, 92), "bank") for each in days
    )
    gone = days[-1] + dice.between(12, 70)
    closes = office_hours(dice, gone + 40) if dice.chance(0.25) else None
    script.absences = (
        Absence(
            gone * DAY, "moved_bank", began=day * DAY, closes=closes, foreseen=dice.chance(0.4)
        ),
    )


def runner(script: Script, dice: Dice) -> None:
    """Lets the money run off into a payment institution's fund over two months, and goes.

    Some bring it back.
    """
    _prosper(script, dice)
    day = leave_day(script, dice, first=40, reserve=150)
    if day is None:
        return
    weeks = range(dice.between(8, 10))
    script.drains = tuple(
        Drain(any_hour(dice, day + 7 * week), dice.between(26, 36), "wallet") for week in weeks
    )
    over = day + 7 * len(weeks)
    if dice.chance(0.25):
        back = any_hour(dice, over + dice.between(10, 60))
        script.drains += (Drain(back, 90, "back"),)
        script.leanings = (Leaning(day * DAY, back, "moved_bank"),)
        return
    gone = over + dice.between(5, 60)
    script.absences = (
        Absence(gone * DAY, "moved_bank", began=day * DAY, foreseen=dice.chance(0.4)),
    )


def rate_hunter(script: Script, dice: Dice) -> None:
    """Does not renew a deposit, moves the money to whoever pays more, and follows it."""
    script.persona = FAMILY if dice.chance(0.5) else RETIREE
    day = leave_day(script, dice, first=40, reserve=120)
    if day is None:
        return
    yuan = dice.between(50, 400) * 1000
    days = 365 if day < 360 else 730
    script.contracts = (Contract((day - days) * DAY, "term_deposit", days, yuan, renews=False),)
    moves = day + dice.between(1, 12)
    script.drains = (Drain(office_hours(dice, moves), 93, "bank"),)
    script.absences = (Absence((moves + dice.between(20, 90)) * DAY, "matured", began=day * DAY),)


def drifter(script: Script, dice: Dice) -> None:
    """Uses the bank a third as much as before, and stays at that: the main bank is another one."""
    day = leave_day(script, dice, first=60, reserve=90)
    if day is not None:
        script.moods = ((day * DAY, 0.15 + 0.2 * dice.random()),)
        script.leanings = (Leaning(day * DAY, None, "silent_drift"),)


def seasonal(script: Script, dice: Dice) -> None:
    """Is away for a season, or busy, comes far less, and then comes as before."""
    day = leave_day(script, dice, first=60, reserve=120)
    if day is not None:
        back = day + dice.between(65, 110)
        script.moods = ((day * DAY, 0.2), (back * DAY, 1.0))


def repayer(script: Script, dice: Dice) -> None:
    """Repays a loan early with the savings: much less money, and no sign of leaving."""
    _prosper(script, dice)
    day = leave_day(script, dice, first=40, reserve=60)
    if day is not None:
        yuan = script.wealth * dice.between(60, 85) // 100_000 * 1000
        taken = (day - dice.between(300, 600)) * DAY
        early = office_hours(dice, day)
        script.contracts = (Contract(taken, "loan", 1_095, yuan, renews=False, repaid=early),)


def saver(script: Script, dice: Dice) -> None:
    """Moves nearly all the money into the bank's own wealth product: no sign of leaving."""
    _prosper(script, dice)
    day = leave_day(script, dice, first=40, reserve=60)
    if day is not None:
        at = any_hour(dice, day)
        own = Contract(at, "wealth", 365, script.wealth, renews=True, most_percent=93)
        script.contracts = (own,)


def frozen(script: Script, dice: Dice) -> None:
    """Has all accounts frozen for weeks or months, over a lost paper; then life goes on."""
    day = leave_day(script, dice, reserve=170)
    if day is not None:
        back = office_hours(dice, day + dice.between(15, 150))
        frozen_at = office_hours(dice, day)
        script.absences = (Absence(frozen_at, None, back=back, keeps_income=True, frozen=True),)
        script.own_days += settling_steps(dice, back // DAY)


def _prosper(script: Script, dice: Dice) -> None:
    script.persona = dice.pick(((0.5, FAMILY), (0.25, OFFICE_WORKER), (0.25, RETIREE)))
    script.wealth = dice.between(80, 400) * 1000
