"""Leaving and coming back, and what the core takes back."""

from __future__ import annotations

from operate.simulate.almanac import DAY, Day
from operate.simulate.dealings import (
    DORMANT_AFTER,
    close_all,
    fall_asleep,
    flag,
    new_current_account,
    resume_habits,
    settle,
)
from operate.simulate.ledger import Account, account_ref
from operate.simulate.life import Life
from operate.simulate.money import deposit, pay_out, step
from operate.simulate.personas import SETTLE_CREDIT, SETTLE_DEBIT
from operate.simulate.script import Absence


def begin_fading(life: Life, today: Day, _second: int) -> None:
    """From here on the habits fade until the leaving."""
    if life.absence is not None:
        last = life.absence.at // DAY
        life.fading = (last, max(1, last - today.number))


def say_farewell(life: Life, today: Day, second: int) -> None:
    """The money leaves ahead of the customer."""
    pay_out(life, today, second)


def leave(life: Life, today: Day, second: int) -> None:
    """The absence begins."""
    absence = life.absence
    if absence is None:
        return
    if absence.how == "closed":
        if absence.drains:
            pay_out(life, today, max(0, second - 300))
        close_all(life, today, second, "customer_request")
    elif absence.how == "undone":
        _undo_opening(life, today, second)
    elif absence.held:
        life.tell(second, "customer.status-changed", status="hold")
    if absence.held or absence.frozen:
        life.stopped = True
        flag(life, second + 1, "frozen")
    life.away, life.habit, life.fading = True, False, None
    if absence.how == "silent":
        dormant = (absence.at // DAY + DORMANT_AFTER) * DAY + 10_000
        if absence.back is None or absence.back > dormant:
            life.plan_while_open(dormant, fall_asleep)
    if absence.closes is not None:
        life.plan_while_open(absence.closes, _close_late)


def _close_late(life: Life, today: Day, second: int) -> None:
    close_all(life, today, second, "customer_request")


def come_back(life: Life, today: Day, second: int) -> None:
    """The absence ends: with a posting, a reopening or a new account."""
    absence = life.absence
    if absence is None or life.dead:
        return
    life.away = False
    _next_absence(life, absence)
    if absence.by == "undone":
        _undo_closing(life, today, second)
        settle(life, today, second)
        return
    if absence.by != "using":
        _open_again(life, today, second, absence)
        return
    if absence.held:
        life.tell(second, "customer.status-changed", status="hold_lifted")
    if absence.held or absence.frozen:
        life.stopped = False
        flag(life, second + 1, "active")
    step(life, today, second + 60)
    if absence.back is not None and absence.back // DAY - absence.at // DAY > DORMANT_AFTER:
        flag(life, second + 90, "active")
    resume_habits(life, today)


def _undo_opening(life: Life, today: Day, second: int) -> None:
    """The core takes back the opening of the account for daily use, whatever was done on it."""
    account = life.accounts.pop(0)
    if account.free:
        life.post(today, max(0, second - 60), account, SETTLE_DEBIT, account.free)
    account.in_force = False
    life.tell_of(account, second, "account.opening-undone")
    life.epoch += 1


def _undo_closing(life: Life, today: Day, second: int) -> None:
    """The core takes the closings back, and brings the money back."""
    for account in life.closed:
        account.in_force = True
        life.accounts.append(account)
        life.tell_of(account, second, "account.closing-undone")
        life.post(today, second + 60, account, SETTLE_CREDIT, 200_000)
    life.epoch += 1


def _next_absence(life: Life, now: Absence) -> None:
    later = [absence for absence in life.script.absences if absence.at > now.at]
    life.absence = later[0] if later else None


def _open_again(life: Life, today: Day, second: int, absence: Absence) -> None:
    if absence.by == "reopening":
        account = Account(account_ref(life.script.number, 1), "current_account", 0)
        life.accounts.append(account)
        life.tell_of(account, second, "account.reopened", product_type=account.kind)
    else:
        account = new_current_account(life, today, second)
        life.accounts.insert(0, life.accounts.pop())
    deposit(life, today, second + 900, account)
    life.epoch += 1  # the old monthly round ends where it has not ended yet
    settle(life, today, second)
