"""Casting: draws customer number k's script, and tells the truth in it.

Customer k's script depends on the seed and on k alone: another number of customers, of days, or
other dirt leaves it as it is.
"""

from __future__ import annotations

from datetime import date

from operate.simulate.almanac import DAY, moment_text
from operate.simulate.dice import Dice
from operate.simulate.fates import NEVER, OLD
from operate.simulate.newcomers import YOUNG
from operate.simulate.personas import PERSONAS
from operate.simulate.script import Absence, Contract, Entry, Script, any_hour, office_hours

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
    if script.entry == "stranger":
        script.dies = dice.between(10, 700) * DAY
        return script
    if script.entry == "prospect":
        _court(script, dice)
        if script.opens is None:
            return script
    elif script.entry == "walk_in":
        script.opens = office_hours(dice, dice.between(0, 700))
    elif dice.chance(0.07):  # opened just before the plan begins: new when first seen
        script.opens = office_hours(dice, -dice.between(5, 80))
    else:
        script.opens = office_hours(dice, -dice.between(200, 15 * 365))
    if script.entry == "closed_book":
        _closed_long_ago(script, dice)
        return script
    dice.pick(OLD if script.opens < 0 else YOUNG)(script, dice)
    script.savings_account = dice.chance(0.2) and script.habit_from != NEVER
    if script.entry == "unannounced":
        return script  # the bank's core knows less of them than of others
    _contracts(script, dice)
    if script.persona.income is not None and dice.chance(0.06):
        script.changes_employer = dice.between(60, 600) * DAY
    return script


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
    if script.persona.income is None or script.habit_from == NEVER or not dice.chance(wanted):
        return
    contracts = []
    for _ in range(dice.pick(((0.6, 1), (0.3, 2), (0.1, 3)))):
        model = dice.pick(_KINDS)
        if (script.opens or 0) < -400 * DAY and dice.chance(0.5):
            day = -dice.between(1, model.days - 20)
        else:
            day = script.since + dice.between(45, 420)
        contracts.append(
            Contract(
                any_hour(dice, day),
                model.kind,
                model.days,
                model.yuan + dice.skewed(0, 200) * 1000,
                renews=model.renews and dice.chance(0.75),
                arrears=max(day, 0) + dice.between(40, 250)
                if model.kind == "loan" and dice.chance(0.5)
                else None,
            )
        )
    script.contracts = tuple(contracts)


def confess(script: Script, start: date, days: int) -> list[dict[str, str | None]]:
    """The truth about one customer within the plan: one line per time they really left.

    `left_at` is when the last own activity lay behind them (before the plan, for those already
    gone); `returned_at` is their first own act after it, null when there is none within the
    plan. Quiet stretches of people who had not left are not in the truth.
    """
    end = days * DAY
    lines: list[dict[str, str | None]] = []
    for absence in script.absences:
        if absence.why is None or absence.at >= end:
            continue

        def text(moment: int | None) -> str | None:
            seen = moment is not None and moment < end
            return moment_text(start, moment) if seen and moment is not None else None

        lines.append(
            {
                "customer_id": script.customer_id,
                "left_at": text(absence.at),
                "why": absence.why,
                "how": absence.how,
                "closed_at": text(absence.closed_at),
                "returned_at": text(absence.back),
                "died_at": text(script.dies),
                "persona": script.persona.name,
            }
        )
    return lines
