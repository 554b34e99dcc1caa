"""Money in and out: the customer's own postings, income, standing orders, and the bank's runs."""

from __future__ import annotations

from functools import partial

from operate.simulate.almanac import DAY, Day
from operate.simulate.contracts import invest
from operate.simulate.ledger import Account
from operate.simulate.life import MONTH_END, MONTHLY, Life
from operate.simulate.personas import (
    BROUGHT,
    FEE,
    GIFT,
    INTEREST,
    PAYOUT,
    PREMIUM,
    RENT,
    SALARY,
    SWEEP,
    TAKINGS,
    TOP_UP,
    WALLET,
    Form,
)
from operate.simulate.script import Drain

_POOR = 6_000
"""Cents below which a customer brings money before spending any."""
_HOURS = (8, 9, 10, 11, 12, 12, 13, 14, 15, 16, 17, 18, 18, 19, 19, 20, 20, 21, 22)


def draw_routine(life: Life) -> None:
    """Draw the person behind the persona: rhythm by weekday, income, rent, the model's view."""
    dice, persona = life.dice, life.script.persona
    low, high = persona.days_per_month
    daily = (low + (high - low) * dice.random()) / 30.4
    mean = sum(persona.week) / 7
    own = [weight * (0.8 + 0.4 * dice.random()) / mean for weight in persona.week]
    life.chance_by_weekday = tuple(min(0.95, daily * weight) for weight in own)
    life.contact = daily * persona.logins
    life.base_score = dice.between(4, 30)
    life.pay_day = dice.pick(((0.3, 10), (0.3, 15), (0.2, 5), (0.2, 25)))
    if persona.income is not None:
        life.income = _cents(life, persona.income)
    life.comfort = 3 * life.income + dice.skewed(500_000, 20_000_000)
    life.comfort = max(life.comfort, 200 * life.script.wealth)
    life.loyal = dice.chance(0.8)
    life.rent = _cents(life, RENT) if dice.chance(persona.rent) else 0


def start_routine(life: Life, today: Day, second: int) -> None:
    """Put everything that comes every month on the agenda, as long as an account is open."""
    dice = life.dice

    def next_on(day_of_month: int, at: int) -> int:
        days = day_of_month - today.of_month
        return (today.number + (days if days > 0 else days + today.month_days)) * DAY + at

    if life.income:
        life.plan_while_open(next_on(life.pay_day, dice.between(32_000, 39_000)), earn, MONTHLY)
    if life.rent:
        life.plan_while_open(next_on(dice.between(1, 28), 22_000), pay_rent, MONTHLY)
    if dice.chance(0.3):
        life.plan_while_open(next_on(dice.between(1, 28), 23_000), pay_premium, MONTHLY)
    plan_month_end(life, today, second)


def plan_month_end(life: Life, today: Day, second: int) -> None:
    """Put the bank's month-end on the agenda, as long as the relationship lasts."""
    month_end = today.number + today.month_days - today.of_month
    if month_end == today.number and second > 78_000:  # too late for tonight's run
        month_end += today.next_month_days
    at = month_end * DAY + life.dice.between(79_200, 84_000)
    life.plan_while_open(at, close_month, MONTH_END)


def _cents(life: Life, form: Form) -> int:
    if form.notes:
        return life.dice.skewed(form.low // 100, form.high // 100) * 10_000
    return life.dice.skewed(form.low * 100, form.high * 100)


def own_day(life: Life, today: Day) -> None:
    """A day on which habit brings the customer: one to three postings."""
    draw = life.dice.random()
    for _ in range(1 if draw < 0.72 else 2 if draw < 0.93 else 3):
        hour = _HOURS[int(life.dice.random() * len(_HOURS))]
        own_posting(life, today, hour * 3600 + int(life.dice.random() * 3600))
    if life.dice.chance(life.script.persona.logins * 0.35):
        login(life)


def own_posting(life: Life, today: Day, second: int) -> None:
    """One posting of the customer's own, on the account for daily use, if it is in force."""
    account = life.account
    if account is None or life.away:
        return
    dice = life.dice
    form = dice.pick(life.script.persona.forms)
    if account.free < _POOR and not form.credits:
        form = TOP_UP
    cents = _cents(life, form)
    idle = account.free - life.comfort
    if idle * 5 > life.comfort and dice.chance(0.15):
        move_idle(life, today, second, account, idle)
        return
    if not form.credits:
        cents = max(100, min(cents, account.free // 3))
    oddity = dice.random()
    if oddity < 0.010:
        life.post(today, second, account, form, cents, status="rejected")
    elif oddity < 0.014:
        life.post(today, second, account, form, cents, initiator="unknown")
    else:
        posting = life.post(today, second, account, form, cents)
        if oddity > 0.994 and not form.credits:
            undo = partial(_take_back, account, posting, cents)
            when = (today.number + dice.between(1, 5)) * DAY + second
            life.plan_while_open(when, undo)


def move_idle(life: Life, today: Day, second: int, account: Account, cents: int) -> None:
    """Idle money goes where it earns more: into a wealth product here, or to another bank."""
    if life.loyal:
        invest(life, today, second, cents)
    else:
        life.post(today, second, account, PAYOUT, cents // 2)
        life.report_balance(today, account)


def drain(drained: Drain, life: Life, today: Day, second: int) -> None:
    """A large share of the money leaves at once, or comes back."""
    account = life.account
    if account is None or life.away or life.dead:
        return
    if drained.to == "back":
        life.post(today, second, account, BROUGHT, life.script.wealth * drained.percent)
    elif account.free > 10_000:
        form = PAYOUT if drained.to == "bank" else WALLET
        life.post(today, second, account, form, account.free * drained.percent // 100)
    life.report_balance(today, account)


def _take_back(
    account: Account, posting: str, cents: int, life: Life, _today: Day, second: int
) -> None:
    if account.in_force:
        life.reverse(second, account, posting, cents)


def step(life: Life, today: Day, second: int) -> None:
    """An own posting that the script, not habit, has put on this day; it certainly counts."""
    account = life.account
    if account is None or life.away or life.dead:
        return
    form = life.dice.pick(life.script.persona.forms)
    if account.free < _POOR and not form.credits:
        form = TOP_UP
    cents = _cents(life, form)
    if not form.credits:
        cents = max(100, min(cents, account.free // 3))
    life.post(today, second, account, form, cents)


def deposit(life: Life, today: Day, second: int, account: Account) -> None:
    """The first money on a new or reopened account, brought by the customer."""
    life.post(today, second, account, TOP_UP, life.dice.skewed(20, 800) * 10_000)


def pay_out(life: Life, today: Day, second: int) -> None:
    """The customer moves most of the money to another bank: the last own act before leaving."""
    account = life.account
    if account is not None and account.free > 2_000:
        keep = life.dice.between(0, 40_000)
        cents = account.free - min(keep, account.free // 2)
        life.post(today, second, account, PAYOUT, cents)
        life.report_balance(today, account)


def login(life: Life) -> None:
    """The customer looks in, and moves no money."""
    dice = life.dice
    second = dice.between(29_000, 82_000)
    if life.script.persona.contact == "login":
        life.tell(second, "customer.interacted", kind="login", channel="mobile")
    else:
        kind = dice.pick(((0.7, "branch"), (0.2, "call"), (0.1, "adviser")))
        channel = "phone" if kind == "call" else "branch"
        life.tell(min(second, 60_000), "customer.interacted", kind=kind, channel=channel)


def earn(life: Life, today: Day, second: int) -> None:
    """Salary, pension, allowance or takings, as long as they come to this bank."""
    account, form = life.account, life.script.persona.income
    if account is None or form is None or life.dead or not (life.paid and life.income):
        return
    absence = life.absence
    if life.away and absence is not None and not absence.keeps_income:
        return
    cents = life.income
    if form is TAKINGS:
        cents = int(cents * (0.6 + 0.8 * life.dice.random()))
    elif form is SALARY and today.month == 1:
        cents = cents * 2  # the thirteenth month
    life.post(today, second, account, form, cents)
    begin = today.number * DAY + second
    if life.away:
        life.plan_while_open(begin + 7_200, _sweep)
    if life.dice.chance(0.25):
        life.plan_while_open(begin + 11_000, _receive_gift)


def _sweep(life: Life, today: Day, second: int) -> None:
    """A standing order moves on what has gathered on an account that nobody uses."""
    account = life.account
    if account is not None and not life.stopped and account.free > 60_000:
        life.post(today, second, account, SWEEP, account.free - 50_000)


def _receive_gift(life: Life, today: Day, second: int) -> None:
    """Family or friends send money."""
    account = life.account
    if account is not None:
        life.post(today, second, account, GIFT, _cents(life, GIFT))


def pay_rent(life: Life, today: Day, second: int) -> None:
    """Rent or mortgage by standing order, while there is money for it."""
    account = life.account
    if account is not None and not life.stopped and not life.dead and account.free > life.rent:
        life.post(today, second, account, RENT, life.rent)


def pay_premium(life: Life, today: Day, second: int) -> None:
    """A mandate is collected: a subscription, a phone, a premium."""
    account = life.account
    if account is not None and not life.stopped and not life.dead and account.free > 50_000:
        life.post(today, second, account, PREMIUM, _cents(life, PREMIUM))


def close_month(life: Life, today: Day, second: int) -> None:
    """The bank's month-end: interest each quarter, a fee for some, and all balances."""
    for account in life.accounts:
        if today.month % 3 == 0:
            cents = account.balance * 5 // 20_000
            if cents > 0:
                life.post(today, second, account, INTEREST, cents)
        elif 0 < account.balance < 30_000 and account is life.account:
            cents = min(account.balance, 300)
            life.post(today, second + 60, account, FEE, cents)
        life.report_balance(today, account)
    for product in life.products.values():
        life.report_balance(today, product)
