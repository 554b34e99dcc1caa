"""What becomes of newcomers, beside what becomes of everybody."""

from __future__ import annotations

from operate.simulate.almanac import DAY
from operate.simulate.dice import Dice
from operate.simulate.fates import NEVER, settling_steps
from operate.simulate.script import Absence, Complaint, Script, any_hour, office_hours


def never(script: Script, dice: Dice) -> None:
    """Opens an account, tries it once or twice or not at all, and never settles in."""
    tries = dice.between(0, 2)
    day = script.since + dice.between(3, 25)
    script.first_deposit = tries == 2 or dice.chance(0.3)
    if tries:
        script.own_days = (any_hour(dice, day - 1),)
    script.habit_from = NEVER
    closes = None
    if dice.chance(0.25):
        closes = office_hours(dice, day + dice.between(60, 300))
    script.absences = (Absence(day * DAY, "silent_drift", closes=closes),)


def late(script: Script, dice: Dice) -> None:
    """Lets the onboarding pass and settles in afterwards."""
    begin = script.since + dice.between(96, 150)
    script.first_deposit = dice.chance(0.5)
    script.own_days = (any_hour(dice, begin), *settling_steps(dice, begin))
    script.habit_from = begin * DAY


def regret(script: Script, dice: Dice) -> None:
    """Closes the account before having settled in."""
    day = script.since + dice.between(4, 50)
    script.habit_from = NEVER
    script.absences = (Absence(office_hours(dice, day), "dissatisfied", how="closed", drains=True),)


def early_complaint(script: Script, dice: Dice) -> None:
    """Has a bad first week, complains, and is won over."""
    filed = office_hours(dice, script.since + dice.between(1, 9))
    script.complaints = (Complaint(filed, filed + dice.between(4, 40) * DAY),)
    script.ratings = ((filed + DAY + 600, dice.between(0, 3)),)
    script.habit_from = filed + dice.between(12, 40) * DAY
    script.own_days = settling_steps(dice, script.habit_from // DAY)


def died_early(script: Script, dice: Dice) -> None:
    """Walks in, and dies within weeks, before having settled in."""
    script.entry = "walk_in"
    script.opens = office_hours(dice, dice.between(0, 690))
    day = script.since + dice.between(2, 15)
    script.habit_from = NEVER
    script.dies = day * DAY
    script.absences = (Absence(day * DAY, "died", how="died"),)
