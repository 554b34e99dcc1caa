"""Relationships: accounts introduced, opened, closed and reopened; products; leaving and return."""

from __future__ import annotations

from datetime import date

from operate.simulate.almanac import DAY, Day, moment_text
from operate.simulate.contracts import introduce_contract
from operate.simulate.fates import NEVER
from operate.simulate.life import Account, Life
from operate.simulate.money import deposit, pay_out, start_routine, step
from operate.simulate.personas import SETTLE_CREDIT, SETTLE_DEBIT
from operate.simulate.script import Absence, Complaint
from operate.simulate.voice import complain, consent, start_scoring, welcome

_DORMANT_AFTER = 365


def new_account(life: Life, kind: str, balance: int = 0) -> Account:
    """One more account in force, with a number of its own."""
    life.opened += 1
    account = Account(life.script.number, life.opened, kind, balance)
    life.accounts.append(account)
    return account


def introduce(start: date, life: Life, today: Day, second: int) -> None:
    """The plan's first night: what the core already holds of this customer, as snapshots."""
    script, dice = life.script, life.dice
    low, high = script.persona.savings
    opened_on = moment_text(start, script.opens or 0)[:10]
    absence = life.absence
    asleep = _left_before(absence)
    last_day = absence.at // DAY - 1 if asleep and absence else -dice.between(1, 20)
    last_day = max(last_day, (script.opens or 0) // DAY)
    last_activity = moment_text(start, last_day * DAY + dice.between(30_000, 75_000))
    current = new_account(life, "current_account", dice.skewed(low * 100, high * 100))
    life.away = asleep
    if asleep:
        current.balance = current.free = min(current.balance, 90_000)
        if absence is not None and absence.how == "closed":
            life.accounts.clear()
            current.in_force, current.balance = False, 0
    if script.savings_account and current.in_force:
        new_account(life, "savings_account", dice.skewed(100_000, 20_000_000))
    for account in life.accounts or [current]:
        life.tell_of(
            account,
            second,
            "account.snapshot",
            product_type=account.kind,
            status="active" if account.in_force else "closed",
            opened_on=opened_on,
            balance=f"{account.balance // 100}.{account.balance % 100:02d}",
            currency="CNY",
            last_customer_activity=last_activity,
        )
    for contract in script.contracts:
        if contract.at < 0:
            introduce_contract(start, life, second, contract)
    if life.accounts:
        consent(life, second + 20, granted=dice.chance(0.7))
        settle(life, today, second)


def appear(life: Life, today: Day, second: int) -> None:
    """Somebody whom the core forgot to introduce; the first posting will be a surprise."""
    low, high = life.script.persona.savings
    new_account(life, "current_account", life.dice.skewed(low * 100, high * 100))
    life.away = _left_before(life.absence)
    if life.dice.chance(0.3):
        complain(Complaint(0, 20 * DAY + 40_000), life, today, second + 30_000)
    settle(life, today, second)


def _left_before(absence: Absence | None) -> bool:
    """Whether the customer was already gone when the plan began."""
    return absence is not None and absence.at < 0


def settle(life: Life, today: Day, second: int) -> None:
    """The monthly round and the model's attention begin; habits too, unless the script waits."""
    start_routine(life, today, second)
    start_scoring(life, today)
    if not life.away:
        _resume_habits(life, today)


def _resume_habits(life: Life, today: Day) -> None:
    begin = life.script.habit_from
    if begin != NEVER:
        life.plan_while_open(max(begin, (today.number + 1) * DAY), _take_up_habits)


def _take_up_habits(life: Life, _today: Day, _second: int) -> None:
    life.habit = not (life.away or life.dead)


def open_account(life: Life, today: Day, second: int) -> None:
    """Somebody becomes a customer."""
    account = new_account(life, "current_account")
    life.tell_of(
        account,
        second,
        "account.opened",
        product_type=account.kind,
        opened_on=today.iso,
        currency="CNY",
    )
    welcome(life, second + 120)
    if life.script.first_deposit:
        deposit(life, today, second + 600, account)
    if life.script.savings_account:
        savings = new_account(life, "savings_account")
        life.tell_of(savings, second + 900, "account.opened", product_type=savings.kind)
    settle(life, today, second)


def close_all(life: Life, today: Day, second: int, reason: str) -> None:
    """Every account is closed; the bank pays out or writes off what is left."""
    for account in life.accounts:
        if account.free:
            form = SETTLE_DEBIT if account.free > 0 else SETTLE_CREDIT
            life.post(today, max(0, second - 60), account, form, abs(account.free))
        account.in_force = False
        life.tell_of(account, second, "account.closed", reason=reason)
    life.accounts.clear()
    life.epoch += 1
    life.habit = False


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
    elif absence.held:
        _freeze(life, second, "hold", "frozen")
    life.away, life.habit, life.fading = True, False, None
    if absence.how == "silent":
        dormant = (absence.at // DAY + _DORMANT_AFTER) * DAY + 10_000
        if absence.back is None or absence.back > dormant:
            life.plan_while_open(dormant, _fall_asleep)
    if absence.closes is not None:
        life.plan_while_open(absence.closes, _close_late)


def _freeze(life: Life, second: int, status: str, account_status: str) -> None:
    life.tell(second, "customer.status-changed", status=status)
    for account in life.accounts:
        life.tell_of(account, second, "account.status-changed", status=account_status)


def _fall_asleep(life: Life, _today: Day, second: int) -> None:
    for account in life.accounts:
        life.tell_of(account, second, "account.status-changed", status="dormant")


def _close_late(life: Life, today: Day, second: int) -> None:
    close_all(life, today, second, "customer_request")


def come_back(life: Life, today: Day, second: int) -> None:
    """The absence ends: with a posting, a reopening or a new account."""
    absence = life.absence
    if absence is None or life.dead:
        return
    life.away = False
    _next_absence(life, absence)
    if absence.by != "using":
        _open_again(life, today, second, absence)
        return
    if absence.held:
        _freeze(life, second, "hold_lifted", "active")
    step(life, today, second + 60)
    if absence.back is not None and absence.back // DAY - absence.at // DAY > _DORMANT_AFTER:
        for account in life.accounts:
            life.tell_of(account, second + 90, "account.status-changed", status="active")
    _resume_habits(life, today)


def _next_absence(life: Life, now: Absence) -> None:
    later = [absence for absence in life.script.absences if absence.at > now.at]
    life.absence = later[0] if later else None


def _open_again(life: Life, today: Day, second: int, absence: Absence) -> None:
    if absence.by == "reopening":
        account = Account(life.script.number, 1, "current_account", 0)
        life.accounts.append(account)
        life.tell_of(account, second, "account.reopened", product_type=account.kind)
    else:
        account = new_account(life, "current_account")
        life.accounts.insert(0, life.accounts.pop())
        life.tell_of(
            account,
            second,
            "account.opened",
            product_type=account.kind,
            opened_on=today.iso,
            currency="CNY",
        )
    deposit(life, today, second + 900, account)
    life.epoch += 1  # the old monthly round ends where it has not ended yet
    settle(life, today, second)


def die(life: Life, today: Day, _second: int) -> None:
    """The customer dies; the bank hears of it days later, and closes the accounts later still."""
    life.away, life.habit, life.dead = True, False, True
    heard = (today.number + life.dice.between(3, 20)) * DAY + life.dice.between(33_000, 58_000)
    life.plan(heard, _hear_of_death)
    life.plan_while_open(heard + life.dice.between(40, 150) * DAY, _close_estate)


def _hear_of_death(life: Life, _today: Day, second: int) -> None:
    life.tell(second, "customer.status-changed", status="deceased")


def _close_estate(life: Life, today: Day, second: int) -> None:
    close_all(life, today, second, "estate")
