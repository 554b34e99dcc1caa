"""Relationships: accounts introduced, opened, flagged and closed; death."""

from __future__ import annotations

from datetime import date

from operate.simulate.almanac import DAY, Day, moment_text
from operate.simulate.contracts import introduce_contract, redeem_all
from operate.simulate.fates import NEVER
from operate.simulate.ledger import Account, account_ref, money
from operate.simulate.life import Life
from operate.simulate.money import deposit, start_routine
from operate.simulate.personas import SETTLE_CREDIT, SETTLE_DEBIT
from operate.simulate.script import Absence, Complaint
from operate.simulate.voice import complain, consent, start_scoring, welcome

DORMANT_AFTER = 210
"""Days without own activity after which the core flags an account as dormant."""


def new_account(life: Life, kind: str, balance: int = 0) -> Account:
    """One more account in force, with a number of its own."""
    life.opened += 1
    account = Account(account_ref(life.script.number, life.opened), kind, balance)
    life.accounts.append(account)
    return account


def new_current_account(life: Life, today: Day, second: int) -> Account:
    """A current account that is opened now, and told of."""
    account = new_account(life, "current_account")
    life.tell_of(
        account,
        second,
        "account.opened",
        product_type=account.kind,
        opened_on=today.iso,
        currency="CNY",
    )
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
    balance = script.wealth * 100 or dice.skewed(low * 100, high * 100)
    current = new_account(life, "current_account", balance)
    life.comfort = max(life.comfort, balance + balance // 3)
    life.away = asleep
    status = "active"
    if asleep and absence is not None:
        status = _slept_before(life, absence)
        current.balance = current.free = min(current.balance, 90_000)
        if absence.how == "closed":
            life.accounts.clear()
            status, current.in_force, current.balance = "closed", False, 0
    if script.savings_account and current.in_force:
        new_account(life, "savings_account", dice.skewed(100_000, 20_000_000))
    for account in life.accounts or [current]:
        # Of a joint account's balance no snapshot says how many share it; its reports do.
        told = {} if life.parties else {"balance": money(account.balance), "currency": "CNY"}
        life.tell_of(
            account,
            second,
            "account.snapshot",
            product_type=account.kind,
            status=status,
            opened_on=opened_on,
            **told,
            last_customer_activity=last_activity,
        )
    for contract in script.contracts:
        if contract.at < 0:
            introduce_contract(start, life, second, contract)
    if script.of_age is not None:
        until = moment_text(start, script.of_age * DAY)[:10]
        life.tell(second + 10, "customer.status-changed", status="minor", until=until)
    if life.accounts:
        consent(life, second + 20, granted=dice.chance(0.7))
        settle(life, today, second)


def _slept_before(life: Life, absence: Absence) -> str:
    """How the core flags the account of somebody long gone when the plan begins."""
    dormant = (absence.at // DAY + DORMANT_AFTER) * DAY + 10_000
    if dormant < DAY:
        return "dormant"
    if absence.back is None or absence.back > dormant:
        life.plan_while_open(dormant, fall_asleep)
    return "active"


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
        resume_habits(life, today)


def resume_habits(life: Life, today: Day) -> None:
    """The habits begin (again), unless the script waits, or they do not come back."""
    begin = life.script.habit_from
    back_for_good = life.script.settles_again or life.absence is life.script.absences[0]
    if begin != NEVER and back_for_good:
        life.plan_while_open(max(begin, (today.number + 1) * DAY), _take_up_habits)


def _take_up_habits(life: Life, _today: Day, _second: int) -> None:
    life.habit = not (life.away or life.dead)


def open_account(life: Life, today: Day, second: int) -> None:
    """Somebody becomes a customer."""
    account = new_current_account(life, today, second)
    welcome(life, second + 120)
    if life.script.first_deposit:
        deposit(life, today, second + 600, account)
    if life.script.savings_account:
        savings = new_account(life, "savings_account")
        life.tell_of(savings, second + 900, "account.opened", product_type=savings.kind)
    settle(life, today, second)


def close_all(life: Life, today: Day, second: int, reason: str) -> None:
    """Every account is closed; the bank pays out or writes off what is left."""
    redeem_all(life, today, max(0, second - 90))
    life.closed = list(life.accounts)
    for account in life.accounts:
        if account.free:
            form = SETTLE_DEBIT if account.free > 0 else SETTLE_CREDIT
            life.post(today, max(0, second - 60), account, form, abs(account.free))
        account.in_force = False
        life.tell_of(account, second, "account.closed", reason=reason)
    life.accounts.clear()
    life.epoch += 1
    life.habit = False


def flag(life: Life, second: int, status: str) -> None:
    """The core flags every account in force."""
    for account in life.accounts:
        life.tell_of(account, second, "account.status-changed", status=status)


def fall_asleep(life: Life, _today: Day, second: int) -> None:
    """The core notices that nobody uses the accounts."""
    flag(life, second, "dormant")


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
