"""What becomes of customers: one small function per fate, and how common each is.

The shares are higher than a quiet bank's, so that a few hundred customers already show every
move that a life can make. Days are chosen so that the usual limits (90 days of silence, 90 days
of onboarding, lost after 180) are met from both sides, but nothing here knows a policy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from operate.simulate.almanac import DAY
from operate.simulate.dice import Dice
from operate.simulate.script import (
    HORIZON,
    Absence,
    Complaint,
    Script,
    any_hour,
    office_hours,
)

Fate = Callable[[Script, Dice], None]
"""Writes one fate into a script; leaves it alone when the two years are too short for it."""

NEVER = 10**9
"""A moment that does not come."""


def leave_day(script: Script, dice: Dice, first: int = 35, reserve: int = 20) -> int | None:
    """Some day of the plan, `first` days or more after the begin and `reserve` before the end."""
    low, high = script.since + first, HORIZON - reserve
    return dice.between(low, high) if low <= high else None


def settling_steps(dice: Dice, day: int) -> tuple[int, ...]:
    """Three or four own days soon after `day`, as of somebody settling in (again)."""
    first = day + dice.between(1, 5)
    second = first + dice.between(2, 9)
    third = second + dice.between(2, 11)
    return tuple(any_hour(dice, each) for each in (first, second, third))


def steady(script: Script, dice: Dice) -> None:
    """Stays; some complain and are heard, some answer surveys, some are misjudged by the model."""
    day = script.since + dice.between(40, 400)
    if dice.chance(0.06):
        filed = office_hours(dice, day)
        script.complaints = (Complaint(filed, filed + dice.between(2, 35) * DAY),)
    if dice.chance(0.15):
        script.ratings = ((any_hour(dice, day + 15), 10 - dice.skewed(0, 10)),)
    if dice.chance(0.05):
        start = (day + 30) * DAY
        script.scare = (start, start + dice.between(50, 110) * DAY)


def quiet(script: Script, dice: Dice) -> None:
    """Is silent for three to five months (abroad, ill, busy elsewhere) and has not left."""
    day = leave_day(script, dice, reserve=120)
    if day is None:
        return
    back = any_hour(dice, day + dice.between(96, 160))
    script.absences = (
        Absence(
            day * DAY,
            None,
            back=back,
            keeps_income=dice.chance(0.5),
            foreseen=dice.chance(0.3),
        ),
    )
    script.own_days += settling_steps(dice, back // DAY)


def restless(script: Script, dice: Dice) -> None:
    """Is quiet for a while, comes back, and leaves in earnest later."""
    quiet(script, dice)
    if not script.absences or (back := script.absences[0].back) is None:
        return
    day = back // DAY + dice.between(60, 140)
    if day < HORIZON - 10:
        script.absences += (Absence(day * DAY, "moved_bank", drains=True, foreseen=True),)


def fader(script: Script, dice: Dice) -> None:
    """Comes less and less for months, and then no more; the account stays."""
    fade = dice.between(90, 220)
    day = leave_day(script, dice, first=fade + 20)
    if day is None:
        return
    script.absences = (
        Absence(
            day * DAY,
            "silent_drift",
            fade=fade,
            drains=dice.chance(0.8),
            keeps_income=dice.chance(0.4),
            foreseen=dice.chance(0.6),
        ),
    )
    if dice.chance(0.12):
        script.dies = (day + dice.between(40, 300)) * DAY


def mover(script: Script, dice: Dice) -> None:
    """Moves to another bank from one day to the next and leaves the account behind."""
    day = leave_day(script, dice)
    if day is None:
        return
    script.absences = (Absence(day * DAY, "moved_bank", drains=True, foreseen=dice.chance(0.5)),)
    if dice.chance(0.12):
        script.dies = (day + dice.between(40, 300)) * DAY


def unhappy(script: Script, dice: Dice) -> None:
    """Complains, is not heard in time, and goes: silently or by closing."""
    day = leave_day(script, dice)
    if day is None:
        return
    filed = office_hours(dice, day - dice.between(6, 30))
    settled = day * DAY + dice.between(1, 50) * DAY if dice.chance(0.5) else None
    script.complaints = (Complaint(filed, settled),)
    script.ratings = ((any_hour(dice, day - 4), dice.between(0, 2)),)
    closes = dice.chance(0.5)
    script.absences = (
        Absence(
            office_hours(dice, day) if closes else day * DAY,
            "dissatisfied",
            how="closed" if closes else "silent",
            drains=True,
            began=filed,
            foreseen=dice.chance(0.7),
        ),
    )


def closer(script: Script, dice: Dice) -> None:
    """Takes the money elsewhere and closes the account in the same hour."""
    day = leave_day(script, dice, first=30, reserve=5)
    if day is not None:
        script.absences = (
            Absence(
                office_hours(dice, day),
                "moved_bank",
                how="closed",
                drains=True,
                fade=dice.pick(((0.6, 0), (0.4, 30))),
                foreseen=dice.chance(0.5),
            ),
        )


def late_closer(script: Script, dice: Dice) -> None:
    """Is silent for months and only then closes; some when already given up."""
    mover(script, dice)
    if script.absences:
        (gone,) = script.absences
        day = gone.at // DAY + dice.pick(((0.5, 130), (0.5, 215))) + dice.between(-30, 30)
        script.absences = (replace(gone, closes=office_hours(dice, day)),)
        script.dies = None


def returner(script: Script, dice: Dice) -> None:
    """Leaves silently, is given up, and comes back after seven to ten months."""
    day = leave_day(script, dice, first=20, reserve=250)
    if day is None:
        return
    back = any_hour(dice, day + dice.between(195, 300))
    script.absences = (
        Absence(
            day * DAY,
            "moved_bank" if dice.chance(0.6) else "silent_drift",
            back=back,
            by="opening" if dice.chance(0.12) else "using",
            drains=True,
            foreseen=dice.chance(0.5),
        ),
    )
    script.own_days += settling_steps(dice, back // DAY)


def reopener(script: Script, dice: Dice) -> None:
    """Closes the account and comes back within weeks or months, to it or to a new one."""
    day = leave_day(script, dice, first=30, reserve=70)
    if day is None:
        return
    back = office_hours(dice, day + dice.between(15, 200))
    again = dice.chance(0.5)
    script.absences = (
        Absence(
            office_hours(dice, day),
            "moved_bank",
            how="closed",
            back=back,
            by="reopening" if again else "opening",
            drains=True,
        ),
    )
    if dice.chance(0.8):
        script.own_days += settling_steps(dice, back // DAY)


def died(script: Script, dice: Dice) -> None:
    """Dies; the bank hears of it days later."""
    day = leave_day(script, dice, first=10, reserve=10)
    if day is not None:
        script.dies = day * DAY
        script.absences = (Absence(day * DAY, "died", how="died", keeps_income=True),)


def died_long_gone(script: Script, dice: Dice) -> None:
    """Moves to another bank early in the plan, and dies when long given up."""
    script.entry = "book"
    script.opens = office_hours(dice, -dice.between(200, 3_000))
    day = dice.between(30, 200)
    script.absences = (Absence(day * DAY, "moved_bank", drains=True),)
    script.dies = (day + dice.between(200, 400)) * DAY


def held(script: Script, dice: Dice) -> None:
    """A court freezes everything for some weeks; then life goes on."""
    day = leave_day(script, dice, reserve=60)
    if day is not None:
        back = office_hours(dice, day + dice.between(10, 40))
        script.absences = (
            Absence(office_hours(dice, day), None, back=back, keeps_income=True, held=True),
        )
        script.own_days += settling_steps(dice, back // DAY)


def asleep(script: Script, dice: Dice) -> None:
    """Left in silence before the plan began; some come back."""
    back = None
    if dice.chance(0.4):
        back = any_hour(dice, dice.between(70, 330))
        script.own_days += settling_steps(dice, back // DAY)
    opened = (script.opens or 0) // DAY
    day = max(-dice.between(30, 400), min(-1, opened + 3))
    script.absences = (Absence(day * DAY, "silent_drift", back=back, drains=True),)
    if back is None and dice.chance(0.15):
        script.dies = dice.between(100, 600) * DAY
