"""Kin: couples with one account between them, and children whose parents act for them.

Customers 1 and 2, 3 and 4, ... may belong together. Whoever comes first in number, the first of a
couple or the child, tells of the account; the second gets copies and changes nothing for the first,
whose life is the same where a plan ends between the two. The script of a couple's second is the
first's, seen from the other side.
"""

from __future__ import annotations

from operate.simulate.almanac import DAY
from operate.simulate.dice import Dice
from operate.simulate.drifting import drainer, drifter, payroll_changer
from operate.simulate.fates import Fate, closer, fader, mover, quiet, steady
from operate.simulate.fortunes import in_turn
from operate.simulate.personas import FAMILY, STUDENT
from operate.simulate.script import HORIZON, Absence, Script, Tie, id_of, office_hours
from operate.simulate.undone import case_of

ADULTHOOD = 6_575
"""Days from birth to majority, at eighteen."""
_KINDS = ((0.05, "couple"), (0.04, "child"), (0.91, "none"))
_ACTED: tuple[tuple[float, int | None], ...] = ((0.4, None), (0.35, 0), (0.25, 1))
"""How often nobody says which of a couple acted, and how often it was the first or second."""
_COUPLES: tuple[tuple[float, Fate], ...] = (
    (0.50, steady),
    (0.08, quiet),
    (0.10, mover),
    (0.10, closer),
    (0.07, fader),
    (0.05, payroll_changer),
    (0.05, drainer),
    (0.05, drifter),
)


def tie_of(seed: int, number: int) -> Tie | None:
    """How customer `number` belongs to the one beside them, if they do."""
    first = number % 2 == 1
    beside = number + 1 if first else number - 1
    if any(case_of(one) is not None or in_turn(one) for one in (number, beside)):
        return None
    kind = Dice(seed, (number + 1) // 2, "kin").pick(_KINDS)
    other = id_of(beside)
    if kind == "couple":
        return Tie("owner" if first else "joint", other)
    if kind == "child":
        return Tie("child" if first else "guardian", other)
    return None


def cast_adult(script: Script, dice: Dice) -> None:
    """The first of a couple, or a parent: long in the book, and alive."""
    script.entry = "book"
    script.persona = FAMILY
    script.opens = office_hours(dice, -dice.between(200, 15 * 365))
    couple = script.tie is not None and script.tie.role == "owner"
    (dice.pick(_COUPLES) if couple else steady)(script, dice)
    script.dies = None


def cast_partner(script: Script, first: Script) -> None:
    """The second of a couple: comes and goes with the first."""
    script.entry = "partner"
    script.persona, script.opens = first.persona, first.opens
    script.absences, script.leanings = first.absences, first.leanings


def cast_child(script: Script, dice: Dice) -> None:
    """A child with an account: most come of age within the two years, and some go then."""
    script.entry = "book"
    script.persona = STUDENT
    script.of_age = dice.between(60, HORIZON + 500)
    opened = max(-10 * 365, script.of_age - ADULTHOOD + 60)
    script.opens = office_hours(dice, dice.between(opened, -200))
    gone = script.of_age + dice.between(30, 120)
    if dice.chance(0.3) and gone < HORIZON - 20:
        script.absences = (Absence(gone * DAY, "moved_bank", drains=True),)


def actors_of(script: Script) -> tuple[tuple[float, str | None], ...]:
    """Who acts on the accounts that this script tells of, by weight."""
    tie = script.tie
    if tie is not None and tie.role == "owner":
        who = (script.customer_id, tie.other)
        return tuple((weight, None if one is None else who[one]) for weight, one in _ACTED)
    if tie is not None and tie.role == "child":
        return ((1.0, tie.other),)
    return ()


def parties_of(script: Script) -> tuple[tuple[str, str], ...]:
    """Who is told the same of every account, and in which role."""
    tie = script.tie
    if tie is not None and tie.role == "owner":
        return ((tie.other, "joint"),)
    if tie is not None and tie.role == "child":
        return ((tie.other, "guardian"),)
    return ()
