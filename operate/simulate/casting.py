"""Casting: draws customer number k's script.

Customer k's script depends on the seed and on k alone: another number of customers, of days, or
other dirt leaves it as it is.
"""

from __future__ import annotations

from dataclasses import replace

from operate.simulate.almanac import DAY
from operate.simulate.dice import Dice
from operate.simulate.fates import NEVER
from operate.simulate.fortunes import OLD, YOUNG, in_turn
from operate.simulate.kin import cast_adult, cast_child, cast_partner, tie_of
from operate.simulate.narrow import narrow
from operate.simulate.personas import PERSONAS
from operate.simulate.script import Absence, Contract, Entry, Script, any_hour, office_hours
from operate.simulate.undone import case_of, cast_undone

_ENTRIES: tuple[tuple[float, Entry], ...] = (
    (0.606, "book"),
    (0.004, "stranger"),
    (0.010, "closed_book"),
    (0.012, "unannounced"),
    (0.228, "walk_in"),
    (0.140, "prospect"),
)
_KINDS: tuple[tuple[float, Contract], ...] = (
    (0.22, Contract(0, "term_deposit", 182, 10_000, renews=True)),
    (0.22, Contract(0, "term_deposit", 365, 20_000, renews=True)),
    (0.12, Contract(0, "term_deposit", 91, 10_000, renews=False)),
    (0.22, Contract(0, "wealth", 180, 30_000, renews=True)),
    (0.14, Contract(0, "loan", 365, 50_000, renews=False)),
    (0.08, Contract(0, "insurance", 365, 5_000, renews=True)),
)


def cast(seed: int, number: int) -> Script:
    """The script of customer `number` (from 1 on) under this seed."""
    dice = Dice(seed, number, "script")
    script = Script(number, dice.pick(PERSONAS), dice.pick(_ENTRIES))
    script.tie = tie_of(seed, number)
    case = case_of(number)
    if script.tie is not None:
        _cast_tied(seed, script, dice)
    elif case is not None:
        cast_undone(script, dice, case)
    elif (fate := in_turn(number)) is not None:
        fate(script, dice)
    else:
        _cast_alone(script, dice)
    return script


def _cast_tied(seed: int, script: Script, dice: Dice) -> None:
    role = None if script.tie is None else script.tie.role
    if role == "joint":
        cast_partner(script, cast(seed, script.number - 1))
    elif role == "child":
        cast_child(script, dice)
    else:
        cast_adult(script, dice)


def _cast_alone(script: Script, dice: Dice) -> None:
    if script.entry == "stranger":
        script.dies = dice.between(10, 700) * DAY
        return
    if script.entry == "prospect":
        _court(script, dice)
        if script.opens is None:
            return
    elif script.entry == "walk_in":
        script.opens = office_hours(dice, dice.between(0, 700))
    elif dice.chance(0.07):  # opened just before the plan begins: new when first seen
        script.opens = office_hours(dice, -dice.between(5, 80))
    else:
        script.opens = office_hours(dice, -dice.between(200, 15 * 365))
    if script.entry == "closed_book":
        _closed_long_ago(script, dice)
        return
    if script.entry == "book" and dice.chance(0.05):
        narrow(script, dice)
        return
    dice.pick(OLD if script.opens < 0 else YOUNG)(script, dice)
    script.savings_account = dice.chance(0.2) and script.habit_from != NEVER
    if script.entry == "unannounced":
        return  # the bank's core knows less of them than of others
    _contracts(script, dice)
    if script.persona.income is not None and dice.chance(0.06) and not script.payroll:
        script.changes_employer = dice.between(60, 600) * DAY


def _court(script: Script, dice: Dice) -> None:
    """A prospect opens soon, or late, or asks again after having been forgotten, or never."""
    path = dice.pick(((0.5, "soon"), (0.14, "late"), (0.16, "again"), (0.2, "never")))
    last = 640 if path in ("soon", "never") else 380
    day = dice.between(0, last)
    script.heard = any_hour(dice, day)
    if path == "soon":
        script.opens = office_hours(dice, day + dice.between(3, 120))
    elif path == "late":
        script.opens = office_hours(dice, day + dice.between(200, 320))
    elif path == "never" and dice.chance(0.12):
        script.dies = (day + dice.between(10, 150)) * DAY
    elif path == "again":
        day += dice.between(200, 300)
        script.asks_again = any_hour(dice, day)
        if dice.chance(0.5):
            script.opens = office_hours(dice, day + dice.between(10, 90))


def _closed_long_ago(script: Script, dice: Dice) -> None:
    """Closed before the plan; half of them come back with a new account."""
    back = office_hours(dice, dice.between(20, 600)) if dice.chance(0.5) else None
    gone = -dice.between(20, 150) * DAY + 50_000
    script.absences = (Absence(gone, "moved_bank", how="closed", back=back, by="opening"),)


def _contracts(script: Script, dice: Dice) -> None:
    """Deposits, wealth, loans and insurance, mostly for those who stay."""
    leaves = any(absence.why not in (None, "died") for absence in script.absences)
    wanted = 0.08 if leaves else 0.3
    if script.contracts or script.wealth or script.persona.income is None:
        return
    if script.habit_from == NEVER or not dice.chance(wanted):
        return
    contracts = []
    for _ in range(dice.pick(((0.6, 1), (0.3, 2), (0.1, 3)))):
        model = dice.pick(_KINDS)
        if (script.opens or 0) < -400 * DAY and dice.chance(0.5):
            day = -dice.between(1, model.days - 20)
        else:
            day = script.since + dice.between(45, 420)
        taken = replace(
            model,
            at=any_hour(dice, day),
            yuan=model.yuan + dice.skewed(0, 200) * 1000,
            renews=model.renews and dice.chance(0.75),
        )
        if model.kind == "loan" and dice.chance(0.5):
            taken = replace(taken, arrears=max(day, 0) + dice.between(40, 250))
        contracts.append(taken)
        ends = day + model.days
        if not taken.renews and model.kind != "loan" and dice.chance(0.4):  # another one, later
            again = any_hour(dice, ends + dice.between(15, 80))
            contracts.append(replace(taken, at=again, renews=True))
    script.contracts = tuple(contracts)
