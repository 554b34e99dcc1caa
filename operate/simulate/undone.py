"""What the core takes back: openings that never were, and closings that never were.

Every case comes in its turn, so that a few hundred customers already show all of them.
"""

from __future__ import annotations

from operate.simulate.almanac import DAY
from operate.simulate.dice import Dice
from operate.simulate.fates import NEVER
from operate.simulate.script import Absence, Complaint, Script, Why, any_hour, office_hours

_EVERY = 20
_TURN = 17
_BEFORE = ("fresh", "forgotten", "closed", "silent")
_STATES = ("new", "at_risk", "active")
_OPENINGS = tuple(
    (before, state)
    for before in _BEFORE
    for state in _STATES
    if (before, state) != ("silent", "active")  # whoever is active again is there
)
_CLOSINGS = _STATES


def case_of(number: int) -> int | None:
    """Which of the cases below is customer `number`'s, if any."""
    if number % _EVERY != _TURN:
        return None
    return number // _EVERY % (len(_OPENINGS) + len(_CLOSINGS))


def cast_undone(script: Script, dice: Dice, case: int) -> None:
    """Writes the whole script."""
    if case < len(_OPENINGS):
        before, state = _OPENINGS[case]
        _opening(script, dice, before, state)
    else:
        _closing(script, dice, _CLOSINGS[case - len(_OPENINGS)])


def _opening(script: Script, dice: Dice, before: str, state: str) -> None:
    """Opens an account, and within days the core takes the opening back."""
    day = dice.between(320, 600)
    if before in ("fresh", "forgotten"):
        script.entry = "walk_in" if before == "fresh" else "prospect"
        script.habit_from = NEVER
        script.opens = office_hours(dice, day)
        if before == "forgotten":
            script.heard = any_hour(dice, day - dice.between(200, 300))
    else:
        _left_before(script, dice, before, day)
    last = day + 1
    if state == "active":
        script.own_days += tuple(any_hour(dice, day + one) for one in (1, 2, 4))
        last = day + dice.between(5, 8)
    elif state == "at_risk":
        filed = day * DAY + dice.between(61_000, 70_000)
        script.complaints = (Complaint(filed, (day + 9) * DAY + 40_000),)
    gone: Why | None = None if before in ("fresh", "forgotten") else "moved_bank"
    script.absences += (Absence(office_hours(dice, last), gone, how="undone"),)


def _left_before(script: Script, dice: Dice, before: str, day: int) -> None:
    """Was a customer, closed or went silent, and opens another account."""
    script.entry = "book"
    script.opens = office_hours(dice, -dice.between(400, 3_000))
    closed = before == "closed"
    gone = day - (dice.between(20, 120) if closed else dice.between(186, 205))
    script.absences = (
        Absence(
            office_hours(dice, gone),
            "moved_bank",
            how="closed" if closed else "silent",
            back=office_hours(dice, day),
            by="opening",
            drains=True,
        ),
    )
    script.settles_again = False


def _closing(script: Script, dice: Dice, state: str) -> None:
    """The account is closed by mistake, and some days later it never was."""
    day = dice.between(60, 600)
    script.entry = "book"
    script.opens = office_hours(dice, -dice.between(400, 3_000))
    if state == "new":
        script.entry = "walk_in"
        script.opens = office_hours(dice, day - 6)
        script.habit_from = (day + 20) * DAY
    elif state == "at_risk":
        filed = office_hours(dice, day - dice.between(2, 9))
        script.complaints = (Complaint(filed, filed + dice.between(30, 60) * DAY),)
    back = office_hours(dice, day + dice.between(1, 8))
    closed = office_hours(dice, day)
    script.absences = (Absence(closed, None, how="closed", back=back, by="undone"),)
