"""The salary: it moves to another bank and comes back, the employer changes, a pension begins."""

from __future__ import annotations

from functools import partial

from operate.simulate.almanac import DAY, Day
from operate.simulate.life import MONTHLY, Life
from operate.simulate.personas import PENSION, SALARY


def lose_salary(life: Life, _today: Day, _second: int) -> None:
    """From now on the salary goes to another bank."""
    life.paid = False


def regain_salary(life: Life, _today: Day, _second: int) -> None:
    """From now on the salary comes to this bank again."""
    life.paid = True


def change_employer(life: Life, today: Day, second: int) -> None:
    """Most find new work, some retire; the bank is mostly told why the payroll ends."""
    if life.account is None or life.away or life.script.persona.income is not SALARY:
        return
    dice = life.dice
    reason = dice.pick(((0.5, "changed_employer"), (0.3, "retired"), (0.2, "employer_closed")))
    retires = reason == "retired"
    if retires or dice.chance(0.6):
        employer = f"E{dice.between(1, 400):04d}"
        life.tell(second, "payroll.ended", reason=reason, employer_ref=employer)
    before, life.income = life.income, 0
    if retires:
        first = (today.number + dice.between(25, 60)) * DAY + 34_000
        life.plan_while_open(first, partial(_receive_pension, before // 2), MONTHLY)
    else:
        raised = partial(_find_work, before + before // 10)
        life.plan((today.number + dice.between(20, 80)) * DAY, raised)


def _find_work(income: int, life: Life, _today: Day, _second: int) -> None:
    life.income = income


def _receive_pension(cents: int, life: Life, today: Day, second: int) -> None:
    if life.account is not None and not life.dead:
        life.post(today, second, life.account, PENSION, cents)
